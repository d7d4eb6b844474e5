"""Pure functions: a cart and what to do with it give a new cart. Prices are put in afterwards, by the engine.

Every step that a cashier may want to take back leaves an `Undo` behind.
"""

from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from pos.cart.errors import (
    BadCharge,
    BadDelivery,
    BadDiscount,
    BadPrice,
    BadQuantity,
    CardAtWork,
    LineIsVoided,
    NothingToPay,
    NothingToUndo,
    TaxIsSettled,
    TendersTaken,
    UnknownLine,
    UnknownTender,
)
from pos.cart.model import (
    UNDO_DEPTH,
    ZERO,
    Affiliation,
    Article,
    Cart,
    CartLine,
    DeliveryMode,
    Head,
    ReturnOf,
    ShipTo,
    SoldUnit,
    Tender,
    Undo,
)
from pricing.engine.model import BasketLine, Charge, CouponUsage, ManualDiscount, OwnTerms, PricedLine
from pricing.engine.tax_codes import Exemption, TaxOverride

MAX_AMOUNT = Decimal("9999999.99")


def add_line(
    cart: Cart,
    article: Article,
    *,
    quantity: Decimal,
    at: datetime,
    barcode: str = "",
    merge: bool = False,
    max_quantity: Decimal,
    price_keyed: Decimal | None = None,
    locked: PricedLine | None = None,
    return_of: ReturnOf | None = None,
    reason: str = "",
    categories: tuple[str, ...] = (),
    attributes: tuple[tuple[str, str], ...] = (),
    exemption: Exemption | None = None,
) -> Cart:
    """Put an article in the cart: a new line, or more of the last same one where `merge` says so."""
    refuse_when_paying(cart, "add to the sale")
    check_quantity(article, quantity, max_quantity)
    if merge and return_of is None and price_keyed is None and quantity > 0 and not article.is_weighed:
        same = next((line for line in reversed(cart.lines) if _sells_the_same(line, article)), None)
        if same is not None:
            return set_quantity(cart, same.id, same.quantity + quantity, max_quantity=max_quantity)
    line_id = str(cart.next_line)
    basket = BasketLine(
        id=line_id,
        product=str(article.product),
        variant=str(article.variant) if article.variant else None,
        quantity=quantity,
        unit=article.unit,
        categories=categories,
        attributes=attributes,
        item_tax_group=article.item_tax_group,
        own=OwnTerms(price_keyed=price_keyed, exemption=exemption, locked=locked).unless_empty(),
    )
    line = CartLine(
        id=line_id,
        article=article,
        basket=basket,
        barcode=barcode,
        return_of=return_of,
        reason=reason,
    )
    return _changed(
        cart,
        Undo(label=f"Add {article.name}", line_id=line_id),
        lines=(*cart.lines, line),
        next_line=cart.next_line + 1,
        started_at=cart.started_at or at,
    )


def set_quantity(cart: Cart, line_id: str, quantity: Decimal, *, max_quantity: Decimal) -> Cart:
    """Sell that many of a line's article. A return line keeps its sign and its limit."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "change a quantity")
    if line.quantity < 0:
        quantity = -abs(quantity)
    elif quantity < 0:  # goods that come back need the right to take them back
        raise BadQuantity(
            quantity=quantity, name=line.article.name, field="quantity", why="use Return to take goods back."
        )
    check_quantity(line.article, quantity, max_quantity)
    if line.return_of is not None:
        raise BadQuantity(
            quantity=quantity,
            name=line.article.name,
            field="quantity",
            why="a returned quantity is chosen on the receipt. Void the line and return it again.",
        )
    return _with_line(
        cart,
        replace(line, basket=replace(line.basket, quantity=quantity)),
        f"Quantity of {line.article.name}",
    )


def set_unit(
    cart: Cart, line_id: str, unit: SoldUnit, quantity: Decimal | None, *, max_quantity: Decimal
) -> Cart:
    """Sell a line's article in another unit, so many of it (None: as many as before). A price by hand goes."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "change a unit")
    own = line.article.units[0].code if line.article.units else line.article.unit
    article = replace(
        line.article,
        unit=unit.code,
        unit_decimals=unit.decimals,
        unit_factor=unit.factor,
        stock_unit="" if unit.code == own else own,
    )
    many = line.quantity if quantity is None else quantity.copy_sign(line.quantity)
    check_quantity(article, many, max_quantity)
    basket = replace(line.basket, unit=unit.code, quantity=many).with_own(
        unit_factor=None if unit.factor == 1 else unit.factor,
        price_override=None,
        override_reason=None,
        override_by=None,
    )
    return _with_line(cart, replace(line, article=article, basket=basket), f"Unit of {article.name}")


