"""When a schedule runs by itself: its entry in the scheduler."""

import msgspec
from django.db import transaction
from django_celery_beat.models import PeriodicTask

from channels_app.models import Schedule

RUN_TASK = "channels_app.tasks.run_schedule"


@transaction.atomic
def keep_recurrence(schedule: Schedule) -> None:
    """Have the scheduler run it as its fields say: call after each change of a schedule."""
    fields = {
        "task": RUN_TASK,
        "interval": schedule.interval,
        "crontab": schedule.crontab,
        "enabled": schedule.is_active,
        "args": msgspec.json.encode([schedule.pk]).decode(),
        "expire_seconds": 60,
    }
    if schedule.periodic_task is None:
        schedule.periodic_task = PeriodicTask.objects.create(name=f"Distribution: {schedule.pk}", **fields)
        schedule.save(update_fields=["periodic_task"])
        return
    for name, value in fields.items():
        setattr(schedule.periodic_task, name, value)
    schedule.periodic_task.save()
