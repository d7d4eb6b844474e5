"""Coupons: a code that unlocks a discount for this sale."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from msgspec.structs import replace

from channels_app.errors import Unavailable
from hq.permissions import Permission
from pos.cart.commands import refuse_when_paying, set_customer, set_head
from pos.cart.model import Cart, Notice
from pos.errors import ApprovalNeeded, CouponNotHere, CouponNotNow, CouponUsedUp, UnknownCoupon
from pos.headquarters import CouponHeld, headquarters
from pos.operations import Command, Context, Step, operation
from pos.services.coupons import coupon_usage, limit_reached, not_now, open_in_store
from pos.services.turns import alone_in_store
from pricing.engine.discounts.model import Coupon
from pricing.engine.model import CouponUsage


class AddCoupon(Command, frozen=True, tag="add_coupon"):
    """The code on the coupon, in any case."""

    code: str


class RemoveCoupon(Command, frozen=True, tag="remove_coupon"):
    """The code of a coupon that is on the sale."""

    code: str


@operation(
    number=643,
    code="add_coupon",
    name="Coupon",
    permission=Permission.SELL,
    command=AddCoupon,
    aliases=(642,),  # its number in layouts of before
)
def add_coupon(cart: Cart, command: AddCoupon, context: Context) -> Step:
    """Present a coupon; what it unlocks is in the price at once.

    Headquarters counts a limit over all stores. While it cannot be reached a manager decides, and what this channel
    database knows is counted.
    """
    refuse_when_paying(cart, "add a coupon")
    code = command.code.strip().upper()
    coupon = context.till.book.coupon(code)
    if coupon is None:
        raise _unknown(code)
    if code in cart.head.coupons:
        return Step(cart, notice=Notice("info", "coupon_is_on", f"Coupon {code} is on the sale already."))
    _check_validity(coupon, cart.head.priced_as_of or context.at, context.till.register.store.zone)
    usage, notice = _present(cart, code, context)
    head = replace(
        cart.head, coupons=(*cart.head.coupons, code), coupon_usage=(*cart.head.coupon_usage, *usage)
    )
    notice = notice or Notice(
        "positive", "coupon_added", f"Coupon {code} is on the sale.", detail={"coupon": code}
    )
    return Step(set_head(cart, head, f"Coupon {code}"), notice=notice)


def _unknown(code: str) -> UnknownCoupon:
    return UnknownCoupon(coupon=code[:60] or "An empty code", field="code")


def _check_validity(coupon: Coupon, at: datetime, zone: ZoneInfo) -> None:
    """Raises CouponNotNow for a code that was good once, or will be."""
    if (why := not_now(coupon, at, zone)) is not None:
        raise CouponNotNow(coupon=coupon.code, why=why, field="code")


def _present(cart: Cart, code: str, context: Context) -> tuple[tuple[CouponUsage, ...], Notice | None]:
    """How often the coupon was used, one use more being held for this sale; a notice where nobody could be asked."""
    coupon = context.till.book.limits(code)
    if coupon is None:
        return (), None
    if coupon.limit_per_channel is not None:
        alone_in_store(context.till.register.store.id)
    account = cart.head.customer_account
    used = _known_uses(context, account, code)
    _check_limits(coupon, used)
    if not _is_limited_everywhere(coupon, account):
        return (used,), _waits_for_customer(coupon, account)
    try:
        held = _held(cart, coupon, account, context)
    except Unavailable:
        return (used,), _go_on_alone(code, context)
    used = _with_elsewhere(used, held)
    _check_limits(coupon, used)
    if not held.held:  # headquarters has a lower limit already, which is not here yet
        raise CouponUsedUp(coupon=code, uses=held.total, where=" in all stores", field="code")
    return (used,), _waits_for_customer(coupon, account)


@operation(
    number=644, code="remove_coupon", name="Remove coupon", permission=Permission.SELL, command=RemoveCoupon
)
def remove_coupon(cart: Cart, command: RemoveCoupon, context: Context) -> Step:
    """Take a coupon off the sale; headquarters holds nothing for it any more."""
    refuse_when_paying(cart, "take a coupon off")
    code = command.code.strip().upper()
    if code not in cart.head.coupons:
        raise _unknown(code)
    head = replace(
        cart.head,
        coupons=tuple(one for one in cart.head.coupons if one != code),
        coupon_usage=tuple(one for one in cart.head.coupon_usage if one.code != code),
    )
    _free(cart, code, context)
    notice = Notice("info", "coupon_removed", f"Coupon {code} was taken off the sale.")
    return Step(set_head(cart, head, f"Coupon {code} off"), notice=notice)


def held_again(cart: Cart, undone: Cart, context: Context) -> tuple[Cart, Notice | None]:
    """The coupons that an undo brings back are presented anew, what it takes off is free; a notice as for those.

    Where it changes who buys, their uses count now, as when somebody is named.
    """
    for code in cart.head.coupons:
        if code not in undone.head.coupons:
            _free(cart, code, context)
    for code in undone.head.coupons:
        if code not in cart.head.coupons:
            return undone, _present(undone, code, context)[1]
    account = undone.head.customer_account
    if account == cart.head.customer_account or not undone.head.coupons:
        return undone, None
    usage = _uses_of(cart, account, context)
    head = replace(undone.head, coupon_usage=usage)
    return replace(undone, head=head), _gives_nothing(usage, account, context)


def name_customer(cart: Cart, account: str, name: str, context: Context) -> tuple[Cart, Notice | None]:
    """Say who buys: their uses of the sale's coupons count now; a notice of those that give nothing any more."""
    refuse_when_paying(cart, "change the customer")
    usage = _uses_of(cart, account, context) if cart.head.coupons else ()
    return set_customer(cart, account, name, coupon_usage=usage), _gives_nothing(usage, account, context)


