"""Receipt printers that speak ESC/POS, over any line.

A receipt counts as printed when the printer has answered a question that it could only reach by working
through everything before it (``1D 72 1``). Before the first byte the printer is asked how it is, so that a
receipt is not begun on a printer that cannot finish it. One that never answers that question is only asked how
it is, before and after, and its receipts are sent and not confirmed. So are those of one that has never answered
anything: many a printer, and most print servers, only listen.
"""

import functools
import time
from collections.abc import Sequence

from hardware.agent.document import ReceiptDocument
from hardware.agent.drivers.base import (
    Begin,
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    Health,
    OutcomeUnknown,
    StationUnable,
)
from hardware.agent.drivers.escpos import compile_receipt, drawer_pulse, load_library, read_settings
from hardware.agent.drivers.printer_talk import ASK_PAPER_IN_STREAM, PrinterTalk
from hardware.agent.drivers.transport import LineLost, Transport, open_transport
from hardware.agent.protocol import Device

FILLING = bytes(4096)
VAIN_QUESTIONS = 2
PROOF_SECONDS = 3.8
BYTES_A_SECOND = 6000  # that a printer takes at least
BEHIND_THE_LINE_SECONDS = 2.5  # until one answers that has got the last byte over a line slower than itself
UNPROVEN_SECONDS = 0.5
PULSE_APART_SECONDS = 1.1
PULSE_SHOWS_SECONDS = 1.5
SPEAKS_AGAIN_SECONDS = 6.0
LINGER_SECONDS = 1.0  # no longer than another computer waits for its first answer
BROKE_OFF = "The line to the printer broke in the middle of printing. Look at the paper."
LOOK_AT_PAPER = "Look at the paper: the receipt may be missing or cut short."
SILENT = Health(
    "silent",
    "The printer does not answer. Check its cable, and switch it off and on.",
    {"paper": False, "online": False},
)
UNREADABLE = Health(
    "silent",
    "What answers there is no receipt printer, or speaks at another speed. Check its address in the hardware profile.",
    SILENT.flags,
)
FALLEN_SILENT = Health(
    "silent",
    "The printer took a receipt and says nothing now. Look at its paper and its cover, then at its cable.",
    {"paper": False, "online": False},
)
MUTE = Health(
    "attention",
    "The printer takes receipts and never says how it is. Look at the paper.",
    {"online": True},
)


