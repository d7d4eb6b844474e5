"""An emulated card terminal that speaks ZVT: it books, declines, dawdles, and loses its line where it is told.

With ``goes_on`` it does what some terminals do when the line is lost in mid-payment: the cardholder goes on, and
the payment is booked later. Meanwhile it is busy, and an abort is obeyed only while no card was read.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hardware.agent.drivers.zvt_format import ACK, Apdu, bcd, read_apdu, whole
from hardware.agent.emulators.lines import Reply

CARD, CARD_SHOWN = bytes.fromhex("4020001234561234"), "4020 00** **** 1234"
MERCHANTS_COPY, CUSTOMERS_COPY, REPORT = 1, 2, 3  # kinds of a text block
Stage = Literal["", "before", "progress", "read", "booked", "result", "completion"]


@dataclass
class Booking:
    """One transaction in the terminal's own book."""

    kind: str
    amount: int
    trace: int
    approved: bool
    reversed: bool = False

    @property
    def receipt(self) -> int:
        """The number on the slip: four digits, then it begins anew."""
        return (self.trace - 1) % 9999 + 1

    @property
    def main_unit(self) -> str:
        """The amount in the main unit."""
        return f"{self.amount / 100:.2f}"


@dataclass
class EmulatedTerminal:
    """``cut_at`` drops the line once: before the command counts, after progress, after the result, and so on.

    With ``decision`` "wait" nothing happens until a person decides with ``person``.
    """

    decision: Literal["approve", "decline", "cancel", "wait"] = "approve"
    cut_at: Stage = ""
    step_seconds: float = 0.0
    goes_on: bool = False
    tell: Callable[[], None] = lambda: None
    drop_line: Callable[[], None] = lambda: None
    shows: str = "Welcome"
    book: list[Booking] = field(default_factory=list)
    registered: bool = False
    settled: int = 0
    status: int = 0  # what it answers when it is asked how it is
    number: bytes = bytes.fromhex("52523535")

    def __post_init__(self) -> None:
        self._pending = b""
        self._reply: Reply = lambda data: None
        self._waiting: list[bytes] = []
        self._trace = 0
        self._connection = 0
        self._alone: asyncio.TimerHandle | None = None
        self._left: list[bytes] = []
        self._booking: Booking | None = None
        self._currency = b"\x09\x78"
        self.is_waiting = False  # for a person with a card
        self.amount_shown = ""

    def person(self, decision: Literal["approve", "decline", "cancel"]) -> bool:
        """Somebody holds a card to it, or presses stop; False when it waits for nobody."""
        if not self.is_waiting or self._booking is None:
            return False
        if decision == "cancel":
            self._stop()
        else:
            self._booking.approved = decision == "approve"
            self.is_waiting = False
            self._show("Please wait")
            self._next()
        return True

    def _stop(self) -> None:
        """Give the transaction up; it is in no book."""
        self.is_waiting = False
        self._trace -= 1
        self._show("Cancelled")
        self._say([Apdu(0x061E, b"\x6c").encoded()])

    def _show(self, words: str, amount: str = "") -> None:
        self.shows, self.amount_shown = words, amount
        self.tell()

    def connected(self, reply: Reply) -> None:
        self._connection += 1
        self._pending, self._waiting, self._reply = b"", [], reply

    def disconnected(self) -> None:
        self._connection += 1
        if self.is_waiting:  # nobody is there any more to pay: a real terminal gives up, too
            self.is_waiting, self._waiting = False, []
            self._trace -= 1
            self._show("Welcome")
        self._left, self._waiting = self._left or self._waiting, []
        if self.goes_on and b"book" in self._left and self._alone is None:
            loop = asyncio.get_running_loop()
            self._alone = loop.call_later(max(self.step_seconds, 0.05) * 4, self._book_alone)
        else:
            self._left = []

    def _book_alone(self) -> None:
        self._alone, self._left = None, []
        self.book.append(self._booking)
        self._show("Approved" if self._booking.approved else "Declined", self._booking.main_unit)

    def receive(self, data: bytes, reply: Reply) -> None:
        self._pending += data
        while size := whole(self._pending):
            apdu, self._pending = read_apdu(self._pending[:size]), self._pending[size:]
            if apdu.code == 0x8000:
                self._next()
            else:
                self._obey(apdu)

    def _obey(self, apdu: Apdu) -> None:
        if self._cuts("before"):
            return
        if self._alone is not None and not self._stops_alone(apdu):
            self._reply(Apdu(0x849C, b"").encoded())
            return
        self._reply(ACK)
        match apdu.code:
            case 0x0600:
                self.registered, self._currency = True, apdu.data[4:6] or self._currency
                self._say([Apdu(0x060F, b"\x29" + self.number + b"\x49" + self._currency).encoded()])
            case 0x0601:
                self._transaction("payment", int(apdu.data[1:7].hex()))
            case 0x0631:
                self._transaction("refund", int(apdu.data[4:10].hex()))
            case 0x0630:
                self._reverse(int(apdu.data[4:6].hex()))
            case 0x0620:
                self._repeat()
            case 0x0650:
                self._end_of_day()
            case 0x0501:
                self._say([Apdu(0x060F, bytes((self.status,))).encoded()])
            case 0x0670 | 0x0602:
                self._say([Apdu(0x060F, b"").encoded()])
            case 0x06B0:
                if self.is_waiting:
                    self._stop()
                elif not self._waiting:
                    self._say([Apdu(0x061E, b"\x6c").encoded()])
            case _:
                self._say([Apdu(0x061E, b"\x83").encoded()])

    def _stops_alone(self, apdu: Apdu) -> bool:
        """An abort ends what the cardholder has not finished; once the card was read it is too late."""
        if apdu.code != 0x06B0 or b"progress" not in self._left:
            return False
        self._alone.cancel()
        self._alone, self._left = None, []
        return True

    def _transaction(self, kind: str, amount: int) -> None:
        if self.decision == "cancel":
            self._show("Cancelled")
            self._say([Apdu(0x04FF, b"\x0a").encoded(), Apdu(0x061E, b"\x6c").encoded()])
            return
        self._trace += 1
        booking = Booking(kind, amount, self._trace, self.decision == "approve")
        self._show("Insert card" if kind == "payment" else "Card for refund", booking.main_unit)
        self._say(
            [
                Apdu(0x04FF, b"\x0a").encoded(),
                *([b"person"] if self.decision == "wait" else []),
                b"progress",
                Apdu(0x04FF, b"\x0e").encoded(),
                b"read",
                b"book",
                b"booked",
                b"fields",
                b"result",
                b"merchant copy",
                b"customer copy",
                b"completion",
                Apdu(0x060F, b"").encoded(),
            ],
            booking,
        )

    def _reverse(self, receipt: int) -> None:
        found = next(
            (booking for booking in reversed(self.book) if booking.receipt == receipt and booking.approved),
            None,
        )
        if found is None or found.reversed:
            self._say([Apdu(0x061E, b"\xb4" if found else b"\xb5").encoded()])
            return
        self._trace += 1
        booking = Booking("reversal", found.amount, self._trace, self.decision in ("approve", "wait"))
        if booking.approved:
            found.reversed = True
        self._say(
            [
                b"book",
                b"booked",
                Apdu(0x040F, self._fields(booking)).encoded(),
                b"result",
                b"merchant copy",
                b"customer copy",
                b"completion",
                Apdu(0x060F, b"").encoded(),
            ],
            booking,
        )

    def _end_of_day(self) -> None:
        """Book the day at the bank, and send its report as one block of text."""
        total, count = self.charged, len(self.book)
        self.settled, self.status = self.settled + total, 0
        self.book.clear()
        text = [f"End of day, {count} transactions", f"Total {total / 100:.2f}"]
        report = _text_block(REPORT, text)
        self._say([Apdu(0x04FF, b"\x0e").encoded(), report, Apdu(0x060F, b"").encoded()])
        self.tell()

    def _repeat(self) -> None:
        if not self.book:
            self._say([Apdu(0x061E, b"\x64").encoded()])
            return
        self._say([Apdu(0x040F, self._fields(self.book[-1])).encoded(), Apdu(0x060F, b"").encoded()])

    def _fields(self, booking: Booking) -> bytes:
        return (
            b"\x04"
            + bcd(str(booking.amount), 6)
            + b"\x49"
            + self._currency
            + b"\x0b"
            + bcd(str(booking.trace), 3)
            + b"\x27"
            + (b"\x00" if booking.approved else b"\x71")
            + b"\x87"
            + bcd(str(booking.receipt), 2)
            + b"\x29"
            + self.number
            + b"\x22\xf0\xf8"
            + CARD
            + b"\x3bA1B2C3\x00\x00"
            + b"\x8b\xf0\xf5VISA\x00"
            + b"\x06\x03\x45\x01\x00"
        )

    def _slip(self, booking: Booking, *, is_merchants: bool) -> bytes:
        """One of the two copies of a payment's receipt."""
        lines = [
            f"** {'MERCHANT' if is_merchants else 'CUSTOMER'} COPY **",
            f"Terminal {self.number.hex()}",
            f"Trace {booking.trace:06d}  Receipt {booking.receipt:04d}",
            f"VISA {CARD_SHOWN}",
            f"{booking.kind.capitalize()} {booking.main_unit}",
            *(["Authorisation A1B2C3", "APPROVED"] if booking.approved else ["DECLINED"]),
        ]
        return _text_block(MERCHANTS_COPY if is_merchants else CUSTOMERS_COPY, lines)

    def _say(self, script: list[bytes], booking: Booking | None = None) -> None:
        """Send the script's frames one by one, each after the last was acknowledged; words mark its stages."""
        self._waiting, self._booking = script, booking
        self._next()

    def _next(self) -> None:
        while self._waiting:
            frame = self._waiting.pop(0)
            if frame == b"fields":  # what a person decided meanwhile is in them
                frame = Apdu(0x040F, self._fields(self._booking)).encoded()
            if frame in (b"merchant copy", b"customer copy"):
                frame = self._slip(self._booking, is_merchants=frame == b"merchant copy")
            if frame == b"person":
                self.is_waiting = True
                self._show("Insert card", self._booking.main_unit)
                return
            if frame == b"book":
                self.book.append(self._booking)
                self._show("Approved" if self._booking.approved else "Declined", self._booking.main_unit)
            elif frame in (b"progress", b"read", b"booked", b"result", b"completion"):
                if self._cuts(frame.decode()):
                    return
            elif self.step_seconds:
                mine = self._connection
                asyncio.get_running_loop().call_later(self.step_seconds, self._send_if, mine, frame)
                return
            else:
                self._reply(frame)
                return

    def _send_if(self, connection: int, frame: bytes) -> None:
        if connection == self._connection:
            self._reply(frame)

    def _cuts(self, stage: str) -> bool:
        if self.cut_at != stage:
            return False
        self.cut_at = ""
        self._left, self._waiting = (
            ([stage.encode(), *self._waiting] if stage == "progress" else self._waiting),
            [],
        )
        self.drop_line()
        return True

    @property
    def charged(self) -> int:
        """What cardholders have paid, less what they got back."""
        return sum(self._signed(booking) for booking in self.book)

    def forget_settled(self) -> None:
        """Close the day: what was booked is summed up, and only the last transaction can still be asked for."""
        last = self.book[-1:]
        self.settled += self.charged - sum(self._signed(booking) for booking in last)
        del self.book[:-1]

    @staticmethod
    def _signed(booking: Booking) -> int:
        return booking.amount * (1 if booking.kind == "payment" else -1) if booking.approved else 0


def _text_block(kind: int, lines: list[str]) -> bytes:
    """Lines of a receipt or report, with which it is (06 D3)."""
    text = _container(b"\x25", b"".join(_container(b"\x07", line.encode()) for line in lines))
    return Apdu(0x06D3, _container(b"\x06", _container(b"\x1f\x07", bytes((kind,))) + text)).encoded()


def _container(tag: bytes, data: bytes) -> bytes:
    """A tag with its length, of which more than 127 is said in a byte of its own."""
    return tag + (b"\x81" if len(data) > 127 else b"") + bytes((len(data),)) + data
