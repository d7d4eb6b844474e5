"""Who gets a discount, when, and what becomes of the others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from pricing.engine.basket import price_added_line, price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.charges import ChargeRule, ChargeTier
from pricing.engine.discounts.model import Coupon, Discount, DiscountLine, Hours, LineGroup, Tier
from pricing.engine.explain import SENTENCES, sentence
from pricing.engine.model import (
    BasketLine,
    BasketTender,
    Charge,
    CouponUsage,
    ManualDiscount,
    PriceGroup,
    PricingSettings,
    Reason,
    TaxContext,
)
from pricing.engine.tax_codes import DatedRate, TaxBook, TaxCode, TaxHoliday
from tests.pricing.shop import ALL, basket, book, cheapest_free, codes, deal, nets, off, price, threshold

D = Decimal
MODEL_B = PricingSettings(concurrency_model="best_price_within_priority_compound_across")


@pytest.mark.parametrize(
    ("discount", "more", "code"),
    [
        (off("x", "10", currency="USD"), {}, "wrong_currency"),
        (off("x", "10", channels=("other",)), {"channel": "here"}, "other_channel"),
        (off("x", "10", customers=("c1",)), {"customer": "c2"}, "other_customer"),
        (off("x", "10", price_groups=("vip",)), {}, "not_in_price_group"),
        (off("x", "10", enabled=False), {}, "discount_disabled"),
        (off("x", "10", starts_at=datetime(2026, 6, 2, tzinfo=UTC)), {}, "not_started"),
        (off("x", "10", ends_at=datetime(2026, 6, 1, 12, tzinfo=UTC)), {}, "ended"),
        (off("x", "10", hours=(Hours((1, 2)),)), {}, "other_hours"),
        (off("x", "10", coupon_required=True, coupons=(Coupon("TEN"),)), {}, "needs_coupon"),
        (off("x", "10", lines=(*ALL, DiscountLine(products=("p",), exclude=True))), {}, "excluded"),
        (off("x", "10", lines=(DiscountLine(everything=True, unit="box"),)), {}, "other_unit"),
        (off("x", "200", "unit_price"), {}, "nothing_to_give"),
    ],
)
def test_an_offer_that_is_no_candidate_says_why(discount: Discount, more: dict, code: str) -> None:
    priced = price({"p": "10.00"}, [discount], ("p", "1"), **more)
    assert nets(priced) == ["10.00"]
    assert codes(priced)["x"] == code
    assert all(sentence(reason) for reason in priced.lines[0].explanation)


def test_hours_are_those_of_the_store() -> None:
    evening = off("x", "10", hours=(Hours((0,), time(18), time(20)),))
    at = datetime(2026, 6, 1, 23, tzinfo=UTC)
    assert nets(price({"p": "10"}, [evening], ("p", "1"), at=at, time_zone="America/New_York")) == ["9.00"]
    assert nets(price({"p": "10"}, [evening], ("p", "1"), at=at)) == ["10.00"]


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    night = off("x", "10", hours=(Hours((0,), time(22), time(2)),))
    for day, hour, expected in ((1, 23, "9.00"), (2, 1, "9.00"), (2, 3, "10.00"), (1, 1, "10.00")):
        at = datetime(2026, 6, day, hour, tzinfo=UTC)
        assert nets(price({"p": "10"}, [night], ("p", "1"), at=at)) == [expected], (day, hour)


def test_a_date_holds_for_its_hours_past_midnight() -> None:
    night = off("x", "10", days_only=(date(2026, 6, 1),), hours=(Hours(begins=time(22), ends=time(2)),))
    for day, hour, expected in (
        (1, 1, "10.00"),
        (1, 23, "9.00"),
        (2, 1, "9.00"),
        (2, 2, "10.00"),
        (2, 23, "10.00"),
    ):
        at = datetime(2026, 6, day, hour, tzinfo=UTC)
        assert nets(price({"p": "10"}, [night], ("p", "1"), at=at)) == [expected], (day, hour)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "offered"),
    [
        pytest.param(
            "America/New_York", date(2026, 3, 8), Hours(begins=time(2, 30), ends=time(4)),
            [(7, 0, 8, 0)], id="begins_in_the_hour_that_is_skipped",
        ),
        pytest.param(
            "America/New_York", date(2026, 11, 1), Hours(begins=time(1, 30), ends=time(3)),
            [(5, 30, 6, 0), (6, 30, 8, 0)], id="begins_in_the_hour_that_comes_twice",
        ),
        pytest.param(
            "Europe/London", date(2026, 10, 25), Hours(begins=time(0), ends=time(1, 30)),
            [(-1, 0, 0, 30), (1, 0, 1, 30)], id="ends_in_the_hour_that_comes_twice",
        ),
        pytest.param(
            "Australia/Lord_Howe", date(2026, 10, 4), Hours(begins=time(2, 15), ends=time(3)),
            [(-8, -30, -8, 0)], id="half_an_hour_is_skipped",
        ),
    ],
)  # fmt: skip
def test_hours_on_a_day_on_which_the_clock_changes(
    zone: str, day: date, hours: Hours, offered: list[tuple[int, int, int, int]]
) -> None:
    midnight = datetime.combine(day, time(0), UTC)
    stretches = [
        (midnight + timedelta(hours=h, minutes=m), midnight + timedelta(hours=k, minutes=n))
        for h, m, k, n in offered
    ]
    edges = [edge + timedelta(seconds=beside) for pair in stretches for edge in pair for beside in (-1, 0, 1)]
    moments = [*edges, *(midnight + timedelta(minutes=15 * place) for place in range(-50, 100))]
    Random(7).shuffle(moments)  # one book serves the whole day, whatever is asked first
    kept = book({"p": "10"}, [off("x", "10", hours=(hours,))])
    for at in moments:
        if at.astimezone(ZoneInfo(zone)).date() == day:
            priced = price_basket(basket(("p", "1"), at=at, time_zone=zone), kept)
            runs = any(first <= at < last for first, last in stretches)
            assert nets(priced) == ["9.00" if runs else "10.00"], at
            assert priced.holds_from <= at < priced.holds_until


def test_a_tax_holiday_looks_at_the_price_after_discounts() -> None:
    """Streamlined Sales and Use Tax Agreement, section 322: a discount by the seller decides with; a unit that comes
    free does not halve the price of the one that is paid for.
    """
    kept = book(
        {"dress": "120", "hat": "100", "shoe": "150"},
        [off("x", "20", lines=(DiscountLine(products=("dress",)),)), cheapest_free("free", 2, products=("shoe",))],
        tax_book=TaxBook(
            codes=[TaxCode("S", (DatedRate(D(8)),))], sales_groups={"TX": ["S"]}, item_groups={"full": ["S"]},
            holidays=[TaxHoliday("School", date(2026, 6, 1), date(2026, 6, 2), price_limit=D(100))],
        ),
    )  # fmt: skip
    on, by_hand = {"tax": TaxContext("TX")}, ManualDiscount("amount_off", D(51))
    priced = price_basket(basket(("dress", "1"), ("hat", "2"), ("shoe", "2"), ("shoe", "-1"), **on), kept)
    assert [line.tax for line in priced.lines] == [D(0), D(0), D("12.00"), D("-12.00")]
    cheaper = BasketLine("1", "shoe", item_tax_group="full").with_own(manual_discount=by_hand)
    assert [line.tax for line in price_basket(basket(cheaper, **on), kept).lines] == [D(0)]


def test_the_same_book_knows_when_an_offer_begins() -> None:
    later = off("x", "10", starts_at=datetime(2026, 6, 1, 13, tzinfo=UTC))
    one = book({"p": "10"}, [later])
    before = price_basket(basket(("p", "1")), one)
    after = price_basket(basket(("p", "1"), at=datetime(2026, 6, 1, 13, tzinfo=UTC)), one)
    assert (nets(before), nets(after)) == (["10.00"], ["9.00"])
    assert before.holds_until == datetime(2026, 6, 1, 13, tzinfo=UTC) == after.holds_from


ONE_O_CLOCK = datetime(2026, 6, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["simple", "threshold", "tender", "shipping"])
@pytest.mark.parametrize(
    "when",
    [{"starts_at": ONE_O_CLOCK}, {"ends_at": ONE_O_CLOCK}, {"hours": (Hours(begins=time(13)),)}],
    ids=lambda when: next(iter(when)),
)
def test_an_offer_begins_and_ends_at_its_time_whenever_its_goods_are_first_asked_for(
    kind: str, when: dict
) -> None:
    offer = Discount(
        "x", kind, (DiscountLine(products=("p",)),), method="percent_off", value=D(10),
        tiers=(Tier(D(1), "percent_off", D(10)),) if kind == "threshold" else (), **when,
    )  # fmt: skip

    def total(shelf: IndexedPriceBook, product: str, minutes: int) -> Decimal:
        asked = basket(
            (product, "1"), at=ONE_O_CLOCK + timedelta(minutes=minutes),
            charges=(Charge("freight", D(5), type="shipping"),), tenders=(BasketTender("1", "card", D(20)),),
        )  # fmt: skip
        return price_basket(asked, shelf).totals.total

    def shelf() -> IndexedPriceBook:
        return book({"p": "10", "other": "10"}, [offer])

    alone = {minutes: total(shelf(), "p", minutes) for minutes in (-1, 0, 1)}
    assert len(set(alone.values())) == 2
    for first, *then in ((-1, 1, 0), (1, -1, 0), (0, -1, 1)):
        kept = shelf()
        total(kept, "other", first)
        for minutes in (*then, first):
            assert total(kept, "p", minutes) == alone[minutes]


def test_match_all_price_groups() -> None:
    both = off("x", "10", price_groups=("a", "b"), match_all_price_groups=True)
    assert nets(price({"p": "10"}, [both], ("p", "1"), price_groups=(PriceGroup("a"),))) == ["10.00"]
    assert nets(price({"p": "10"}, [both], ("p", "1"), price_groups=(PriceGroup("a"), PriceGroup("b")))) == [
        "9.00"
    ]


def test_a_coupon_does_not_open_the_hours_of_its_discount() -> None:
    mornings = (Hours(begins=time(8), ends=time(9)),)
    discount = off("x", "10", coupon_required=True, coupons=(Coupon("TEN"),), hours=mornings)
    assert codes(price({"p": "10"}, [discount], ("p", "1"), coupons=("ten",)))["x"] == "other_hours"


@pytest.mark.parametrize(
    ("coupon", "usage", "expected"),
    [
        (Coupon("TEN"), (), "discount_applied"),
        (Coupon("TEN", active=False), (), "coupon_inactive"),
        (Coupon("TEN", limit=5), (CouponUsage("TEN", total=5),), "coupon_used_up"),
        (Coupon("TEN", limit_per_customer=1), (CouponUsage("ten", customer=1),), "coupon_used_up"),
        (Coupon("TEN", limit_per_customer=9), (), "coupon_needs_customer"),
        (Coupon("TEN", limit_per_channel=2), (CouponUsage("TEN", channel=1),), "discount_applied"),
        (Coupon("TEN", ends_at=datetime(2026, 5, 1, tzinfo=UTC)), (), "coupon_ended"),
    ],
)
def test_a_coupon_has_its_own_dates_and_limits(coupon: Coupon, usage: tuple, expected: str) -> None:
    ended = datetime(2026, 5, 1, tzinfo=UTC)  # a coupon's dates stand in for those of its discount
    discount = off("x", "10", coupon_required=True, coupons=(coupon,), ends_at=ended)
    customer = None if expected == "coupon_needs_customer" else "C1"
    priced = price(
        {"p": "10"}, [discount], ("p", "1"), coupons=("ten",), coupon_usage=usage, customer=customer
    )
    assert codes(priced)["x"] == expected
    if expected == "discount_applied":
        assert priced.lines[0].discounts[0].coupon == "TEN"


def test_every_losing_offer_says_why() -> None:
    offers = [
        off("best", "20", priority=5),
        off("less", "10", priority=5),
        off("lower", "50", priority=1),
        cheapest_free("three", 3),
        threshold("rich", "100", "10"),
    ]
    priced = price({"p": "10"}, offers, ("p", "1"))
    assert codes(priced) == {
        "best": "discount_applied", "less": "lost_to_better", "lower": "lost_to_priority",
        "three": "not_enough", "rich": "threshold_not_reached",
    }  # fmt: skip
    reasons = {reason.subject: reason for reason in priced.lines[0].explanation}
    assert reasons["less"].amount == D("1.00")
    assert reasons["rich"].amount == D("100.00")  # a best-price threshold counts undiscounted units only
    assert sentence(reasons["rich"]) == "rich: 100.00 more is needed of goods without another discount."


def test_an_exclusive_offer_goes_alone_however_small() -> None:
    offers = [off("small", "1", concurrency="exclusive"), off("large", "50"), threshold("th", "0", "10")]
    priced = price({"p": "10"}, offers, ("p", "1"))
    assert nets(priced) == ["9.90"]
    assert codes(priced)["large"] == "lost_to_exclusive"


def test_model_b_compounds_across_priorities_with_one_winner_each() -> None:
    offers = [
        off("a", "10", priority=2),
        off("b", "5", priority=2, concurrency="compound"),
        off("c", "20", priority=1),
    ]
    priced = price({"p": "100"}, offers, ("p", "1"), settings=MODEL_B)
    assert [one.id for one in priced.lines[0].discounts] == ["a", "c"]
    assert nets(priced) == ["72.00"]


def test_what_a_set_leaves_over_goes_to_the_next_priority() -> None:
    offers = [cheapest_free("three", 3, priority=2), off("ten", "10", priority=1)]
    priced = price({"p": "10"}, offers, ("p", "4"))
    assert priced.totals.discount == D("11.00")
    assert {(part.quantity, part.discount) for part in priced.lines[0].parts} == {
        (D(1), D("10.00")), (D(2), D("0.00")), (D(1), D("1.00"))
    }  # fmt: skip


def test_favouring_the_retailer_discounts_the_cheapest() -> None:
    prices = {"a": "100", "b": "80", "c": "20", "d": "10"}
    lines = [(name, "1") for name in prices]
    assert price(prices, [cheapest_free("x", 2)], *lines).totals.discount == D("90.00")
    assert price(prices, [cheapest_free("x", 2, favor="retailer")], *lines).totals.discount == D("30.00")


@pytest.mark.parametrize(("amount", "percent"), [("a", "b"), ("b", "a")])
def test_tiers_compound_in_the_order_of_their_methods_not_of_their_codes(amount: str, percent: str) -> None:
    at_all = [
        threshold(amount, "40", "5", "amount_off", concurrency="compound"),
        threshold(percent, "50", "10", concurrency="compound"),
    ]
    assert nets(price({"p": "100"}, at_all, ("p", "1"))) == ["85.50"]
    tier = Tier(D(2), "unit_price", D(8))
    on_units = [
        Discount(amount, "quantity", ALL, tiers=(tier,), concurrency="compound"),
        off(percent, "10", concurrency="compound"),
    ]
    assert nets(price({"p": "10"}, on_units, ("p", "2"))) == ["14.40"]


def test_an_offer_that_gives_as_much_as_the_one_that_was_given_is_not_said_to_give_less() -> None:
    (line,) = price({"mug": "10"}, [off("a", "10"), off("b", "10")], ("mug", "1")).lines
    lost = next(reason for reason in line.explanation if reason.code == "lost_to_better")
    assert sentence(lost, "{:f}".format) == "b would take 1.00 off, no more than what was given."


@pytest.mark.parametrize("concurrency", ["best_price", "compound"])
@pytest.mark.parametrize(
    ("own", "more", "discount"),
    [
        ({"method": "percent_off", "value": D(18)}, {}, "3.60"),
        ({"method": "percent_off", "value": D(18)}, {"quantity_limit": D(1)}, "1.80"),
        ({}, {"kind": "quantity", "value": None, "tiers": (Tier(D(2), "percent_off", D(10)),)}, "2.00"),
    ],
)
def test_lines_of_one_discount_compete_also_where_it_compounds(
    own: dict[str, Any], more: dict[str, Any], discount: str, concurrency: str
) -> None:
    """10 % on all and as much or more on an article: no unit is given both."""
    lines = (DiscountLine(everything=True), DiscountLine(products=("mug",), **own))
    ten = Discount("a", "simple", lines, method="percent_off", value=D(10), concurrency=concurrency)
    assert price({"mug": "10"}, [replace(ten, **more)], ("mug", "2")).totals.discount == D(discount)


def test_a_compound_set_joins_a_compound_percentage() -> None:
    offers = [deal("two", "15", 2, concurrency="compound"), off("ten", "10", concurrency="compound")]
    priced = price({"p": "10"}, offers, ("p", "2"))
    assert nets(priced) == ["13.50"]  # the price for two first, then the percentage of what is left


def test_a_best_price_offer_competes_with_the_compound_bundle() -> None:
    bundle = [off("c1", "10", concurrency="compound"), off("c2", "10", concurrency="compound")]
    assert nets(price({"p": "100"}, [*bundle, off("b", "15")], ("p", "1"))) == ["81.00"]
    assert nets(price({"p": "100"}, [*bundle, off("b", "25")], ("p", "1"))) == ["75.00"]


def test_best_price_and_compound_sets_compete_for_units() -> None:
    offers = [deal("two", "15", 2, concurrency="compound"), cheapest_free("three", 3)]
    assert price({"p": "10"}, offers, ("p", "3")).totals.discount == D("10.00")
    assert price({"p": "10"}, offers, ("p", "2")).totals.discount == D("5.00")


def test_one_amount_is_shared_so_that_the_parts_add_up() -> None:
    priced = price(
        {"a": "3.33", "b": "3.33", "c": "3.34"}, [deal("x", "5", 3)], ("a", "1"), ("b", "1"), ("c", "1")
    )
    assert priced.totals.discount == D("5.00") == sum(line.discount for line in priced.lines)


def test_ceilings_of_units_and_of_money() -> None:
    assert price({"p": "10"}, [off("x", "10", quantity_limit=D(2))], ("p", "5")).totals.discount == D("2.00")
    capped = price({"a": "10", "b": "20"}, [off("x", "50", max_discount=D(6))], ("a", "1"), ("b", "1"))
    assert capped.totals.discount == D("6.00")
    assert nets(capped) == ["8.00", "16.00"]


@pytest.mark.parametrize("concurrency", ["best_price", "exclusive"])
@pytest.mark.parametrize(("cap", "discount"), [("6", "30.00"), ("20", "40.00"), ("100", "75.00")])
def test_a_ceiling_of_money_does_not_take_the_place_of_an_offer_that_gives_more(
    cap: str, discount: str, concurrency: str
) -> None:
    offers = [
        off("half", "50", max_discount=D(cap), concurrency=concurrency),
        off("fifth", "20", concurrency=concurrency),
    ]
    priced = price({"a": "100", "b": "50"}, offers, ("a", "1"), ("b", "1"))
    assert priced.totals.discount == D(discount) and not priced.explanation
    if cap != "100":
        assert codes(priced)["half"] == "lost_under_ceiling"  # not that it would take 50.00


def test_a_ceiling_of_money_beside_the_same_goods_twice_and_goods_by_weight() -> None:
    offers = [
        off("half", "50", max_discount=D(30)),
        off("fifth", "20", lines=(DiscountLine(products=("a",)),)),
    ]
    lines = [("a", "1.5"), ("a", "2"), ("b", "1"), ("b", "1")]
    priced = price({"a": "10", "b": "20"}, offers, *lines)
    assert priced.totals.discount == D("33.00") and not priced.explanation


def test_hundreds_of_units_under_a_ceiling_of_money_are_given_nearly_the_most() -> None:
    """10.00 of 20 % in place of 10 % on half of it, whatever is chosen."""
    prices = {f"p{number}": f"{1 + number * 0.37:.2f}" for number in range(60)}
    lines = [(name, "7") for name in prices]
    offers = [off("a", "20", max_discount=D(10)), off("b", "10")]
    priced = price(prices, offers, *lines)
    only = price(prices, offers[1:], *lines)
    assert abs(priced.totals.discount - only.totals.discount - D(5)) < D("0.10")


def test_weighed_goods_take_part_in_quantity_discounts_but_not_in_sets() -> None:
    tier = Discount("q", "quantity", ALL, tiers=(Tier(D(2), "percent_off", D(10)),))
    assert price({"p": "10"}, [tier], ("p", "2.5")).totals.discount == D("2.50")
    assert price({"p": "10"}, [tier], ("p", "1.9")).totals.discount == D("0.00")
    assert price({"p": "10"}, [cheapest_free("x", 2)], ("p", "2.5")).totals.discount == D("10.00")


def test_a_mandatory_group_does_not_add_to_the_number_needed() -> None:
    lines = (DiscountLine(everything=True, group="any"), DiscountLine(products=("a",), group="must"))
    groups = (LineGroup("any", 3), LineGroup("must", 1, mandatory=True))
    offer = Discount("x", "mix_and_match", lines, method="percent_off", value=D(10), groups=groups)
    assert price({"a": "10", "b": "10"}, [offer], ("b", "3")).totals.discount == D("0.00")
    assert price({"a": "10", "b": "10"}, [offer], ("a", "1"), ("b", "2")).totals.discount == D("3.00")


def test_a_limit_of_applications() -> None:
    offer = deal("x", "15", 2, max_applications=1)
    assert price({"p": "10"}, [offer], ("p", "6")).totals.discount == D("5.00")


def test_an_exclusive_threshold_competes_by_the_setting() -> None:
    offers = [
        off("s", "1", "amount_off", concurrency="exclusive"),
        threshold("t", "100", "50", "amount_off", concurrency="exclusive"),
    ]
    lines = [("p", "10")]
    assert price({"p": "20"}, offers, *lines).totals.discount == D("10.00")
    competing = PricingSettings(exclusive_threshold_competes=True)
    assert price({"p": "20"}, offers, *lines, settings=competing).totals.discount == D("50.00")


def in_tiers(name: str, value: str, **more: Any) -> Discount:
    """So much off all units, two or more."""
    return Discount(name, "quantity", ALL, tiers=(Tier(D(2), "percent_off", D(value)),), **more)


@pytest.mark.parametrize(
    ("second", "discount"),
    [
        (in_tiers("b", "10", concurrency="compound"), "56.00"),
        (in_tiers("b", "10", concurrency="compound", quantity_limit=D(1)), "48.00"),
        (off("b", "10", concurrency="compound", quantity_limit=D(1)), "48.00"),
        (off("b", "10", concurrency="compound", quantity_limit=D(2)), "56.00"),
        (in_tiers("b", "10"), "40.00"),
        (off("b", "10", quantity_limit=D(1)), "40.00"),
    ],
)
def test_compound_offers_add_up_also_by_quantity_and_under_a_ceiling(second: Discount, discount: str) -> None:
    first = off("a", "20", concurrency="compound")
    assert price({"p": "100"}, [first, second], ("p", "2")).totals.discount == D(discount)


def test_a_ceiling_is_not_given_twice_beside_an_offer_that_competes_elsewhere() -> None:
    limited = off("b", "10", concurrency="compound", quantity_limit=D(1))
    other = off("a", "15", lines=(DiscountLine(products=("q",)),))
    priced = price({"p": "100", "q": "50"}, [limited, other], ("p", "3"), ("q", "1"))
    assert nets(priced) == ["290.00", "42.50"]


@pytest.mark.parametrize(
    ("scope", "amounts"), [("product", ["190.00", "95.00"]), ("basket", ["190.00", "100.00"])]
)
def test_a_ceiling_of_a_quantity_discount_is_of_each_product_or_of_all(
    scope: str, amounts: list[str]
) -> None:
    offer = in_tiers("x", "10", quantity_limit=D(1), limit_scope=scope)
    assert nets(price({"p": "100", "q": "50"}, [offer], ("p", "2"), ("q", "2"))) == amounts


def per_line(*values: tuple[str, str], **more: Any) -> Discount:
    """A simple discount with a line and a percentage for each product."""
    lines = tuple(
        DiscountLine(products=(name,), method="percent_off", value=D(value)) for name, value in values
    )
    return Discount("x", "simple", lines, method="line_specific", **more)


@pytest.mark.parametrize("concurrency", ["best_price", "compound", "exclusive"])
@pytest.mark.parametrize(
    ("ceiling", "discount"),
    [
        ({"max_discount": D(12)}, "12.00"),
        ({"quantity_limit": D(1), "limit_scope": "basket"}, "20.00"),
        ({"quantity_limit": D(3), "limit_scope": "basket"}, "50.00"),
        ({"quantity_limit": D(1)}, "30.00"),
    ],
)
def test_the_lines_of_a_discount_share_its_ceilings(ceiling: dict, discount: str, concurrency: str) -> None:
    offer = per_line(("p", "10"), ("q", "40"), concurrency=concurrency, **ceiling)
    priced = price({"p": "100", "q": "50"}, [offer], ("p", "2"), ("q", "2"))
    assert priced.totals.discount == D(discount) and not priced.explanation


def test_two_lines_on_the_same_goods_have_one_ceiling() -> None:
    offer = per_line(("p", "10"), ("p", "40"), quantity_limit=D(1))
    assert price({"p": "100"}, [offer], ("p", "3")).totals.discount == D("40.00")


@pytest.mark.parametrize(
    ("ceiling", "discount"),
    [
        ({"max_discount": D(12)}, "12.00"),
        ({"quantity_limit": D(3), "limit_scope": "basket"}, "25.00"),
        ({"quantity_limit": D(3)}, "30.00"),
    ],
)
def test_the_lines_of_a_quantity_discount_share_its_ceilings(ceiling: dict, discount: str) -> None:
    lines = tuple(DiscountLine(products=(name,)) for name in ("p", "q"))
    offer = Discount("x", "quantity", lines, tiers=(Tier(D(2), "percent_off", D(10)),), **ceiling)
    assert price({"p": "100", "q": "50"}, [offer], ("p", "2"), ("q", "2")).totals.discount == D(discount)


def test_a_discount_keeps_its_ceiling_where_one_before_it_is_cut_down() -> None:
    """Uncut, the set would leave 20 of 200, and a tenth of that is within the ceiling of the other."""
    cut = deal("a", "20", 2, concurrency="compound", max_discount=D(10))
    tenth = deal("b", "10", 2, method="percent_off", concurrency="compound", max_discount=D(5))
    (line,) = price({"p": "100"}, [cut, tenth], ("p", "2")).lines
    assert {one.id: one.amount for one in line.discounts} == {"a": D(10), "b": D(5)}


@pytest.mark.parametrize("seed", range(4))
def test_a_discount_in_lines_is_the_discount_in_one_line(seed: int) -> None:
    """Whichever ceiling it has and whatever competes with it; also where the last line is merely added."""
    rng = Random(seed)
    given = 0
    for _ in range(100):
        names = ["p", "q", "r"][: rng.randint(2, 3)]
        prices = {name: f"{rng.randint(100, 3_000) / 100:.2f}" for name in names}
        ceiling = rng.choice(
            [
                {"max_discount": D(rng.randint(1, 15))},
                {"quantity_limit": D(rng.randint(1, 4)), "limit_scope": rng.choice(["basket", "product"])},
            ]
        )
        more = {"concurrency": rng.choice(["best_price", "compound", "exclusive"]), **ceiling}
        value = str(rng.choice([10, 30, 50]))
        whole = off("x", value, lines=(DiscountLine(products=tuple(names)),), **more)
        parts = per_line(*((name, value) for name in names), **more)
        others = rng.sample(
            [
                cheapest_free("free", 3),
                deal("deal", "20", 2),
                off("also", "20", lines=(DiscountLine(products=("q",)),), concurrency="compound"),
                in_tiers("many", "15"),
            ],
            rng.randint(0, 2),
        )
        lines = [(name, str(rng.randint(1, 5))) for name in rng.choices(names, k=rng.randint(2, 4))]
        settings = rng.choice([PricingSettings(), MODEL_B])
        expected = price(prices, [whole, *others], *lines, settings=settings)
        shop = book(prices, [parts, *others])
        priced = price_basket(basket(*lines, settings=settings), shop)
        assert priced.totals.discount == expected.totals.discount, (prices, parts, others, lines)
        before = price_basket(basket(*lines[:-1], settings=settings), shop)
        assert price_added_line(before, basket(*lines, settings=settings), shop).totals == priced.totals
        given += any("x" in [one.id for one in line.discounts] for line in priced.lines)
    assert given > 30


def test_weighed_goods_below_a_ceiling_have_all_of_the_discount() -> None:
    assert nets(price({"p": "100"}, [off("x", "10", quantity_limit=D(2))], ("p", "1.5"))) == ["135.00"]


@pytest.mark.parametrize(
    ("ceiling", "of_the_set", "discount"),
    [("100000000", "49.99", "40000.00"), ("4000", "49.99", "16012.00"), ("4000", "20.00", "60000.00")],
)
def test_a_ceiling_far_up_is_not_counted_unit_by_unit(ceiling: str, of_the_set: str, discount: str) -> None:
    offers = [off("x", "40", quantity_limit=D(ceiling)), deal("set", of_the_set, 5)]
    assert price({"p": "10"}, offers, ("p", "10000")).totals.discount == D(discount)


def test_a_set_is_none_any_more_when_a_threshold_takes_some_of_its_goods() -> None:
    set_of_two = deal("set", "20", 2, method="percent_off", concurrency="exclusive")
    large = threshold("t", "100", "60", lines=(DiscountLine(products=("a",)),), concurrency="exclusive")
    other = off("s", "10", lines=(DiscountLine(products=("b",)),))
    competing = PricingSettings(exclusive_threshold_competes=True)
    lines, prices = [("a", "1"), ("b", "1")], {"a": "100", "b": "50"}
    assert nets(price(prices, [set_of_two, large, other], *lines)) == ["80.00", "40.00"]
    priced = price(prices, [set_of_two, large, other], *lines, settings=competing)
    assert nets(priced) == ["40.00", "45.00"]
    assert codes(priced, 1)["set"] == "not_enough"


@pytest.mark.parametrize("compound", [False, True])
def test_what_another_threshold_reduced_counts_at_its_price_where_such_goods_count(compound: bool) -> None:
    first = threshold("first", "100", "20", lines=(DiscountLine(products=("a",)),))
    more = {"concurrency": "compound"} if compound else {}
    second = threshold("second", "130", "10", "amount_off", count_non_discountable=True, **more)
    lines = [("a", "1"), ("b", "1")]
    assert nets(price({"a": "100", "b": "50"}, [first, second], *lines)) == ["80.00", "40.00"]
    assert nets(price({"a": "100", "b": "49"}, [first, second], *lines)) == ["80.00", "49.00"]


def test_a_tender_discount_for_the_part_that_is_paid_so() -> None:
    offer = Discount("card", "tender", method="percent_off", value=D(10), tenders=("card",))
    whole = price({"p": "100"}, [offer], ("p", "1"), tenders=(BasketTender("1", "card", D(90)),))
    halves = price(
        {"p": "100"},
        [offer],
        ("p", "1"),
        tenders=(BasketTender("1", "card", D(45)), BasketTender("2", "card", D(45))),
    )
    cash = price({"p": "100"}, [offer], ("p", "1"), tenders=(BasketTender("1", "cash", D(100)),))
    assert (whole.totals.total, cash.totals.total) == (D("90.00"), D("100.00"))
    assert halves.totals.total == D("90.00")


@pytest.mark.parametrize("parts", [["55"], ["11", "44"], ["109.99"]])
def test_several_payments_earn_as_much_as_one_also_beside_a_charge(parts: list[str]) -> None:
    offer = Discount("card", "tender", method="percent_off", value=D(10), tenders=("card",))
    priced = price(
        {"p": "100"}, [offer], ("p", "1"), charges=(Charge("freight", D(20)),),
        tenders=tuple(BasketTender(str(n), "card", D(amount)) for n, amount in enumerate((*parts, "1000"))),
    )  # fmt: skip
    assert priced.totals.total == 110


def test_a_percentage_for_a_way_of_paying_is_rounded_once() -> None:
    offer = Discount("card", "tender", method="percent_off", value=D(3), tenders=("card",))
    lines = [BasketLine(str(number), "p") for number in range(4)]
    paid = price({"p": "11.47"}, [offer], *lines, tenders=(BasketTender("1", "card", D(45)),))
    assert paid.totals.total == D("44.50")  # 3 % of 45.88 is 1.38, and not four times 0.34
    assert sorted(line.total for line in paid.lines) == [D("11.12"), D("11.12"), D("11.13"), D("11.13")]


def test_shipping_discounts_look_at_the_goods() -> None:
    free = Discount("ship", "shipping", tiers=(Tier(D(50), "percent_off", D(100)),))
    charge = Charge("s", D("4.90"), type="shipping")
    assert price({"p": "60"}, [free], ("p", "1"), charges=(charge,)).totals.charges == D("0.00")
    assert price({"p": "40"}, [free], ("p", "1"), charges=(charge,)).totals.charges == D("4.90")


@pytest.mark.parametrize(
    ("method", "value", "left"),
    [
        ("percent_off", "50", "2.47"),  # 4.95 / 2 = 2.475 is taken off as 2.48, once
        ("amount_off", "2", "2.95"),  # and not two pounds off each line's share
        ("unit_price", "1", "1.00"),
    ],
)
def test_a_shipping_discount_is_given_once_on_a_charge_that_is_shared(
    method: str, value: str, left: str
) -> None:
    offer = Discount("ship", "shipping", method=method, value=D(value))
    lines = [BasketLine(str(number), "p", delivery_mode="parcel") for number in range(3)]
    shared = [
        Charge(f"s:{number}", D("1.65"), type="shipping", line=str(number), prorated=True)
        for number in range(3)
    ]
    priced = price({"p": "10"}, [offer], *lines, charges=tuple(shared))
    assert priced.totals.charges == D(left)
    assert sum(one.discount for one in priced.charges) == D("4.95") - D(left)
    apart = [replace(line, delivery_mode=line.id) for line in lines]  # three ways, three charges
    twice = price(
        {"p": "10"}, [replace(offer, method="amount_off", value=D(1))], *apart, charges=tuple(shared)
    )
    assert twice.totals.charges == D("1.95")


@pytest.mark.parametrize(("covers", "charged"), [(False, ["4.95", "0.15", "4.68"]), (True, ["0.13", "4.68"])])
def test_charges_look_at_what_a_discount_on_the_total_left_unless_it_covers_them(
    covers: bool, charged: list[str]
) -> None:
    def tiers(*rows: tuple[str, str | None, str]) -> tuple[ChargeTier, ...]:
        return tuple(ChargeTier(D(least), most and D(most), D(value)) for least, most, value in rows)

    rules = (
        ChargeRule("freight", "F", tiers(("0", "49.99", "4.95"), ("50", None, "0")), type="shipping"),
        ChargeRule("bottle", "B", tiers(("0", None, "0.15")), level="line"),
        ChargeRule("service", "S", tiers(("0", None, "10")), way="percent"),
    )
    asked = basket(
        ("p", "1"), manual_total=ManualDiscount("percent_off", D(10)),
        settings=PricingSettings(manual_total_covers_charges=covers),
    )  # fmt: skip
    priced = price_basket(asked, book({"p": "52.00"}, charge_rules=rules))
    assert nets(priced) == ["46.80"]
    assert sorted(str(charge.amount) for charge in priced.charges) == sorted(charged)


def test_goods_that_come_back_do_not_change_how_the_order_is_sent() -> None:
    tier = ChargeTier(D(0), None, D("4.95"))
    rules = (ChargeRule("freight", "F", (tier,), type="shipping", delivery_mode="post"),)
    sent, back = BasketLine("1", "p", delivery_mode="post"), BasketLine("2", "p", quantity=D(-1))
    for lines in ((sent,), (sent, back)):
        priced = price_basket(basket(*lines), book({"p": "10"}, charge_rules=rules))
        assert [charge.amount for charge in priced.charges] == [D("4.95")]


def test_a_discount_on_the_total_takes_of_a_charge_what_its_own_discount_left() -> None:
    freight = Discount("s", "shipping", method="percent_off", value=D(90))
    priced = price(
        {"p": "9"}, [freight], ("p", "1"),
        charges=(Charge("freight", D(10), type="shipping"), Charge("wrap", D(10))),
        manual_total=ManualDiscount("percent_off", D(100)), settings=PricingSettings(manual_total_covers_charges=True),
    )  # fmt: skip
    assert [(charge.discount, charge.amount) for charge in priced.charges] == [(10, 0), (10, 0)]
    assert priced.totals.total == 0


def test_flags_block_what_they_name() -> None:
    total = ManualDiscount("percent_off", D(10))
    for flag, expected in (
        ("prevent_all_discounts", "10.00"), ("prevent_retail_discounts", "9.00"), ("prevent_manual_discounts", "5.00")
    ):  # fmt: skip
        line = BasketLine("1", "p").with_own(**{flag: True})
        assert nets(price({"p": "10"}, [off("x", "50")], line, manual_total=total)) == [expected], flag


def test_a_discount_by_hand_that_may_not_be_given_takes_no_offer_away() -> None:
    five = ManualDiscount("percent_off", D(5))
    line = BasketLine("1", "p").with_own(manual_discount=five, prevent_manual_discounts=True)
    instead = PricingSettings(manual_vs_system="replace")
    assert nets(price({"p": "10"}, [off("x", "50")], line, settings=instead)) == ["5.00"]


def test_a_locked_line_passes_untouched() -> None:
    before = price({"p": "10"}, [off("x", "50")], ("p", "1"))
    line = BasketLine("0", "p").with_own(locked=before.lines[0])
    after = price({"p": "99"}, [], line, ("p", "1"))
    assert after.lines[0] == before.lines[0]
    assert after.totals.total == D("104.00")


def test_every_reason_has_words() -> None:
    assert all(text.endswith(".") for text in SENTENCES.values())


def test_an_offer_whose_worth_nobody_worked_out_is_told_without_it() -> None:
    for code in ("lost_to_exclusive", "lost_to_priority", "lost_to_better"):
        assert "would take  off" not in sentence(Reason(code, "1", "Three for two"))
        assert "would take £2 off" in sentence(
            Reason(code, "1", "Three for two", D(2)), lambda amount: f"£{amount}"
        )
    gone = sentence(Reason("lost_to_priority", "1", "Three for two"))
    assert gone == "Three for two gives way: a discount of higher priority was given."


@pytest.mark.parametrize(
    ("amount", "words"),
    [("12.7500", "12.75"), ("10.0000", "10.00"), ("1.2345", "1.2345"), ("67", "67"), ("67.000", "67.000")],
)
def test_a_price_is_told_as_people_write_it(amount: str, words: str) -> None:
    told = sentence(Reason("agreement_price", "1309", "", D(amount)))
    assert told == f"A trade agreement sets the price at {words}."


def _said(priced: Any, line: int = 0) -> dict[str, str]:
    """What a line says of each offer that gave it nothing, in words, by the offer."""
    reasons = priced.lines[line].explanation
    return {
        one.subject: sentence(one) for one in reasons if one.code not in ("base_price", "discount_applied")
    }


def test_an_offer_that_would_give_a_line_more_than_it_has_lost_for_the_sake_of_the_whole_sale() -> None:
    prices = {"a": "10", "b": "8", "c": "5"}
    priced = price(prices, [cheapest_free("three", 3), off("ten", "10")], ("a", "1"), ("b", "1"), ("c", "1"))
    assert nets(priced) == ["10.00", "8.00", "0.00"]
    assert _said(priced)["ten"] == "ten would take 1.00 off here, but the whole sale would cost no less."
    assert _said(priced, 2)["ten"] == "ten would take 0.50 off, no more than what was given."
    left_over = price(
        prices, [cheapest_free("three", 3), off("ten", "10")], ("a", "2"), ("b", "1"), ("c", "1")
    )
    assert nets(left_over) == ["20.00", "0.00", "4.50"]
    words = "three is not given here: what else it needs has another offer, or others take more off."
    assert _said(left_over, 2)["three"] == words  # it was given, on the others
    # An exclusive offer takes what the set needs, even where the sale would be cheaper with the set.
    offers = [
        cheapest_free("two", 2),
        off("alone", "1", lines=(DiscountLine(products=("a",)),), concurrency="exclusive"),
    ]
    taken = price(prices, offers, ("a", "1"), ("b", "1"))
    assert nets(taken) == ["9.90", "8.00"]
    assert _said(taken, 1)["two"].startswith("two is not given here: what else it needs has another offer")


def test_an_offer_of_several_lines_is_named_once_with_what_the_line_that_counted_gives() -> None:
    lines = (DiscountLine(products=("p",), method="percent_off", value=D(20)), *ALL)
    several = off("x", "10", lines=lines)
    (line,) = price({"p": "10"}, [several], ("p", "1")).lines
    assert [(one.subject, one.code) for one in line.explanation if one.subject == "x"] == [
        ("x", "discount_applied")
    ]
    assert (line.discounts[0].method, line.discounts[0].value, line.discounts[0].amount) == (
        "percent_off", D(20), D("2.00"),
    )  # fmt: skip
    (line,) = price({"p": "10"}, [several, off("y", "30")], ("p", "1")).lines
    assert [one.amount for one in line.explanation if one.subject == "x"] == [D("2.00")]


def test_a_discount_of_tiers_tells_no_percentage_that_it_did_not_give() -> None:
    tiers = (Tier(D(10), "percent_off", D(10)), Tier(D(50), "percent_off", D(20)))
    for chosen, told in ((tiers, ("", None)), (tiers[:1], ("percent_off", D(10)))):
        discount = Discount("x", "threshold", ALL, method="percent_off", value=D(5), tiers=chosen)
        (given,) = price({"p": "20"}, [discount], ("p", "1")).lines[0].discounts
        assert (given.amount, given.method, given.value) == (D("2.00"), *told)


def test_an_offer_that_lost_is_told_beside_a_discount_by_hand_or_for_paying() -> None:
    offers = [off("fifth", "20"), off("tenth", "10")]
    line = BasketLine("1", "p").with_own(manual_discount=ManualDiscount("percent_off", D(5)))
    assert codes(price({"p": "10"}, offers, line))["tenth"] == "lost_to_better"
    paying = Discount("t", "tender", method="percent_off", value=D(2), tenders=("cash",))
    told = codes(
        price({"p": "10"}, [*offers, paying], ("p", "1"), tenders=(BasketTender("1", "cash", D(8)),))
    )
    assert (told["t"], told["tenth"]) == ("discount_applied", "lost_to_better")


def test_an_exclusive_offer_of_a_lower_priority_is_not_said_to_give_no_more() -> None:
    offers = [off("five", "50", priority=5), off("two", "30", priority=2), off("more", "35", priority=2)]
    offers.append(off("alone", "60", concurrency="exclusive", priority=1))
    priced = price({"p": "10"}, offers, ("p", "1"), settings=MODEL_B)
    assert nets(priced) == ["3.25"]  # 50 % of 10.00, then 35 % of 5.00
    assert _said(priced) == {
        "alone": "alone would take 1.95 off, but a discount of higher priority was given.",
        "two": "two would take 1.50 off, no more than what was given.",
    }


def test_a_set_that_favours_the_retailer_lost_for_want_of_goods_without_a_discount() -> None:
    offers = [
        cheapest_free("three", 3, favor="retailer"),
        off("one", "1", lines=(DiscountLine(products=("a",)),)),
    ]
    priced = price({"a": "10", "b": "8", "c": "5"}, offers, ("a", "1"), ("b", "1"), ("c", "1"))
    assert nets(priced) == ["9.90", "8.00", "5.00"]
    for line in range(3):
        assert _said(priced, line)["three"] == "three needs 3 of its goods without another discount."


def test_more_is_not_needed_of_goods_that_a_threshold_is_not_given_on() -> None:
    only = (DiscountLine(products=("best",)),)
    offers = [threshold("added", "15", "5", concurrency="compound"), off("x", "10", lines=only)]
    priced = price({"best": "10", "p": "5"}, offers, ("best", "1"), ("p", "1"))
    assert _said(priced)["added"] == "added does not go together with an offer that these goods have."
    assert _said(priced, 1)["added"] == "added: 10.00 more is needed."
    offers = [threshold("alone", "20", "10", concurrency="exclusive"), threshold("best", "5", "5")]
    (first,) = [_said(price({"p": "10"}, offers, ("p", "1")))]
    assert first["alone"] == "alone: 10.00 more is needed of goods without another discount."
    told = _said(price({"p": "10"}, offers, ("p", "2")))
    assert told["best"] == "best gives way: an exclusive discount goes alone."


def test_a_ceiling_that_what_is_given_stays_under_is_told() -> None:
    priced = price({"p": "20"}, [off("x", "30", max_discount=D(4))], ("p", "1"))
    assert nets(priced) == ["16.00"] and _said(priced)["x"] == "x gives 4.00 in a sale at most."


def test_what_gives_a_line_nothing_is_not_said_to_be_filled_by_it() -> None:
    paying = Discount("t", "tender", method="percent_off", value=D(2), tenders=("cash",))
    cash = (BasketTender("1", "cash", D(50)),)
    priced = price(
        {"free": "5", "p": "10"}, [cheapest_free("two", 2), paying], ("free", "1"), ("p", "1"), tenders=cash
    )
    assert nets(priced) == ["0.00", "9.80"]
    assert _said(priced) == {} and list(_said(priced, 1)) == ["two"]
    assert _said(price({"p": "0.04"}, [off("tenth", "10")], ("p", "1"))) == {
        "tenth": "tenth gives nothing at this price."
    }


def test_goods_that_do_not_count_together_are_not_said_to_be_too_few() -> None:
    lines = tuple(DiscountLine(products=(name,)) for name in "ab")
    two = (Tier(D(2), "percent_off", D(10)),)
    basket_of = (("a", "1.2"), ("b", "0.9"))
    apart = price({"a": "5", "b": "5"}, [Discount("x", "quantity", lines, tiers=two)], *basket_of)
    assert _said(apart)["x"] == "x needs 2 units of goods that count together."
    one = (DiscountLine(products=("a", "b")),)
    joined = price({"a": "5", "b": "5"}, [Discount("x", "quantity", one, tiers=two)], *basket_of[:1])
    assert _said(joined)["x"] == "x needs 2 units."
