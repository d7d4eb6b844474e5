"""The calendar of offers, the warnings, and what an import of offers would change."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Category, Unit
from customers.models import Customer
from hq.models import Currency
from pricing.below_cost import prices_below_cost
from pricing.calendar import WEEKS, calendar
from pricing.models import (
    CustomerPriceGroup,
    Discount,
    DiscountCoupon,
    DiscountLine,
    DiscountPriceGroup,
    DiscountStore,
    ExchangeRate,
    PriceAdjustment,
    PriceGroup,
    StorePriceGroup,
    TaxRate,
    TradeAgreement,
)
from pricing.warnings import (
    never_applying,
    open_adjustments,
    open_offers,
    overlaps,
    settled,
    without_currency,
)
from tests.factories.company import a_currency, a_legal_entity, a_price, a_product, a_store, a_tax_code

NOW = datetime(2026, 6, 10, 12, tzinfo=timezone.get_default_timezone())  # a Wednesday


def an_offer(code: str = "A", *, on: Any = None, **fields: Any) -> Discount:
    values = {
        "code": code, "name": f"Offer {code}", "kind": "simple", "method": "percent_off", "value": Decimal(10),
        "status": "enabled",
    }  # fmt: skip
    offer = Discount.objects.create(**values | fields)
    DiscountLine.objects.create(discount=offer, **({} if on is None else {on._meta.model_name: on}))
    return offer


def reasons(now: datetime = NOW) -> dict[str, str]:
    return {warning.offer.code: warning.text for warning in never_applying(list(open_offers()), now)}


# --- warnings ---------------------------------------------------------------------------------------------------------


def test_offers_that_can_never_apply_say_why() -> None:
    a_store()
    a_product()
    an_offer("FINE", starts_at=NOW)
    an_offer("OVER", ends_at=NOW - timedelta(days=1))
    an_offer("BLOCKED", on=a_product(is_blocked=True))
    an_offer("EMPTY", on=Category.objects.create(code="none", name="Nothing"))
    Discount.objects.create(
        code="BARE", name="Bare", kind="simple", method="percent_off", value=1, status="draft"
    )
    unused = an_offer("UNUSED")
    DiscountPriceGroup.objects.create(
        discount=unused, price_group=PriceGroup.objects.create(code="X", name="X")
    )
    an_offer("DOLLARS", currency=Currency.objects.create(code="USD", name="Dollar", symbol="$"))
    an_offer("COUPON", coupon_required=True)
    an_offer("SUNDAY", weekdays=[6], starts_at=NOW, ends_at=NOW + timedelta(days=2))
    an_offer("PAST", days_only=[date(2026, 6, 1)])
    a_product(attributes={"Net content": 500})
    for code, value in (("GRAMS", "500"), ("MISTYPED", "50")):
        an_offer(code).lines.update(attribute="Net content", attribute_value=value)
    found = reasons()
    assert set(found) == {
        "OVER", "BLOCKED", "EMPTY", "BARE", "UNUSED", "DOLLARS", "COUPON", "SUNDAY", "PAST", "MISTYPED"
    }  # fmt: skip
    assert (
        "is over since" in found["OVER"]
        and "can be sold" in found["BLOCKED"]
        and "days never come" in found["PAST"]
        and "can be sold" in found["MISTYPED"]
    )


NIGHT: dict[str, Any] = {"begins": time(22), "ends": time(2)}


@pytest.mark.parametrize(
    ("fields", "after_noon", "comes"),
    [
        (NIGHT | {"days_only": [date(2026, 6, 10)]}, timedelta(hours=13), True),  # 01:00, its last hour
        (NIGHT | {"days_only": [date(2026, 6, 10)]}, timedelta(hours=14), False),
        (NIGHT | {"weekdays": [2], "ends_at": NOW + timedelta(hours=18)}, timedelta(hours=13), True),
        (NIGHT | {"weekdays": [1], "starts_at": NOW, "ends_at": NOW + timedelta(days=3)}, timedelta(), False),
        ({"weekdays": [3], "ends_at": NOW + timedelta(hours=12)}, timedelta(), False),  # until midnight
        ({"begins": time(9), "ends": time(11), "ends_at": NOW + timedelta(hours=12)}, timedelta(), False),
        ({"days_only": [date(2026, 6, 9)], "coupon_required": True}, timedelta(), False),
    ],
)
def test_the_days_of_an_offer_come_until_its_last_hour_is_over(
    fields: dict[str, Any], after_noon: timedelta, comes: bool
) -> None:
    a_store(time_zone="UTC")
    a_product()
    DiscountCoupon.objects.create(discount=an_offer(**fields), code="A")
    assert ("never come" in reasons(NOW + after_noon).get("A", "")) is not comes


def test_the_days_of_an_offer_are_those_of_a_store() -> None:
    a_product()
    an_offer(days_only=[date(2026, 6, 9)])
    a_store(time_zone="Asia/Tokyo")
    late = NOW.replace(hour=5)
    assert "never come" in reasons(late)["A"]
    a_store(time_zone="Pacific/Honolulu")  # where it is Tuesday still
    assert reasons(late) == {}


def test_an_offer_on_the_stores_clocks_is_over_when_the_last_of_them_says_so() -> None:
    a_product()
    a_store(time_zone="Asia/Tokyo")
    ends = datetime(2026, 6, 10, 18, tzinfo=ZoneInfo("Europe/London"))
    an_offer("A", ends_at=ends, clock="Europe/London")
    DiscountCoupon.objects.create(
        discount=an_offer("B", coupon_required=True, clock="Europe/London"), code="B", ends_at=ends
    )
    an_offer("C", starts_at=ends, clock="Europe/London")
    an_offer(
        "D", starts_at=datetime(2026, 6, 10, 9, 30, tzinfo=UTC), ends_at=datetime(2026, 6, 10, 17, tzinfo=UTC)
    )
    assert {"A", "B"} <= set(reasons(datetime(2026, 6, 10, 9, tzinfo=UTC)))  # 18:00 in Tokyo
    assert {"A", "B"}.isdisjoint(reasons(datetime(2026, 6, 10, 8, 59, tzinfo=UTC)))
    a_store(time_zone="Pacific/Honolulu")
    assert {"A", "B"}.isdisjoint(reasons(datetime(2026, 6, 11, 3, 59, tzinfo=UTC)))
    assert "on each store's clock" in reasons(datetime(2026, 6, 11, 4, tzinfo=UTC))["A"]
    met = {(pair.first.code, pair.second.code) for pair in overlaps(list(open_offers()), NOW)}
    assert ("A", "C") not in met and {
        ("A", "D"),
        ("C", "D"),
    } <= met  # D is Tokyo's evening, and Honolulu's morning


def test_a_price_group_is_used_as_soon_as_a_store_has_it() -> None:
    group = PriceGroup.objects.create(code="X", name="X")
    a_product()
    DiscountPriceGroup.objects.create(discount=an_offer(), price_group=group)
    assert "A" in reasons()
    StorePriceGroup.objects.create(store=a_store(), price_group=group)
    assert reasons() == {}


@pytest.mark.parametrize(
    ("first", "second", "across", "words"),
    [
        ({}, {}, False, "whichever combination saves the customer more"),
        ({"priority": 2}, {}, False, "Offer A goes first (priority 2 before 0)"),
        ({"priority": 2}, {}, True, "Both are given: Offer A first"),
        ({"concurrency": "exclusive"}, {}, False, "Offer A is exclusive and goes alone"),
        ({"concurrency": "exclusive"}, {"concurrency": "exclusive"}, False, "Both are exclusive"),
        ({"concurrency": "compound"}, {"concurrency": "compound"}, False, "one on top of the other"),
        ({"kind": "threshold"}, {}, False, "Offer B goes first; Offer A counts only what has no discount"),
    ],
)
def test_how_a_competition_is_settled(
    first: dict[str, Any], second: dict[str, Any], across: bool, words: str
) -> None:
    assert words in settled(an_offer("A", **first), an_offer("B", **second), across=across)


def test_only_offers_that_may_meet_compete() -> None:
    store, other = a_store(), a_store()
    above = Category.objects.create(code="above", name="Above")
    below = Category.objects.create(code="below", name="Below", parent=above)
    product, stranger = a_product(category=below), a_product()
    everything = an_offer("ALL", begins=time(9), ends=time(12))
    an_offer("EVENING", begins=time(18), ends=time(20))
    on_category = an_offer("CATEGORY", on=above, begins=time(11), ends=time(19))
    an_offer("PRODUCT", on=product, weekdays=[0], begins=time(11), ends=time(12))
    an_offer("STRANGER", on=stranger, weekdays=[1], begins=time(19), ends=time(20), starts_at=NOW)
    DiscountStore.objects.create(discount=everything, store=store)
    DiscountStore.objects.create(discount=on_category, store=other)
    pairs = {(pair.first.code, pair.second.code) for pair in overlaps(list(open_offers()))}
    assert pairs == {
        ("ALL", "PRODUCT"), ("CATEGORY", "EVENING"), ("CATEGORY", "PRODUCT"), ("EVENING", "STRANGER"),
    }  # fmt: skip


def test_checking_offers_takes_as_many_queries_for_thirty_as_for_three(
    django_assert_num_queries: Any,
) -> None:
    a_store()
    for number in range(30):
        an_offer(f"O{number}", on=a_product(category=Category.objects.create(code=f"c{number}", name="C")))
    offers = list(open_offers())
    with django_assert_num_queries(11):
        never_applying(offers)
    with django_assert_num_queries(11):
        overlaps(offers)


def test_prices_below_cost_are_found_without_their_tax_and_after_offers() -> None:
    store = a_store()
    a_legal_entity()
    product = a_product(cost=Decimal("2.00"))
    a_tax_code(store, product)
    low = a_price(product, "2.30")  # 1.9167 without tax
    high = a_product(cost=Decimal("2.00"))
    fine = a_price(high, "2.50")  # 2.0833 without tax, 1.8750 after ten percent
    a_price(a_product(cost=Decimal("1.00")), "2.50")
    assert [(row.price, row.net) for row in prices_below_cost(NOW)] == [(low, Decimal("1.9167"))]
    offer = an_offer(on=high)
    found = prices_below_cost(NOW, list(open_offers()))
    assert [(row.price, row.because) for row in found] == [(low, None), (fine, offer)]
    twice = an_offer("B", on=high, value=Decimal(20))
    found = prices_below_cost(NOW, list(open_offers()))
    assert (found[1].because, found[1].net) == (twice, Decimal("1.6667"))  # the one that leaves least


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"percent": Decimal(30)}, "1.4583"),
        ({"amount": Decimal("0.70"), "currency_id": "GBP"}, "1.5000"),
        ({"price": Decimal("1.80"), "currency_id": "GBP"}, "1.5000"),
    ],
)
def test_an_adjustment_that_brings_prices_below_cost_is_found(change: dict[str, Any], left: str) -> None:
    store = a_store()
    a_legal_entity()
    product = a_product(cost=Decimal("2.00"))
    a_tax_code(store, product)
    price = a_price(product, "2.50")
    a_price(a_product(cost=Decimal("2.00")), "2.50")  # not named
    one = PriceAdjustment.objects.create(name="Clearance", is_active=True, **change)
    one.lines.create(product=product)
    found = prices_below_cost(NOW, adjustments=list(open_adjustments(NOW)))
    assert [(row.price, row.because, row.net) for row in found] == [(price, one, Decimal(left))]
    PriceAdjustment.objects.update(is_active=False)
    assert not list(open_adjustments(NOW))


@pytest.mark.parametrize(
    ("method", "value", "left"), [("amount_off", "0.70", "1.8000"), ("unit_price", "1.50", "1.5000")]
)
def test_an_amount_on_everything_looks_only_at_prices_that_it_may_bring_below_cost(
    method: str, value: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_legal_entity()
    monkeypatch.setattr("pricing.below_cost.MOST_LOOKED_AT", 1)
    for _ in range(2):
        a_price(a_product(cost=Decimal("0.40")), "4.00")
    price = a_price(a_product(cost=Decimal("2.00")), "2.50")
    offer = an_offer(method=method, value=Decimal(value), currency=price.currency)
    offer.refresh_from_db()
    assert [(row.price, row.net) for row in prices_below_cost(NOW, [offer])] == [(price, Decimal(left))]


def test_a_percentage_looks_only_at_prices_of_its_goods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half off one article made every price up to twice its cost one to look at: those after the most were lost."""
    a_legal_entity()
    monkeypatch.setattr("pricing.below_cost.MOST_LOOKED_AT", 2)
    for _ in range(3):
        a_price(a_product(name="A", cost=Decimal("2.00")), "3.00")
    named, low = a_product(name="B", cost=Decimal("2.00")), a_product(name="C", cost=Decimal("2.00"))
    half, alone = a_price(named, "3.00"), a_price(low, "1.00")
    offer = an_offer(value=Decimal(50), on=named)
    offer.refresh_from_db()
    found = prices_below_cost(NOW, [offer])
    assert [(row.price, row.because) for row in found] == [(half, offer), (alone, None)]


