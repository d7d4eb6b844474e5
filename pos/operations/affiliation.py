"""What the customer belongs to, said for this sale: staff, students, a club, with its prices and offers."""

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.model import Affiliation, Cart
from pos.errors import UnknownAffiliation
from pos.operations import Command, Context, operation


class Affiliate(Command, frozen=True, tag="affiliate"):
    """An affiliation by its code; `remove` takes it off the sale again."""

    affiliation: str
    remove: bool = False


@operation(
    number=135,
    code="affiliate",
    name="Affiliation",
    permission=Permission.SELL,
    command=Affiliate,
    aliases=(134,),
)
def affiliate(cart: Cart, command: Affiliate, context: Context) -> Cart:
    """Give the sale the prices of an affiliation, or take them away."""
    rows = context.till.book.rules.affiliations
    wanted = command.affiliation.strip().casefold()
    found = next((row for row in rows if row.code.casefold() == wanted), None)
    if found is None:
        known = ", ".join(row.code for row in rows) or "none: add affiliations in headquarters"
        raise UnknownAffiliation(
            affiliation=command.affiliation or "An empty code", known=known, field="affiliation"
        )
    return commands.affiliate(cart, Affiliation(found.code, found.name), present=not command.remove)
