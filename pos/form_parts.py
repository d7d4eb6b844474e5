"""What every form of the till is made of: its fields, its refusal, and the line that it speaks of."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django import forms

from hq.figures import FigureField
from pos.cart.model import Cart
from pos.config import RegisterConfig, StoreConfig
from pos.operations import Command


class Refused(msgspec.Struct, frozen=True):
    """The first thing that is wrong with a form: the field's name and a sentence that names it."""

    field: str
    text: str


class PriceField(FigureField):
    """A price that a cashier keys in: no finer than what can be paid in the register's currency."""

    store: StoreConfig

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        currency = self.store.currency
        if value is not None and not currency.is_whole(value):
            price, unit = self.store.money(value), self.store.money(currency.unit)
            raise forms.ValidationError(f"{price} cannot be paid, the smallest amount is {unit}.")


class TillForm(forms.Form):
    """A form of the till: it comes with the id of its request and knows the register."""

    request_id = forms.UUIDField(label="Request", widget=forms.HiddenInput)
    title: ClassVar[str] = ""
    lead: ClassVar[str] = ""
    key: ClassVar[str] = "Save"
    use_required_attribute = False
    is_idle = False

    def __init__(
        self, *arguments: Any, register: RegisterConfig, cart: Cart | None = None, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.register = register
        self.cart = cart
        for field in self.fields.values():
            field.error_messages["required"] = (
                "choose one." if isinstance(field, forms.ChoiceField) else "it is empty. Fill it in."
            )
            if isinstance(field, PriceField):
                field.store = register.store
            if isinstance(field, OfferedField):
                field.offer(register)
                if field.none_yet and not field.choices:
                    self.say_only(field.none_yet)
        self.begin()

    def begin(self) -> None:
        """Fill in what the cart says already."""

    def say_only(self, words: str) -> None:
        """There is nothing to choose from: the sheet says so, and asks nothing."""
        self.lead = words  # type: ignore[misc]
        self.is_idle = True

    @property
    def refused(self) -> Refused | None:
        """What to tell the cashier when the form is not valid."""
        for name, errors in self.errors.items():
            label = self.fields[name].label if name in self.fields else ""
            return Refused(name, f"{label}: {errors[0]}" if label else str(errors[0]))
        return None

    @property
    def asks(self) -> list[forms.BoundField]:
        """The fields that a cashier fills in."""
        return [] if self.is_idle else [field for field in self if not field.is_hidden]

    @property
    def has_figures(self) -> bool:
        """Whether a number is asked for, so that the page shows keys for it."""
        return any(isinstance(field.field, FigureField) for field in self.asks)

    def command(self) -> Command:
        raise NotImplementedError


class OfferedField(forms.ChoiceField):
    """A choice among what the register knows; `none_yet` is what a form says when there is nothing to choose from."""

    none_yet: ClassVar[str] = ""

    def offer(self, register: RegisterConfig) -> None:
        """Offer what there is."""
        raise NotImplementedError


class ReasonField(OfferedField):
    """The company's reason codes of one use; free where the company has none."""

    def __init__(self, use: str, **options: Any) -> None:
        self.use = use
        super().__init__(label="Reason", widget=forms.RadioSelect, **options)

    def offer(self, register: RegisterConfig) -> None:
        """Offer the register's reasons."""
        reasons = register.reasons_for(self.use)
        self.choices = [(reason.code, reason.text) for reason in reasons]
        self.required = bool(reasons)


class LineForm(TillForm):
    line = forms.CharField(
        label="Line",
        max_length=20,
        widget=forms.HiddenInput,
        error_messages={"required": "choose a line of the cart first."},
    )
