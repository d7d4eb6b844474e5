"""Returns: all of them together give back just what was paid, whatever the order and the size of the parts."""

from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pricing.engine.explain import sentence
from pricing.engine.model import AppliedDiscount, Figures, PricedCharge, PricedLine
from pricing.engine.returns import (
    MoreThanSold,
    NothingReturned,
    Units,
    return_charges,
    return_line,
    share_back,
)
from pricing.engine.rounding import round_to
from pricing.engine.tax import TaxableLine, TaxRounding, TaxRule, compute_line_taxes
from tests.pricing.shop import off, price

ZERO = D(0)


def sold(
    price: D, quantity: D, discounts: tuple[D, ...] = (), rules: tuple[TaxRule, ...] = (), unit: D = D("0.01")
) -> PricedLine:
    """A sold line as the basket would have priced it."""
    gross = round_to(price * quantity, unit)
    applied = tuple(
        AppliedDiscount(f"D{i}", "", "threshold", amount, quantity=quantity)
        for i, amount in enumerate(discounts)
    )
    discount = sum(discounts, ZERO)
    taxed = compute_line_taxes(
        TaxableLine("1", gross - discount, quantity, rules=rules), rounding=TaxRounding(unit=unit)
    )
    return PricedLine("1", Figures(
        "shirt", None, quantity, "ea", price, price, price, "base",
        gross, applied, discount, gross - discount, taxed.net, taxed.parts, taxed.tax, taxed.total,
    ))  # fmt: skip


def belongs_together(line: PricedLine) -> None:
    assert line.gross - line.discount == line.amount
    assert line.discount == sum((one.amount for one in line.discounts), ZERO)
    assert line.tax == sum((part.amount for part in line.taxes), ZERO)
    assert line.net + line.tax == line.total


VAT = (TaxRule("V", D(20), included=True),)
US = (TaxRule("STATE", D("6.25")), TaxRule("CITY", D("1.5")))


def test_three_single_returns_of_a_shared_discount() -> None:
    line = sold(D("20.00"), D(3), (D("10.00"),), VAT)
    back = [return_line(line, D(1), already_returned=D(n)) for n in range(3)]
    assert sorted(-one.discount for one in back) == [D("3.33"), D("3.33"), D("3.34")]
    assert [-one.total for one in back] == [D("16.67"), D("16.66"), D("16.67")]
    assert sum(-one.total for one in back) == line.total == D("50.00")
    assert sum(-one.tax for one in back) == line.tax


@pytest.mark.parametrize("rules", [VAT, US, (TaxRule("ZERO", ZERO, included=True),)])
def test_a_tax_of_a_part_is_taken_from_the_net_that_comes_back(rules: tuple[TaxRule, ...]) -> None:
    line = sold(D("3.85"), D(2), (D("0.69"),), rules)
    back = [return_line(line, D(1), already_returned=D(n)) for n in range(2)]
    assert [-one.amount for one in back] == [D("3.50"), D("3.51")]
    assert all(part.base == one.net for one in back for part in one.taxes)
    assert [
        -sum(parts) for parts in zip(*([part.base for part in one.taxes] for one in back), strict=True)
    ] == [part.base for part in line.taxes]


def test_a_return_is_a_line_with_the_prices_of_its_sale() -> None:
    line = sold(D("20.00"), D(4), (D("8.00"),), US)
    back = return_line(line, D(1))
    assert (back.quantity, back.unit_price, back.price_source) == (D(-1), D("20.00"), "base")
    assert (back.gross, back.discount, back.amount) == (D("-20.00"), D("-2.00"), D("-18.00"))
    assert [part.amount for part in back.taxes] == [D("-1.13"), D("-0.27")]
    assert back.discounts[0].quantity == D(1)
    belongs_together(back)


def test_what_comes_back_says_what_its_share_of_a_discount_is_and_of_what_the_rest_is_told() -> None:
    offers = [off("half", "50"), off("tenth", "10")]
    (line,) = price({"p": "10"}, offers, ("p", "2")).lines
    words = [sentence(reason) for reason in return_line(line, D(1)).explanation]
    assert words == [
        "It comes back for what was paid for it. Offers that lost are told of all 2 sold.",
        "The product's own price is 10.",
        "half takes 5.00 off.",
        "tenth would take 2.00 off, no more than what was given.",
    ]


def test_what_was_free_gives_nothing_back() -> None:
    back = return_line(sold(D("20.00"), D(2), (D("40.00"),), VAT), D(1))
    assert (back.gross, back.discount, back.total) == (D("-20.00"), D("-20.00"), D("0.00"))


def test_a_currency_without_decimals() -> None:
    line = sold(D(100), D(3), (D(100),), (TaxRule("C", D(10), included=True),), D(1))
    back = [return_line(line, D(1), already_returned=D(n), unit=D(1)) for n in range(3)]
    assert [-one.total for one in back] == [D(67), D(66), D(67)]
    assert sum(-one.tax for one in back) == line.tax


def test_weighed_goods_come_back_in_parts() -> None:
    line = sold(D("9.99"), D("1.234"), (), VAT)
    first = return_line(line, D("0.500"))
    rest = return_line(line, D("0.734"), already_returned=D("0.500"))
    assert first.total + rest.total == -line.total


def test_an_exempt_buyer_gets_back_what_was_paid() -> None:
    rule = TaxRule("V", D(20), included=True, exempt="export", exempt_lowers_price=True)
    line = sold(D("120.00"), D(3), (), (rule,))
    assert line.total == D("300.00")
    back = [return_line(line, D(1), already_returned=D(n)) for n in range(3)]
    assert [-one.total for one in back] == [D("100.00")] * 3
    assert back[0].taxes[0].reason == "export"


