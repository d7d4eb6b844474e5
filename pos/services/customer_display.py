"""What the customer reads while the goods go by: two rows of about twenty characters."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from django.db import transaction

from hq.station_port import station
from pos.cart.model import Outcome
from pos.cart.snapshot import LineView, Snapshot, snapshot
from pos.config import RegisterConfig
from pos.services.session import Till

Rows = tuple[str, str]


def show_cart(register: RegisterConfig, answer: Snapshot, money: Callable[[Decimal], str]) -> None:
    """After the commit the customer sees what has changed."""
    if register.display_station_id is not None:
        _show(register, rows_of(answer, money, register.store.name), answer.version)


def show_open(register: RegisterConfig, version: int) -> None:
    """Somebody has signed on."""
    if register.display_station_id is not None:
        _show(register, _welcome(register.store.name), version)


def show_closed(register: RegisterConfig, version: int) -> None:
    """Nobody is signed on any more."""
    if register.display_station_id is not None:
        _show(register, ("This till is closed.", ""), version)


def show_present(till: Till, station_id: int) -> None:
    """A display that may be blank is back at this station: it shows how the register stands."""
    if till.register.display_station_id != station_id:
        return
    if till.worker is None:
        show_closed(till.register, till.cart.version)
        return
    last = [line.id for line in till.cart.live_lines[-1:]]
    show_cart(till.register, snapshot(till.cart, Outcome(changed=tuple(last))), till.cart.money)


def rows_of(answer: Snapshot, money: Callable[[Decimal], str], store: str) -> Rows:
    """The two rows for a cart as a command has left it; a tab parts the left edge from the right one."""
    if answer.sale is not None:
        below = f"Change\t{money(answer.sale.change)}" if answer.sale.change else "Thank you"
        return f"Total\t{money(answer.sale.total)}", below
    if answer.is_empty:
        return _welcome(store)
    if answer.tenders:
        return f"Paid\t{money(answer.paid)}", f"To pay\t{money(answer.due)}"
    return _line_row(answer, money), f"Total\t{money(answer.total)}"


def _line_row(answer: Snapshot, money: Callable[[Decimal], str]) -> str:
    """The line that was rung up last, or the number of items where nothing of the kind has changed."""
    line = answer.line(answer.changed[-1]) if answer.changed else None
    if line is None:
        return f"Items\t{answer.item_count.normalize():f}"
    if line.is_voided:
        return f"Void {line.name}"
    return f"{_quantity(line)}{line.name}\t{money(line.amount)}"


def _quantity(line: LineView) -> str:
    if line.is_weighed:
        return f"{line.quantity:.{line.unit_decimals}f} {line.unit} "
    return "" if line.quantity == 1 else f"{line.quantity.normalize():f} x "


def _welcome(store: str) -> Rows:
    return "Welcome to", store


def _show(register: RegisterConfig, rows: Rows, version: int) -> None:
    show = partial(
        station().show,
        station_id=register.display_station_id,
        register=register.number,
        rows=rows,
        version=version,
    )
    transaction.on_commit(show, robust=True)
