"""Forms of the operations pages."""

from collections import Counter
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Max

from channels_app.contents import rows_by_table
from channels_app.models import ChannelDatabase, DatabaseGroup, Package, Schedule
from channels_app.registry import EVERYTHING, JOBS, is_upload
from channels_app.services.rollback import PRICES, versions_of
from channels_app.states import PackageState
from hq.cells import counted

_JOBS = [
    (number, f"{number} {name}")
    for number, name in JOBS.items()
    if not is_upload(number) and number != EVERYTHING
]
_KEPT = 30  # versions that a page offers
_NAMED = 3  # tables of a version


def _jobs_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=_JOBS, initial=list(PRICES), widget=forms.CheckboxSelectMultiple, label="Rows of",
        help_text="What changed with them goes back too. People and devices never do.",
    )  # fmt: skip


class TakeBackForm(forms.Form):
    """Which version a channel database goes back to, and which jobs' rows go."""

    version = forms.TypedChoiceField(
        coerce=int, label="Back to", help_text="As it was before the packages after it."
    )
    jobs = _jobs_field()

    def __init__(self, database: ChannelDatabase, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [
            (
                package.version,
                f"Version {package.version}, applied {package.settled_at:%Y-%m-%d %H:%M:%S} UTC",
            )
            for package in versions_of(database)[1 : _KEPT + 1]
        ]


class UndoForm(forms.Form):
    """Which version is undone in a group of channel databases."""

    version = forms.IntegerField(min_value=1)
    jobs = _jobs_field()

    def __init__(self, group: DatabaseGroup, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applied = Package.objects.filter(
            database__groups=group,
            state=PackageState.APPLIED,
            is_rollback=False,
            previous_version__isnull=False,
        )
        self.versions = list(
            applied.order_by()
            .values("version")
            .annotate(databases=Count("database", distinct=True), at=Max("settled_at"), rows=Max("rows"))
            .order_by("-version")[:_KEPT]
        )
        shown = [one["version"] for one in self.versions]
        contents: dict[int, Counter[str]] = {}
        for package in applied.filter(version__in=shown).order_by().distinct():
            contents.setdefault(package.version, Counter()).update(rows_by_table(package))
        for one in self.versions:
            one["contents"] = _in_words(contents.get(one["version"], Counter()))


def _in_words(tables: Counter[str]) -> str:
    """The tables with the most rows first, and how many others there are."""
    names = [name for name, _ in tables.most_common(_NAMED)]
    others = len(tables) - len(names)
    return ", ".join(names).capitalize() + (f" and {counted(others, 'other table')}" if others else "")


class PreviewForm(forms.Form):
    """What would be published: a schedule's jobs for its group, or jobs for a group or one channel database."""

    schedule_id = forms.ModelChoiceField(
        Schedule.objects.all(), required=False, label="Schedule", empty_label="None: as chosen here"
    )
    group = forms.ModelChoiceField(DatabaseGroup.objects.all(), required=False, empty_label="Everybody")
    database = forms.ModelChoiceField(
        ChannelDatabase.objects.all(), required=False, label="Channel database", empty_label="All of them"
    )
    job = forms.ChoiceField(
        choices=[(EVERYTHING, "Everything"), *_JOBS], required=False, label="Job", initial=EVERYTHING
    )

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule that would run, if one was chosen."""
        return self.cleaned_data.get("schedule_id")

    def databases(self) -> list[UUID]:
        """The channel databases that are looked at."""
        found = ChannelDatabase.objects.filter(is_active=True)
        if self.schedule is not None:
            return list(found.filter(groups=self.schedule.group, pinned=False).values_list("pk", flat=True))
        if self.cleaned_data.get("group"):
            found = found.filter(groups=self.cleaned_data["group"])
        if self.cleaned_data.get("database"):
            found = found.filter(pk=self.cleaned_data["database"].pk)
        return list(found.values_list("pk", flat=True))

    def jobs(self) -> list[str]:
        """The jobs that would run."""
        if self.schedule is not None:
            return [job.number for job in self.schedule.jobs.all() if not is_upload(job.number)]
        return [self.cleaned_data.get("job") or EVERYTHING]