def void_line(cart: Cart, line_id: str, *, reason: str = "") -> Cart:
    """Strike a line out; it stays visible and goes to the journal."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "void a line")
    return _with_line(
        cart, replace(line, is_voided=True, reason=reason or line.reason), f"Void {line.article.name}"
    )


def override_price(cart: Cart, line_id: str, price: Decimal, *, reason: str, by: str) -> Cart:
    """Sell a line at another unit price, with a reason and the name of who decided."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "change a price")
    if not price.is_finite() or price < 0 or price > MAX_AMOUNT:
        raise BadPrice(
            price=price,
            shown=cart.money(price),
            name=line.article.name,
            field="price",
            why=f"give an amount from 0 to {MAX_AMOUNT:,}.",
        )
    if line.return_of is not None:
        raise BadPrice(
            price=price,
            shown=cart.money(price),
            name=line.article.name,
            field="price",
            why="a return gives back what was paid.",
        )
    basket = line.basket.with_own(price_override=price, override_reason=reason, override_by=by)
    return _with_line(cart, replace(line, basket=basket, reason=reason), f"Price of {line.article.name}")


def discount_line(cart: Cart, line_id: str, discount: ManualDiscount | None) -> Cart:
    """Give a line a discount by hand, or take it away with None."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "give a discount")
    if discount is not None:
        check_discount(discount)
        if line.return_of is not None:
            raise BadDiscount(
                value=discount.value,
                shown=discount.value,
                why="a return gives back what was paid.",
                field="line",
            )
    basket = line.basket.with_own(manual_discount=discount)
    return _with_line(cart, replace(line, basket=basket), f"Discount on {line.article.name}")


def discount_total(cart: Cart, discount: ManualDiscount | None) -> Cart:
    """Give the whole sale a discount by hand, or take it away with None."""
    refuse_when_paying(cart, "give a discount")
    if not cart.live_lines:
        raise NothingToPay()
    if discount is not None:
        check_discount(discount)
    return set_head(cart, replace(cart.head, manual_total=discount), "Discount on the sale")


def override_line_tax(cart: Cart, line_id: str, override: TaxOverride | None) -> Cart:
    """Let a line pay other taxes, or with None its usual ones again."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "change taxes")
    if line.return_of is not None:
        raise TaxIsSettled(name=line.article.name, field="line")
    basket = line.basket.with_own(tax_override=override)
    return _with_line(cart, replace(line, basket=basket), f"Taxes of {line.article.name}")


def override_tax(cart: Cart, override: TaxOverride | None) -> Cart:
    """Let the whole sale pay other taxes, or with None its usual ones again."""
    refuse_when_paying(cart, "change taxes")
    return set_head(cart, replace(cart.head, tax_override=override), "Taxes of the sale")


def exempt_from_tax(cart: Cart, exemption: Exemption | None, by: str) -> Cart:
    """Free the whole sale from tax for a reason, or with None no longer."""
    refuse_when_paying(cart, "change taxes")
    head = replace(cart.head, tax_exemption=exemption, tax_exempted_by=by if exemption else "")
    return set_head(cart, head, "Tax exemption")


def set_charge(cart: Cart, charge: Charge) -> Cart:
    """Add a charge, or change the one of its kind; a charge of nothing takes it away."""
    refuse_when_paying(cart, "change charges")
    others = tuple(one for one in cart.head.charges if one.id != charge.id)
    if not charge.amount and len(others) == len(cart.head.charges):
        raise BadCharge(
            amount=charge.amount,
            shown=cart.money(charge.amount),
            name=charge.name,
            why="give an amount.",
            field="amount",
        )
    if not charge.amount.is_finite() or charge.amount < 0 or charge.amount > MAX_AMOUNT:
        raise BadCharge(
            amount=charge.amount,
            shown=cart.money(charge.amount),
            name=charge.name,
            why=f"give an amount above zero, {cart.money(MAX_AMOUNT)} at most.",
            field="amount",
        )
    charges = (*others, charge) if charge.amount else others
    return set_head(cart, replace(cart.head, charges=charges), f"Charge {charge.name}")


