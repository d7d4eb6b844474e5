"""What a cashier can do, as a registry: each operation is one file that registers itself.

A button points at an operation by its number, the API by its code; the numbers are those retail staff know.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from hq.station_port import JobRequest
from pos.cart.model import Cart, Notice
from pos.errors import UnknownOperation
from pos.services.reading import Wanted

if TYPE_CHECKING:
    from pos.config import WorkerView
    from pos.services.session import Till


class Command(msgspec.Struct, frozen=True, tag_field="operation", forbid_unknown_fields=True):
    """What is asked: subclasses are tagged with their operation's code and carry its parameters."""

    @property
    def wanted(self) -> Wanted | None:
        """The article that it will look up, if any."""
        return None


def goods_of(commands: Sequence[Command]) -> list[Wanted]:
    """The articles that commands will look up."""
    return [found for command in commands if (found := command.wanted) is not None]


@dataclass(frozen=True)
class Context:
    """What an operation may know besides the cart."""

    till: Till
    worker: WorkerView
    at: datetime
    approved_by: WorkerView | None = None

    @property
    def by(self) -> str:
        """Staff ID of who decided."""
        return (self.approved_by or self.worker).staff_id


@dataclass(frozen=True)
class Step:
    """What an operation did: the cart afterwards, a word to the cashier, and what is to be written beside it."""

    cart: Cart
    notice: Notice | None = None
    writes: tuple[Any, ...] = ()
    record: Any = None
    jobs: tuple[JobRequest, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One thing that a cashier can do.

    `permission` is what the worker's group must hold; where `may_be_approved`, a manager can stand in for it.
    `needs_headquarters` marks what is refused while headquarters cannot be reached; `reads_prices` what must see
    the cart priced (the others may be asked for in one go and priced together).
    """

    number: int
    code: str
    name: str
    permission: str
    command: type[Command]
    run: Callable[[Cart, Any, Context], Step | Cart]
    needs_headquarters: bool = False
    may_be_approved: bool = True
    needs_shift: bool = True
    reads_prices: bool = False
    aliases: tuple[int, ...] = field(default=())


_operations: dict[str, Operation] = {}


def operation(
    *,
    number: int,
    code: str,
    name: str,
    permission: str,
    command: type[Command],
    needs_headquarters: bool = False,
    may_be_approved: bool = True,
    needs_shift: bool = True,
    reads_prices: bool = False,
    aliases: tuple[int, ...] = (),
) -> Callable[[Callable[..., Step | Cart]], Callable[..., Step | Cart]]:
    """Register the decorated function as an operation."""

    def register(run: Callable[..., Step | Cart]) -> Callable[..., Step | Cart]:
        if code in _operations:
            raise ValueError(f"Operation {code} is registered already.")
        if taken := {number, *aliases} & {
            n for one in _operations.values() for n in (one.number, *one.aliases)
        }:
            raise ValueError(f"Operation {code} has the number of another: {taken}.")
        _operations[code] = Operation(
            number=number,
            code=code,
            name=name,
            permission=permission,
            command=command,
            run=run,
            needs_headquarters=needs_headquarters,
            may_be_approved=may_be_approved,
            needs_shift=needs_shift,
            reads_prices=reads_prices,
            aliases=aliases,
        )
        return run

    return register


@cache
def operations() -> dict[str, Operation]:
    """Every operation by its code."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_operations)


@cache
def operations_by_number() -> dict[int, Operation]:
    """Every operation by the numbers that buttons use."""
    return {number: found for found in operations().values() for number in (found.number, *found.aliases)}


@cache
def command_type() -> Any:
    """The union of all commands, for decoding what a page or a client sends."""
    types = tuple(found.command for found in operations().values())
    union = types[0]
    for other in types[1:]:
        union = union | other
    return union


def operation_of(command: Command) -> Operation:
    """The operation that a command asks for."""
    code = type(command).__struct_config__.tag
    found = operations().get(str(code))
    if found is None:
        raise UnknownOperation(operation=code, field="operation")
    return found