@pytest.mark.parametrize(
    ("already", "quantity", "left"), [("0", "4", "3"), ("2", "2", "1"), ("2.000", "2", "1")]
)
def test_more_than_is_left_is_refused(already: str, quantity: str, left: str) -> None:
    with pytest.raises(MoreThanSold) as refused:
        return_line(sold(D(5), D(3)), D(quantity), already_returned=D(already))
    assert refused.value.field == "quantity"
    assert f"Only {left} of 3" in str(refused.value)


def test_what_came_back_whole_is_told_so() -> None:
    with pytest.raises(MoreThanSold, match="All 3 of it came back already"):
        return_line(sold(D(5), D(3)), D(1), already_returned=D("3.000"))


@pytest.mark.parametrize(("sold_quantity", "quantity"), [("3", "0"), ("3", "-1"), ("-3", "1")])
def test_nothing_is_no_return(sold_quantity: str, quantity: str) -> None:
    with pytest.raises(NothingReturned):
        return_line(sold(D(5), D(sold_quantity)), D(quantity))


# --- properties ---------

money = st.integers(0, 100_000).map(lambda n: D(n) / 100)
rules = st.lists(
    st.builds(
        TaxRule,
        st.sampled_from(["A", "B", "C"]),
        st.integers(0, 3000).map(lambda n: D(n) / 100),
        kind=st.sampled_from(["percent", "fixed_per_unit"]),
        included=st.booleans(),
        affects_next_base=st.booleans(),
        exempt=st.sampled_from([None, None, "reason"]),
        exempt_lowers_price=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda rule: rule.code,
).map(tuple)


@given(money, st.integers(1, 40), st.lists(money, max_size=3), rules, st.data())
def test_a_sale_and_all_its_returns_cancel_in_every_figure(
    price: D, quantity: int, off: list[D], found: tuple[TaxRule, ...], data: st.DataObject
) -> None:
    assume(sum(off) <= price * quantity)
    line = sold(price, D(quantity), tuple(off), found)
    belongs_together(line)
    left, back = quantity, []
    while left:
        now = data.draw(st.integers(1, left))
        back.append(return_line(line, D(now), already_returned=D(quantity - left)))
        left -= now
    for one in back:
        belongs_together(one)
    for figure in ("quantity", "gross", "discount", "amount", "net", "tax", "total"):
        assert getattr(line, figure) + sum(getattr(one, figure) for one in back) == 0, figure
    for i, part in enumerate(line.taxes):
        assert part.amount + sum(one.taxes[i].amount for one in back) == 0
        assert part.base + sum(one.taxes[i].base for one in back) == 0
    for i, discount in enumerate(line.discounts):
        assert discount.amount + sum(one.discounts[i].amount for one in back) == 0


@given(money, st.integers(1, 100), st.integers(0, 99), st.integers(1, 100))
def test_a_share_is_within_a_unit_of_exact(amount: D, total: int, before: int, now: int) -> None:
    assume(before + now <= total)
    units = Units(D(total), D(before), D(now))
    assert abs(share_back(amount, units) - amount * now / total) <= D("0.01")


# --- charges ---------


def charge(name: str, amount: str, **more: object) -> PricedCharge:
    value = D(amount)
    return PricedCharge(name, name, "shipping", value, ZERO, value, value, total=value, **more)


def test_charges_come_back_as_they_were_given() -> None:
    charges = [
        charge("freight", "15.00"),
        charge("prorated:1", "9.38", line="1", prorated=True),
        charge("setup:1", "20.00", line="1", refundable=False),
        charge("prorated:2", "5.62", line="2", prorated=True),
    ]
    first = return_charges(charges, {"1": Units(D(3), ZERO, D(1))})
    assert {one.id: one.total for one in first} == {"freight": D("-15.00"), "prorated:1": D("-3.13")}
    second = return_charges(charges, {"1": Units(D(3), D(1), D(2))}, refunded_before=["freight"])
    assert {one.id: one.total for one in second} == {"prorated:1": D("-6.25")}


def test_nothing_returned_gives_no_charge_back() -> None:
    assert return_charges([charge("freight", "15.00")], {}) == ()


def test_a_charge_comes_back_with_its_tax_and_discount() -> None:
    taxed = compute_line_taxes(TaxableLine("S", D("8.00"), rules=VAT))
    shipping = PricedCharge(
        "S", "Shipping", "shipping", D("10.00"), D("2.00"), D("8.00"), taxed.net, taxed.parts, taxed.tax, taxed.total,
        discounts=(AppliedDiscount("SH", "", "shipping", D("2.00")),),
    )  # fmt: skip
    (back,) = return_charges([shipping], {"1": Units(D(1), ZERO, D(1))})
    assert (back.gross, back.discount, back.amount, back.tax, back.total) == (
        D("-10.00"), D("-2.00"), D("-8.00"), D("-1.33"), D("-8.00"),
    )  # fmt: skip


def test_an_exempt_buyer_gets_back_what_was_paid_of_a_charge() -> None:
    rule = TaxRule("V", D(20), included=True, exempt="export", exempt_lowers_price=True)
    taxed = compute_line_taxes(TaxableLine("B", D("0.33"), rules=(rule,)))
    assert (taxed.net, taxed.total) == (D("0.28"), D("0.28"))
    bag = PricedCharge(
        "B",
        "Bag",
        "charge",
        D("0.33"),
        ZERO,
        D("0.33"),
        taxed.net,
        taxed.parts,
        taxed.tax,
        taxed.total,
        line="1",
    )
    back = [one for n in range(3) for one in return_charges([bag], {"1": Units(D(3), D(n), D(1))})]
    assert sum(one.total for one in back) == D("-0.28") and sum(one.gross for one in back) == D("-0.33")
    assert all(one.net + one.tax == one.total for one in back)
