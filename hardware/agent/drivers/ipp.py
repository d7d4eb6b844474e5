"""The little of the Internet Printing Protocol that a till needs: print a job, ask how it and the printer are.

CUPS and every network printer of the last years speak it. Source: RFC 8010 (encoding) and RFC 8011 (operations).
"""

import http.client
import itertools
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable
from hardware.agent.drivers.transport import LineLost, check_network

PRINT_JOB, GET_JOB, GET_JOBS, GET_PRINTER = 0x0002, 0x0009, 0x000A, 0x000B
OPERATION, JOB, END, PRINTER = 0x01, 0x02, 0x03, 0x04
INTEGER, BOOLEAN, ENUM, KEYWORD, NAME, URI, CHARSET, LANGUAGE, MIME = (
    0x21,
    0x22,
    0x23,
    0x44,
    0x42,
    0x45,
    0x47,
    0x48,
    0x49,
)
SECONDS = 5.0


class Attribute(msgspec.Struct, frozen=True):
    """One attribute with its value's tag."""

    tag: int
    name: str
    value: str | int | bool

    def encoded(self) -> bytes:
        """As on the wire."""
        if self.tag in (INTEGER, ENUM):
            value = struct.pack(">i", self.value)
        elif self.tag == BOOLEAN:
            value = bytes((bool(self.value),))
        else:
            value = str(self.value).encode()[:1023]
        name = self.name.encode()
        return (
            bytes((self.tag,)) + struct.pack(">H", len(name)) + name + struct.pack(">H", len(value)) + value
        )


class Message(msgspec.Struct, frozen=True):
    """A request or an answer: ``code`` is the operation or the status, ``groups`` are (tag, name to values)."""

    code: int
    number: int
    groups: list[tuple[int, dict[str, list[Any]]]]
    data: bytes = b""

    def group(self, tag: int) -> dict[str, list[Any]]:
        """The first group of a kind; empty when there is none."""
        return next((values for kind, values in self.groups if kind == tag), {})


def write_request(code: int, number: int, attributes: Sequence[Attribute], data: bytes = b"") -> bytes:
    """A request with one group of operation attributes; charset and language stand first, as they must."""
    lead = (
        Attribute(CHARSET, "attributes-charset", "utf-8"),
        Attribute(LANGUAGE, "attributes-natural-language", "en"),
    )
    body = b"".join(attribute.encoded() for attribute in (*lead, *attributes))
    return struct.pack(">BBHIB", 2, 0, code, number, OPERATION) + body + bytes((END,)) + data


def read_message(raw: bytes) -> Message:
    """Parse a request or an answer; raises ValueError."""
    try:
        _, _, code, number = struct.unpack_from(">BBHI", raw)
        groups: list[tuple[int, dict[str, list[Any]]]] = []
        at, name = 8, ""
        while (tag := raw[at]) != END:
            at += 1
            if tag < 0x10:
                groups.append((tag, {}))
                continue
            (size,) = struct.unpack_from(">H", raw, at)
            name = raw[at + 2 : at + 2 + size].decode() or name  # no name: one more value of the last one
            at += 2 + size
            (size,) = struct.unpack_from(">H", raw, at)
            value = raw[at + 2 : at + 2 + size]
            at += 2 + size
            groups[-1][1].setdefault(name, []).append(_value(tag, value))
        return Message(code, number, groups, raw[at + 1 :])
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("This is no IPP message.") from error


def _value(tag: int, raw: bytes) -> Any:
    if tag in (INTEGER, ENUM) and len(raw) == 4:
        return struct.unpack(">i", raw)[0]
    if tag == BOOLEAN:
        return raw == b"\x01"
    return raw.decode(errors="replace") if tag >= 0x40 else raw


class IppPrinter:
    """One printer by its address, ``ipp://host:631/printers/name`` or ``ipps://…``; a connection per question."""

    def __init__(self, address: str, networks: Sequence[str] = (), verify: bool = True) -> None:
        parts = urlsplit(address)
        try:
            self._host, self._port = parts.hostname or "", parts.port or 631
        except ValueError as error:
            raise DeviceRefused(f"The address {address} has no valid port.") from error
        if parts.scheme not in ("ipp", "ipps") or not self._host:
            raise DeviceRefused(f"{address} is no printer of the form ipp://host/printers/name.")
        self._uri, self._path = address, parts.path or "/ipp/print"
        self._secure, self._verify, self._networks = parts.scheme == "ipps", verify, networks
        self._numbers = itertools.count(1)

    def ask(self, code: int, *attributes: Attribute, data: bytes = b"", begin=lambda: None) -> Message:
        """One operation. ``begin`` is called when the line stands, before the first byte.

        Raises DeviceUnavailable while nothing was sent, and LineLost afterwards.
        """
        request = write_request(
            code,
            next(self._numbers),
            (
                Attribute(URI, "printer-uri", self._uri),
                Attribute(NAME, "requesting-user-name", "tillhouse"),
                *attributes,
            ),
            data,
        )
        line = self._connect()
        try:
            begin()
            line.request("POST", self._path, request, {"Content-Type": "application/ipp"})
            answer = line.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise LineLost(f"The printer's queue answers {answer.status}.")
            return read_message(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LineLost(str(error)) from error
        finally:
            line.close()

    def _connect(self) -> http.client.HTTPConnection:
        dialled, port = check_network(self._host, self._port, self._networks)
        line = http.client.HTTPConnection(self._host, port, timeout=SECONDS)
        try:
            line.sock = socket.create_connection((dialled, port), SECONDS)
            if self._secure:
                context = ssl.create_default_context()
                if not self._verify:
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                line.sock = context.wrap_socket(line.sock, server_hostname=self._host)
        except OSError as error:
            line.close()
            raise DeviceUnavailable(
                f"The print queue at {self._host}:{port} cannot be reached. Check that it is switched on."
            ) from error
        return line
