"""Charges on an order or its lines: freight by tiers, setup fees, gift wrap; what an order costs beside its
goods.

Automatic charges follow the company's rules and look at amounts after discounts; what a worker entered or
changed by hand stays until it is recalculated on purpose. (Microsoft, "Omni-channel advanced auto charges"
and "Prorate header charges to matching sales lines")
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from pricing.engine.checks import Problem, check_number
from pricing.engine.model import BasketLine, Charge, PricedCharge
from pricing.engine.rounding import CENT, round_to, spread

ZERO = Decimal(0)
HUNDRED = Decimal(100)
LEVELS = ("header", "line")
WAYS = ("fixed", "per_unit", "percent")


class ChargeTier(Struct, frozen=True):
    """What is charged for amounts from `least` up to `most`, both inclusive as written; None: without end."""

    least: Decimal
    most: Decimal | None
    value: Decimal


class ChargeRule(Struct, frozen=True):
    """An automatic charge: whom and what it falls on, and how much it is.

    `way` fixed charges the tier's value once per order or line, per_unit for every unit, percent of the
    amount. A header rule is looked up with the order's amount, or where it is prorated with the amount of
    the lines that are delivered its way, and then shared over those lines. Of rules with the same charge
    code only the most precise counts: for the customer before a customer group before all, for a delivery
    mode before any.
    """

    id: str
    code: str
    tiers: tuple[ChargeTier, ...]
    name: str = ""
    level: str = "header"
    way: str = "fixed"
    type: str = "charge"  # shipping counts for shipping discounts
    customer: str | None = None
    customer_group: str | None = None
    delivery_mode: str | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    item_tax_group: str | None = None
    refundable: bool = True
    prorated: bool = False

    @property
    def precision(self) -> tuple[bool, bool, bool]:
        """What makes one rule go before another with the same code."""
        return (self.customer is not None, self.customer_group is not None, self.delivery_mode is not None)


class ChargeableLine(Struct, frozen=True):
    """A line as charges see it: `amount` after discounts."""

    line: str
    amount: Decimal
    quantity: Decimal = Decimal(1)
    product: str = ""
    categories: tuple[str, ...] = ()
    delivery_mode: str | None = None


class Buyer(Struct, frozen=True):
    """Who is charged, as far as rules ask."""

    customer: str | None = None
    customer_groups: tuple[str, ...] = ()


def compute_charges(
    lines: Sequence[ChargeableLine],
    rules: Iterable[ChargeRule],
    *,
    header_mode: str | None = None,
    buyer: Buyer = Buyer(),  # noqa: B008 (a frozen value)
    unit: Decimal = CENT,
) -> tuple[Charge, ...]:
    """The automatic charges of an order. `header_mode` is the delivery mode of the order as a whole.

    At the till and in the web shop an order has no header of its own: give `common_mode(lines)`. Charges of
    zero are left out; negative lines (returns) are not charged.
    """
    sold = [line for line in lines if line.amount >= 0 and line.quantity > 0]
    fitting = [rule for rule in rules if _is_for(rule, buyer)]
    found: list[Charge] = []
    if sold:
        found += _header_charges(sold, fitting, header_mode, unit)
        for line in sold:
            for rule in _most_precise(
                rule for rule in fitting if rule.level == "line" and _falls_on(rule, line)
            ):
                amount = _amount(rule, line.amount, line.quantity, unit)
                found.append(charge_of(rule, amount, line=line.line))
    return tuple(charge for charge in found if charge.amount)


def rules_in_reach(rules: Iterable[ChargeRule], modes: Collection[str | None]) -> list[ChargeRule]:
    """The rules that may fall on lines delivered in these ways; what is carried home has the mode None."""
    return [rule for rule in rules if rule.delivery_mode is None or rule.delivery_mode in modes]


def may_fall_on(rule: ChargeRule, lines: Iterable[BasketLine]) -> bool:
    """Whether the rule, which is in reach, may charge one of the lines or the order that they make up."""
    return rule.level == "header" or any(_falls_on(rule, line) for line in lines)


def common_mode(lines: Sequence[ChargeableLine]) -> str | None:
    """The delivery mode that all lines share; None when they differ."""
    modes = {line.delivery_mode for line in lines}
    return modes.pop() if len(modes) == 1 else None


def _header_charges(
    lines: Sequence[ChargeableLine], rules: Sequence[ChargeRule], header_mode: str | None, unit: Decimal
) -> list[Charge]:
    found: list[Charge] = []
    header = [rule for rule in rules if rule.level == "header"]
    whole = [rule for rule in header if not rule.prorated and rule.delivery_mode in (None, header_mode)]
    for rule in _most_precise(whole):
        amount = _amount(rule, _sum(lines), _units(lines), unit)
        found.append(charge_of(rule, amount))
    for mode in dict.fromkeys(line.delivery_mode for line in lines):
        group = [line for line in lines if line.delivery_mode == mode]
        for rule in _most_precise(r for r in header if r.prorated and r.delivery_mode in (None, mode)):
            amount = _amount(rule, _sum(group), _units(group), unit)
            shares = spread(amount, [line.amount for line in group], unit, remainder="last")
            found += [
                charge_of(rule, share, line=line.line, prorated=True)
                for line, share in zip(group, shares, strict=True)
            ]
    return found


def _most_precise(rules: Iterable[ChargeRule]) -> list[ChargeRule]:
    best: dict[str, ChargeRule] = {}
    for rule in rules:
        other = best.get(rule.code)
        if other is None or rule.precision > other.precision:
            best[rule.code] = rule
    return list(best.values())


def _is_for(rule: ChargeRule, buyer: Buyer) -> bool:
    if rule.customer is not None:
        return rule.customer == buyer.customer
    return rule.customer_group is None or rule.customer_group in buyer.customer_groups


def _falls_on(rule: ChargeRule, line: ChargeableLine | BasketLine) -> bool:
    if rule.delivery_mode is not None and rule.delivery_mode != line.delivery_mode:
        return False
    if not rule.products and not rule.categories:
        return True
    return line.product in rule.products or any(category in rule.categories for category in line.categories)


def _amount(rule: ChargeRule, amount: Decimal, quantity: Decimal, unit: Decimal) -> Decimal:
    value = tier_value(rule.tiers, amount)
    if rule.way == "per_unit":
        value *= quantity
    elif rule.way == "percent":
        value = amount * value / HUNDRED
    return round_to(value, unit)


def tier_value(tiers: Sequence[ChargeTier], amount: Decimal) -> Decimal:
    """The value of the first tier that holds the amount, both limits inclusive; zero outside of all."""
    for tier in tiers:
        if tier.least <= amount and (tier.most is None or amount <= tier.most):
            return tier.value
    return ZERO


def charge_of(
    rule: ChargeRule, amount: Decimal, *, line: str | None = None, prorated: bool = False
) -> Charge:
    """The charge that a rule makes, on the order or on a line."""
    return Charge(
        id=rule.id if line is None else f"{rule.id}:{line}",
        amount=amount,
        name=rule.name or rule.code,
        type=rule.type,
        line=line,
        item_tax_group=rule.item_tax_group,
        refundable=rule.refundable,
        prorated=prorated,
        delivery_mode=rule.delivery_mode,
    )


def _sum(lines: Sequence[ChargeableLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def _units(lines: Sequence[ChargeableLine]) -> Decimal:
    return sum((line.quantity for line in lines), ZERO)


def kept_and_fresh(
    present: Iterable[Charge], fresh: Iterable[Charge], *, lines: Iterable[str], everything: bool = False
) -> tuple[Charge, ...]:
    """The order's charges after a change: what was entered by hand, and the fresh automatic ones.

    An automatic charge that somebody changed (`by` is set) keeps its amount, unless `everything` is
    recalculated, and one that stands for a rule that is shared over lines takes the place of all its parts;
    charges of lines that are gone go with them.
    """
    there = set(lines)
    kept = [
        charge
        for charge in present
        if (charge.line is None or charge.line in there)
        and (charge.manual or (charge.by is not None and not everything))
    ]
    ids = {charge.id for charge in kept}
    return (
        *kept,
        *(
            one
            for one in fresh
            if one.id not in ids and not (one.prorated and one.id.rsplit(":", 1)[0] in ids)
        ),
    )


def overridden(charge: Charge, amount: Decimal, *, by: str, reason: str | None) -> Charge:
    """The charge at an amount that a worker set instead."""
    return replace(charge, amount=amount, by=by, reason=reason)


def discounted(amount: Decimal, method: str, value: Decimal, unit: Decimal = CENT) -> tuple[Decimal, Decimal]:
    """A discount on a charge and what is left: percent_off, amount_off, or unit_price (shipping for a price).

    Never more than the charge; a price above it gives nothing. Raises ValueError for another method.
    """
    if method == "percent_off":
        off = round_to(amount * value / HUNDRED, unit)
    elif method == "amount_off":
        off = value
    elif method == "unit_price":
        off = amount - value
    else:
        raise ValueError(f"A charge cannot be discounted by {method!r}.")
    off = min(max(off, ZERO), amount)
    return off, amount - off


def share_discount(
    charges: Sequence[Charge | PricedCharge], off: Decimal, unit: Decimal = CENT
) -> Mapping[str, Decimal]:
    """A discount on several charges, shared by their amounts; never more than they are in all."""
    amounts = [charge.amount for charge in charges]
    parts = spread(min(off, sum(amounts, ZERO)), amounts, unit)
    return {charge.id: part for charge, part in zip(charges, parts, strict=True)}


def check_rule(rule: ChargeRule) -> list[Problem]:
    """What is wrong with a charge rule, each with its field and remedy."""
    found = []
    if not rule.code.strip():
        found.append(Problem("code", "The charge code is missing.", "Choose the charge."))
    if rule.level not in LEVELS:
        found.append(Problem("level", f"{rule.level!r} is no level.", "Choose header or line."))
    if rule.way not in WAYS:
        found.append(
            Problem("way", f"{rule.way!r} is no way to charge.", f"Choose one of {', '.join(WAYS)}.")
        )
    if rule.level == "header" and (rule.products or rule.categories):
        found.append(
            Problem(
                "products", "A header charge is for the whole order.", "Choose level line for some products."
            )
        )
    if rule.level == "line" and rule.prorated:
        found.append(Problem("prorated", "A line charge is not shared.", "Clear the tick, or choose header."))
    if rule.customer is not None and rule.customer_group is not None:
        found.append(
            Problem(
                "customer_group", "It names a customer and a group.", "Keep one of them, or neither for all."
            )
        )
    if not rule.tiers:
        found.append(Problem("tiers", "It is not said how much is charged.", "Enter at least one amount."))
    return found + _check_tiers(rule)


def _check_tiers(rule: ChargeRule) -> list[Problem]:
    found: list[Problem] = []
    most = HUNDRED if rule.way == "percent" else None
    above: Decimal | None = None
    for row, tier in enumerate(rule.tiers):
        found += check_number(tier.value, field="tiers", what="A charge", least=ZERO, most=most, row=row)
        found += check_number(tier.least, field="tiers", what="A lower limit", least=ZERO, row=row)
        if tier.most is not None and tier.most < tier.least:
            found.append(
                Problem("tiers", f"{tier.most} is below {tier.least}.", "Enter a larger upper limit.", row)
            )
        if row and (above is None or tier.least <= above):
            found.append(
                Problem(
                    "tiers",
                    f"The tier from {tier.least} overlaps the one before it.",
                    f"Let it start above {above}." if above is not None else "End the one before it.",
                    row,
                )
            )
        above = tier.most
    return found
