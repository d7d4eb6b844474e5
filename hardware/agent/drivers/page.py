"""Full-page printers, through CUPS or directly, by IPP.

A job counts as printed when the queue says that it is completed. A line that broke after the first byte is not the
end: the job carries a name of its own, and the queue is asked for it.
"""

import time
from collections.abc import Mapping, Sequence
from uuid import uuid4

import msgspec

from hardware.agent.document import ReceiptDocument
from hardware.agent.drivers import ipp
from hardware.agent.drivers.base import (
    Begin,
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    Health,
    OutcomeUnknown,
)
from hardware.agent.drivers.ipp import Attribute, IppPrinter, Message
from hardware.agent.drivers.page_pdf import PageSettings, compile_pages
from hardware.agent.drivers.transport import LineLost
from hardware.agent.protocol import Device

DONE_SECONDS = 4.0
ASK_AGAIN_SECONDS, ASK_LATER_SECONDS = 0.2, 1.0
GIVES_UP_SECONDS = 20.0
AT_WORK = (3, 5, 6)  # pending, processing, and stopped in the middle of it
CANCELED, ABORTED, COMPLETED = 7, 8, 9
STOPPED = 5
REASONS = {
    "media-empty": "The printer is out of paper. Fill its tray.",
    "media-needed": "The printer is out of paper. Fill its tray.",
    "media-jam": "Paper is jammed in the printer. Clear it.",
    "cover-open": "The printer's cover is open. Shut it to go on.",
    "door-open": "A door of the printer is open. Shut it to go on.",
    "toner-empty": "The printer's toner is empty. Put in a new one.",
    "marker-supply-empty": "The printer's ink or toner is empty. Put in a new one.",
    "offline": "The printer is off line. Check that it is switched on.",
    "connecting-to-device": "The print queue cannot reach its printer. Check that it is switched on.",
    "paused": "The print queue is paused. Resume it on the machine that serves it.",
}
LOW = {
    "media-low": "The printer's paper is running low. Have more ready.",
    "toner-low": "The printer's toner is running low. Have a new one ready.",
    "marker-supply-low": "The printer's ink or toner is running low. Have a new one ready.",
}


