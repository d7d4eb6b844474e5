"""Loyalty points: what a sale earns, what points are worth, what a return takes back, and a balance that
holds.

The arithmetic alone, as published cases state it: tills keep no balance of points. A loyalty card there brings the
prices and offers of its tier.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

from pricing.engine.checks import Problem, check_number
from pricing.engine.rounding import CENT, round_to

ZERO = Decimal(0)
ONE = Decimal(1)
PARTIALS = ("floor", "exact", "nearest")


class EarnRule(Struct, frozen=True):
    """So many points for each `per_amount` spent.

    `partial` says what a part of that amount earns: floor nothing (whole steps only), exact its share,
    nearest its share rounded to whole points.
    """

    points: Decimal
    per_amount: Decimal = ONE
    partial: str = "floor"

    @property
    def rate(self) -> Decimal:
        """Points for one unit of money."""
        return self.points / self.per_amount


class RedeemRule(Struct, frozen=True):
    """So many points are worth `amount`; fewer than `least` points are not taken."""

    points: Decimal
    amount: Decimal
    least: Decimal = ZERO

    def worth(self, points: Decimal, unit: Decimal = CENT) -> Decimal:
        """What points pay, in whole money units: never more than they are worth."""
        return round_to(points * self.amount / self.points, unit, "down")

    def points_for(self, amount: Decimal) -> Decimal:
        """Whole points that it takes to pay an amount."""
        return (amount * self.points / self.amount).quantize(ONE, ROUND_CEILING)


class Earned(Struct, frozen=True):
    """Points that a sale earns, and how many its redemption cost it (Dynamics' sample extension)."""

    points: Decimal
    extra_deducted: Decimal = ZERO


def points_for(spend: Decimal, rule: EarnRule) -> Decimal:
    """Points that an amount earns; a negative one (a return) takes as many back."""
    if rule.partial == "floor":
        return round_to(spend / rule.per_amount, ONE, "down") * rule.points
    points = spend * rule.points / rule.per_amount
    return points if rule.partial == "exact" else round_to(points, ONE)


def points_by_line(spends: Sequence[tuple[Decimal, EarnRule | None]]) -> Decimal:
    """Points of lines with rules of their own: each rule sees the sum of its lines, so that cents are not
    lost.
    """
    sums: dict[EarnRule, Decimal] = {}
    for spend, rule in spends:
        if rule is not None:
            sums[rule] = sums.get(rule, ZERO) + spend
    return sum((points_for(spend, rule) for rule, spend in sums.items()), ZERO)


def earned(
    spend: Decimal,
    earn: EarnRule,
    *,
    redeemed: Decimal = ZERO,
    redeem: RedeemRule | None = None,
    earn_with_redeem: bool = False,
) -> Earned:
    """The points of a sale in which points may also have been redeemed.

    As shipped, Dynamics gives none when any were redeemed. With `earn_with_redeem` all of the spend earns,
    less what the part paid in points has earned: earn rate ÷ points per money unit for each point redeemed.
    (Microsoft, "Loyalty extension sample")
    """
    if not redeemed:
        return Earned(points_for(spend, earn))
    if not earn_with_redeem or redeem is None:
        return Earned(ZERO)
    extra = earn.rate * redeem.amount / redeem.points * redeemed
    return Earned(points_for(spend, earn) - extra, extra)


def taken_back(points: Decimal, spend: Decimal, returned_before: Decimal, returned_now: Decimal) -> Decimal:
    """Points that a return takes back: in all returns together just those that the sale earned.

    Rounded down in between, in the customer's favour.
    """
    if not spend:
        return ZERO

    def upto(amount: Decimal) -> Decimal:
        return points if amount >= spend else round_to(points * amount / spend, ONE, "down")

    return upto(returned_before + returned_now) - upto(returned_before)


class Balance(Struct, frozen=True):
    """A balance after a change; when the change was not accepted it is what it was."""

    accepted: bool
    balance: Decimal


def change_balance(balance: Decimal, change: Decimal) -> Balance:
    """Add or take points. A balance may reach zero but not pass it."""
    after = balance + change
    return Balance(False, balance) if after < 0 and change < 0 else Balance(True, after)


class PointLot(Struct, frozen=True):
    """Points that expire together; None: never."""

    points: Decimal
    expires_on: date | None = None  # the first day on which they are gone


def usable(lots: Iterable[PointLot], day: date) -> Decimal:
    """Points that may be spent on a day."""
    return sum((lot.points for lot in lots if lot.expires_on is None or day < lot.expires_on), ZERO)


def spend_points(lots: Sequence[PointLot], points: Decimal, day: date) -> list[PointLot] | None:
    """The lots after spending points, those that expire first being spent first; None when there are not
    enough.

    Lots that have expired are dropped.
    """
    alive = [lot for lot in lots if lot.expires_on is None or day < lot.expires_on]
    if usable(alive, day) < points:
        return None
    left: list[PointLot] = []
    for lot in sorted(alive, key=lambda lot: lot.expires_on or date.max):
        taken = min(lot.points, points)
        points -= taken
        if lot.points > taken:
            left.append(PointLot(lot.points - taken, lot.expires_on))
    return left


def tier_reached(points: Decimal, tiers: Sequence[tuple[str, Decimal]]) -> str | None:
    """The highest tier whose points are reached; None below all."""
    reached = [(least, name) for name, least in tiers if points >= least]
    return max(reached)[1] if reached else None


def check_earn_rule(rule: EarnRule) -> list[Problem]:
    """What is wrong with an earning rule."""
    found = check_number(rule.points, field="points", what="A number of points", least=ZERO)
    if rule.per_amount <= 0:
        found.append(
            Problem("per_amount", f"An amount of {rule.per_amount} earns nothing.", "Enter more than 0.")
        )
    if rule.partial not in PARTIALS:
        found.append(
            Problem("partial", f"{rule.partial!r} is not a choice.", f"Choose one of {', '.join(PARTIALS)}.")
        )
    return found


def check_redeem_rule(rule: RedeemRule) -> list[Problem]:
    """What is wrong with a redemption rule."""
    found = []
    if rule.points <= 0:
        found.append(Problem("points", "No points cannot be worth money.", "Enter more than 0."))
    if rule.amount <= 0:
        found.append(Problem("amount", "The points are worth nothing.", "Enter more than 0."))
    return found + check_number(rule.least, field="least", what="A least number of points", least=ZERO)
