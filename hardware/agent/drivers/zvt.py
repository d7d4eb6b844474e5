"""Card terminals that speak ZVT, over TCP or a serial line.

Approved means: a result with code 00, and then the completion. A completion alone, another code or an abort is no
approval; a line that drops in between is unknown until the terminal has been asked. The terminal numbers its
transactions, so the number before a payment tells afterwards whether that payment was booked.
"""

import codecs
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from hardware.agent.drivers.base import (
    Begin,
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    Health,
    OutcomeUnknown,
)
from hardware.agent.drivers.transport import LineLost, Transport, open_transport
from hardware.agent.drivers.zvt_format import (
    ACK,
    ACKNOWLEDGED,
    CURRENCIES,
    PROGRESS,
    RESULTS,
    STATES,
    Apdu,
    bcd,
    currency_name,
    is_merchants,
    masked_card,
    number,
    printed,
    read_apdu,
    read_fields,
    read_status,
    text_block,
    text_line,
    whole,
)
from hardware.agent.drivers.zvt_serial import FramedLine
from hardware.agent.protocol import Device

CONFIG = 0xBA
ZVT_PORT = 20007
ACK_SECONDS = 5.0
PAYMENT_SECONDS = 130.0
AT_MOST = 3  # times as long as a terminal may be silent, however often it says that it is at work
ABORT_SECONDS = 0.2
ENDS = (0x060F, 0x061E)
NO_DATA = 0x64
REVERSED_BEFORE = 0xB4
NO_END = "The card terminal goes on and on and comes to no end."
NO_RESULT = "The terminal ended without a result."
CONTRADICTION = "The terminal approved it and broke off then. Look into its journal."
UNREADABLE = "The terminal's answer could not be read. Look into its journal."
DAY_SECONDS = 120.0
MOST_LINES = 400  # of a receipt or report
WATCH_SECONDS = 0.2
STOP_AGAIN_SECONDS = 1.0
BOOKS_NOTHING = (0x0501, 0x0620)  # commands that may be said twice
LOOK_INTO_PROFILE = "Check its password in the hardware profile."
REPEATS_NOTHING = (0x65, 0x66, 0x83, 0x9A)  # what terminals without a last transaction say, beside NO_DATA
Tell = Callable[[str], None]
IsCancelled = Callable[[], bool]


class PaymentResult(msgspec.Struct, frozen=True):
    """What the terminal decided. ``trace`` is its own number of the transaction; not every terminal tells it."""

    approved: bool
    words: str
    amount: int | None = None
    trace: int | None = None
    receipt: int | None = None
    terminal: str = ""
    card: str = ""
    card_name: str = ""
    authorisation: str = ""
    lines: list[str] = []  # of its receipt, the customer's copy where it tells them apart
    merchant_lines: list[str] = []
    status: int = 0
    completed: bool = False
    currency: str = ""
    undoes: int | None = None  # of a reversal: the trace of what it gave back

    @property
    def mark(self) -> int | None:
        """What tells this transaction from the one before it; None where the terminal gives neither number."""
        return self.receipt if self.trace is None else self.trace

    def slips(self) -> dict[str, Any]:
        """What the terminal printed, where nothing else of this is to be kept."""
        return {name: lines for name in ("lines", "merchant_lines") if any(lines := getattr(self, name))}

    def as_data(self) -> dict[str, Any]:
        """As plain JSON values."""
        return msgspec.to_builtins(self)


class Unreadable(DeviceUnavailable):
    """What the terminal says of a transaction has no result that could be read."""


class CannotRepeat(DeviceUnavailable):
    """The terminal tells nothing of its last transaction: it has none, or does not know the question."""


class NotTaken(DeviceUnavailable):
    """The terminal refuses a command instead of acknowledging it: it has begun nothing."""

    def __init__(self, code: int) -> None:
        words = RESULTS.get(code, f"The terminal refuses (code {code:02X}).")
        super().__init__(words, Health("attention", words))
        self.code = code


