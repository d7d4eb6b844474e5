"""What holds for every basket, whatever is in it."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pricing.engine import settle
from pricing.engine.basket import price_added_line, price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import DiscountLine
from pricing.engine.model import Basket, BasketLine, ManualDiscount, PricedBasket, PricingSettings, TaxContext
from pricing.engine.money import currency
from pricing.engine.price import BasePrice
from pricing.engine.tax import TaxRule
from pricing.engine.tax_codes import Exemption, TaxOverride
from tests.pricing.random_offers import random_basket, random_offer
from tests.pricing.shop import AT, EUR, deal, off, price, threshold

D = Decimal
TAXES = {("here", "full"): (TaxRule("VAT", D(19)),), ("here", "low"): (TaxRule("LOW", D(7)),)}
seeds = st.integers(0, 10**9)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shop(seed: int, *, compound: bool = True) -> tuple[Basket, IndexedPriceBook, list, list]:
    """A random basket with offers of all kinds, modes and priorities, thresholds and taxes."""
    rng = Random(seed)
    items, offers = random_basket(rng, most_items=6, most_offers=5)
    if compound:
        modes = ("best_price", "best_price", "compound", "exclusive")
        offers = [
            replace(one, concurrency=rng.choice(modes), priority=rng.choice((0, 0, 1))) for one in offers
        ]
        if rng.random() < 0.5:
            mode = rng.choice(("best_price", "compound", "exclusive"))
            offers.append(
                threshold("T", str(rng.randrange(10, 100)), str(rng.choice((5, 10))), concurrency=mode)
            )
    book = IndexedPriceBook(
        base_prices={name: BasePrice(D(cents + rng.randrange(100)) / 100) for name, cents, _ in items},
        discounts=offers,
        taxes=TAXES,
    )
    lines = tuple(
        BasketLine(str(n), name, quantity=D(units), item_tax_group=rng.choice(("full", "low")))
        for n, (name, _, units) in enumerate(items)
    )
    basket = Basket(
        lines, EUR, AT, tax=TaxContext("here"), prices_include_tax=rng.random() < 0.5,
        manual_total=ManualDiscount("percent_off", D(7)) if compound and rng.random() < 0.3 else None,
        settings=PricingSettings(concurrency_model=rng.choice((
            "best_price_and_compound_within_priority", "best_price_within_priority_compound_across"
        ))),
    )  # fmt: skip
    return basket, book, items, offers


def by_line(priced: PricedBasket) -> dict:
    """The lines by id, so that two orders can be compared."""
    return {line.id: line for line in priced.lines}


@few
@given(seeds)
def test_parts_add_up(seed: int) -> None:
    basket, book, _, _ = shop(seed)
    priced = price_basket(basket, book)
    for line in priced.lines:
        assert line.gross - line.discount == line.amount
        assert line.discount == sum((one.amount for one in line.discounts), D(0))
        assert line.net + line.tax == line.total
        assert line.tax == sum((part.amount for part in line.taxes), D(0))
        assert D(0) <= line.amount <= line.gross
        if line.parts:
            assert sum(part.quantity for part in line.parts) == line.quantity
            assert sum(part.discount for part in line.parts) == line.discount
    totals = priced.totals
    assert totals.net + totals.tax == totals.total == sum(line.total for line in priced.lines)
    assert totals.discount == sum(line.discount for line in priced.lines)
    assert totals.tax == sum((one.amount for one in priced.taxes), D(0))


@few
@given(seeds)
def test_a_full_return_cancels_its_sale(seed: int) -> None:
    basket, book, _, _ = shop(seed)
    back = replace(basket, lines=tuple(replace(line, quantity=-line.quantity) for line in basket.lines))
    sale, undone = price_basket(basket, book), price_basket(back, book)
    assert undone.totals.total == -sale.totals.total
    assert undone.totals.discount == -sale.totals.discount
    both = (*basket.lines, *(replace(line, id="r" + line.id) for line in back.lines))
    assert price_basket(replace(basket, lines=both), book).totals.total == 0


@few
@given(seeds)
def test_the_order_of_scanning_does_not_matter(seed: int) -> None:
    basket, book, _, _ = shop(seed)
    lines = list(basket.lines)
    Random(seed).shuffle(lines)
    other = replace(basket, lines=tuple(lines))
    fresh = IndexedPriceBook(base_prices=book._base, discounts=_offers(book), taxes=TAXES)
    first, second = price_basket(basket, book), price_basket(other, fresh)
    assert by_line(first) == by_line(second)
    assert first.totals == second.totals


def _offers(book: IndexedPriceBook) -> list:
    found = {id(one): one for row in (*book._by_goods.values(), book._for_all) for one in row}
    return list(found.values())


@few
@given(seeds)
def test_one_more_offer_never_makes_a_best_price_basket_dearer(seed: int) -> None:
    """Beyond the cents that rounding a percentage line by line may cost."""
    rng = Random(seed)
    items, offers = random_basket(rng)
    more = random_offer(rng, "MORE", items)
    prices = {name: str(D(cents) / 100) for name, cents, _ in items}
    lines = [(name, str(units)) for name, _, units in items]
    before, after = price(prices, offers, *lines), price(prices, [*offers, more], *lines)
    assert after.totals.total <= before.totals.total + D("0.01") * len(items)


@few
@given(seeds)
def test_a_line_added_gives_the_same_as_all_at_once(seed: int) -> None:
    basket, book, _, _ = shop(seed)
    priced = price_basket(replace(basket, lines=()), book)
    for number in range(1, len(basket.lines) + 1):
        grown = replace(basket, lines=basket.lines[:number])
        priced = price_added_line(priced, grown, book)
        assert priced == price_basket(grown, book)


@few
@given(seeds)
def test_the_answer_survives_the_journey_through_json(seed: int) -> None:
    basket, book, _, _ = shop(seed)
    priced = price_basket(basket, book)
    again = msgspec.json.decode(msgspec.json.encode(basket), type=Basket)
    assert price_basket(again, book) == priced
    told = msgspec.json.decode(msgspec.json.encode(priced), type=PricedBasket)
    assert by_line(told) == by_line(priced)
    assert told.totals == priced.totals


@few
@given(seeds)
def test_the_short_way_gives_what_the_long_way_gives(seed: int) -> None:
    basket, book, _, offers = shop(seed, compound=False)
    quickly = price_basket(basket, book)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settle, "settle_quickly", lambda *args, **more: None)
        at_length = price_basket(
            basket, IndexedPriceBook(base_prices=book._base, discounts=offers, taxes=TAXES)
        )
    assert abs(quickly.totals.discount - at_length.totals.discount) <= D("0.01") * len(basket.lines)


def test_what_is_known_of_a_line_is_told_of_no_other_goods() -> None:
    sale = off("x", "50", lines=(DiscountLine(categories=("c",)),))
    book = IndexedPriceBook(
        base_prices={"p": BasePrice(D(10)), ("p", "v"): BasePrice(D(8))}, discounts=[sale]
    )
    goods = [{}, {"categories": ("c",)}, {"variant": "v"}, {"variant": "v", "categories": ("c",)}]
    lines = [
        BasketLine(f"{units}/{number}", "p", quantity=D(units), **more)
        for number, more in enumerate(goods)
        for units in (1, 2)
    ]
    for _ in range(2):  # when they are met for the first time, and when they are known
        priced = price_basket(Basket(tuple(lines), EUR, AT), book)
        assert [line.amount for line in priced.lines] == [10, 20, 5, 10, 8, 16, 4, 8]


OF_ONE_LINE: list[dict] = [
    {"price_override": D("23.86")},
    {"price_keyed": D("0.40")},
    {"discount_base_amount": D(1)},
    {"manual_discount": ManualDiscount("percent_off", D(50))},
    {"prevent_all_discounts": True},
    {"prevent_retail_discounts": True},
    {"prevent_discounts_on_line": True},
    {"sales_tax_group": "there"},
    {"exemption": Exemption("charity")},
    {"tax_override": TaxOverride("o", "", item_tax_group="low")},
    {"unit_factor": D(24)},
]
PLAIN_LINE = BasketLine("plain", "p", item_tax_group="full")
OTHER_LINES = [
    replace(PLAIN_LINE, id="own", quantity=D(-1)),
    *(replace(PLAIN_LINE, id="own").with_own(**own) for own in OF_ONE_LINE),
]


@pytest.mark.parametrize("other", OTHER_LINES, ids=["returned", *(next(iter(own)) for own in OF_ONE_LINE)])
@pytest.mark.parametrize("total", [None, ManualDiscount("amount_off", D(0))], ids=["by line", "in all"])
def test_what_is_one_line_s_own_is_no_other_s(other: BasketLine, total: ManualDiscount | None) -> None:
    """Also where the goods are met by that line for the first time, and in the baskets after it."""

    def shelf() -> IndexedPriceBook:
        return IndexedPriceBook(
            base_prices={"p": BasePrice(D("2.47"))}, discounts=[off("x", "10")], taxes=TAXES
        )

    plain, book = PLAIN_LINE, shelf()
    basket = Basket((plain,), EUR, AT, tax=TaxContext("here"), manual_total=total)
    alone = price_basket(basket, shelf()).line("plain")
    both = replace(basket, lines=(other, plain))
    assert price_basket(both, book).line("plain") == alone
    assert price_basket(basket, book).line("plain") == alone


@pytest.mark.parametrize("met", [{"variant": "small"}, {"unit": "case"}], ids=str)
def test_a_line_added_is_in_reach_of_its_own_offers_whatever_was_met_of_its_product(met: dict) -> None:
    both = DiscountLine(variants=("large",), products=("shorts",), unit="ea", group="1")
    pair = replace(deal("x", "10", 2), lines=(both,))
    prices = {
        ("shirt", "large"): BasePrice(D(8)),
        ("shirt", "small"): BasePrice(D(8)),
        "shorts": BasePrice(D(7)),
    }

    def shelf() -> IndexedPriceBook:
        return IndexedPriceBook(base_prices=prices, discounts=[pair], taxes=TAXES)

    shirt, kept = BasketLine("2", "shirt", variant="large", item_tax_group="full"), shelf()
    first = Basket((BasketLine("1", "shorts"),), EUR, AT)
    price_basket(replace(first, lines=(replace(shirt, **met),)), kept)
    added = replace(first, lines=(*first.lines, shirt))
    priced = price_added_line(price_basket(first, kept), added, kept)
    assert priced == price_basket(added, shelf())
    assert priced.totals.total == 10


def test_no_drift_in_ten_thousand_lines() -> None:
    book = IndexedPriceBook(base_prices={"p": BasePrice(D("0.99"))}, discounts=[off("x", "33")], taxes=TAXES)
    line = BasketLine("0", "p", item_tax_group="full")
    lines = tuple(replace(line, id=str(number)) for number in range(10_000))
    priced = price_basket(Basket(lines, EUR, AT, tax=TaxContext("here"), prices_include_tax=True), book)
    one = priced.lines[0]
    assert priced.totals.total == 10_000 * one.total == D("6600.00")
    assert priced.totals.net + priced.totals.tax == priced.totals.total


@pytest.mark.parametrize(("code", "expected"), [("JPY", "67"), ("EUR", "67.00"), ("KWD", "67.000")])
def test_currencies_with_other_decimals(code: str, expected: str) -> None:
    priced = price({"p": "100"}, [off("x", "33")], ("p", "1"), currency=currency(code))
    assert str(priced.lines[0].amount) == expected
