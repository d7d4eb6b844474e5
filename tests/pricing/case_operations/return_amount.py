"""return_amount: what partial returns give back of a line, its discount and its charge."""

from decimal import Decimal
from typing import Any

from pricing.engine.model import AppliedDiscount, Figures, PricedCharge, PricedLine
from pricing.engine.returns import Units, return_charges, return_line
from pricing.engine.rounding import round_to
from tests.pricing.case_operations._words import told

ZERO = Decimal(0)
CENT = Decimal("0.01")


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`.

    `sum_of_separately_rounded_returns` is the arithmetic that a source shows as a weakness; what we give back
    is in `discounts` and adds up to `discount_given`.
    """
    given = {**case["input"], **told(case["input"], "line", "original", "original_line", default={})}
    sold = Decimal(given.get("sold_qty") or given.get("qty") or "1")
    discount = Decimal(given.get("discount", "0"))
    price = Decimal(given.get("unit_price") or given.get("price") or discount)
    line = _line(sold, price, discount)
    taken = given.get("returns") or [told(given, "returned_qty", "return_qty", default=sold)]
    returns, before = [], ZERO
    for quantity in map(Decimal, taken):
        returns.append(return_line(line, quantity, already_returned=before))
        before += quantity
    discounts = [-back.discount for back in returns]
    answer = {
        "discounts": discounts,
        "discounts_multiset": sorted(discounts),
        "discount": sum(discounts, ZERO),
        "sum": sum(discounts, ZERO),
        "discount_given": discount,
        "sum_of_separately_rounded_returns": sum(
            (round_to(discount / sold * Decimal(quantity), CENT) for quantity in taken), ZERO
        ),
        "refunds_multiset": [-back.total for back in returns],
        "refunds": [-back.total for back in returns],
        "refund": sum((-back.total for back in returns), ZERO),
    }
    charge = told(given, "charge", "line_charge", "header_charge", "charge_amount", "freight")
    if charge is not None:
        answer["charge_refund"] = _charge_refund(Decimal(charge), given, sold, before)
    return answer


def _line(sold: Decimal, price: Decimal, discount: Decimal) -> PricedLine:
    gross = price * sold
    discounts = (AppliedDiscount("D", "D", "threshold", discount),) if discount else ()
    return PricedLine("1", Figures(
        "p", None, sold, "ea", price, price, price, "base",
        gross, discounts, discount, gross - discount, gross - discount, (), ZERO, gross - discount,
    ))  # fmt: skip


def _charge_refund(amount: Decimal, given: dict[str, Any], sold: Decimal, returned: Decimal) -> Decimal:
    prorated = bool(told(given, "prorated", "charge_prorated", default="line_charge" in given))
    charge = PricedCharge(
        "C", "freight", "shipping", amount, ZERO, amount, amount,
        total=amount, line="1" if prorated else None,
        refundable=given.get("refundable", True), prorated=prorated,
    )  # fmt: skip
    back = return_charges([charge], {"1": Units(sold, ZERO, returned)})
    return -sum((one.total for one in back), ZERO)