def test_prices_below_cost_that_are_not_all_looked_for_are_at_least_so_many(
    back_office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_legal_entity()
    for _ in range(6):
        a_price(a_product(cost=Decimal("2.00")), "2.50")
    offer = an_offer(value=Decimal(50), status="draft")
    page = reverse("admin:pricing_discount_change", args=[offer.pk])
    assert "<span>3 more prices are below cost.</span>" in back_office.get(page).text
    monkeypatch.setattr("pricing.below_cost.MOST_ROWS", 5)
    assert "At least 2 more prices are below cost." in back_office.get(page).text


def test_a_price_below_cost_is_told_where_it_is_entered(back_office: Client) -> None:
    a_legal_entity()
    product = a_product(cost=Decimal("2.00"))
    data = {"product": product.pk, "amount": "1.50", "currency": a_currency().pk, "quantity_from": "0"}
    page = back_office.post(reverse("admin:pricing_tradeagreement_add"), data, follow=True).text
    words = "£1.50 for everybody leaves £1.50 without tax, less than its cost of £2.00."
    assert words in page
    price = TradeAgreement.objects.get()
    data["amount"] = "2.50"
    address = reverse("admin:pricing_tradeagreement_change", args=[price.pk])
    assert "less than its cost" not in back_office.post(address, data, follow=True).text
    offer = an_offer(on=product, value=Decimal(40), status="draft")
    own = back_office.get(reverse("admin:pricing_discount_change", args=[offer.pk])).text
    assert "leaves £1.50 without tax after Offer A, less than its cost of £2.00." in own


def test_a_price_in_another_currency_is_compared_at_the_days_rate() -> None:
    a_legal_entity()
    euro = a_currency("EUR", "€")
    a_price(a_product(cost=Decimal("2.00")), "2.20", currency=euro)
    assert prices_below_cost(NOW) == []
    ExchangeRate.objects.create(
        currency=a_currency(), into=euro, rate=Decimal("1.20"), starts_on=date(2026, 1, 1)
    )
    assert [row.cost for row in prices_below_cost(NOW)] == [Decimal("2.40")]


def test_the_pages_of_warnings(back_office: Client) -> None:
    page = back_office.get(reverse("admin:offer-warnings"))
    assert "Nothing to look at" in page.text
    a_store()
    a_product()
    first, second = an_offer("A"), an_offer("B", status="draft")
    page = back_office.get(reverse("admin:offer-warnings")).text
    assert (
        "1 pair of offers competes" in page
        and reverse("admin:pricing_discount_change", args=[second.pk]) in page
    )
    own = back_office.get(reverse("admin:pricing_discount_change", args=[first.pk])).text
    assert "Same goods, same time" in own and "Offer B" in own


def test_an_offer_from_before_amounts_needed_a_currency_is_named(back_office: Client) -> None:
    a_store()
    a_product()
    early = an_offer("EARLY", kind="threshold", value=None)
    early.tiers.create(minimum=50, value=10)
    late = an_offer("LATE", kind="threshold", value=None, currency=a_currency())
    late.tiers.create(minimum=50, value=10)
    pieces = an_offer("PIECES", kind="quantity", value=None)
    pieces.tiers.create(minimum=3, value=10)
    drafted = an_offer("DRAFT", kind="threshold", value=None, status="draft")  # enabling it says so
    drafted.tiers.create(minimum=50, value=10)
    an_offer("OFF", method="amount_off")
    assert [warning.offer.code for warning in without_currency(list(open_offers()))] == ["EARLY", "OFF"]
    page = back_office.get(reverse("admin:offer-warnings")).text
    assert "2 offers have no currency" in page and "Disable it, choose the currency" in page
    own = back_office.get(reverse("admin:pricing_discount_change", args=[early.pk])).text
    assert "Its tiers begin at an amount of money" in own


def test_a_list_of_offers_breaks_no_day_and_no_percentage(back_office: Client) -> None:
    end = datetime(2027, 2, 18, 9, tzinfo=UTC)
    Discount.objects.create(code="A", name="A", kind="simple", method="percent_off", value=15, ends_at=end)
    listed = back_office.get("/pricing/discount/").text.replace("\N{NO-BREAK SPACE}", "_")
    assert "Percent off: 15_%" in listed and "Until 18_Feb_2027, 09:00" in listed


def test_many_competing_offers_leave_the_page_to_the_offer(back_office: Client) -> None:
    a_store()
    a_product()
    offers = [an_offer(f"O{number}") for number in range(6)]
    page = back_office.get(reverse("admin:pricing_discount_change", args=[offers[0].pk])).text
    before, _, folded = page.partition("<details>")
    assert before.count("Same goods, same time") == 3 and folded.count("Same goods, same time") == 2
    assert "2 more on the same goods at the same time" in folded
    assert "/disable" in page and "/enable" not in page  # only what makes sense of one that is enabled


# --- calendar ---------------------------------------------------------------------------------------------------------


def test_a_month_shows_on_which_days_an_offer_runs() -> None:
    an_offer(
        "WEEKEND", weekdays=[5, 6], starts_at=datetime(2026, 6, 5, tzinfo=timezone.get_default_timezone())
    )
    an_offer("DAYS", days_only=[date(2026, 6, 3), date(2026, 6, 4), date(2026, 7, 1)])
    an_offer("EVER", begins=time(18), ends=time(20))
    an_offer("LATER", starts_at=datetime(2026, 7, 1, tzinfo=timezone.get_default_timezone()))
    an_offer("OFF", status="disabled")
    PriceAdjustment.objects.create(name="Sale", percent=5, is_active=True)
    shown = calendar(day=date(2026, 6, 10))
    bars = {bar.name: [(one.column, one.days) for one in bar.stretches] for bar in shown.bars}
    assert bars == {
        "Offer WEEKEND": [(6, 2), (13, 2), (20, 2), (27, 2)], "Offer DAYS": [(3, 2)], "Offer EVER": [(1, 30)],
        "Sale": [(1, 30)],
    }  # fmt: skip
    ever = next(bar for bar in shown.bars if bar.name == "Offer EVER")
    assert (
        ever.hours == "18:00–20:00" and ever.stretches[0].goes_on_before and ever.stretches[0].goes_on_after
    )
    assert (shown.title, shown.before, shown.after) == ("June 2026", date(2026, 5, 1), date(2026, 7, 1))


def test_five_weeks_begin_on_a_monday() -> None:
    shown = calendar(day=date(2026, 6, 10), view=WEEKS)
    assert (shown.first, len(shown.days), shown.after) == (date(2026, 6, 8), 35, date(2026, 7, 13))


def test_the_calendar_of_a_store_leaves_what_it_never_gives(back_office: Client) -> None:
    here, there = a_store(), a_store()
    group = PriceGroup.objects.create(code="X", name="X")
    StorePriceGroup.objects.create(store=there, price_group=group)
    DiscountStore.objects.create(discount=an_offer("HERE"), store=here)
    DiscountStore.objects.create(discount=an_offer("THERE"), store=there)
    DiscountPriceGroup.objects.create(discount=an_offer("GROUP"), price_group=group)
    an_offer("ALL")
    assert {bar.name for bar in calendar(day=date(2026, 6, 1), store=here).bars} == {
        "Offer HERE",
        "Offer ALL",
    }
    page = back_office.get(reverse("admin:offer-calendar"), {"store": there.pk, "day": "2026-06-01"}).text
    assert "Offer THERE" in page and "Offer GROUP" in page and "Offer HERE" not in page


def test_the_calendar_of_a_store_has_what_its_customers_bring(back_office: Client) -> None:
    here = a_store()
    students, elsewhere = (
        PriceGroup.objects.create(code=code, name=code) for code in ("STUDENTS", "ELSEWHERE")
    )
    CustomerPriceGroup.objects.create(
        customer=Customer.objects.create(account="1", name="Ann"), price_group=students
    )
    for group in (students, elsewhere):
        DiscountPriceGroup.objects.create(discount=an_offer(group.code), price_group=group)
        PriceAdjustment.objects.create(name=f"Sale {group.code}", is_active=True, price_group=group)
    PriceAdjustment.objects.create(name="Dollars", is_active=True, currency=a_currency("USD", "$"))
    assert {bar.name for bar in calendar(day=date(2026, 6, 1), store=here).bars} == {
        "Offer STUDENTS",
        "Sale STUDENTS",
    }


def test_a_price_adjustment_that_is_off_is_a_draft_as_on_its_own_page() -> None:
    PriceAdjustment.objects.create(name="Off", is_active=False)
    (bar,) = calendar(day=date(2026, 6, 1)).bars
    assert bar.state == "draft"


BERLIN, LONDON, NEW_YORK = (ZoneInfo(name) for name in ("Europe/Berlin", "Europe/London", "America/New_York"))
EASTER = {"starts_at": datetime(2026, 3, 29, tzinfo=BERLIN), "ends_at": datetime(2026, 3, 31, tzinfo=BERLIN)}
RUNS = {
    "each store's clock, where the day has 23 hours": (EASTER | {"clock": "Europe/Berlin"}, LONDON, [(29, 2)]),
    "the same instant, an hour earlier by the clock": (EASTER, LONDON, [(28, 3)]),
    "the same instant in its own zone": (EASTER, BERLIN, [(29, 2)]),
    "over midnight: the day on which it begins": (
        {"weekdays": [4], "begins": time(22), "ends": time(2, 30)}, LONDON, [(6, 1), (13, 1), (20, 1), (27, 1)]
    ),
    "not on days whose hours are before the start or after the end": (
        {"starts_at": datetime(2026, 3, 3, 13, tzinfo=LONDON), "ends_at": datetime(2026, 3, 6, 8, tzinfo=LONDON),
         "begins": time(9), "ends": time(12)}, LONDON, [(4, 2)],
    ),
    "ends in the night": (
        {"starts_at": datetime(2026, 3, 3, tzinfo=LONDON), "ends_at": datetime(2026, 3, 5, 1, tzinfo=LONDON),
         "begins": time(22), "ends": time(2)}, LONDON, [(2, 3)],  # also what is left of the night before
    ),
    "begins in the night, whose evening was the day before": (
        {"starts_at": datetime(2026, 3, 3, 0, 30, tzinfo=LONDON), "ends_at": datetime(2026, 3, 3, 6, tzinfo=LONDON),
         "weekdays": [0], "begins": time(22), "ends": time(2)}, LONDON, [(2, 1)],
    ),
    "begins after the night's hours": (
        {"starts_at": datetime(2026, 3, 3, 2, tzinfo=LONDON), "ends_at": datetime(2026, 3, 4, tzinfo=LONDON),
         "begins": time(22), "ends": time(2)}, LONDON, [(3, 1)],
    ),
    "until midnight, the last day alone": (
        {"starts_at": datetime(2026, 3, 31, tzinfo=LONDON), "ends_at": datetime(2026, 4, 1, tzinfo=LONDON)}, LONDON,
        [(31, 1)],
    ),
    "far west": (
        {"starts_at": datetime(2026, 4, 1, 2, tzinfo=BERLIN), "ends_at": datetime(2026, 4, 2, tzinfo=BERLIN)}, NEW_YORK,
        [(31, 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("_case", RUNS)
def test_days_are_those_of_the_clock_on_the_wall(_case: str) -> None:
    fields, zone, days = RUNS[_case]
    an_offer("A", **fields)
    store = a_store(time_zone=str(zone))
    (bar,) = calendar(day=date(2026, 3, 1), store=store).bars
    assert [(one.column, one.days) for one in bar.stretches] == days


def test_a_bar_goes_on_only_where_the_offer_does() -> None:
    an_offer("MON", weekdays=[0])  # 1 June 2026 is a Monday
    an_offer("MON-TUE", weekdays=[0, 1, 6])
    bars = {bar.name: bar for bar in calendar(day=date(2026, 6, 1)).bars}
    first, last = bars["Offer MON-TUE"].stretches[0], bars["Offer MON-TUE"].stretches[-1]
    assert first.goes_on_before and not last.goes_on_after  # 1 July is a Wednesday
    assert not bars["Offer MON"].stretches[0].goes_on_before
    assert bars["Offer MON"].words == "since ever for good, on Mondays"


def test_a_full_calendar_asks_no_more_of_the_database(django_assert_num_queries: Any) -> None:
    store = a_store()
    for many in (3, 30):
        for number in range(many):
            an_offer(f"{many}-{number}")
        with django_assert_num_queries(8):
            assert len(calendar(day=date(2026, 6, 1), store=store).bars) >= many


@pytest.mark.parametrize("query", [{"day": "never"}, {"day": "0001-01-01"}, {"store": "x"}, {"view": "year"}])
def test_nonsense_in_the_address_shows_a_calendar_all_the_same(
    back_office: Client, query: dict[str, str]
) -> None:
    assert back_office.get(reverse("admin:offer-calendar"), query).status_code == 200


# --- imports ----------------------------------------------------------------------------------------------------------


def upload(client: Client, path: str, text: str, resource: str = "0") -> Any:
    file = SimpleUploadedFile("list.csv", text.encode(), content_type="text/csv")
    return client.post(
        f"{path}import/", {"import_file": file, "format": "0", "resource": resource}, follow=True
    )


def confirm(client: Client, path: str, answer: Any) -> None:
    (address,) = re.findall(r'action="(\S+/import/[0-9a-f-]{36}/)"', answer.text)
    assert "Import finished" in client.post(address, follow=True).text


def test_a_bad_row_names_itself_and_stops_no_other(back_office: Client) -> None:
    price = a_price(a_product(number="P1"), "1.00")
    a_product(number="P2")
    sheet = "product,currency,amount\nP1,GBP,1.25\nNONE,GBP,2.00\nP2,GBP,3.00\nP2,GBP,cheap\n"
    answer = upload(back_office, "/pricing/tradeagreement/", sheet)
    assert "1 row is added, 1 row is changed, 2 rows have errors" in answer.text
    assert "<strong>Row 3</strong>" in answer.text and "No product has the number “NONE”" in answer.text
    assert (
        "<strong>Row 5</strong>" in answer.text
        and "“cheap” cannot be read here: write a number" in answer.text
    )
    assert "<del>1.00</del>" in answer.text and "<ins>1.25" in answer.text
    assert "Import the 2 good rows" in answer.text
    price.refresh_from_db()
    assert price.amount == Decimal("1.00")
    confirm(back_office, "/pricing/tradeagreement/", answer)
    assert sorted(TradeAgreement.objects.values_list("product__number", "amount")) == [
        ("P1", Decimal("1.2500")), ("P2", Decimal("3.0000")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"unit": "kg"}, "unit", "is not sold by Kilogram. Choose"),
        ({"price_group": "R", "customer": "C1"}, "customer", "Leave one of them empty."),
        ({"variant": "OTHER-L"}, "variant", "is no variant of"),
        ({"amount": "-1"}, "amount", "The price of -1 is below 0. Enter at least 0."),
        ({"starts_at": "tomorrow"}, "starts_at", "“tomorrow” cannot be read here: write it as 2026-11-27 14:30."),
        ({"starts_at": "05/06/2027 10:00"}, "starts_at",
         "“05/06/2027 10:00” cannot be read here: write it as 2026-11-27 14:30."),
        ({"starts_at": "2026-12-02 10:00", "ends_at": "2026-12-01 10:00"}, "ends_at",
         "The end must be after the start, 2 Dec 2026, 10:00."),
    ],
)  # fmt: skip
def test_what_a_page_refuses_a_sheet_refuses_in_the_same_words(
    back_office: Client, cells: dict[str, str], column: str, words: str
) -> None:
    a_product(number="P1")
    a_product(number="OTHER").variants.create(number="OTHER-L", size="L")
    Unit.objects.create(code="kg", name="Kilogram", decimals=3)
    Customer.objects.create(account="C1", name="Grace")
    PriceGroup.objects.create(code="R", name="Retail")
    row = {"product": "P1", "currency": a_currency().pk, "amount": "1.00"} | cells
    answer = upload(back_office, "/pricing/tradeagreement/", f"{','.join(row)}\n{','.join(row.values())}\n")
    text = re.sub(r"\s+", " ", answer.text)
    assert re.search(rf"Row 2.{{,200}}{column}.{{,100}}{re.escape(words)}", text), text
    assert "1 row has errors" in text


def exported(client: Client, path: str, resource: str = "0") -> str:
    page = client.get(f"{path}export/").text
    ticked = dict.fromkeys(re.findall(r'name="((?:\w+resource_)\w+)"', page), "on")
    return str(
        client.post(f"{path}export/", {"format": "0", "resource": resource, **ticked}).content.decode()
    )


def test_what_goes_out_changes_nothing_when_it_comes_in_again(back_office: Client) -> None:
    product = a_product(number="P1")
    large = product.variants.create(number="P1-L", size="L")
    a_price(product, "1.50")
    a_price(product, "2.00", variant=large)
    offer = an_offer("SALE", on=product, status="draft")
    offer.lines.create(product=product, variant=large, is_excluded=True)
    offer.lines.create(attribute="Brand", attribute_value="Rex London")
    offer.lines.create(attribute="Brand", attribute_value="Hale", method="percent_off", value=Decimal("12.5"))
    for path in ("/pricing/tradeagreement/", "/pricing/discount/"):
        sheet = exported(back_office, path)
        assert ".0000" not in sheet
        answer = upload(back_office, path, sheet).text
        assert "Nothing would change" in answer and "errors" not in answer
    assert (TradeAgreement.objects.count(), offer.lines.count()) == (2, 4)


def test_rates_that_a_page_refuses_a_sheet_refuses(back_office: Client) -> None:
    sheet = "tax_code,name,percent,starts_on\nV,VAT,20,2011-01-04\nV,VAT,22,2030-01-01\n"
    answer = upload(back_office, "/pricing/taxcode/", sheet)
    assert "so two would hold at once. End that one where this starts." in answer.text
    answer = upload(
        back_office, "/pricing/taxcode/", "tax_code,name,percent,starts_on\nV,VAT,20,05/06/2027\n"
    )
    assert "“05/06/2027” cannot be read here: write it as 2026-11-27." in answer.text


DISCOUNTS = "discount,name,kind,method,value,product,never\n"


def test_discounts_come_in_with_their_lines_as_drafts(back_office: Client) -> None:
    a_product(number="P1")
    a_product(number="P2")
    sheet = f"{DISCOUNTS}SALE,Sale,simple,percent_off,20,P1,0\nSALE,,,,,P2,1\nSALE,,,,120,P1,0\n"
    answer = upload(back_office, "/pricing/discount/", sheet)
    assert Discount.objects.count() == 0 and "2 rows are added" in answer.text
    assert "Row 4" in answer.text
    confirm(back_office, "/pricing/discount/", answer)
    sale = Discount.objects.get()
    assert (sale.name, sale.value, sale.status) == ("Sale", Decimal(20), "draft")
    lines = sale.lines.order_by("pk").values_list("product__number", "is_excluded")
    assert list(lines) == [("P1", False), ("P2", True)]
    again = upload(back_office, "/pricing/discount/", f"{DISCOUNTS}SALE,Sale,simple,percent_off,25,P1,0\n")
    assert "1 row is changed" in again.text and "<ins>25</ins>" in again.text
    confirm(back_office, "/pricing/discount/", again)
    sale.refresh_from_db()
    assert sale.value == Decimal(25) and sale.lines.count() == 2


def test_an_enabled_discount_is_not_changed_by_a_sheet(back_office: Client) -> None:
    an_offer("SALE", on=a_product(number="P1"))
    answer = upload(back_office, "/pricing/discount/", f"{DISCOUNTS}SALE,New,simple,percent_off,25,P1,0\n")
    assert "is enabled and so fixed. Disable it first." in answer.text and "Confirm import" not in answer.text


def test_coupons_and_tax_rates_come_in(back_office: Client) -> None:
    an_offer("SALE", status="draft")
    sheet = "code,discount,limit,limit_per_customer\nsummer,SALE,100,1\nwinter,NONE,,\n"
    answer = upload(back_office, "/pricing/discount/", sheet, resource="1")
    assert "No discount has the code “NONE”" in answer.text
    confirm(back_office, "/pricing/discount/", answer)
    coupon = DiscountCoupon.objects.get()
    assert (coupon.code, coupon.limit, coupon.limit_per_customer) == ("SUMMER", 100, 1)
    an_offer("OTHER", status="draft")
    sheet = "code,discount,limit\nSummer,OTHER,5\n"
    answer = upload(back_office, "/pricing/discount/", sheet, resource="1")
    assert "SUMMER unlocks Offer SALE (SALE). Remove it there first" in answer.text
    assert "Confirm import" not in answer.text
    sheet = "tax_code,name,percent,starts_on\nVAT20,VAT 20 %,20,2011-01-04\nVAT5,,5,\nVAT20,,120,2030-01-01\n"
    answer = upload(back_office, "/pricing/taxcode/", sheet)
    assert "There is no tax code VAT5 yet" in answer.text and "2 rows have errors" in answer.text
    confirm(back_office, "/pricing/taxcode/", answer)
    assert TaxRate.objects.get().percent == Decimal(20)


def test_offers_go_out_as_they_can_come_in(back_office: Client) -> None:
    an_offer("SALE", on=a_product(number="P1"))
    text = exported(back_office, "/pricing/discount/")
    assert "SALE,Offer SALE,simple,percent_off" in text and "P1" in text
