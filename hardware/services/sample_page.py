"""The test print: what shows at a glance whether a printer prints what our receipts need."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hardware.agent.protocol import Device
from hq.models import HardwareStation, Register


def sample_page(
    station: HardwareStation, register: Register | None, printer: Device, *, by: str, at: datetime
) -> dict:
    """A short receipt document: who asked, where it comes out, signs, widths, a barcode and a cut.

    ``register`` is the one that prints here, if any does. The time stands in the store's zone.
    """
    served = [f"{register.number} {register.name}"] if register else []
    local = at.astimezone(ZoneInfo(station.store.time_zone))
    return {
        "version": 1,
        "title": "Test print",
        "blocks": [
            {"kind": "text", "text": "Test print", "align": "center", "bold": True, "size": "large"},
            {"kind": "text", "text": station.store.name, "align": "center"},
            {"kind": "rule"},
            {"kind": "pair", "left": "Station", "right": f"{station.number} {station.name}"},
            *({"kind": "pair", "left": "Register", "right": name} for name in served),
            {"kind": "pair", "left": "Printer", "right": printer.id},
            {"kind": "pair", "left": "Driver", "right": printer.driver},
            {"kind": "pair", "left": "Asked by", "right": by},
            {"kind": "pair", "left": "At", "right": f"{local:%d.%m.%Y %H:%M:%S}"},
            {"kind": "rule", "style": "dotted"},
            {"kind": "text", "text": "£ € $ ä ö ü ß é è ñ ø å č š ł – “ ” × ½"},
            {"kind": "text", "text": "Bold", "bold": True},
            {"kind": "text", "text": "Large", "size": "large"},
            {"kind": "pair", "left": "An amount on the right edge", "right": "1,234.56"},
            {"kind": "barcode", "symbology": "code128", "data": f"TEST{station.pk:06d}"},
            {"kind": "text", "text": "Complete? Then this printer is well.", "align": "center"},
            {"kind": "cut"},
        ],
    }
