"""Another unit for a line: a case instead of a bottle, at the price of a case."""

from decimal import Decimal

from msgspec.structs import replace

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.model import Cart, CartLine, SoldUnit
from pos.errors import NoPriceForUnit, UnknownUnit
from pos.operations import Command, Context, operation
from pos.services.price_cart import price_now


class SetUnit(Command, frozen=True, tag="set_unit"):
    """The unit by its code, and how many of it; without a quantity as many as before."""

    line: str
    unit: str
    quantity: Decimal | None = None


@operation(number=123, code="set_unit", name="Unit", permission=Permission.SELL, command=SetUnit)
def set_unit(cart: Cart, command: SetUnit, context: Context) -> Cart:
    """Sell the line by another unit, which must have a price of its own."""
    config = context.till.register
    line = commands.live_line(cart, command.line)
    unit = _unit(line, command)
    if line.quantity > 0:
        basket = replace(line.basket, unit=unit.code).with_own(price_override=None)
        if price_now(config, basket, context.at).source == "none":
            own = line.article.units[0].name.lower()
            raise NoPriceForUnit(name=line.article.name, unit=unit.name.lower(), own=own, field="unit")
    return commands.set_unit(
        cart, line.id, unit, command.quantity, max_quantity=config.functions.max_quantity
    )


def _unit(line: CartLine, command: SetUnit) -> SoldUnit:
    has_own_price = line.return_of is not None or line.basket.price_keyed is not None
    units = () if has_own_price else line.article.units
    wanted = command.unit.strip().casefold()
    found = next((unit for unit in units if unit.code.casefold() == wanted), None)
    if found is None:
        known = f"Known: {', '.join(unit.code for unit in units)}." if units else "It has no other unit."
        raise UnknownUnit(
            name=line.article.name, unit=command.unit or "an empty unit", known=known, field="unit"
        )
    return found
