"""Taxes that are not the usual ones: an exemption with its reason, or other taxes for a line or the whole sale."""

from hq.models import ReasonCode
from hq.permissions import Permission
from pos.cart import commands
from pos.cart.model import Cart
from pos.errors import NoExemptionToday, TaxesElsewhere, UnknownReason, UnknownTaxes
from pos.operations import Command, Context, operation
from pos.services.choices import tax_overrides
from pricing.engine.tax_codes import TaxOverride


class TaxExempt(Command, frozen=True, tag="tax_exempt"):
    """Free the sale from tax for one of the company's reasons; an empty one takes the exemption away."""

    reason: str = ""


class SaleTaxes(Command, frozen=True, tag="sale_taxes"):
    """Other taxes for the whole sale, by the code of the tax override; an empty one: the usual taxes."""

    override: str = ""


class LineTaxes(Command, frozen=True, tag="line_taxes"):
    """Other taxes for a line, by the code of the tax override; an empty one: the usual taxes."""

    line: str
    override: str = ""


@operation(number=145, code="tax_exempt", name="Tax exemption", permission=Permission.TAX, command=TaxExempt)
def tax_exempt(cart: Cart, command: TaxExempt, context: Context) -> Cart:
    """Free the sale from tax; the reason and who gave it stand in the journal and on the receipt."""
    code = command.reason.strip()
    if not code:
        return commands.exempt_from_tax(cart, None, "")
    reasons = {reason.code: reason for reason in context.till.register.reasons_for(ReasonCode.Use.TAX)}
    reason = reasons.get(code)
    if reason is None:
        known = ", ".join(reasons) or "none: add reasons for tax exemption in headquarters"
        raise UnknownReason(reason=code, known=known, field="reason")
    exemption = context.till.book.exemption_for(reason.code, reason.text, context.at)
    if exemption is None:
        raise NoExemptionToday(reason=reason.text, field="reason")
    return commands.exempt_from_tax(cart, exemption, context.by)


@operation(
    number=128,
    code="sale_taxes",
    name="Taxes of the sale",
    permission=Permission.TAX,
    command=SaleTaxes,
    aliases=(127,),
)
def sale_taxes(cart: Cart, command: SaleTaxes, context: Context) -> Cart:
    """Let the whole sale pay other taxes."""
    return commands.override_tax(cart, _override(command.override, "transaction"))


@operation(
    number=130,
    code="line_taxes",
    name="Taxes of the line",
    permission=Permission.TAX,
    command=LineTaxes,
    aliases=(129,),
)
def line_taxes(cart: Cart, command: LineTaxes, context: Context) -> Cart:
    """Let one line pay other taxes."""
    return commands.override_line_tax(cart, command.line, _override(command.override, "line"))


_SCOPES = {"line": ("a line", "Taxes of the line"), "transaction": ("the whole sale", "Taxes of the sale")}


def _override(code: str, scope: str) -> TaxOverride | None:
    if not code.strip():
        return None
    known = {override.id: override for override in tax_overrides(scope)}
    found = known.get(code.strip())
    if found is None:
        for other, (words, operation) in _SCOPES.items():
            if any(override.id == code.strip() for override in tax_overrides(other)):
                raise TaxesElsewhere(override=code, scope=words, operation=operation, field="override")
        raise UnknownTaxes(override=code, known=", ".join(known) or "none", field="override")
    return found
