"""Goods that are sent: the whole sale or a line of it, with the charges and the taxes of where they go."""

from __future__ import annotations

from msgspec.structs import replace

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadDelivery
from pos.cart.model import CARRIED, Cart, DeliveryMode, ShipTo
from pos.errors import UnknownDeliveryMode
from pos.operations import Command, Context, operation
from pricing.engine.tax_codes import Destination, is_country


class Address(Command, frozen=True):
    """Where goods go. Without any of it the address that the sale has stays."""

    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def is_given(self) -> bool:
        """Whether a place is named; a country alone is none."""
        return any(part.strip() for part in (self.street, self.city, self.state, self.postcode))


class Deliver(Address, frozen=True, tag="deliver"):
    """Send the whole sale by a delivery mode, also what is added later; without a mode it is carried home."""

    mode: str = ""


class DeliverLine(Address, frozen=True, tag="deliver_line", kw_only=True):
    """Send one line by a delivery mode; without a mode it is carried home while others are sent."""

    line: str
    mode: str = ""


@operation(
    number=630,
    code="deliver",
    name="Delivery",
    permission=Permission.SELL,
    command=Deliver,
    aliases=(647,),
)
def deliver(cart: Cart, command: Deliver, context: Context) -> Cart:
    """Send the sale, with the charges of the mode and the taxes of the place."""
    mode = _mode(command.mode, context)
    return commands.deliver(cart, mode, _ship_to(cart, command, mode, context))


@operation(
    number=629,
    code="deliver_line",
    name="Delivery of the line",
    permission=Permission.SELL,
    command=DeliverLine,
    aliases=(641,),
)
def deliver_line(cart: Cart, command: DeliverLine, context: Context) -> Cart:
    """Send a line, or have it carried home."""
    mode = _mode(command.mode, context)
    is_sent = mode is not None and mode.needs_address
    ship_to = _ship_to(cart, command, mode, context) if is_sent else cart.head.ship_to
    return commands.deliver_line(cart, command.line, mode or CARRIED, ship_to)


def _mode(code: str, context: Context) -> DeliveryMode | None:
    if not code.strip():
        return None
    book = context.till.book
    found = book.delivery_mode(code)
    if found is None:
        known = ", ".join(mode.code for mode in book.rules.delivery_modes)
        raise UnknownDeliveryMode(
            mode=code, known=known or "none: add delivery modes in headquarters", field="mode"
        )
    return DeliveryMode(found.code, found.name, found.needs_address)


def _ship_to(cart: Cart, given: Address, mode: DeliveryMode | None, context: Context) -> ShipTo | None:
    """The address that goods go to, with its taxes; what the sale has already where none is given."""
    if mode is None or not mode.needs_address:
        return None
    if not given.is_given:
        if cart.head.ship_to is None:
            raise BadDelivery(
                why="give the address that it goes to, with street and postcode.", field="street"
            )
        return cart.head.ship_to
    country = (given.country.strip() or context.till.register.store.country).upper()
    if not is_country(country):
        raise BadDelivery(why="the country is two letters, such as IE.", field="country")
    place = ShipTo(
        name=given.name.strip()[:120],
        street=given.street.strip()[:200],
        city=given.city.strip()[:60],
        state=given.state.strip()[:60],
        postcode=given.postcode.strip().upper()[:20],
        country=country,
    )
    if not place.street or not (place.city or place.postcode):
        raise BadDelivery(
            why="the address needs a street, and a city or a postcode.",
            field="street" if not place.street else "postcode",
        )
    destination = Destination(
        country=place.country, state=place.state, city=place.city, postcode=place.postcode
    )
    return replace(place, sales_tax_group=context.till.book.destination_group(destination))