def _uses_of(cart: Cart, account: str, context: Context) -> tuple[CouponUsage, ...]:
    """How often the sale's coupons were used, now that this customer buys. Nothing stays held for the one before."""
    found = []
    for code in cart.head.coupons:
        coupon = context.till.book.limits(code)
        if coupon is None:
            continue
        used = _known_uses(context, account, code)
        if _is_limited_everywhere(coupon, account):
            with suppress(Unavailable):  # the customer can always be named; what is known here counts
                used = _with_elsewhere(used, _held(cart, coupon, account, context))
        else:
            _free(cart, code, context)
        found.append(used)
    return tuple(found)


def _gives_nothing(usage: tuple[CouponUsage, ...], account: str, context: Context) -> Notice | None:
    """The coupon stays on the sale, where its code can be seen and taken off; the price has changed without it."""
    for used in usage:
        coupon = context.till.book.limits(used.code)
        if coupon is None:
            continue
        if (notice := _waits_for_customer(coupon, account)) is not None:
            return notice
        if (limit := limit_reached(coupon, used)) is not None:
            uses, where = limit
            words = f"Coupon {used.code} gives nothing: it has been used as often as it may be{where} (uses: {uses})."
            return Notice("info", "coupon_gives_nothing", words, detail={"coupon": used.code})
    return None


def _waits_for_customer(coupon: Coupon, account: str) -> Notice | None:
    """A coupon limited per customer is kept, and gives nothing, until somebody is named."""
    if coupon.limit_per_customer is None or account:
        return None
    words = f"Coupon {coupon.code} is limited per customer: name the customer, then it counts."
    return Notice("info", "coupon_waits_for_customer", words, detail={"coupon": coupon.code})


def _known_uses(context: Context, account: str, code: str) -> CouponUsage:
    """The uses that this channel database knows of; towards a limit per store those of open sales count, too."""
    store, waiting = context.till.register.store.id, 0
    coupon = context.till.book.limits(code)
    if coupon is not None and coupon.limit_per_channel is not None:
        waiting = open_in_store(code, store=store, but=context.till.cart.id, at=context.at)
    # After the open sales: one that is paid at this moment may count as both, and never as neither.
    used = next(iter(coupon_usage((code,), store=store, customer=account)), CouponUsage(code))
    return replace(used, channel=used.channel + waiting)


def _is_limited_everywhere(coupon: Coupon, account: str) -> bool:
    """Whether uses in other stores can reach a limit of it."""
    return coupon.limit is not None or (coupon.limit_per_customer is not None and account != "")


def _held(cart: Cart, coupon: Coupon, account: str, context: Context) -> CouponHeld:
    store = context.till.register.store.id
    return headquarters().hold_coupon(code=coupon.code, sale=UUID(cart.id), store=store, customer=account)


def _free(cart: Cart, code: str, context: Context) -> None:
    """Once it is off the sale, headquarters gives its use back; else its record tells it later."""
    coupon = context.till.book.limits(code)
    if coupon is not None and _is_limited_everywhere(coupon, cart.head.customer_account):
        store = context.till.register.store.id

        def tell() -> None:
            with suppress(Unavailable, CouponNotHere):
                headquarters().free_coupon(code=code, sale=UUID(cart.id), store=store)

        transaction.on_commit(tell)


def _with_elsewhere(known: CouponUsage, held: CouponHeld) -> CouponUsage:
    """The uses here and elsewhere: what has not come up yet is known here alone."""
    return replace(known, total=max(known.total, held.total), customer=max(known.customer, held.customer))


def _go_on_alone(code: str, context: Context) -> Notice:
    """Take the coupon without a word from headquarters, when a manager is there to say so."""
    if not any(
        who.may(Permission.OVERRIDE) for who in (context.worker, context.approved_by) if who is not None
    ):
        raise ApprovalNeeded(operation=f"Coupon {code}, whose uses headquarters cannot tell right now,")
    words = f"Headquarters cannot be reached: only the uses of {code} that are known here were counted."
    return Notice("info", "coupon_counted_here", words)


def _check_limits(coupon: Coupon, used: CouponUsage) -> None:
    if (limit := limit_reached(coupon, used)) is not None:
        uses, where = limit
        raise CouponUsedUp(coupon=coupon.code, uses=uses, where=where, field="code")
