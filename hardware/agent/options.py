"""The options that a hardware profile may give a device, and what each may say. Defaults are the drivers'."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hardware.agent.drivers.base import DeviceRefused


class Kind(NamedTuple):
    """What an option may say: as a rule, and in words that follow *enter*."""

    holds: Callable[[Any], bool]
    words: str


def _whole(least: int, most: int) -> Kind:
    def holds(value: Any) -> bool:
        return type(value) is int and least <= value <= most

    return Kind(holds, f"a whole number from {least} to {most}")


def _one_of(*known: str | int) -> Kind:
    return Kind(
        lambda value: type(value) is type(known[0]) and value in known, " or ".join(str(one) for one in known)
    )


def _written(form: str, words: str) -> Kind:
    return Kind(lambda value: bool(re.fullmatch(form, str(value), re.ASCII)), words)


YES_OR_NO = Kind(lambda value: isinstance(value, bool), "true or false")
TEXT = Kind(lambda value: isinstance(value, str | int) and not isinstance(value, bool), "a text")
FILE = Kind(lambda value: isinstance(value, str), "the path of a file")
TABLE = r"\s*\d{1,3}=[\w-]+\s*"
FOR_EVERY_DEVICE: Mapping[str, Kind] = {"each_register": YES_OR_NO, "register": TEXT, "title": TEXT}
OPTIONS: Mapping[str, Mapping[str, Kind]] = {
    "escpos": {
        "columns": _whole(16, 132),
        "dots": _whole(128, 4096),
        "cut": YES_OR_NO,
        "pulse_on": _whole(1, 255),
        "pulse_off": _whole(1, 255),
        "pictures": YES_OR_NO,
        "qr_codes": YES_OR_NO,
        "font": FILE,
        "tables": _written(f"{TABLE}(,{TABLE})*", "code tables such as 19=cp858,16=cp1252"),
        "answers": YES_OR_NO,
        "keep_open": YES_OR_NO,
        "drawer_open_is_high": YES_OR_NO,
        "second": YES_OR_NO,
    },
    "page": {
        "paper": _written("(?i:a4|a5|letter)", "a4, a5 or letter"),
        "columns": _whole(24, 132),
        "font": FILE,
        "verify": YES_OR_NO,
        "second": YES_OR_NO,
    },
    "drawer": {"connector": _one_of(1, 2)},
    "scanner": {"prefix": TEXT, "suffix": TEXT, "samples": TEXT},
    "reader": {"prefix": TEXT, "suffix": TEXT},
    "display": {
        "family": _one_of("epson", "cd5220"),
        "width": _whole(8, 80),
        "table": _written(TABLE, "a code table such as 0=cp437"),
        "on_printer_line": YES_OR_NO,
        "scroll": YES_OR_NO,
    },
    "scale_cas": {"kind": _one_of(0, 1, 6), "decimals": _whole(0, 5), "unit": _one_of("kg", "g", "lb", "oz")},
    "scale_dialog06": {
        "digits": _one_of(5, 6),
        "checksums": _written(r"[0-9A-Fa-f]{1,4},[0-9A-Fa-f]{1,4}", "two checksums such as 1A2B,3C4D"),
    },
    "zvt": {
        "password": _written(r"\d{6}", "its six digits, in quotation marks"),
        "currency": TEXT,
        "letters": TEXT,
    },
}


def own_options(driver: str) -> Mapping[str, Kind]:
    """The options of this driver alone."""
    return OPTIONS.get(driver) or OPTIONS.get(driver.partition("_")[0], {})


def options_of(driver: str) -> Mapping[str, Kind]:
    """The options that a device of this driver may have, in the order of their names. A station passes over others."""
    return dict(sorted({**own_options(driver), **FOR_EVERY_DEVICE}.items()))


def fault_of(driver: str, name: str, value: Any) -> str:
    """What to enter in place of this value of an option of the driver; nothing where it may be so."""
    kind = options_of(driver)[name]
    return "" if kind.holds(value) else f"{name}: enter {kind.words}, not {value}."


def said_in(settings: Mapping[str, Any], driver: str) -> dict[str, Any]:
    """Those of the driver's own options that a device's settings say. Raises DeviceRefused with what to enter."""
    said = {name: settings[name] for name in own_options(driver) if settings.get(name) not in (None, "")}
    for name, value in said.items():
        if fault := fault_of(driver, name, value):
            raise DeviceRefused(fault)
    return said
