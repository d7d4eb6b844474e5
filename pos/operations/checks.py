"""Checks that several operations share."""

from decimal import Decimal

from pos.cart.errors import BadDiscount
from pos.errors import ApprovalNeeded, UnknownReason
from pos.operations import Context


def check_reason(context: Context, use: str, code: str) -> str:
    """The reason code, if it is one of the company's for that use; a company without any takes none."""
    reasons = context.till.register.reasons_for(use)
    if not reasons:
        return code
    if code not in {reason.code for reason in reasons}:
        known = ", ".join(reason.code for reason in reasons)
        raise UnknownReason(reason=code or "An empty reason", known=known, field="reason")
    return code


def check_discount_limit(
    context: Context,
    percent: Decimal | None,
    amount: Decimal | None,
    gross: Decimal,
    *,
    limit: str,
    what: str,
) -> None:
    """Hold a manual discount to the limit of who gives it; above it a manager must."""
    if percent is not None and amount is not None:
        raise BadDiscount(value=percent, why="give a percentage or an amount, not both.", field="percent")
    value = percent if percent is not None else amount
    if value is None or not value.is_finite() or value <= 0:
        raise BadDiscount(
            value=value, why="give a number above zero.", field="percent" if amount is None else "amount"
        )
    if percent is None and amount is not None and (gross == 0 or amount > abs(gross)):
        raise BadDiscount(value=amount, why=f"there is only {abs(gross)} to take it from.", field="amount")
    share = percent if percent is not None else (amount or Decimal(0)) * 100 / abs(gross)
    giver = context.approved_by or context.worker
    if share > getattr(giver, limit):
        if context.approved_by is not None:
            raise BadDiscount(
                value=value, why=f"{giver.name} may give {getattr(giver, limit)} % at most.", field="percent"
            )
        raise ApprovalNeeded(operation=f"{what} of {share.quantize(Decimal('0.1'))} %")
