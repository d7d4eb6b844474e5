"""Checks that several operations share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec

from channels_app.errors import DomainError
from pos.errors import Nonsense, UnknownReason
from pos.operations import Command, Context

LARGEST, FINEST, MOST_DIGITS = 15, -10, 30  # places before the point, after it, and figures in all


def refuse_nonsense(commands: Sequence[Command]) -> None:
    """Refuse what no operation could work with, naming the field: numbers that are none, text that cannot be kept."""
    for position, command in enumerate(commands):
        with naming_command(position):
            _check_fields(command)


@contextmanager
def naming_command(position: int) -> Iterator[None]:
    """Say in the details of a refusal which of the commands it is about, from 0."""
    try:
        yield
    except DomainError as error:
        error.details["command"] = position
        raise


def _check_fields(value: msgspec.Struct) -> None:
    for name in value.__struct_fields__:
        check_value(name, getattr(value, name))


def check_value(name: str, value: Any) -> None:
    """Refuse a value, or a part of it, that cannot be worked with or kept. Raises Nonsense for the field `name`."""
    if isinstance(value, str):
        if "\0" in value:
            raise Nonsense(what=name, why="it holds a character that cannot be kept.", field=name)
    elif isinstance(value, Decimal):
        if not _is_sound(value):
            raise Nonsense(what=name, why="give a number of an ordinary size.", field=name)
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise Nonsense(what=name, why="it is too large a number.", field=name)
    elif isinstance(value, msgspec.Struct):
        _check_fields(value)
    elif isinstance(value, list | tuple):
        for item in value:
            check_value(name, item)


def _is_sound(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    return (
        isinstance(exponent, int)
        and FINEST <= exponent < LARGEST >= value.adjusted()
        and len(digits) <= MOST_DIGITS
    )


def too_fine(context: Context, amount: Decimal) -> str:
    """Why nobody can pay or be given the amount, where it is finer than the register's currency."""
    if not amount.is_finite() or context.till.register.currency.is_whole(amount):
        return ""
    return f"the smallest amount is {context.till.cart.money(context.till.register.currency.unit)}."


def check_reason(context: Context, use: str, code: str) -> str:
    """The reason code, if it is one of the company's for that use; a company without any takes none."""
    reasons = context.till.register.reasons_for(use)
    if not reasons:
        return code
    if code not in {reason.code for reason in reasons}:
        known = ", ".join(reason.code for reason in reasons)
        raise UnknownReason(reason=code or "An empty reason", known=known, field="reason")
    return code
