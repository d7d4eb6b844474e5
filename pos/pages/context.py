"""What the templates of the sell screen are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from hq.station_port import StationView, station
from pos.cart.snapshot import LineView, Snapshot
from pos.pages.keys import operation_keys
from pos.services.catalogue import prices_of
from pos.services.session import Till

DEVICE_ICONS = {
    "printer": "printer",
    "drawer": "inbox",
    "scanner": "scan-barcode",
    "scale": "scale",
    "display": "monitor",
    "terminal": "credit-card",
    "reader": "id-card",
}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DeviceMark:
    """A device in the head of the till: its icon, its state as a shape, and both in words."""

    icon: str
    state: str
    title: str
    open_since: datetime | None = None
    before_sale: str = ""
    is_station: bool = False

    @property
    def open_seconds(self) -> int | None:
        """For how long it has been open, by our clock: that of the till's computer may be wrong by hours."""
        return round((timezone.now() - self.open_since).total_seconds()) if self.open_since else None


def fragment_context(till: Till, cart: Snapshot) -> dict[str, Any]:
    """What every fragment needs; nothing here asks the database or walks over the lines."""
    register = till.register
    cash, card = register.tender_rule_of("cash"), register.tender_rule_of("card")
    last = cart.lines[-1].id if cart.lines else "0"
    return {
        "till": till,
        "register": register,
        "cart": cart,
        "worker": till.worker,
        "visual": register.visual,
        "last_line": last,
        "cash_rule": cash,
        "card_rule": card,
        "exact_cash": register.currency.round_cash(cart.due_by(cash.method)) if cash else ZERO,
    }


def page_context(
    till: Till, cart: Snapshot, *, line: str = "", grid: str = "", at: datetime | None = None
) -> dict[str, Any]:
    """What the whole sell page needs."""
    register = till.register
    shown = next((found.id for found in register.grids if str(found.id) == grid), None)
    if shown is None and register.grids:
        shown = register.grids[0].id
    products = [button.product for found in register.grids for button in found.buttons if button.product]
    return fragment_context(till, cart) | {
        "chosen": chosen_line(cart, line),
        "shown_grid": shown,
        "operations": operation_keys(),
        "prices": prices_of(register, products, at=at or timezone.now()) if products else {},
        "devices": device_marks(station().view(register.id)),
    }


def chosen_line(cart: Snapshot, wanted: str = "") -> str:
    """The line that the line keys act on: the one asked for while it counts, else the last that counts."""
    if wanted and (line := cart.line(wanted)) and not line.is_voided:
        return wanted
    last: LineView | None = next((line for line in reversed(cart.lines) if not line.is_voided), None)
    return last.id if last else ""


def device_marks(view: StationView) -> list[DeviceMark]:
    """The devices of a station for the head of the till; one mark for the station itself when it is away."""
    if not view.devices or not view.connected:
        state = "unknown" if not view.name else "down"
        return [DeviceMark("printer", state, view.words, is_station=True)]
    marks = [_in_place_of_own(view)] if view.own_name else []
    if view.words:
        marks.append(DeviceMark("triangle-alert", "down", view.words, before_sale=view.words))
    marks += [
        DeviceMark(
            DEVICE_ICONS.get(device.kind, "circle-dot"),
            device.state,
            f"{device.name}: {device.words}",
            device.open_since,
            f"{device.name}: {device.words}" if device.paper_low and device.state == "warning" else "",
        )
        for device in view.devices
    ]
    if view.unknown:
        marks.append(
            DeviceMark("file-question-mark", "warning", f"{_prints(view.unknown)} with unknown outcome")
        )
    elif view.waiting:
        marks.append(DeviceMark("hourglass", "warning", f"Waiting: {_prints(view.waiting)}"))
    return marks


def _prints(number: int) -> str:
    return f"{number} print{'' if number == 1 else 's'}"


def _in_place_of_own(view: StationView) -> DeviceMark:
    back = f"{view.own_name} is there. Go back to it in the status sheet." if view.own_is_back else ""
    words = back or f"{view.name} in place of {view.own_name}"
    return DeviceMark("arrow-left-right", "warning", words, before_sale=back)
