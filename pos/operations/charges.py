"""A charge that a worker adds to the sale: a bag, gift wrap, delivery, a deposit."""

from decimal import Decimal

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadCharge
from pos.cart.model import Cart
from pos.errors import UnknownCharge
from pos.operations import Command, Context, operation
from pos.services.choices import charge_kinds
from pricing.engine.model import Charge


class AddCharge(Command, frozen=True, tag="charge"):
    """A charge by its code, in the tax meaning of the shelf, on the sale or on one line; zero takes it away."""

    charge: str
    amount: Decimal
    line: str = ""


@operation(
    number=141, code="charge", name="Charge", permission=Permission.CHARGE, command=AddCharge, aliases=(140,)
)
def charge(cart: Cart, command: AddCharge, context: Context) -> Cart:
    """Add the charge, or change its amount."""
    kinds = {kind.code: kind for kind in charge_kinds()}
    kind = kinds.get(command.charge.strip())
    if kind is None:
        raise UnknownCharge(charge=command.charge or "An empty code", known=", ".join(kinds), field="charge")
    if not context.till.register.currency.is_whole(command.amount):
        unit = context.till.register.currency.unit
        raise BadCharge(
            amount=command.amount, name=kind.name, why=f"the smallest amount is {unit}.", field="amount"
        )
    line = commands.live_line(cart, command.line).id if command.line else None
    return commands.set_charge(
        cart,
        Charge(
            id=f"{kind.code}:{line}" if line else kind.code,
            amount=command.amount,
            name=kind.name,
            type=kind.kind,
            line=line,
            item_tax_group=kind.item_tax_group,
            refundable=kind.refundable,
            manual=True,
            by=context.by,
        ),
    )
