"""A register says what it lacks, in sentences with a remedy, and nothing when it lacks nothing."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import AssortmentStore
from channels_app.models import ChannelDatabase, StorePlacement
from hq.models import (
    Button,
    Currency,
    Denomination,
    Device,
    HardwareDevice,
    LegalEntity,
    Register,
    Store,
    StorePaymentMethod,
    Worker,
)
from hq.services.readiness import checklist, checklists
from pricing.models import TaxRate, TradeAgreement
from tests.factories.company import a_product, a_ready_register, a_register


def test_a_register_that_lacks_nothing_is_ready() -> None:
    found = checklist(_again(a_ready_register()))
    assert [step.title for step in found.open_steps] == []
    assert found.is_ready and found.done == len(found.steps)


TAKEN_AWAY: dict[str, tuple[Callable[[], object], str, bool]] = {
    "store": (lambda: Store.objects.update(address=" "), "has no address to print", True),
    "placement": (lambda: StorePlacement.objects.all().delete(), "no channel database", True),
    "data": (lambda: ChannelDatabase.objects.update(applied_version=None), "not applied any package", True),
    "payment_methods": (lambda: StorePaymentMethod.objects.all().delete(), "takes no money", True),
    "cash": (lambda: Denomination.objects.all().delete(), "no notes and coins", True),
    "assortment": (lambda: AssortmentStore.objects.all().delete(), "offers nothing", True),
    "money": (
        lambda: Currency.objects.update(decimals=0),
        "GBP has 0 decimals here, and 2 decimals elsewhere",
        False,
    ),
    "prices": (lambda: TradeAgreement.objects.all().delete(), "has no prices", True),
    "taxes": (lambda: TaxRate.objects.update(starts_on="2999-01-01"), "No tax code with a rate today", True),
    "layout": (lambda: Button.objects.all().delete(), "no buttons", False),
    "station": (lambda: HardwareDevice.objects.all().delete(), "no receipt printer", False),
    "worker": (lambda: Worker.objects.update(is_active=False), "Nobody may open a shift", True),
    "browser": (lambda: Device.objects.update(status="revoked"), "No browser acts as this register", True),
}


@pytest.mark.parametrize("code", TAKEN_AWAY)
def test_what_is_taken_away_is_named_with_its_remedy(code: str, back_office: Client) -> None:
    register, (take_away, words, is_blocking) = a_ready_register(), TAKEN_AWAY[code]
    take_away()
    found = checklist(_again(register))
    (step,) = found.open_steps
    assert step.code == code and step.gap is not None and words in step.gap.sentence
    assert step.gap.is_blocking is is_blocking and found.is_ready is not is_blocking
    path = step.gap.url.partition("#")[0]
    assert back_office.get(path).status_code == 200
    assert step.gap.sentence in back_office.get(f"/hq/register/{register.pk}/change/").text.replace(
        "&#x27;", "'"
    )


def test_a_company_without_a_tax_number_may_sell() -> None:
    register = a_ready_register()
    LegalEntity.objects.update(tax_number="")
    (step,) = checklist(_again(register)).open_steps
    assert step.gap is not None and "no tax registration number" in step.gap.sentence
    assert not step.gap.is_blocking


@pytest.mark.parametrize(
    ("code", "decimals", "cash_unit", "words"),
    [
        ("JPY", 2, "0.01", "JPY has 2 decimals here, and 0 decimals elsewhere: amounts are rounded to that."),
        ("KWD", 2, "0.01", "KWD has 2 decimals here, and 3 decimals elsewhere: amounts are rounded to that."),
        ("CHF", 2, "0.01", "Cash is paid to 0.01 CHF here, and the smallest coin is 0.05."),
        ("CHF", 2, "0.05", ""),
        ("EUR", 2, "0.05", ""),
        ("JPY", 0, "1", ""),
    ],
)
def test_a_currency_that_was_added_as_the_form_begins_is_a_thought(
    code: str, decimals: int, cash_unit: str, words: str
) -> None:
    register = a_ready_register()
    money = Currency.objects.create(code=code, name=code, decimals=decimals, cash_unit=cash_unit)
    register.store.currency = money
    register.store.save()
    gaps = [step.gap for step in checklist(_again(register)).open_steps if step.code == "money"]
    assert [gap.sentence for gap in gaps if gap] == ([words] if words else [])


def test_some_goods_without_a_price_are_a_thought_and_no_hindrance() -> None:
    register = a_ready_register()
    a_product()
    (step,) = checklist(_again(register)).open_steps
    assert step.gap is not None and step.gap.sentence.startswith("1 product has no price in GBP")
    assert not step.gap.is_blocking


def test_a_hundred_registers_cost_no_more_queries_than_one() -> None:
    register = a_ready_register()
    for _ in range(20):
        a_register(register.store)
        a_register()

    def queries(registers: list[Register]) -> int:
        with CaptureQueriesContext(connection) as captured:
            checklists(registers)
        return len(captured)

    everyone = list(Register.objects.select_related("store"))
    checklists(everyone)
    assert queries(everyone) <= queries(everyone[:1])


def test_the_overview_says_once_what_registers_of_a_store_have_in_common(back_office: Client) -> None:
    register = a_ready_register()
    a_register(register.store, name="Till two", station=register.station)
    StorePaymentMethod.objects.all().delete()
    page = back_office.get("/readiness/", {"store": register.store_id}).text
    assert page.count("takes no money yet") == 1
    assert "0 of 2 registers" in page


def test_the_home_page_names_stores_that_wait(back_office: Client) -> None:
    register = a_ready_register()
    assert "Nothing. Every register is ready" in back_office.get("/").text
    Worker.objects.update(is_active=False)
    assert f"{register.store.name}: its register is not ready" in back_office.get("/").text


def _again(register: Register) -> Register:
    return Register.objects.select_related("store").get(pk=register.pk)