def refund_charges(cart: Cart, refunds: tuple[Charge, ...]) -> Cart:
    """Give back charges of an earlier sale, with figures that were settled then."""
    head = replace(cart.head, charges=(*cart.head.charges, *refunds))
    return set_head(cart, head, "Charges of the return") if refunds else cart


def change_charge(cart: Cart, charge: Charge, *, to_rule: bool = False) -> Cart:
    """Give an automatic charge another amount, nothing included; `to_rule` lets its rule decide again."""
    refuse_when_paying(cart, "change charges")
    if not charge.amount.is_finite() or charge.amount < 0 or charge.amount > MAX_AMOUNT:
        raise BadCharge(
            amount=charge.amount,
            shown=cart.money(charge.amount),
            name=charge.name,
            why="give an amount, or zero for nothing.",
            field="amount",
        )
    others = tuple(one for one in cart.head.charges if one.id != charge.id)
    charges = others if to_rule else (*others, charge)
    return set_head(cart, replace(cart.head, charges=charges), f"Charge {charge.name}")


def deliver(cart: Cart, mode: DeliveryMode | None, ship_to: ShipTo | None) -> Cart:
    """Send the whole sale in one way, also what is added later; None: everything is carried home.

    Automatic charges are what their rules say again.
    """
    refuse_when_paying(cart, "change the delivery")
    charges = tuple(charge for charge in cart.head.charges if charge.manual)
    head = replace(cart.head, delivery=mode, ship_to=ship_to, charges=charges)
    own = tuple(line for line in cart.lines if line.delivery is not None)
    lines = tuple(replace(line, delivery=None) if line.delivery else line for line in cart.lines)
    return _changed(cart, Undo(label="Delivery", head=cart.head, lines=own), head=head, lines=lines)


def deliver_line(cart: Cart, line_id: str, mode: DeliveryMode, ship_to: ShipTo | None) -> Cart:
    """Send one line its own way, or have it carried home while others are sent."""
    line = live_line(cart, line_id)
    refuse_when_paying(cart, "change the delivery")
    if line.quantity < 0:
        raise BadDelivery(why=f"{line.article.name} comes back.", field="line")
    head = replace(cart.head, ship_to=ship_to)
    lines = tuple(replace(one, delivery=mode) if one.id == line_id else one for one in cart.lines)
    step = Undo(label=f"Delivery of {line.article.name}", head=cart.head, lines=(line,))
    return _changed(cart, step, head=head, lines=lines)


def affiliate(cart: Cart, affiliation: Affiliation, *, present: bool) -> Cart:
    """Say for this sale that the customer belongs to an affiliation, or no longer."""
    refuse_when_paying(cart, "change affiliations")
    others = tuple(one for one in cart.head.affiliations if one.code != affiliation.code)
    head = replace(cart.head, affiliations=(*others, affiliation) if present else others)
    return set_head(cart, head, f"Affiliation {affiliation.name}")


def comment_line(cart: Cart, line_id: str, comment: str) -> Cart:
    line = live_line(cart, line_id)
    return _with_line(cart, replace(line, comment=comment.strip()), f"Comment on {line.article.name}")


def set_customer(cart: Cart, account: str, name: str, *, coupon_usage: tuple[CouponUsage, ...] = ()) -> Cart:
    """Say who buys; an empty account takes the customer off the sale. The coupons' uses are this customer's now."""
    refuse_when_paying(cart, "change the customer")
    head = replace(cart.head, customer_account=account, customer_name=name, coupon_usage=coupon_usage)
    return set_head(cart, head, "Customer")


def set_head(cart: Cart, head: Head, label: str) -> Cart:
    return _changed(cart, Undo(label=label, head=cart.head), head=head)


def add_tender(cart: Cart, tender: Tender) -> Cart:
    """Take a payment. The amount was worked out by `pos.cart.payment`."""
    if not cart.live_lines:
        raise NothingToPay()
    return replace(cart, tenders=(*cart.tenders, tender), version=cart.version + 1)


def remove_tender(cart: Cart, tender_id: str) -> Cart:
    """Give a payment back before the sale is concluded; what a terminal took must have been reversed there."""
    tender = next((tender for tender in cart.tenders if tender.id == tender_id), None)
    if tender is None:
        raise UnknownTender()
    rest = tuple(
        other for other in cart.tenders if other.id != tender_id and other.detail.get("for") != tender_id
    )
    return replace(
        cart, tenders=rest, rounding=ZERO if not _has_cash(rest) else cart.rounding, version=cart.version + 1
    )