class ZvtTerminal:
    """Settings: ``password`` (six digits), ``currency`` such as EUR, ``letters``, the code table of its texts.

    ``terminal`` is the number that it gave itself when it last registered us; empty where it gives none.
    """

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        self._address, self._networks = device.address, networks
        self._password = str(device.settings.get("password", "000000"))
        self.currency = str(device.settings.get("currency", "EUR"))
        if self.currency not in CURRENCIES:
            raise DeviceRefused(
                f"The terminal's currency {self.currency} is not known to this driver. "
                "Correct it in the hardware profile."
            )
        self._letters = str(device.settings.get("letters", "cp437"))
        try:
            codecs.lookup(self._letters)
        except LookupError as error:
            raise DeviceRefused(
                f"{self._letters} is no code table that is known here. Name one such as cp437."
            ) from error
        self._line: Transport | None = None
        self._pending = b""
        self._stop_at = 0.0
        self._is_used = self._hangs_up = False  # the line, after a dialogue; the terminal, after each
        self.terminal = ""

    def ask_who(self) -> str:
        """The terminal's own number, as ``terminal``. Raises DeviceUnavailable."""
        self._answered(self._register)
        return self.terminal

    def last_mark(self) -> int:
        """The mark of the terminal's last transaction; 0 when it tells of none. Raises DeviceUnavailable."""
        try:
            last = self.last_result()
        except CannotRepeat:
            return 0
        return last.mark or 0 if last is not None else 0

    def last_result(self) -> PaymentResult | None:
        """What became of the last transaction, asked of the terminal; None when there was none.

        Raises DeviceUnavailable when the terminal does not say: that is neither a yes nor a no; CannotRepeat when
        it will not say.
        """
        try:
            last = self._answered(
                lambda: self._talk(Apdu(0x0620, bcd(self._password, 3)), lambda words: None, 15.0)
            )
        except NotTaken as refusal:
            if refusal.code in REPEATS_NOTHING:
                raise CannotRepeat(str(refusal), refusal.health) from refusal
            raise
        if last.mark is not None or last.amount is not None:
            return last
        if last.completed or last.status == NO_DATA:
            return None
        kind = CannotRepeat if last.status in REPEATS_NOTHING else DeviceUnavailable
        raise kind(last.words, Health("attention", last.words))

    def abort(self) -> bool:
        """End whatever still goes on at the terminal, as far as it can be ended; False when it says nothing to that,
        as some do where nothing goes on. Raises DeviceUnavailable where it cannot be reached.

        After a lost line the cardholder may be about to pay; what was booked stays booked.
        """
        self.close()
        self._line = self._opened()
        try:
            self._line.write(Apdu(0x06B0, b"").encoded())
            self._receive(ACK_SECONDS)
            self._pending += self._line.read(ABORT_SECONDS)  # its completion, where it sends one
        except LineLost:
            return True  # some hang up on it
        except DeviceUnavailable:
            return False
        finally:
            self.close()
        return True

    def pay(
        self, amount: int, *, begin: Begin, tell: Tell, is_cancelled: IsCancelled | None = None
    ) -> PaymentResult:
        """Take a payment in the currency's smallest unit. Raises DeviceError's three kinds.

        ``is_cancelled`` is looked at while the terminal works; it is asked to stop then, and has the last word.
        """
        data = b"\x04" + bcd(str(amount), 6) + b"\x49" + bytes.fromhex(CURRENCIES[self.currency])
        return self._book(Apdu(0x0601, data), begin, tell, is_cancelled)

    def reverse(self, receipt: int, *, begin: Begin, tell: Tell) -> PaymentResult:
        """Undo a payment by the terminal's receipt number."""
        return self._book(Apdu(0x0630, bcd(self._password, 3) + b"\x87" + bcd(str(receipt), 2)), begin, tell)

    def refund(
        self, amount: int, *, begin: Begin, tell: Tell, is_cancelled: IsCancelled | None = None
    ) -> PaymentResult:
        """Give money back to a card."""
        data = b"\x04" + bcd(str(amount), 6) + b"\x49" + bytes.fromhex(CURRENCIES[self.currency])
        return self._book(Apdu(0x0631, bcd(self._password, 3) + data), begin, tell, is_cancelled)

    def end_of_day(self, tell: Tell = lambda words: None) -> PaymentResult:
        """Settle the day with the bank. Raises DeviceUnavailable while nobody answers."""
        ended = self._answered(
            lambda: self._talk(Apdu(0x0650, bcd(self._password, 3)), tell, DAY_SECONDS, needs_result=False)
        )
        if not ended.completed or ended.status:
            return ended
        return msgspec.structs.replace(ended, approved=True, words="The terminal's day is closed.")

    def status(self) -> Health:
        try:
            self._register()
            return self._status_enquiry()
        except DeviceError as error:
            health = getattr(error, "health", None) or Health("absent", str(error))
            if health.state == "silent":  # in the middle of a payment it is asked, and not switched off
                return Health("silent", f"{health.words} Check its cable, and switch it off and on.")
            return health
        except LineLost:
            return Health("absent", "The line to the card terminal broke. Check its cable.")
        finally:
            self.close()

    def _status_enquiry(self) -> Health:
        """Ask the terminal how it is; one that does not know the question has at least registered."""
        try:
            ended = self._talk(Apdu(0x0501, bcd(self._password, 3)), lambda words: None, 15.0)
        except NotTaken:
            return Health("ready", "Ready.")
        state = STATES.get(ended.status, "")
        return Health("attention", state) if state else Health("ready", "Ready.")

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, self._pending, self._is_used = None, b"", False

    def _book(
        self, command: Apdu, begin: Begin, tell: Tell, is_cancelled: IsCancelled | None = None
    ) -> PaymentResult:
        """A dialogue that moves money: from ``begin`` on, only the terminal knows."""
        self._answered(self._register)
        self._stop_at = 0.0
        begin()
        try:
            result = self._talk(command, tell, PAYMENT_SECONDS, is_cancelled)
        except NotTaken as refusal:
            self.close()
            raise DeviceRefused(str(refusal)) from refusal
        except LineLost as error:
            self.close()
            raise OutcomeUnknown(
                "The line to the card terminal broke. The terminal is asked what happened."
            ) from error
        except DeviceUnavailable as error:
            self.close()
            raise OutcomeUnknown(f"{error} The terminal is asked what happened.") from error
        self.close()
        if result.words == NO_RESULT:  # it may have booked all the same
            raise OutcomeUnknown(f"{NO_RESULT} It is asked what happened.")
        return result

    def _answered(self, dialogue: Callable[[], Any]) -> Any:
        try:
            if self._line is None and dialogue != self._register:
                self._register()
            return dialogue()
        except LineLost as error:
            self.close()
            raise DeviceUnavailable("The line to the card terminal broke. Check its cable.") from error

    def _register(self) -> None:
        """Say who we are: payments are started here, and the terminal sends its progress and its receipts."""
        self.close()
        self._line = self._opened()
        data = bcd(self._password, 3) + bytes((CONFIG,)) + bytes.fromhex(CURRENCIES[self.currency])
        try:
            registered = self._talk(Apdu(0x0600, data), lambda words: None, 15.0)
            why, code = registered.words, registered.status
        except NotTaken as refusal:
            registered, why, code = None, str(refusal), refusal.code
        if registered is None or not registered.completed:
            words = f"The terminal did not register this till. {why}"
            if code not in STATES:
                words = f"{words} {LOOK_INTO_PROFILE}"
            raise DeviceUnavailable(words, Health("attention", words))
        self.terminal = registered.terminal

    def _opened(self) -> Transport:
        """The line to the terminal; on a serial one each APDU travels in a frame. Raises DeviceUnavailable."""
        if not self._address.startswith("serial:"):
            return open_transport(self._address, self._networks, ZVT_PORT)
        address = self._address
        if "stop=" not in address:  # terminals have two
            address += ("&" if "?" in address else "?") + "stop=2"
        return FramedLine(open_transport(address, self._networks))

    def _talk(
        self,
        command: Apdu,
        tell: Tell,
        seconds: float,
        is_cancelled: IsCancelled | None = None,
        needs_result: bool = True,
    ) -> PaymentResult:
        """Send a command and serve the terminal until it has ended."""
        if self._is_used and self._hangs_up:
            self._dial_again()
        try:
            self._say(command)
        except LineLost:
            if not self._is_used or command.code not in BOOKS_NOTHING or not self._address.startswith("tcp:"):
                raise
            self._dial_again()
            self._say(command)
            self._hangs_up = True
        self._is_used = True
        return self._serve(tell, seconds, is_cancelled, needs_result)

    def _dial_again(self) -> None:
        """Some terminals hang up after each completion, that of the registration included, which holds nevertheless."""
        self.close()
        self._line = self._opened()

    def _serve(
        self,
        tell: Tell,
        seconds: float,
        is_cancelled: IsCancelled | None = None,
        needs_result: bool = True,
    ) -> PaymentResult:
        """Acknowledge what the terminal sends, until it has ended. Raises DeviceUnavailable where it says nothing for
        so many seconds, or never comes to an end."""
        fields: dict[int, bytes] | None = None
        lines: list[str] = []
        merchants: list[str] = []
        until = time.monotonic() + seconds
        ends = time.monotonic() + AT_MOST * seconds
        while True:
            if time.monotonic() >= ends:
                raise DeviceUnavailable(NO_END, Health("silent", NO_END))
            apdu = self._receive(until - time.monotonic(), is_cancelled)
            if apdu.code >> 8 in (0x80, 0x84):  # that it heard of our wish to stop, or will not
                continue
            with suppress(LineLost if apdu.code in ENDS else ()):  # all is said; some hang up without waiting
                self._line.write(ACK)
            match apdu.code:
                case 0x04FF:
                    tell(PROGRESS.get(apdu.data[0] if apdu.data else 0x0E, "Look at the terminal."))
                    until = time.monotonic() + seconds
                case 0x040F:
                    fields = (fields or {}) | read_fields(apdu.data)  # a second one may only add to the first
                case 0x06D1:
                    lines += text_line(apdu.data, self._letters)
                case 0x06D3:
                    copy = merchants if is_merchants(apdu.data) else lines
                    copy += text_block(apdu.data, self._letters)
                case 0x060F:
                    if fields is not None and (needs_result or 0x27 in fields):
                        return _result(fields, lines, merchants, self._letters)
                    return PaymentResult(
                        approved=False,  # without a result nothing is
                        words=NO_RESULT,
                        amount=number((fields or {}).get(0x04)),
                        terminal=read_fields(apdu.data).get(0x29, b"").hex(),
                        lines=lines[:MOST_LINES],
                        merchant_lines=merchants[:MOST_LINES],
                        status=0 if fields is not None else read_status(apdu.data),
                        completed=True,
                    )
                case 0x061E:
                    if fields is not None and fields.get(0x27) == b"\x00":
                        raise Unreadable(CONTRADICTION, Health("attention", CONTRADICTION))
                    code = apdu.data[0] if apdu.data else 0xFF
                    return PaymentResult(
                        approved=False,
                        words=RESULTS.get(code, f"Declined (code {code:02X})."),
                        lines=lines[:MOST_LINES],
                        merchant_lines=merchants[:MOST_LINES],
                        status=code,
                    )

    def _say(self, command: Apdu) -> None:
        """Send a command and wait until the terminal has taken it. Raises NotTaken, LineLost, DeviceUnavailable."""
        self._line.write(command.encoded())
        ends = time.monotonic() + AT_MOST * ACK_SECONDS
        while (apdu := self._receive(ACK_SECONDS)).code >> 8 not in (0x80, 0x84):
            if time.monotonic() >= ends:
                raise DeviceUnavailable(NO_END, Health("silent", NO_END))
            self._line.write(ACK)  # what it still had to say of something earlier
        if apdu.code not in ACKNOWLEDGED:
            raise NotTaken(apdu.code & 0xFF)

    def _receive(self, seconds: float, is_cancelled: IsCancelled | None = None) -> Apdu:
        until = time.monotonic() + seconds
        while not (size := whole(self._pending)):
            left = until - time.monotonic()
            if left <= 0:
                words = "The card terminal does not answer."
                raise DeviceUnavailable(words, Health("silent", words))
            if is_cancelled is not None and time.monotonic() >= self._stop_at and is_cancelled():
                self._stop_at = time.monotonic() + STOP_AGAIN_SECONDS  # too early, it is not obeyed
                self._line.write(Apdu(0x06B0, b"").encoded())
            self._pending += self._line.read(min(left, WATCH_SECONDS) if is_cancelled else left)
        frame, self._pending = self._pending[:size], self._pending[size:]
        return read_apdu(frame)


def _result(fields: dict[int, bytes], lines: list[str], merchants: list[str], letters: str) -> PaymentResult:
    """What the terminal says of a transaction. Raises Unreadable where it cannot be read whether it was paid."""
    if 0x27 not in fields:
        raise Unreadable(UNREADABLE, Health("attention", UNREADABLE))
    code = fields[0x27][0]
    return PaymentResult(
        approved=code == 0,
        words="Approved." if code == 0 else RESULTS.get(code, f"Declined (code {code:02X})."),
        amount=number(fields.get(0x04)),
        trace=number(fields.get(0x0B)) or None,  # zeros stand for a number that there is not
        receipt=number(fields.get(0x87)) or None,
        terminal=fields.get(0x29, b"").hex(),
        card=masked_card(fields[0x22]) if 0x22 in fields else "",
        card_name=printed(fields.get(0x8B, b""), letters),
        authorisation=printed(fields.get(0x3B, b""), letters),
        lines=lines[:MOST_LINES],
        merchant_lines=merchants[:MOST_LINES],
        status=code,
        completed=True,
        currency=currency_name(fields.get(0x49)),
        undoes=number(fields.get(0x37)) or None,
    )
