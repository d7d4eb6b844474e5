"""An emulated barcode scanner: what is scanned goes down the line with prefix and suffix."""

from dataclasses import dataclass

from hardware.agent.emulators.lines import Reply


@dataclass
class EmulatedScanner:
    """``identifier`` sends the AIM symbology identifier before each code, as scanners can be told to."""

    prefix: str = ""
    suffix: str = "\r"
    identifier: bool = False
    scans: int = 0

    def __post_init__(self) -> None:
        self._reply: Reply | None = None

    def connected(self, reply: Reply) -> None:
        self._reply = reply

    def disconnected(self) -> None:
        self._reply = None

    def receive(self, data: bytes, reply: Reply) -> None:
        """A scanner does not listen."""

    def scan(self, code: str, identifier: str = "") -> bool:
        """Read one code; False when nobody is connected to hear it."""
        if self._reply is None:
            return False
        self.scans += 1
        lead = self.prefix + (identifier if self.identifier else "")
        self._reply((lead + code + self.suffix).encode("latin-1", "replace"))
        return True
