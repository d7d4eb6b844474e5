"""A loyalty card: it says who buys, and the prices of its tier count."""

from hq.permissions import Permission
from pos.cart.model import Cart, Notice
from pos.errors import UnknownLoyaltyCard
from pos.operations import Command, Context, Step, operation
from pos.operations.coupon import name_customer
from pos.services.choices import card_holder

WORDS = "Loyalty card of {name}: its prices count in this sale."


class LoyaltyCard(Command, frozen=True, tag="loyalty_card"):
    """The number on the card."""

    number: str


@operation(
    number=117, code="loyalty_card", name="Loyalty card", permission=Permission.SELL, command=LoyaltyCard
)
def loyalty_card(cart: Cart, command: LoyaltyCard, context: Context) -> Step:
    """Put the card's customer on the sale."""
    number = command.number.strip()
    holder = card_holder(number)
    if holder is None:
        raise UnknownLoyaltyCard(number=number or "An empty number", field="number")
    named, notice = name_customer(cart, holder.account, holder.name, context)
    words = WORDS.format(name=holder.name or holder.account)
    return Step(named, notice=notice or Notice("positive", "loyalty_card", words))
