"""Barcode scanners on a serial line, or on anything that gives lines of characters."""

import logging
import re
import time
from collections.abc import Callable, Sequence

from hardware.agent import clock
from hardware.agent.drivers.base import DeviceError, DeviceUnavailable, Health, Report
from hardware.agent.drivers.transport import LineLost, open_transport, seven_bits
from hardware.agent.protocol import Device

log = logging.getLogger(__name__)

LONGEST_SCAN = 4096
ENDS = rb"[\r\n\t\x03]+"  # several scans may come in one burst, out of the memory of a scanner without a cord
PAUSE_ENDS_SCAN = 0.12
PAUSE_DROPS_SCAN = 1.0  # without the suffix that this scanner sends: its rest is lost
IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
ADDON = re.compile(r"\]E[0-9]")
GROUP_SEPARATOR = "\x1d"


class SerialScanner:
    """Settings: ``prefix`` to take off, ``suffix`` that ends a scan (without one: CR, LF, tab or ETX, as it comes)."""

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        self._address, self._networks = device.address, networks
        self._prefix = str(device.settings.get("prefix", ""))
        suffix = str(device.settings.get("suffix", "")).encode("latin-1", "replace")
        self._ends = re.compile(re.escape(suffix) if suffix else ENDS)
        self._has_suffix = bool(suffix)
        self._listening = False

    def status(self) -> Health:
        """Ready while somebody listens on the line; a scanner itself cannot be asked."""
        if self._listening:
            return Health("ready", "Ready.")
        try:
            open_transport(self._address, self._networks).close()
        except DeviceError as error:
            return getattr(error, "health", None) or Health("absent", str(error))
        return Health("ready", "Ready.")

    def close(self) -> None:
        self._listening = False

    def listen(self, report: Report, stopped: Callable[[], bool]) -> None:
        """Report ``scan`` events until stopped; raises DeviceUnavailable when the line drops."""
        line = open_transport(self._address, self._networks)
        self._listening = True
        pending, last, has_suffix = b"", time.monotonic(), self._has_suffix
        looked_at = clock.now()
        said = seven_bits if getattr(line, "is_7_bits", False) else bytes
        try:
            while not stopped():
                data = line.read(PAUSE_ENDS_SCAN if pending else 0.25)
                now, looked_at, before = time.monotonic(), clock.now(), looked_at
                if looked_at - before > clock.STOOD_STILL_SECONDS:
                    log.warning("The program stood still. What was scanned meanwhile is left out")
                    while line.read(0.0) and not stopped():
                        continue  # it had not even been read
                    scans, pending = [], b""
                elif data:
                    *scans, pending = self._ends.split((pending + data)[-LONGEST_SCAN:])
                    last, has_suffix = now, has_suffix or bool(scans)
                elif pending and not has_suffix and now - last >= PAUSE_ENDS_SCAN:
                    scans, pending = [pending], b""  # a scanner that sends no suffix
                elif pending and now - last >= PAUSE_DROPS_SCAN:
                    scans, pending = [], b""
                else:
                    continue
                for scan in scans:
                    if (whole := said(scan)) is not None:  # a scan that came broken is no other article
                        self._tell(report, whole)
        except LineLost as error:
            raise DeviceUnavailable("The scanner's line broke. Check its cable.") from error
        finally:
            self._listening = False
            line.close()

    def _tell(self, report: Report, raw: bytes) -> None:
        if found := read_scan(raw, self._prefix):
            report("scan", found)


def read_scan(raw: bytes, prefix: str = "") -> dict[str, str]:
    """A scan as ``code`` and, where the scanner says so, ``symbology`` (AIM identifier) and ``addon``.

    GS1 element strings keep their group separators. Empty for what is no scan.
    """
    text = raw.decode("latin-1").lstrip("\r\n").removeprefix(prefix)  # of CR LF, where the suffix is CR
    text = "".join(letter for letter in text if letter >= " " or letter == GROUP_SEPARATOR).strip(" ")
    found: dict[str, str] = {}
    if IDENTIFIER.match(text):
        found["symbology"], text = text[:3], text[3:].removeprefix(GROUP_SEPARATOR)
        if ADDON.match(found["symbology"]) and (addon := ADDON.search(text)):
            found["addon"], text = text[addon.end() :], text[: addon.start()]
        elif found["symbology"] == "]E3" and (joined := _joined(text)):
            text, found["addon"] = joined
    return {"code": text, **found} if text else {}


def _joined(text: str) -> tuple[str, str] | None:
    """Number and add-on where they come without a mark between them; an EAN-13 before a UPC-A."""
    for digits in (13, 12):
        if len(text) - digits in (2, 5) and text.isascii() and text.isdigit():
            return text[:digits], text[digits:]
    return None
