"""What a scale unit does about its stations by itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from hardware.models import DeviceJob, StationEvent
from hardware.services import jobs, reporting
from hardware.states import FINAL

KEEP_EVENTS = timedelta(days=7)
KEEP_JOBS = timedelta(days=60)


@shared_task(ignore_result=True)
def sweep() -> dict[str, int]:
    """Say where an outcome is unknown, give up what is too late. Running twice changes nothing."""
    return jobs.sweep_jobs()


@shared_task(ignore_result=True)
def report() -> int:
    """Tell headquarters how the stations stand, when that is news. Running twice tells it twice."""
    return reporting.report_stations()


@shared_task(ignore_result=True)
def forget_old() -> dict[str, int]:
    """Drop events and finished jobs that nobody asks for any more."""
    now = timezone.now()
    events, _ = StationEvent.objects.filter(received_at__lt=now - KEEP_EVENTS).delete()
    finished, _ = DeviceJob.objects.filter(state__in=FINAL, created_at__lt=now - KEEP_JOBS).delete()
    return {"events": events, "jobs": finished}