class PagePrinter:
    """Settings: ``paper`` (a4), ``columns`` (72), ``font`` (a TrueType file), ``verify`` (true: check ipps).

    A printer that has slept takes half a minute to its first page: what the queue is at work on is waited for. What it
    holds, or knows nothing of, is so for no longer than ``GIVES_UP_SECONDS``, because other pages wait behind it.
    """

    owed_for: Mapping[str, float] = {}  # the queue itself says what becomes of a job

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        self._settings = msgspec.convert(device.settings, PageSettings)
        verify = device.settings.get("verify", True)
        self._printer = IppPrinter(device.address, networks, verify)
        self._owed = ""  # the name of a job whose end is not known
        self._asked_at = self._at_work_at = 0.0

    def print_document(self, document: ReceiptDocument, *, begin: Begin) -> str:
        """Hand the pages to the queue and wait a while for their end. Raises DeviceError's three kinds."""
        data = compile_pages(document, self._settings)
        health = self._health()
        if health.state == "stopped":
            raise DeviceUnavailable(health.words, health)
        name = f"{document.title[:60] or 'Document'} {uuid4()}"
        try:
            answer = self._printer.ask(
                ipp.PRINT_JOB,
                Attribute(ipp.NAME, "job-name", name),
                Attribute(ipp.MIME, "document-format", "application/pdf"),
                data=data,
                begin=begin,
            )
        except LineLost as error:
            self._owe(name)
            raise OutcomeUnknown(
                "The line to the print queue broke. The queue is asked for the job; look at the printer."
            ) from error
        if answer.code >= 0x0400:
            raise DeviceRefused(f"The print queue refuses the document ({answer.code:04X}).")
        self._owe(name)
        until = time.monotonic() + DONE_SECONDS
        while time.monotonic() < until:
            if self._is_over():
                return "Printed."
            time.sleep(ASK_AGAIN_SECONDS)
        health = self.status()
        why = health.words if health.state != "ready" else "The print queue has it and is not done with it."
        raise OutcomeUnknown(f"{why} Look at the printer.")

    def open_drawer(self, connector: int, *, begin: Begin) -> str:
        """No drawer hangs on a page printer."""
        raise DeviceRefused("No drawer hangs on a page printer. Give the drawer a receipt printer.")

    def settle(self) -> bool:
        """True once the queue has completed a job whose outcome was unknown."""
        if time.monotonic() - self._asked_at < ASK_LATER_SECONDS:
            return False
        try:
            return bool(self._owed) and self._is_over()
        except OutcomeUnknown:
            return False

    def _owe(self, name: str) -> None:
        self._owed, self._at_work_at = name, time.monotonic()

    @property
    def owes_answer(self) -> bool:
        """True while the queue may still tell what became of a job."""
        return bool(self._owed) and time.monotonic() - self._at_work_at < GIVES_UP_SECONDS

    def status(self) -> Health:
        try:
            return self._health()
        except DeviceError as error:
            return getattr(error, "health", None) or Health("absent", str(error))

    def close(self) -> None:
        self._owed = ""

    def _is_over(self) -> bool:
        """True when the job is completed; raises OutcomeUnknown when the queue has dropped it half-way."""
        self._asked_at = time.monotonic()
        try:
            answer = self._printer.ask(
                ipp.GET_JOBS,
                Attribute(ipp.KEYWORD, "which-jobs", "all"),
                Attribute(ipp.KEYWORD, "requested-attributes", "job-name"),
                Attribute(ipp.KEYWORD, "", "job-state"),
            )
        except (LineLost, DeviceUnavailable):
            self._at_work_at = time.monotonic()  # for all we know
            return False
        states = {
            name: state
            for tag, values in answer.groups
            if tag == ipp.JOB
            for name, state in zip(values.get("job-name", ()), values.get("job-state", ()), strict=False)
        }
        state = states.get(self._owed)
        if state in AT_WORK:
            self._at_work_at = time.monotonic()
        if state in (CANCELED, ABORTED):
            self._owed = ""
            raise OutcomeUnknown(
                "The print queue gave the job up. Look at the printer: pages may be missing."
            )
        if state == COMPLETED:
            self._owed = ""
        return state == COMPLETED

    def _health(self) -> Health:
        try:
            answer = self._printer.ask(ipp.GET_PRINTER)
        except LineLost as error:
            words = "The print queue does not answer as one. Check the address and its name."
            raise DeviceUnavailable(words, Health("silent", words)) from error
        if answer.code >= 0x0400:
            words = "The print queue does not know this printer. Check its name in the address."
            raise DeviceUnavailable(words, Health("absent", words))
        return read_health(answer)


def read_health(answer: Message) -> Health:
    """What the printer's attributes say, as a state and a sentence."""
    told = answer.group(ipp.PRINTER)
    reasons = [
        str(reason).removesuffix("-error").removesuffix("-report").removesuffix("-warning")
        for reason in told.get("printer-state-reasons", ())
    ]
    stopped = told.get("printer-state", [3])[0] == STOPPED
    accepts = told.get("printer-is-accepting-jobs", [True])[0]
    flags = {"online": not stopped, "paper": not {"media-empty", "media-needed"} & set(reasons)}
    for reason in reasons:
        if reason in REASONS:
            return Health("stopped", REASONS[reason], flags)
    if stopped or not accepts:
        return Health(
            "stopped", "The print queue takes no jobs. Resume it on the machine that serves it.", flags
        )
    for reason in reasons:
        if reason in LOW:
            return Health("attention", LOW[reason], flags)
    return Health("ready", "Ready.", flags)
