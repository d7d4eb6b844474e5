"""Counting money: what the shift pages take in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from hq.figures import FigureField
from pos.config import RegisterConfig
from pos.forms import Refused, first_error
from shifts.models import CashMovement
from shifts.services import Counted

KINDS = [
    (CashMovement.Kind.FLOAT, "Float entry: into the drawer"),
    (CashMovement.Kind.REMOVAL, "Tender removal: out of the drawer"),
    (CashMovement.Kind.SAFE_DROP, "Safe drop"),
    (CashMovement.Kind.BANK_DROP, "Bank drop"),
]


class RequestForm(forms.Form):
    request_id = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": "Load the page again."}
    )

    @property
    def refused(self) -> Refused | None:
        return first_error(self)

    @property
    def id(self) -> UUID:
        return self.cleaned_data["request_id"]


class OpenShiftForm(RequestForm):
    starting_float = FigureField(
        label="Float",
        error_messages={
            "required": "Enter what is in the drawer; 0 if it is empty.",
            "invalid": "Float: enter an amount.",
        },
    )


class CashForm(RequestForm):
    kind = forms.ChoiceField(
        label="What",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you do."},
    )
    amount = FigureField(
        label="Amount",
        error_messages={"required": "Amount: enter how much.", "invalid": "Amount: enter a number."},
    )
    reason = forms.CharField(label="Reason", max_length=120, required=False)


class CountForm(RequestForm):
    """What is in the drawer, by method: a sum, and for cash the pieces by value."""

    def __init__(self, *arguments: Any, register: RegisterConfig, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register = register
        if register.has_terminal:
            self.fields["end_of_day"] = forms.BooleanField(
                label="Settle the card terminal's day", required=False
            )
        self.rules = [rule for rule in register.tender_rules if rule.is_counted]
        for rule in self.rules:
            self.fields[f"counted_{rule.method}"] = FigureField(
                label=rule.name,
                required=rule.kind != "cash",
                error_messages={
                    "required": f"{rule.name}: enter what you counted; 0 if there is none.",
                    "invalid": f"{rule.name}: enter an amount.",
                },
            )
        for value, _ in register.denominations:
            self.fields[piece_name(value)] = forms.IntegerField(
                label=f"{value.normalize():f}",
                required=False,
                min_value=0,
                max_value=100_000,
                error_messages={"invalid": f"Pieces of {value.normalize():f}: enter a whole number."},
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for rule in self.rules:
            if rule.kind == "cash" and data.get(f"counted_{rule.method}") is None and not self._pieces(data):
                self.add_error(
                    f"counted_{rule.method}", f"{rule.name}: count the notes and coins, or enter their sum."
                )
        return data

    def counted(self) -> dict[str, Counted]:
        """The count, by method. Pieces go before a sum that was typed beside them."""
        data, found = self.cleaned_data, {}
        for rule in self.rules:
            pieces = self._pieces(data) if rule.kind == "cash" else {}
            amount = (
                sum((Decimal(value) * count for value, count in pieces.items()), Decimal(0))
                if pieces
                else None
            )
            found[rule.method] = Counted(
                amount if amount is not None else data[f"counted_{rule.method}"],
                pieces,
            )
        return found

    def _pieces(self, data: dict[str, Any]) -> dict[str, int]:
        return {
            f"{value.normalize():f}": count
            for value, _ in self.register.denominations
            if (count := data.get(piece_name(value))) is not None
        }


def piece_name(value: Decimal) -> str:
    """The name of the field that counts the pieces of a value."""
    return f"pieces_{value.normalize():f}".replace(".", "_")


class ClockForm(RequestForm):
    """What is told to the time clock, and by whom when nobody is signed on."""

    staff_id = forms.CharField(
        label="Staff ID", max_length=12, error_messages={"required": "Choose your name, or enter your ID."}
    )
    pin = forms.CharField(
        label="PIN", max_length=40, strip=False, error_messages={"required": "Enter your PIN."}
    )
    kind = forms.CharField(max_length=20, error_messages={"required": "Choose what you do."})

    def __init__(self, *args: Any, asks_pin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_pin:
            del self.fields["staff_id"], self.fields["pin"]
