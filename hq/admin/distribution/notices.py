"""What channel data exchange says on the home page."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from channels_app.models import ChannelDatabase, Package, QuarantinedRecord, Schedule
from channels_app.selectors import database_rows
from channels_app.states import LIVE
from channels_app.traffic import quiet_databases
from hq import panels
from hq.cells import counted, spoken_age
from hq.panels import Notice, Question, Tone

LATE_UPLOAD = timedelta(minutes=5)


@panels.notices(Question.NEEDS, permission="channels_app.view_channeldatabase")
def troubled_databases(request: HttpRequest) -> Iterator[Notice]:
    """Channel databases that failed, fell silent or keep their sales to themselves."""
    now = timezone.now()
    for row in database_rows():
        url = reverse("admin:channels_app_channeldatabase_change", args=[row.id])
        if row.needs_somebody:
            tone = Tone[row.tone.upper()]
            heard = spoken_age(row.last_contact_at, now) if row.last_contact_at else "never"
            yield Notice(
                title=f"Channel database {row.name}", tone=tone, words=row.state, url=url,
                detail=row.error or f"Last heard of: {heard}.",
            )  # fmt: skip
        elif row.unsent_since and now - row.unsent_since > LATE_UPLOAD:
            yield Notice(
                title=f"Sales of {row.name} are late",
                words="late",
                url=url,
                detail=f"{counted(row.unsent, 'event')} wait there, the oldest for {_long(row.unsent_since, now)}.",
            )


@panels.notices(Question.NEEDS, permission="channels_app.view_channeldatabase")
def quiet_uploads(request: HttpRequest) -> Iterator[Notice]:
    """Channel databases from which far less came up in the last hour than usual."""
    quiet = quiet_databases(timezone.now())
    for database in ChannelDatabase.objects.filter(pk__in=quiet, is_active=True):
        hour = quiet[database.pk]
        yield Notice(
            title=f"Little came up from {database.name}", words="quieter than usual",
            url=reverse("admin:channels_app_channeldatabase_change", args=[database.pk]),
            detail=f"{counted(hour.events, 'event')} in the last full hour, usually {hour.usual:.0f}.",
        )  # fmt: skip


@panels.notices(Question.NEEDS, permission="channels_app.view_schedule")
def stopped_schedules(request: HttpRequest) -> Iterator[Notice]:
    """Schedules that stopped themselves."""
    for schedule in Schedule.objects.filter(is_active=False).exclude(stopped_because=""):
        yield Notice(
            title=f"Schedule {schedule}", tone=Tone.WRONG, words="stopped itself", detail=schedule.stopped_because,
            url=reverse("admin:channels_app_schedule_change", args=[schedule.pk]),
        )  # fmt: skip


def _long(since: datetime, now: datetime) -> str:
    return spoken_age(since, now).removesuffix(" ago")


@panels.notices(Question.NEEDS, permission="channels_app.view_quarantinedrecord")
def quarantine(request: HttpRequest) -> Iterator[Notice]:
    """Records that could not be taken."""
    count = QuarantinedRecord.objects.filter(resolved_at=None).count()
    if count:
        last = QuarantinedRecord.objects.filter(resolved_at=None).first()
        yield Notice(
            title=f"{counted(count, 'record')} in quarantine", tone=Tone.WRONG, words="not taken",
            detail=last.reason if last else "",
            url=f"{reverse('admin:channels_app_quarantinedrecord_changelist')}?resolution=",
        )  # fmt: skip


@panels.notices(Question.ON_ITS_WAY, permission="channels_app.view_package")
def packages_on_their_way(request: HttpRequest) -> Iterator[Notice]:
    """Packages between being built and being applied."""
    served = Package.objects.filter(database__is_active=True, database__scale_unit__is_active=True)
    for package in served.filter(state__in=LIVE).select_related("database").defer("header")[:10]:
        yield Notice(
            title=f"Version {package.version} to {package.database.name}", tone=Tone.CALM,
            words=package.progress.lower(), detail=counted(package.rows, "row") if package.rows else "",
            url=reverse("admin:channels_app_package_change", args=[package.pk]),
        )  # fmt: skip
