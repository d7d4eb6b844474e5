"""What is asked of an owner before the first sale; what is usual in the country is filled in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from api.first_store.countries import Country, countries, currencies
from api.first_store.make import FirstStore
from hq.admin.worker import check_pin
from hq.figures import FigureField
from hq.models import Worker

MOST_REGISTERS = 20
RATES = ("standard_rate", "reduced_rate", "second_reduced_rate", "third_reduced_rate")


class CountryForm(forms.Form):
    """Where the store is: the rest follows from it."""

    country = forms.ChoiceField(
        widget=UnfoldAdminSelectWidget,
        help_text="Proposes the currency, the clock and the rates of tax.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the country of the store."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = sorted(countries().values(), key=lambda country: country.name)
        self.fields["country"].choices = [("", "Choose …"), *((one.code, one.name) for one in known)]


def _text(
    what: str, *, most: int, required: bool = True, help_text: str = "", label: str | None = None
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=UnfoldAdminTextInputWidget,
        help_text=help_text,
        error_messages={"required": f"Enter {what}."},
    )


def _rate(label: str, *, required: bool = False, help_text: str = "") -> FigureField:
    return FigureField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=help_text,
        error_messages={
            "required": "Enter the rate that most goods are taxed with; 0 where there is no tax."
        },
    )


def _pin(label: str, *, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=True,
        max_length=8,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
        help_text=help_text,
        error_messages={"required": "Enter a PIN of 4 to 8 digits."},
    )


class FirstStoreForm(forms.Form):
    """The store, its money and taxes, its tills, and who runs them."""

    name = _text(
        "the name of the store", most=80, help_text="As customers know it; stands on top of every receipt."
    )
    address = forms.CharField(
        max_length=400,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="As printed on receipts, one line each.",
        error_messages={"required": "Enter the address of the store."},
    )
    phone = _text("", most=30, required=False)
    company = _text(
        "", most=120, required=False, help_text="In the eyes of the law. Empty: as the store is called."
    )
    tax_number = _text("", most=30, required=False, help_text="Printed on receipts where there is one.")
    currency = forms.ChoiceField(
        widget=UnfoldAdminSelectWidget,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the currency of the prices."),
    )
    time_zone = forms.ChoiceField(
        widget=UnfoldAdminSelectWidget,
        help_text="The store's clock: it decides which day a sale belongs to.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose the time zone of the store."),
    )
    prices_include_tax = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="On where the price on the shelf is what the customer pays.",
    )
    standard_rate = _rate("Standard rate, percent", required=True, help_text="0 where sales are not taxed.")
    reduced_rate = _rate(
        "Reduced rate, percent",
        help_text="Empty: there is none. Goods without tax have a group of their own.",
    )
    second_reduced_rate = _rate("Second reduced rate, percent")
    third_reduced_rate = _rate("Third reduced rate, percent")
    registers = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=MOST_REGISTERS,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"min": 1, "max": MOST_REGISTERS}),
        help_text="A till is a browser; more can be added at any time.",
        error_messages={"required": "Enter how many tills there are."},
    )
    worker = _text("your name", most=80, label="Your name", help_text="Who signs on first, as store manager.")
    staff_id = forms.CharField(
        label="Staff ID",
        initial="1001",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        validators=Worker._meta.get_field("staff_id").validators,
        max_length=12,
        help_text="3 to 12 digits, keyed in at sign-on.",
        error_messages={"required": "Enter a staff ID, such as 1001."},
    )
    pin = _pin("PIN", help_text="4 to 8 digits, known to nobody else.")
    pin_again = _pin("PIN again")

    sections = (
        ("The store", ("name", "address", "phone")),
        ("The company behind it", ("company", "tax_number")),
        (
            "Money and taxes",
            (
                "currency",
                "time_zone",
                "prices_include_tax",
                *RATES,
            ),
        ),
        ("Tills", ("registers",)),
        ("Who runs them", ("worker", "staff_id", "pin", "pin_again")),
    )

    def __init__(self, country: Country, *args: Any, **options: Any) -> None:
        self.country = country
        known = () if country.standard is None else (country.standard, *country.reduced)
        usual = {
            "currency": country.currency,
            "time_zone": country.time_zone,
            "prices_include_tax": country.prices_include_tax,
            **dict(zip(RATES, known, strict=False)),
        }
        super().__init__(*args, initial=usual, **options)
        for name in RATES[max(len(known), 2) :]:
            del self.fields[name]
        money = sorted(currencies().values(), key=lambda one: one.name)
        self.fields["currency"].choices = [(one.code, f"{one.name} ({one.code})") for one in money]
        self.fields["time_zone"].choices = [
            (zone, zone.replace("_", " ")) for zone in sorted(available_timezones())
        ]

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (title, [self[name] for name in names if name in self.fields]) for title, names in self.sections
        ]

    def clean_worker(self) -> str:
        return " ".join(self.cleaned_data["worker"].split())

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or self.cleaned_data)
        pin, again = given.get("pin"), given.get("pin_again")
        if pin:
            try:
                check_pin(pin, given.get("staff_id", ""))
            except ValidationError as error:
                self.add_error("pin", error)
            else:
                if again and again != pin:
                    self.add_error("pin_again", "The two PINs differ. Enter the same one twice.")
        return given

    def plan(self) -> FirstStore:
        """What the valid form says."""
        given = self.cleaned_data
        return FirstStore(
            name=given["name"],
            company=given["company"],
            tax_number=given["tax_number"],
            address=given["address"],
            phone=given["phone"],
            country=self.country,
            money=currencies()[given["currency"]],
            time_zone=given["time_zone"],
            prices_include_tax=given["prices_include_tax"],
            rates=[given[name] for name in RATES if given.get(name) is not None],
            registers=given["registers"],
            worker=given["worker"],
            staff_id=given["staff_id"],
            pin=given["pin"],
        )