class EscPosPrinter:
    """One receipt printer. Not safe for two threads: its worker alone calls it."""

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        self.settings = read_settings(device.settings)
        self._address, self._networks = device.address, networks
        self._asks = device.settings.get("answers", True)
        self._keeps_open = device.settings.get("keep_open", device.address.startswith(("serial:", "usb:")))
        self._drawer_open_is_high = device.settings.get("drawer_open_is_high", True)
        self._may_linger = device.address.startswith("tcp:") and device.settings.get("keep_open", True)
        self._may_learn = "drawer_open_is_high" not in device.settings
        self._sensor = self._sensor_before_pulse = False
        self._line: Transport | None = None
        self._owe_nothing()
        self._talk = PrinterTalk()
        self._has_proved, self._in_vain = False, 0
        self._let_go_at = 0.0
        self._pulsed_at = -PULSE_APART_SECONDS

    def _owe_nothing(self) -> None:
        self._owed = self._fell_silent = False
        self._owes_until = float("inf")

    @property
    def has_answered(self) -> bool:
        """True once the printer has said anything, in this life of the station or, by its worker's word, before."""
        return self._talk.has_answered

    @has_answered.setter
    def has_answered(self, value: bool) -> None:
        self._talk.has_answered = value

    @property
    def is_slow(self) -> bool:
        """True for a printer that takes so long to say how it is that somebody would miss the station's word."""
        return self._talk.is_slow

    def print_document(self, document: ReceiptDocument, *, begin: Begin) -> str:
        """Print once. The answer says whether the printer confirmed it or could not be asked."""
        compiled = functools.cache(lambda: compile_receipt(document, self.settings))
        self._talk.meanwhile = compiled
        try:
            health = self._make_ready()
            data = compiled()
        except (DeviceRefused, StationUnable):
            self.close()  # an answer may still be on its way
            raise
        finally:
            self._talk.meanwhile = lambda: None
        if health.state == "stopped":
            raise DeviceUnavailable(health.words, health)
        self._space_pulses(b"\x1bp" in data)
        return self._send(data, begin)

    def warm_up(self) -> None:
        """Load what writes the bytes: half a second that the first receipt need not wait for."""
        load_library()

    def open_drawer(self, connector: int, *, begin: Begin) -> str:
        """One pulse; while paper or cover stop the stream, the command that does not queue is used."""
        health = self._make_ready()
        if health.state == "stopped" and health.flags.get("error"):
            raise DeviceUnavailable(health.words, health)
        self._space_pulses(True)
        if health.state != "stopped":
            self._send(drawer_pulse(connector, self.settings), begin)
            return "Opened."
        begin()
        try:
            self._line.write(b"\x10\x14\x01" + bytes((connector - 1, 1)))
        except LineLost as error:
            self.close()
            raise OutcomeUnknown("The line to the printer broke while the drawer was opened.") from error
        self.let_go()
        return "Opened while the printer was stopped; it cannot confirm that."

    def status(self) -> Health:
        try:
            if self._owed:
                return self._ask_debtor()
            return self._make_ready()
        except DeviceError as error:
            return getattr(error, "health", None) or Health("absent", str(error))
        finally:
            self.let_go()

    def _ask_debtor(self) -> Health:
        """How it is that owes an answer; one that was silent and speaks again has said it soon, or it is lost."""
        health = self._ask_all()
        if health == SILENT:
            return FALLEN_SILENT
        if self._fell_silent and health.state == "ready":
            self._owes_until = min(self._owes_until, time.monotonic() + SPEAKS_AGAIN_SECONDS)
        return health

    def settle(self) -> bool:
        """True once the answer that was owed has come after all: the paper was refilled, the cover shut."""
        if not self.owes_answer:
            return False
        try:
            self._talk.read(0.2)
        except LineLost:
            self.close()
            return False
        if not self._talk.proofs:
            return False
        self._owe_nothing()
        self.let_go()
        return True

    @property
    def owes_answer(self) -> bool:
        """True while the line is kept for the answer about a receipt whose outcome is unknown."""
        return self._owed and self._line is not None and time.monotonic() < self._owes_until

    def close(self) -> None:
        self._owe_nothing()
        if self._line is not None:
            self._line.close()
            self._line = None

    @property
    def lingers(self) -> float:
        """Seconds for which an idle line is still kept for the next receipt; ``let_go`` is due then."""
        is_kept = self._line is not None and not self._owed and not self._keeps_open
        return max(self._let_go_at - time.monotonic(), 0.0) if is_kept else float("inf")

    def let_go(self) -> None:
        """Close an idle line, so that others get at the printer."""
        if not self.lingers:
            self.close()

    def _linger(self) -> None:
        """After a receipt that was confirmed the line is known to be good, and the next one may be near."""
        self._let_go_at = time.monotonic() + LINGER_SECONDS * self._may_linger
        self.let_go()

    def _make_ready(self) -> Health:
        """Open the line and ask; raises DeviceUnavailable when nothing answers."""
        fresh = self._line is None
        if fresh:
            self._line = open_transport(self._address, self._networks)
            self._talk.begin(self._line)
        if not self._asks or not self._line.answers:
            return self._taken_at_its_word(fresh)
        health = self._ask_all(is_fresh=fresh)
        if health == SILENT and fresh and self._talk.heard_nothing():
            return MUTE
        if health.state == "silent" or health.state == "absent":
            self.close()
            if not fresh:  # the old line may have died with the printer's last power cut
                return self._make_ready()
            if health == SILENT and self._talk.has_heard:
                health = UNREADABLE
            raise DeviceUnavailable(health.words, health)
        return health

    def _taken_at_its_word(self, fresh: bool) -> Health:
        """It cannot say how it is; at least the line must not be one that it has closed."""
        try:
            if not fresh:
                self._line.read(0.0)
        except LineLost:
            self.close()
            return self._make_ready()
        return Health("ready", "Ready; this printer cannot say how it is.", {"online": True})

    def _ask_all(self, *, is_fresh: bool = False) -> Health:
        """How the printer says it is; silence is told apart."""
        try:
            answers = self._talk.ask(is_fresh=is_fresh)
        except LineLost:
            return Health(
                "absent", "The line to the printer broke. Check its cable and that it is switched on."
            )
        if answers is None:
            return SILENT
        self._learn_from(bool(answers[0] & 0x04))
        return read_health(*answers, drawer_open_is_high=self._drawer_open_is_high)

    def _learn_from(self, sensor: bool) -> None:
        """A pulse opens and never shuts: a sensor that changes right after one shows which way round it is."""
        just_pulsed = time.monotonic() - self._pulsed_at < PULSE_SHOWS_SECONDS
        if self._may_learn and just_pulsed and sensor != self._sensor_before_pulse:
            self._drawer_open_is_high = sensor
        self._sensor = sensor

    def _send(self, data: bytes, begin: Begin) -> str:
        asked = self._asks and self._line.answers and not self._talk.seems_mute
        proven = asked and (self._has_proved or self._in_vain < VAIN_QUESTIONS)
        if proven and not self._drained():
            raise DeviceUnavailable(
                "The printer is still busy with something else.",
                Health("attention", "Busy with an earlier receipt."),
            )
        begin()
        try:
            self._line.write(data)
            if not proven:
                if asked:
                    self._look_after()
                self.let_go()
                return "Sent; this printer cannot confirm it."
            self._talk.read(0)
            self._talk.proofs = 0  # a second copy of an earlier answer proves nothing
            self._line.write(ASK_PAPER_IN_STREAM)
        except LineLost as error:
            self.close()
            raise OutcomeUnknown(self._why_stalled() if error.is_stalled else BROKE_OFF) from error
        self._await_proof(len(data))
        self._linger()
        return "Printed."

    def _why_stalled(self) -> str:
        """Its buffer is full and it takes no more: over a line of its own a printer says why."""
        health = self.status()
        why = health.words if health.state in ("stopped", "silent") else "The printer takes no more."
        return f"{why} {LOOK_AT_PAPER}"

    def _look_after(self) -> None:
        """A printer that proves nothing may still say that it has stopped, once it has had time to begin."""
        time.sleep(UNPROVEN_SECONDS)
        health = self._ask_all()
        if health.state in ("stopped", "silent", "absent"):
            self.close()
            raise OutcomeUnknown(f"{health.words} {LOOK_AT_PAPER}")

    def _drained(self) -> bool:
        """True when the printer has nothing left to do: only then is a later answer about our bytes.

        A line that broke in the middle of a command leaves the printer waiting for the rest, and it would take
        our question for it. NULs fill up what is missing; where nothing is, a printer ignores them.
        """
        try:
            for lead in (b"", FILLING):
                self._talk.proofs = 0
                self._line.write(lead + ASK_PAPER_IN_STREAM)
                pace = min(self._line.bytes_a_second, BYTES_A_SECOND)
                if self._talk.proof_within(self._talk.patience + len(lead) / pace):
                    self._has_proved = True
                    return True
        except LineLost as error:
            self.close()
            raise DeviceUnavailable(
                "The line to the printer broke. Check its cable and that it is switched on."
            ) from error
        self._in_vain += 1
        self.close()
        return False

    def _await_proof(self, size: int) -> None:
        try:
            # long reports take their time on paper, and on a slow line
            on_paper = PROOF_SECONDS + size / BYTES_A_SECOND
            on_the_line = BEHIND_THE_LINE_SECONDS + size / self._line.bytes_a_second
            if self._talk.proof_within(max(on_paper, on_the_line)):
                return
            self._owed = True
            health = self._ask_all()
        except LineLost as error:
            self.close()
            raise OutcomeUnknown(
                "The line to the printer broke before it said that the receipt was out. Look at the paper."
            ) from error
        # With a full buffer it does not even hear the question. A serial line outlives a printer that was switched off.
        if health.state == "silent" and self._address.startswith("tcp:"):
            health, self._fell_silent = FALLEN_SILENT, True
        elif health.state in ("silent", "absent"):
            self.close()
        why = health.words if health.state != "ready" else "It did not confirm the receipt."
        raise OutcomeUnknown(f"{why} {LOOK_AT_PAPER}")

    @property
    def rests(self) -> float:
        """Seconds until the drawer may be given its next pulse."""
        return max(self._pulsed_at + PULSE_APART_SECONDS - time.monotonic(), 0.0)

    def _space_pulses(self, pulses: bool) -> None:
        if pulses:
            time.sleep(self.rests)
            self._pulsed_at, self._sensor_before_pulse = time.monotonic(), self._sensor


