"""What hands do to the devices of the lab: press, push, swipe, weigh, and switch on what is to go wrong.

Called on the devices' loop. A device or key that is not there raises KeyError, a value that cannot be used raises
CannotDo with what to type.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hardware.agent.emulators.scale import EmulatedScale
from hardware.lab.devices import (
    TERMINAL_STEP_SECONDS,
    Lab,
    LabDevice,
    LabPagePrinter,
    LabPrinter,
    LabReader,
    LabScale,
    LabScanner,
    LabTerminal,
)

SETTLE_SECONDS = 0.7
WEIGHT = re.compile(r"-?\d{1,3}(\.\d{1,3})?")
CODE = re.compile(r"[\x1d\x20-\x7e]{1,200}")
LINE_FAULTS = ("lose_answers", "double_answers", "garbage")
FRAME_FAULTS = ("breaks", "mishears", "forgets")
FRAMES_THAT_FAIL = 1  # a frame is tried three times, so one that comes broken is made good
NOBODY = "No station listens to this {device}."


class CannotDo(ValueError):
    """What was typed cannot be used, or nobody is there to notice; the text is for whoever stands at the bench."""


def touch(lab: Lab, name: str, action: str, value: str) -> None:
    """Do one thing to one device, and tell who watches."""
    device = lab.devices[name]
    faults = device.printer.faults if isinstance(device, LabPrinter) else device.faults
    if action in LINE_FAULTS and faults is not None:
        setattr(faults, action, not getattr(faults, action))
    else:
        HANDS[type(device)](lab, device, action, value)
    lab.tell(name, "torn" if action == "tear" else "state")


def _printer(lab: Lab, device: LabPrinter, action: str, value: str) -> None:
    printer = device.printer
    match action:
        case "paper":
            printer.set(has_paper=not printer.has_paper, paper_low=False)
        case "low":
            printer.set(paper_low=not printer.paper_low)
        case "cover":
            printer.set(cover_open=not printer.cover_open)
        case "power":
            printer.switch(not printer.power)
        case "shut":
            printer.drawers[value == "2"].push_shut()
            printer.announce()
        case "stick":
            drawer = printer.drawers[value == "2"]
            drawer.is_stuck = not drawer.is_stuck
        case "paper_out_after" | "power_off_after" | "drop_after" | "cover_after":
            if value and not (value.isascii() and value.isdigit() and len(value) < 7):
                raise CannotDo("Say after how many bytes, as a whole number.")
            printer.faults = replace(printer.faults, **{action: int(value) if value else None})
        case "tear":
            device.receipts.clear()
            device.receipts.append([])
        case _:
            raise KeyError(action)


def _page_printer(lab: Lab, device: LabPagePrinter, action: str, value: str) -> None:
    printer = device.printer
    match action:
        case "paper" | "toner" | "cover":
            reason = {
                "paper": "media-empty-error",
                "toner": "marker-supply-low-warning",
                "cover": "cover-open-error",
            }
            printer.reasons = list(set(printer.reasons) ^ {reason[action]})
        case "aborts":
            printer.aborts = not printer.aborts
        case "slow":
            printer.seconds = 0.0 if printer.seconds else 4.0
        case "drop":
            printer.drop_after_job = not printer.drop_after_job
        case "tear":
            printer.jobs.clear()
        case _:
            raise KeyError(action)


def _scale(lab: Lab, device: LabScale, action: str, value: str) -> None:
    match action:
        case "weigh":
            if not WEIGHT.fullmatch(value):
                raise CannotDo("Type a weight in kilograms, such as 0.432.")
            kilograms = Decimal(value).quantize(Decimal("0.001"))
            device.scale.put(kilograms, moving=True)
            asyncio.get_running_loop().call_later(SETTLE_SECONDS, _settle, device.scale, kilograms)
        case "shake":
            device.scale.is_moving = not device.scale.is_moving
        case "unplug":
            device.scale.is_silent = not device.scale.is_silent
        case "wants_price":
            device.scale.wants_price = not device.scale.wants_price
        case _:
            raise KeyError(action)


def _settle(scale: EmulatedScale, kilograms: Decimal) -> None:
    """It moves for a moment and comes to rest."""
    if scale.weight == kilograms:
        scale.put(kilograms)


def _terminal(lab: Lab, device: LabTerminal, action: str, value: str) -> None:
    terminal = device.terminal
    if action == "decide" and value in ("approve", "decline", "cancel", "wait"):
        terminal.decision = value  # type: ignore[assignment]
    elif action == "card" and value in ("approve", "decline", "cancel"):
        terminal.person(value)  # type: ignore[arg-type]
    elif action == "cut" and value in ("before", "progress", "booked", "result", "completion"):
        terminal.cut_at = "" if terminal.cut_at == value else value  # type: ignore[assignment]
    elif action == "slow":
        slow = terminal.step_seconds > TERMINAL_STEP_SECONDS
        terminal.step_seconds = TERMINAL_STEP_SECONDS * (1 if slow else 6)
    elif action == "goes_on":
        terminal.goes_on = not terminal.goes_on
    elif device.frames is not None and action in FRAME_FAULTS:
        setattr(device.frames, action, 0 if getattr(device.frames, action) else FRAMES_THAT_FAIL)
    elif device.frames is not None and action == "unplug":
        device.frames.drop()
    else:
        raise KeyError(action)


def _scanner(lab: Lab, device: LabScanner, action: str, value: str) -> None:
    if action != "scan":
        raise KeyError(action)
    if not CODE.fullmatch(value):
        raise CannotDo("Type what the scanner is to read: up to 200 plain characters.")
    device.heard = device.scanner.scan(value)
    if value in device.recent:
        device.recent.remove(value)
    device.recent.appendleft(value)
    if not device.heard:
        lab.tell(device.wish.name, "state")
        raise CannotDo(NOBODY.format(device="scanner"))


def _reader(lab: Lab, device: LabReader, action: str, value: str) -> None:
    if action != "swipe":
        raise KeyError(action)
    card = next((card for card in device.cards if card.name == value), None)
    tracks = card.tracks if card else value
    if not CODE.fullmatch(tracks):
        raise CannotDo("Choose a card, or type its tracks: up to 200 plain characters such as ;1234567?")
    device.heard, device.last = device.reader.scan(tracks), card.words if card else "Typed tracks"
    if not device.heard:
        lab.tell(device.wish.name, "state")
        raise CannotDo(NOBODY.format(device="reader"))


# What is not here has no keys of its own: a display.
HANDS: dict[type[LabDevice], Callable[[Lab, Any, str, str], None]] = {
    LabPrinter: _printer,
    LabPagePrinter: _page_printer,
    LabScale: _scale,
    LabTerminal: _terminal,
    LabScanner: _scanner,
    LabReader: _reader,
}
