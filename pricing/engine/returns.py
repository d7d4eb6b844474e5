"""Returns give back what was really paid: each line's share of its price, its discounts and its taxes.

The share of the first n units is rounded, and a return gives back what it adds to that. So the returns of a
line add up to the line in every figure, however it is cut up, and no earlier return has to be looked at:
how many units have come back before is enough.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from channels_app.errors import DomainError
from pricing.engine.model import AppliedDiscount, PricedCharge, PricedLine, Reason
from pricing.engine.rounding import CENT, round_to
from pricing.engine.tax import TaxPart

ZERO = Decimal(0)


class MoreThanSold(DomainError):
    """More is to be returned than is left of the sale."""

    code = "more_than_sold"
    message = "Only {left} of {sold} can still be returned. Enter {left} or less."


class AllReturned(MoreThanSold):
    """Nothing is left of what was sold."""

    message = "All {sold} of it came back already. Take another line of the receipt."


class NothingReturned(DomainError):
    """A return of no units, or of a line that is itself a return."""

    code = "nothing_returned"
    message = "Enter how many are returned, from a line that was sold."


class Units(NamedTuple):
    """Of so many units sold, how many came back before and how many come back now."""

    sold: Decimal
    before: Decimal
    now: Decimal

    def checked(self) -> "Units":
        """Itself. Raises MoreThanSold or NothingReturned."""
        if self.sold <= 0 or self.now <= 0:
            raise NothingReturned(field="quantity")
        left = self.sold - self.before
        if self.now > left:
            raise (MoreThanSold if left else AllReturned)(
                field="quantity", left=f"{left.normalize():f}", sold=f"{self.sold.normalize():f}"
            )
        return self


def share_back(amount: Decimal, units: Units, unit: Decimal = CENT) -> Decimal:
    """What these units give back of an amount that all units share; all returns together give the amount."""
    done = units.before + units.now
    upto = amount if done == units.sold else round_to(amount * done / units.sold, unit)
    return upto - round_to(amount * units.before / units.sold, unit)


def return_line(
    original: PricedLine, quantity: Decimal, *, already_returned: Decimal = ZERO, unit: Decimal = CENT
) -> PricedLine:
    """The return of `quantity` units of a sold line, as a line with negative figures and the original's
    prices.

    `unit` is the currency's smallest. Net, tax and total, gross, discounts and amount belong together as on
    the original. Raises MoreThanSold or NothingReturned.
    """
    units = Units(original.quantity, already_returned, quantity).checked()
    gross = -share_back(original.gross, units, unit)
    discounts = tuple(_discount_back(discount, units, unit) for discount in original.discounts)
    discount = sum((one.amount for one in discounts), ZERO)
    taxes = [_tax_back(part, units, unit) for part in original.taxes]
    tax = sum((part.amount for part in taxes), ZERO)
    amount = gross - discount
    net = _net_back(original, amount, taxes, units, unit)
    figures = replace(
        original.figures,
        quantity=-quantity,
        gross=gross,
        discounts=discounts,
        discount=discount,
        amount=amount,
        net=net,
        taxes=_bases_back(taxes, net, original, units, unit),
        tax=tax,
        total=net + tax,
        explanation=_told_back(original, discounts),
        parts=(),
    )
    return PricedLine(original.id, figures)


def _told_back(original: PricedLine, discounts: Iterable[AppliedDiscount]) -> tuple[Reason, ...]:
    """Why it comes back for so much: each discount with its share, other offers as they stood to all that was sold."""
    shares: dict[str, Decimal] = {}
    for one in discounts:
        shares[one.id] = shares.get(one.id, ZERO) - one.amount
    told = []
    for reason in original.explanation:
        if reason.code != "discount_applied":
            told.append(reason)
        elif back := shares.get(reason.subject):
            told.append(replace(reason, amount=back))
    sold = f"{original.quantity.normalize():f} sold"
    return (Reason("as_sold", detail=f"all {sold}" if original.quantity != 1 else sold), *told)


def _discount_back(discount: AppliedDiscount, units: Units, unit: Decimal) -> AppliedDiscount:
    covered = discount.quantity and discount.quantity * units.now / units.sold
    return replace(discount, amount=-share_back(discount.amount, units, unit), quantity=covered)


def _tax_back(part: TaxPart, units: Units, unit: Decimal) -> TaxPart:
    return replace(part, amount=-share_back(part.amount, units, unit))


def _net_back(
    original: PricedLine | PricedCharge,
    amount: Decimal,
    taxes: Iterable[TaxPart],
    units: Units,
    unit: Decimal,
) -> Decimal:
    """What comes back without its taxes; of a price that was lowered for an exempt buyer no more than was paid."""
    lowered = original.amount - original.net - _included(original.taxes)
    net = amount - _included(taxes)
    return net + share_back(lowered, units, unit) if lowered else net


def _included(taxes: Iterable[TaxPart]) -> Decimal:
    return sum((part.amount for part in taxes if part.included), ZERO)


def _bases_back(
    taxes: Iterable[TaxPart], net: Decimal, original: PricedLine | PricedCharge, units: Units, unit: Decimal
) -> tuple[TaxPart, ...]:
    """The taxes with what they are taken from: the net that comes back, and its share of what a base has beside it."""
    return tuple(
        replace(part, base=net - share_back(part.base - original.net, units, unit)) for part in taxes
    )


def return_charges(
    charges: Iterable[PricedCharge],
    returned: Mapping[str, Units],
    *,
    refunded_before: Iterable[str] = (),
    unit: Decimal = CENT,
) -> tuple[PricedCharge, ...]:
    """The refund of a sale's charges, with negative figures. `returned` says what comes back, by line id.

    A charge that is not refundable stays. A line's charge, or a line's part of a prorated one, comes back
    with the line's units. A header charge that was not prorated comes back whole with the first return,
    once: `refunded_before` holds the ids of those that have. (Microsoft, "Prorate header charges")
    """
    gone = set(refunded_before)
    found = []
    for charge in charges:
        if not charge.refundable or charge.id in gone:
            continue
        if charge.line is None:
            if returned:
                found.append(_charge_back(charge, Units(Decimal(1), ZERO, Decimal(1)), unit))
        elif charge.line in returned:
            found.append(_charge_back(charge, returned[charge.line].checked(), unit))
    return tuple(found)


def _charge_back(charge: PricedCharge, units: Units, unit: Decimal) -> PricedCharge:
    gross = -share_back(charge.gross, units, unit)
    discounts = tuple(_discount_back(discount, units, unit) for discount in charge.discounts)
    discount = -share_back(charge.discount, units, unit)
    if discounts:
        discount = sum((one.amount for one in discounts), ZERO)
    taxes = [_tax_back(part, units, unit) for part in charge.taxes]
    tax = sum((part.amount for part in taxes), ZERO)
    amount = gross - discount
    net = _net_back(charge, amount, taxes, units, unit)
    return replace(
        charge,
        gross=gross,
        discounts=discounts,
        discount=discount,
        amount=amount,
        net=net,
        taxes=_bases_back(taxes, net, charge, units, unit),
        tax=tax,
        total=net + tax,
    )
