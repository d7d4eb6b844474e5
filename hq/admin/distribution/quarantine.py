"""The quarantine: records that headquarters could not take, why, and taking them after all."""

import json
from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.errors import DomainError
from channels_app.models import QuarantinedRecord
from channels_app.services.quarantine import check_rows, give_up, take_again
from channels_app.trail import note
from hq import navigation
from hq.admin.base import Page
from hq.admin.distribution.trace import Exported, sheet_of
from hq.admin.forms import Form
from hq.admin.steps import asks_first
from hq.cells import ago, status
from hq.navigation import Entry, Section
from hq.panels import Tone


def _waiting(request: HttpRequest) -> str | None:
    count = QuarantinedRecord.objects.filter(resolved_at=None).count()
    return str(count) if count else None


_COLUMNS = [
    *(
        "id",
        "database__name",
        "topic",
        "subject",
        "reason",
        "received_at",
        "attempts",
        "resolution",
        "resolved_at",
    ),
    "rows",
]


class OnLines(json.JSONEncoder):
    """JSON with each value on a line of its own, to be read and mended."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**{**how, "indent": 2})


class MendingForm(Form):
    """Rows that could not be taken as they are written are refused before they are saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rows" in self.fields:
            self.fields["rows"].encoder = OnLines

    def clean_rows(self) -> Any:
        try:
            check_rows(self.cleaned_data["rows"])
        except DomainError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return self.cleaned_data["rows"]


@admin.register(QuarantinedRecord)
class QuarantinedRecordAdmin(Exported, Page):
    form = MendingForm
    resource_classes = [sheet_of(QuarantinedRecord, _COLUMNS)]
    list_display = ["topic", "state_shown", "database", "reason", "received_shown"]
    list_filter = ["database", "topic", "resolution", "received_at"]
    list_select_related = ["database"]
    search_fields = ["subject", "reason", "rows"]
    readonly_fields = [
        "database",
        "topic",
        "subject",
        "reason",
        "received_at",
        "attempts",
        "resolution",
        "resolved_at",
    ]
    fieldsets = [
        (None, {"fields": ["reason", "rows"]}),
        ("Where it comes from", {"fields": ["database", "topic", "subject", "received_at", "attempts"]}),
        ("What became of it", {"fields": ["resolution", "resolved_at"]}),
    ]
    actions_detail = ["take", "leave_out"]
    empty_hint = "Nothing is in quarantine: headquarters has taken every record that came up."
    help_texts = {
        "rows": "The rows by table, as the channel sent them. Mend what is wrong, save, then take them again."
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What was settled is there to be read."""
        return [*self.readonly_fields, *(["rows"] if obj and obj.resolved_at else [])]

    def idle_actions(self, obj: QuarantinedRecord) -> Collection[str]:
        return {"take", "leave_out"} if obj.resolved_at else ()

    @display(description="State")
    def state_shown(self, obj: QuarantinedRecord) -> SafeString:
        if obj.resolved_at is None:
            return status(Tone.WRONG, "In quarantine", hint=obj.reason)
        return status(Tone.GOOD if obj.resolution == "taken" else Tone.CALM, obj.resolution.capitalize())

    @display(description="Received", ordering="received_at")
    def received_shown(self, obj: QuarantinedRecord) -> SafeString | str:
        return ago(obj.received_at)

    @action(description="Take it again", icon="move_up", permissions=["change"])
    @asks_first("Try once more to take this record, as its rows stand here?", "Take it again")
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try once more to take it, as it stands here now."""
        record = self.get_queryset(request).get(pk=object_id)
        try:
            take_again(record)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            note(request.user, record, "Had headquarters take it")
            messages.success(request, "Headquarters has taken it.")
        return redirect("admin:channels_app_quarantinedrecord_change", object_id)

    @action(description="Leave it out", icon="block", permissions=["change"])
    @asks_first("Leave this record out for good? Its rows stay here to be read.", "Leave it out")
    def leave_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close it without taking it; its rows stay here to be read."""
        record = self.get_queryset(request).get(pk=object_id)
        try:
            give_up(record)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:channels_app_quarantinedrecord_change", object_id)
        note(request.user, record, "Left it out for good")
        messages.warning(request, "It is left out. Its rows can still be read here.")
        return redirect("admin:channels_app_quarantinedrecord_change", object_id)


navigation.add(
    Section.DISTRIBUTION,
    Entry.of(QuarantinedRecord, icon="shield", position=40, title="Quarantine", badge=_waiting),
)
