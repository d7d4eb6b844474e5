"""An emulated scale: goods are put on it, and it answers in the language it was told to speak."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from hardware.agent.emulators.lines import Reply

CAPACITY = Decimal("15.000")


@dataclass
class EmulatedScale:
    """``weight`` in kilograms. ``parity`` sets the eighth bit as a 7E1 line that is read as 8N1 would.

    ``wants_price`` makes a scale that computes prices refuse one of zero.
    """

    speaks: str = "8217"
    weight: Decimal = Decimal("0.000")
    is_moving: bool = False
    is_silent: bool = False
    garbage: bool = False
    parity: bool = False
    price_check: bool = False
    wants_price: bool = False
    tell: Callable[[], None] = lambda: None
    answers: int = 0
    _price: int | None = None
    _sold: bool = False
    _price_refused: bool = False
    _pending: bytes = b""
    _wants_checksum: bool = False
    _verdict_due: bool = False
    checksum_answer: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self._wants_checksum = self.price_check

    def connected(self, reply: Reply) -> None:
        """Somebody has opened the line."""

    def disconnected(self) -> None:
        self._pending = b""

    def put(self, weight: Decimal, moving: bool = False) -> None:
        """Put goods on, or take them off with zero."""
        self.weight, self.is_moving, self._sold = weight, moving, False
        self.tell()

    @property
    def is_over(self) -> bool:
        """Whether more lies on it than it can weigh."""
        return self.weight > CAPACITY

    def receive(self, data: bytes, reply: Reply) -> None:
        if self.is_silent:
            return
        self._pending += data
        speech = {"8217": self._toledo, "nci": self._nci, "cas": self._cas, "dialog06": self._dialog}[
            self.speaks
        ]
        while self._pending and (answer := speech()) is not None:
            if answer:
                self.answers += 1
                if self.garbage:
                    reply(b"\xfe\x81\x7f?")
                reply(bytes(_even(byte) for byte in answer) if self.parity else answer)

    def _byte(self) -> bytes:
        first, self._pending = self._pending[:1], self._pending[1:]
        return first

    def _toledo(self) -> bytes | None:
        command = self._byte()
        if command == b"W" and self._toledo_flags() in (0x40, 0x50) and self.weight > 0:
            return f"\x02{self.weight:06.3f}\r".encode()
        if command in (b"W", b"Z", b"T", b"C", b"B"):
            if command == b"Z" and not self.is_moving:
                self.weight = Decimal("0.000")
            return b"\x02?" + bytes((self._toledo_flags(),)) + b"\r"
        return {b"E": b"\x02E\r", b"F": b"\x02F\r", b"A": b"\x02\r"}.get(command, b"")

    def _toledo_flags(self) -> int:
        return (
            0x40
            | 0x01 * self.is_moving
            | 0x02 * (self.weight > CAPACITY)
            | 0x04 * (self.weight < 0)
            | 0x10 * (self.weight == 0)
        )

    def _nci(self) -> bytes | None:
        if b"\r" not in self._pending:
            return None
        command, _, self._pending = self._pending.partition(b"\r")
        if command not in (b"W", b"S", b"Z"):
            return b"\n?\r\x03"
        if command == b"Z":
            self.weight = Decimal("0.000")
        first = 0x30 | 0x01 * self.is_moving | 0x02 * (self.weight == 0)
        second = 0x30 | 0x01 * (self.weight < 0) | 0x02 * (self.weight > CAPACITY)
        plain = command == b"W" and first in (0x30, 0x32) and second == 0x30
        lead = f"\n{self.weight:06.3f}KG\r".encode() if plain else b""
        return lead + b"\nS" + bytes((first, second)) + b"\r\x03"

    def _cas(self) -> bytes | None:
        command = self._byte()
        if command == b"\x05":
            return b"\x06"
        if command != b"\x11":
            return b""
        sign = "F" if self.weight > CAPACITY else "-" if self.weight < 0 else " "
        digits = "FFFFFF" if sign == "F" else f"{abs(self.weight):06.3f}"
        body = f"{'U' if self.is_moving else 'S'}{sign}{digits}kg".encode()
        check = 0
        for byte in body:
            check ^= byte
        return b"\x01\x02" + body + bytes((check,)) + b"\x03\x04"

    def _dialog(self) -> bytes | None:
        if self._pending.startswith(b"\x04"):
            self._byte()
            return b""
        if self._pending.startswith(b"\x05"):
            self._byte()
            return self._dialog_result()
        if not self._pending.startswith(b"\x02"):
            self._byte()
            return b""
        if b"\x03" not in self._pending:
            return None
        record, _, self._pending = self._pending.partition(b"\x03")
        if record.startswith(b"\x0201"):
            price = int(record.split(b"\x1b")[1])
            self._price_refused = self.wants_price and price == 0
            self._price = None if self._price_refused else price
            return b"\x15" if self._price_refused else b"\x06"
        if record.startswith(b"\x0208"):
            return b"\x0209\x1b" + self._dialog_status() + b"\x03"
        if record.startswith(b"\x0210"):
            self._wants_checksum, self._verdict_due, self.checksum_answer = False, True, record[4:]
            return b"\x06"
        return b"\x15"

    def _dialog_result(self) -> bytes:
        if self._wants_checksum:
            return b"\x0211\x1b223\x03"
        if self._verdict_due:
            self._verdict_due = False
            return b"\x0211\x1b1\x03"
        if self._dialog_status() != b"00" or self._price is None:
            return b"\x15"
        grams, price = int(self.weight * 1000), self._price
        amount = (grams * price * 2 + 1000) // 2000
        self._sold, self._price = True, None
        return f"\x0202\x1b3\x1b{grams:05d}\x1b{price:06d}\x1b{amount:06d}\x03".encode()

    def _dialog_status(self) -> bytes:
        if self._price_refused:
            return b"11"
        if self.is_moving:
            return b"20"
        if self._sold:
            return b"21"
        if self.weight > CAPACITY:
            return b"32"
        return b"31" if self.weight < 0 else b"30" if self.weight == 0 else b"00"


def _even(byte: int) -> int:
    return byte | 0x80 if byte.bit_count() % 2 else byte