def undo(cart: Cart) -> Cart:
    """Take back the last step that changed a line or the head of the sale."""
    if not cart.undo:
        raise NothingToUndo()
    refuse_when_paying(cart, "undo")
    step = cart.undo[-1]
    lines, head = cart.lines, cart.head
    if step.head is not None:
        head = step.head
        before = {line.id: line for line in step.lines}
        lines = tuple(before.get(line.id, line) for line in lines) if before else lines
    elif step.line is None:
        lines = tuple(line for line in lines if line.id != step.line_id)
    else:
        lines = tuple(step.line if line.id == step.line_id else line for line in lines)
    return replace(cart, lines=lines, head=head, undo=cart.undo[:-1], version=cart.version + 1)


def fresh(cart: Cart, cart_id: str) -> Cart:
    """An empty cart for the register's next sale; the version goes on counting."""
    return Cart(
        id=cart_id,
        register=cart.register,
        currency=cart.currency,
        currency_symbol=cart.currency_symbol,
        version=cart.version + 1,
        data_version=cart.data_version,
    )


def live_line(cart: Cart, line_id: str) -> CartLine:
    """The line, if it is there and counts."""
    line = cart.line(line_id)
    if line is None:
        raise UnknownLine(field="line")
    if line.is_voided:
        raise LineIsVoided(name=line.article.name, field="line")
    return line


def refuse_when_paying(cart: Cart, what: str) -> None:
    """What is being paid for does not change under the customer's hands."""
    refuse_while_charging(cart, what)
    if cart.tenders:
        raise TendersTaken(amount=cart.paid, shown=cart.money(cart.paid), what=what)


def refuse_while_charging(cart: Cart, what: str) -> None:
    """While the card terminal is at work, nothing else is done to the sale."""
    if cart.charge is not None:
        raise CardAtWork(what=what)


def check_quantity(article: Article, quantity: Decimal, max_quantity: Decimal) -> None:
    """Refuse a quantity that is nothing, too much, or has more decimals than the unit."""
    why = None
    if not quantity.is_finite() or quantity == 0:
        why = "give a number other than zero, or void the line."
    elif abs(quantity) > max_quantity:
        why = f"the most on one line is {max_quantity}."
    elif quantity != round(quantity, article.unit_decimals):
        why = (
            f"it is sold in whole {article.unit}."
            if not article.unit_decimals
            else (f"{article.unit} has {article.unit_decimals} decimals.")
        )
    if why:
        raise BadQuantity(quantity=quantity, name=article.name, why=why, field="quantity")


def check_discount(discount: ManualDiscount) -> None:
    """Refuse what is no discount: nothing, less than nothing, or more than all."""
    value = discount.value
    if not value.is_finite() or value <= 0:
        raise BadDiscount(value=value, shown=value, why="give a number above zero.", field="value")
    if discount.method == "percent_off" and value > 100:
        raise BadDiscount(value=value, shown=value, why="100 % is all there is.", field="value")
    if value > MAX_AMOUNT:
        raise BadDiscount(value=value, shown=value, why="it is more than any price.", field="value")


def _sells_the_same(line: CartLine, article: Article) -> bool:
    return (
        not line.is_voided
        and line.article.product == article.product
        and line.article.variant == article.variant
        and line.article.unit == article.unit
        and line.return_of is None
        and line.quantity > 0
        and line.basket.price_override is None
        and line.basket.price_keyed is None
        and line.basket.manual_discount is None
        and line.basket.tax_override is None
        and line.delivery is None
    )


def _has_cash(tenders: tuple[Tender, ...]) -> bool:
    return any(tender.kind == "cash" for tender in tenders)


def _with_line(cart: Cart, line: CartLine, label: str) -> Cart:
    before = cart.line(line.id)
    lines = tuple(line if other.id == line.id else other for other in cart.lines)
    return _changed(cart, Undo(label=label, line_id=line.id, line=before), lines=lines)


def _changed(cart: Cart, step: Undo, **changes: object) -> Cart:
    return replace(cart, undo=(*cart.undo, step)[-UNDO_DEPTH:], version=cart.version + 1, **changes)
