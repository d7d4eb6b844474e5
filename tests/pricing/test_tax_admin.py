"""Taxes in the back office: what cannot work is refused in the field where it was entered, with the remedy."""

from typing import Any

import pytest
from django.forms import inlineformset_factory

from pricing.models import TaxCode, TaxRate
from pricing.tax_code_admin import TaxRateForm, TaxRateFormSet

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


ByAmount = inlineformset_factory(
    TaxCode,
    TaxRate,
    form=TaxRateForm,
    formset=TaxRateFormSet,
    fields=["percent", "starts_on", "ends_on", "above", "up_to"],
)


def by_amount(*rows: tuple[str, str, str]) -> Any:
    data: dict[str, Any] = {"rates-TOTAL_FORMS": len(rows), "rates-INITIAL_FORMS": 0}
    for place, (percent, above, up_to) in enumerate(rows):
        data |= {
            f"rates-{place}-percent": percent,
            f"rates-{place}-above": above,
            f"rates-{place}-up_to": up_to,
        }
    formset = ByAmount(data=data, instance=TaxCode(code="V", name="VAT"))
    formset.is_valid()
    return formset


def test_rates_by_amount_follow_one_another_from_zero() -> None:
    formset = by_amount(("0", "", "110"), ("6.625", "110", ""))
    assert formset.is_valid(), formset.errors


@pytest.mark.parametrize(
    ("rows", "place", "field", "says"),
    [
        ([("0", "0", "110"), ("5", "100", "")], 1, "above", "Let it start at 110."),
        ([("0", "0", ""), ("5", "110", "")], 1, "above", "An interval follows one without an end."),
        ([("0", "0", "50"), ("5", "50", "40")], 1, "above", "The upper limit is not above the lower."),
        ([("5", "10", "")], 0, "above", "Let it start at 0."),
    ],
)
def test_amounts_that_leave_a_gap_or_meet_are_refused(
    rows: list[tuple[str, str, str]], place: int, field: str, says: str
) -> None:
    errors = by_amount(*rows).errors[place]
    assert says in errors[field][0]


def test_taxes_that_two_countries_name_alike_are_told_apart_where_one_is_chosen() -> None:
    names = {str(TaxCode(code=f"{country}-STANDARD", name="VAT standard rate")) for country in ("GB", "IE")}
    assert names == {"VAT standard rate (GB-STANDARD)", "VAT standard rate (IE-STANDARD)"}
