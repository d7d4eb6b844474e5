"""Which channel database a store sells from, as the store's page and the database's page edit it.

Both go through the services that move stores: what is open is asked of the scale unit first, and the registers count
in a new epoch.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from unfold.widgets import UnfoldBooleanWidget

from channels_app.errors import DomainError
from channels_app.models import StorePlacement
from channels_app.services.moves import ensure_free_to_leave
from channels_app.services.scale_units import place_stores, take_out
from hq.admin.base import Inline
from hq.admin.forms import Form


class PlacementForm(Form):
    """One store and its channel database."""

    anyway = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget, label="Move anyway",
        help_text="Also with open shifts and sales, which stay behind until the store comes back.",
    )  # fmt: skip

    def validate_unique(self) -> None:
        """A store that sells from elsewhere already is no mistake: it moves."""


class PlacementFormSet(BaseInlineFormSet):
    """Stores that come, move or leave."""

    def clean(self) -> None:
        """Refuse what would leave something open behind."""
        super().clean()
        for form in self.forms:
            leaves = bool(self.can_delete and self._should_delete_form(form))
            if (leaves or form.has_changed()) and not form.errors and not form.cleaned_data.get("anyway"):
                self._ensure_free(form, leaves)

    def _ensure_free(self, form: PlacementForm, leaves: bool) -> None:
        placement = form.instance
        if placement.store_id is None:  # the store is being made
            return
        to = None if leaves else placement.channel_database
        try:
            ensure_free_to_leave([placement.store.number], to=to)
        except DomainError as refusal:
            if leaves:  # nobody looks at the errors of a row that goes
                raise ValidationError(str(refusal)) from refusal
            form.add_error(None, str(refusal))

    def save_new(self, form: Any, commit: bool = True) -> StorePlacement:
        """Have the store sell from this database."""
        setattr(form.instance, self.fk.name, self.instance)
        return _place(form.instance)

    def save_existing(self, form: Any, obj: StorePlacement, commit: bool = True) -> StorePlacement:
        """Have the store sell from another database."""
        return _place(form.instance)

    def delete_existing(self, obj: StorePlacement, commit: bool = True) -> None:
        """Have the store sell from nowhere."""
        take_out([obj.store.number])


def _place(wanted: StorePlacement) -> StorePlacement:
    place_stores(wanted.channel_database, [wanted.store.number])
    return StorePlacement.objects.get(store=wanted.store)


class PlacementInline(Inline):
    """The channel database of a store, on the store's page."""

    model = StorePlacement
    form = PlacementForm
    formset = PlacementFormSet
    fields = ["channel_database", "anyway"]
    verbose_name = "channel database"
    verbose_name_plural = "channel database"


class PlacedStoreForm(PlacementForm):
    """A store that is there stays until it is removed or named elsewhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["store"].disabled = True


class PlacedStoreInline(Inline):
    """The stores that sell from a channel database, on its page; one that is named here moves here."""

    model = StorePlacement
    form = PlacedStoreForm
    formset = PlacementFormSet
    fields = ["store", "anyway"]
    autocomplete_fields = ["store"]
    verbose_name = "store"
    verbose_name_plural = "stores that sell from it"
    help_texts = {"store": "One that sells from elsewhere moves here."}
