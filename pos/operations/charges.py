"""A charge that a worker adds to the sale (a bag, gift wrap, a deposit), or an automatic one given another amount."""

from decimal import Decimal

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadCharge
from pos.cart.model import ZERO, Cart
from pos.errors import UnknownCharge
from pos.operations import Command, Context, operation
from pos.operations.checks import too_fine
from pos.services.choices import charge_kinds
from pricing.engine.charges import charge_of, overridden
from pricing.engine.model import Charge
from pricing.feed import AUTOMATIC


class AddCharge(Command, frozen=True, tag="charge"):
    """A charge by its code, in the tax meaning of the shelf, on the sale or on one line; zero takes it away."""

    charge: str
    amount: Decimal
    line: str = ""


class ChangeCharge(Command, frozen=True, tag="change_charge"):
    """Another amount for an automatic charge of this sale, by its id in the answer; none: what its rule says again.

    A charge that is shared over lines is changed as a whole, by the id of any of its parts.
    """

    charge: str
    amount: Decimal | None = None
    reason: str = ""


@operation(
    number=142,
    code="change_charge",
    name="Change a charge",
    permission=Permission.CHARGE,
    command=ChangeCharge,
    aliases=(143,),
    reads_prices=True,
)
def change_charge(cart: Cart, command: ChangeCharge, context: Context) -> Cart:
    """Charge more or less than the rule says, or nothing; the journal says who decided and why."""
    present = {charge.id: charge for charge in cart.priced.charges}
    priced = present.get(command.charge)
    rules = {rule.id: rule for rule in context.till.book.charge_rules()}
    rule = rules.get(command.charge.removesuffix(f":{priced.line}")) if priced is not None else None
    if priced is None or rule is None:
        automatic = [name for name in present if name.startswith(AUTOMATIC)]
        raise UnknownCharge(
            charge=command.charge or "An empty code",
            known=", ".join(automatic) or "none on this sale",
            field="charge",
        )
    _check_unit(command.amount, priced.name, context)
    line = None if priced.prorated else priced.line
    charge = charge_of(rule, command.amount or ZERO, line=line)
    return commands.change_charge(
        cart,
        overridden(charge, charge.amount, by=context.by, reason=command.reason.strip()[:120] or None),
        to_rule=command.amount is None,
    )


def _check_unit(amount: Decimal | None, name: str, context: Context) -> None:
    if amount is not None and (why := too_fine(context, amount)):
        raise BadCharge(
            amount=amount, shown=context.till.cart.money(amount), name=name, why=why, field="amount"
        )


@operation(
    number=141, code="charge", name="Charge", permission=Permission.CHARGE, command=AddCharge, aliases=(140,)
)
def charge(cart: Cart, command: AddCharge, context: Context) -> Cart:
    """Add the charge, or change its amount."""
    kinds = {kind.code: kind for kind in charge_kinds()}
    kind = kinds.get(command.charge.strip())
    if kind is None:
        raise UnknownCharge(charge=command.charge or "An empty code", known=", ".join(kinds), field="charge")
    _check_unit(command.amount, kind.name, context)
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