def read_health(
    printer: int, offline: int, error: int, paper: int, *, drawer_open_is_high: bool = True
) -> Health:
    """The four real-time answers as a state, a sentence and flags."""
    flags = {
        "online": not printer & 0x08,
        "cover_open": bool(offline & 0x04),
        "error": bool(offline & 0x40 or error & 0x28),
        "paper": not (paper & 0x60 or offline & 0x20),
        "paper_low": bool(paper & 0x0C),
        "drawer_open": bool(printer & 0x04) == drawer_open_is_high,
    }
    match flags:
        case {"cover_open": True}:
            return Health("stopped", "The printer's cover is open. Shut it to go on.", flags)
        case {"paper": False}:
            return Health("stopped", "The printer is out of paper. Put in a new roll.", flags)
        case {"error": True} if error & 0x08:
            return Health(
                "stopped", "The printer's knife is stuck. Open the cover and clear the paper.", flags
            )
        case {"error": True}:
            return Health("stopped", "The printer reports an error. Switch it off and on.", flags)
        case {"online": False}:
            return Health(
                "stopped", "The printer is off line. Press its feed button or switch it off and on.", flags
            )
        case {"paper_low": True}:
            return Health("attention", "The paper is nearly at its end. Have a new roll ready.", flags)
    return Health("ready", "Ready.", flags)
