"""Taxes in the back office: what cannot work is refused in the field where it was entered, with the remedy."""

from typing import Any

import pytest
from django.forms import inlineformset_factory

from pricing.admin import TaxRateForm, TaxRateFormSet
from pricing.models import TaxCode, TaxRate

pytestmark = pytest.mark.django_db

Rates = inlineformset_factory(
    TaxCode, TaxRate, form=TaxRateForm, formset=TaxRateFormSet, fields=["percent", "starts_on", "ends_on"]
)


def entered(*rows: tuple[str, str, str]) -> Any:
    data = {"rates-TOTAL_FORMS": len(rows), "rates-INITIAL_FORMS": 0}
    for i, (percent, starts_on, ends_on) in enumerate(rows):
        data |= {
            f"rates-{i}-percent": percent,
            f"rates-{i}-starts_on": starts_on,
            f"rates-{i}-ends_on": ends_on,
        }
    formset = Rates(data=data, instance=TaxCode(code="V", name="VAT"))
    formset.is_valid()
    return formset


def test_rates_that_follow_one_another_are_taken() -> None:
    formset = entered(("19", "", "2020-07-01"), ("16", "2020-07-01", "2021-01-01"), ("19", "2021-01-01", ""))
    assert formset.is_valid(), formset.errors


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (("120", "", ""), "percent", "A rate of 120 is above 100. Enter at most 100."),
        (("5", "2026-02-01", "2026-01-01"), "ends_on", "Choose a later end"),
        (("5", "2026-02-01", "2026-02-01"), "ends_on", "is not after the start, 1 Feb 2026"),
        (("-5", "", ""), "percent", "0"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(row: tuple[str, str, str], field: str, says: str) -> None:
    errors = entered(row).errors[0]
    assert list(errors) == [field]
    assert len(errors[field]) == 1
    assert says in errors[field][0]


def test_two_rates_on_one_day_are_refused_at_the_later() -> None:
    formset = entered(("16", "2020-06-30", ""), ("19", "", "2020-07-01"))
    assert formset.errors == [
        {
            "starts_on": [
                "19 % holds since ever until 1 Jul 2020, so two would hold at once. End that one where this starts."
            ]
        },
        {},
    ]
