"""What is to be paid: cash in coins that exist, change, money of other countries, gift cards.

Only the payment is rounded, never the lines or their taxes; the difference is an amount of its own, and a
refund is rounded as its sale was. (Government of Canada, Budget 2012; Quebec's consumer office; Odoo's cash
rounding tests)
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from pricing.engine.checks import Problem
from pricing.engine.money import Currency
from pricing.engine.rounding import MODES, round_to

ZERO = Decimal(0)
CENT = Decimal("0.01")
TARGETS = ("total", "change")


class TenderRounding(Struct, frozen=True):
    """How a way of paying rounds: to `unit`, in `mode` (half_up, half_down, half_even, up, down, none).

    `target` total rounds what is paid, so that exact change is possible; change rounds only what goes back.
    """

    unit: Decimal
    mode: str = "half_up"
    target: str = "total"


class Payable(Struct, frozen=True):
    """An amount as it can be paid, and by how much it differs from what is owed (paid less owed)."""

    amount: Decimal
    difference: Decimal


class Change(Struct, frozen=True):
    """What goes back, and what the rounding of the payment is worth (positive in the shop's favour)."""

    change: Decimal
    difference: Decimal


def tender_rounding(currency: Currency) -> TenderRounding:
    """The rounding of cash in a currency: to its smallest coin."""
    return TenderRounding(currency.cash_unit or currency.unit, currency.cash_mode)


def payable(owed: Decimal, rounding: TenderRounding | None) -> Payable:
    """What a way of paying takes for the amount owed; negative for a refund. Without rounding it takes it
    exactly.
    """
    if rounding is None or rounding.target == "change":
        return Payable(owed, ZERO)
    amount = round_to(owed, rounding.unit, rounding.mode)
    return Payable(amount, amount - owed)


def change(owed: Decimal, tendered: Decimal, rounding: TenderRounding | None = None) -> Change:
    """What goes back when more is handed over than is owed. Raises ValueError when it is not enough."""
    due = payable(owed, rounding).amount
    if tendered < due:
        raise ValueError(f"{tendered} does not cover {due}.")
    back = tendered - due
    if rounding is not None and rounding.target == "change":
        back = round_to(back, rounding.unit, rounding.mode)
    return Change(back, tendered - back - owed)


class Tendered(Struct, frozen=True):
    """One payment as handed over: its amount and the rounding of its kind, if it has one."""

    amount: Decimal
    rounding: TenderRounding | None = None


class Settlement(Struct, frozen=True):
    """Where a document stands after its payments."""

    paid: Decimal  # what they count towards the total
    still_due: Decimal
    change: Decimal
    difference: Decimal  # rounding: paid less owed


def settle(total: Decimal, tenders: Iterable[Tendered]) -> Settlement:
    """Take the payments in their order.

    Cash that covers what is left by then, rounded, settles the document; cash that does not is taken as it
    is, and what it leaves over is rounded when the last cash is taken.
    """
    due, paid, back, difference = total, ZERO, ZERO, ZERO
    for tender in tenders:
        wanted = payable(due, tender.rounding).amount
        covers = tender.amount >= wanted if due >= 0 else tender.amount <= wanted
        if not covers or (tender.rounding is None and tender.amount == due):
            paid += tender.amount
            due -= tender.amount
            continue
        given = change(due, tender.amount, tender.rounding) if due >= 0 else Change(ZERO, wanted - due)
        paid += due
        back += given.change
        difference += given.difference
        due = ZERO
    return Settlement(paid, due, back, difference)


# --- money of other countries ---------


class ExchangeRate(Struct, frozen=True):
    """`rate` units of the store's currency for `per` units of the foreign one (Dynamics quotes per 100)."""

    foreign: str
    rate: Decimal
    per: Decimal = Decimal(1)

    def to_local(self, amount: Decimal, currency: Currency) -> Decimal:
        """What a foreign amount counts in the store's currency, in whole units, half away from zero."""
        return currency.round(amount * self.rate / self.per)

    def to_foreign(self, amount: Decimal, foreign: Currency, mode: str = "up") -> Decimal:
        """What to ask for in the foreign currency to cover a local amount, in coins of that currency.

        Rounded up, so that it is enough; a refund is given with mode down.
        """
        return round_to(amount * self.per / self.rate, foreign.cash_unit or foreign.unit, mode)


class ForeignPayment(Struct, frozen=True):
    """A payment in foreign money: as handed over, what it counts, and the change in the store's money."""

    tendered: Decimal
    counts: Decimal
    change: Decimal
    still_due: Decimal


def pay_foreign(
    due: Decimal,
    tendered: Decimal,
    rate: ExchangeRate,
    currency: Currency,
    rounding: TenderRounding | None = None,
) -> ForeignPayment:
    """Take foreign money for an amount due; change goes back in the store's currency, in its coins.

    A foreign amount that was asked for in coins may be worth a little more than is due: that is change where
    coins for it exist, and rounding where they do not.
    """
    worth = rate.to_local(tendered, currency)
    if worth < due:
        return ForeignPayment(tendered, worth, ZERO, due - worth)
    coins = rounding or tender_rounding(currency)
    return ForeignPayment(tendered, due, round_to(worth - due, coins.unit, "down"), ZERO)


# --- gift cards ---------


class GiftCardPayment(Struct, frozen=True):
    """What a gift card pays, what stays on it and what is still due."""

    pays: Decimal
    balance: Decimal
    still_due: Decimal


def pay_by_gift_card(due: Decimal, balance: Decimal, wanted: Decimal | None = None) -> GiftCardPayment:
    """Pay what is due from a card as far as it reaches, or `wanted` of it. A refund (due below zero) goes
    onto it.

    Raises ValueError when more is wanted than the card holds or than is due.
    """
    if due < 0:
        pays = due if wanted is None else wanted
        if not due <= pays <= 0:
            raise ValueError(f"No more than {-due} goes back.")
    else:
        pays = min(due, balance) if wanted is None else wanted
        if pays < 0 or pays > balance:
            raise ValueError(f"The card holds {balance}.")
        if pays > due:
            raise ValueError(f"Only {due} is due.")
    return GiftCardPayment(pays, balance - pays, due - pays)


def remaining_net(remaining_gross: Decimal, gross: Decimal, net: Decimal, unit: Decimal = CENT) -> Decimal:
    """The net in what is left to pay of a document: a gift card is a payment, so the tax ratio stays the
    document's.

    (Saleor's tests of gift cards on taxed checkouts)
    """
    return ZERO if not gross else round_to(remaining_gross * net / gross, unit)


def coins(amount: Decimal, denominations: Sequence[Decimal]) -> list[tuple[Decimal, int]]:
    """Notes and coins that make up an amount, the fewest for the usual currencies, largest first.

    Raises ValueError when the amount cannot be made.
    """
    found = []
    left = abs(amount)
    for piece in sorted(denominations, reverse=True):
        count = int(left // piece)
        if count:
            found.append((piece, count))
            left -= piece * count
    if left:
        raise ValueError(f"{amount} cannot be made: {left} is left.")
    return found


# --- what cannot work ---------


def check_tender_rounding(rounding: TenderRounding, currency: Currency) -> list[Problem]:
    """What is wrong with the rounding of a way of paying in a currency."""
    found = []
    if not rounding.unit.is_finite() or rounding.unit <= 0:
        found.append(Problem("unit", "The smallest amount must be above zero.", "Enter it, such as 0.05."))
    elif not currency.is_whole(rounding.unit):
        found.append(
            Problem(
                "unit",
                f"{rounding.unit} cannot be written in {currency.code}.",
                f"Enter a multiple of {currency.unit}.",
            )
        )
    if rounding.mode not in (*MODES, "none"):
        found.append(
            Problem("mode", f"{rounding.mode!r} is no way to round.", f"Choose one of {', '.join(MODES)}.")
        )
    if rounding.target not in TARGETS:
        found.append(Problem("target", f"{rounding.target!r} is not rounded.", "Choose total or change."))
    return found


def check_exchange_rate(rate: ExchangeRate, currency: Currency) -> list[Problem]:
    """What is wrong with an exchange rate of a store in a currency."""
    found = []
    if rate.foreign == currency.code:
        found.append(
            Problem("foreign", "A currency is not exchanged for itself.", "Choose another currency.")
        )
    for field, value in (("rate", rate.rate), ("per", rate.per)):
        if not value.is_finite() or value <= 0:
            found.append(Problem(field, f"{value} is no rate.", "Enter a number above zero."))
    return found
