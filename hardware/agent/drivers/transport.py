"""Bytes to and from a device, over the network, a serial line, a file or USB.

``open_transport("tcp://10.0.0.7:9100")`` gives an open line. Addresses come from the hardware profile, so
the network ones are held against the ranges that the profile allows before anything is dialled.
"""

import errno
import ipaddress
import os
import re
import select
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qs, urlsplit

from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable, Health

try:
    import termios
    from termios import error as NotThisLine
except ImportError:  # a system without termios reports the same as an OSError
    termios = None  # type: ignore[assignment]
    NotThisLine = OSError  # type: ignore[assignment,misc]

RAW_PORT = 9100  # where network printers listen
CONNECT_SECONDS = 3.0
WRITE_SECONDS = 10.0
BITS_OF_A_BYTE = 10  # on a serial line, with those before and behind it
FLOW_CONTROLS = ("none", "rtscts", "dsrdtr", "xonxoff")
NO_HOST_AND_PORT = "The address {address} has no valid host and port."
HELD_BY_ANOTHER = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY)


class Transport(Protocol):
    """An open line. ``answers`` is False where nothing can ever be read back; ``bytes_a_second`` is what it carries
    at most."""

    answers: bool
    bytes_a_second: float

    def write(self, data: bytes) -> None:
        """Hand over all bytes; raises LineLost with how many went out."""

    def read(self, seconds: float) -> bytes:
        """What has arrived, after at most so long; empty when nothing has. Raises LineLost."""

    def close(self) -> None:
        """Let go of the line; never raises."""


class LineLost(Exception):
    """The line broke, or (``is_stalled``) took nothing for long. ``sent`` bytes of the last write had gone out."""

    def __init__(self, reason: str, sent: int = 0, *, is_stalled: bool = False) -> None:
        super().__init__(reason)
        self.sent, self.is_stalled = sent, is_stalled


def open_transport(address: str, networks: Sequence[str] = (), port: int = RAW_PORT) -> Transport:
    """Open the line of an address, at ``port`` where that names none; raises DeviceUnavailable or DeviceRefused."""
    scheme, _, rest = address.partition(":")
    match scheme:
        case "tcp":
            return TcpTransport(address, networks, port)
        case "serial":
            return SerialTransport(rest, networks)
        case "file":
            return FileTransport(rest.removeprefix("//"))
        case "usb":
            return UsbTransport(rest)
    raise DeviceRefused(f"The address {address} is of no kind that a station can open.")


def check_address(address: str) -> None:
    """Raise DeviceRefused where no station could open this address, whatever stands at its end."""
    scheme, _, rest = address.partition(":")
    match scheme:
        case "tcp" | "ipp" | "ipps":
            host, _ = _host_and_port(address)
            parts = urlsplit(address)
            has_path = scheme == "tcp" and parts.path.strip("/")
            if parts.port == 0 or has_path or not re.fullmatch(r"[\w.:%-]+", host):
                raise DeviceRefused(NO_HOST_AND_PORT.format(address=address))
        case "serial":
            port, _, query = rest.partition("?")
            if "://" in port:
                _checked_scheme(port)
            _line_settings(port, query)
        case "usb":
            _usb_numbers(rest)


def check_network(host: str, port: int, networks: Sequence[str]) -> tuple[str, int]:
    """The first address of a name that is inside the allowed ranges, to be dialled; raises DeviceRefused or
    DeviceUnavailable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter of 10.0.0..7 and the like
        raise DeviceUnavailable(
            f"The name {host} is not known in this network. Check the address."
        ) from error
    ranges = [ipaddress.ip_network(network, strict=False) for network in networks]
    for *_, (dialled, *_) in found:
        if not ranges or any(ipaddress.ip_address(dialled) in allowed for allowed in ranges):
            return dialled, port
    raise DeviceRefused(
        f"{host} is outside the address ranges that this store's stations may dial. "
        "Correct the address, or add its range to the store."
    )


class TcpTransport:
    """A printer or converter that listens on a TCP port."""

    answers, bytes_a_second = True, float("inf")

    def __init__(self, address: str, networks: Sequence[str] = (), port: int = RAW_PORT) -> None:
        host, port = _host_and_port(address, port)
        try:
            self._socket = socket.create_connection(check_network(host, port, networks), CONNECT_SECONDS)
        except OSError as error:
            raise DeviceUnavailable(
                f"Cannot be reached at {host}:{port}. Check that it is switched on and plugged in."
            ) from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes) -> None:
        sent, until = 0, time.monotonic() + WRITE_SECONDS
        view = memoryview(data)
        while sent < len(data):
            self._socket.settimeout(max(until - time.monotonic(), 0.001))
            try:
                sent += self._socket.send(view[sent:])
            except OSError as error:
                stalled = isinstance(error, TimeoutError)
                raise LineLost(_reason(error), sent, is_stalled=stalled) from error

    def read(self, seconds: float) -> bytes:
        self._socket.settimeout(max(seconds, 0.0))  # 0: what is there already
        try:
            data = self._socket.recv(4096)
        except (TimeoutError, BlockingIOError):
            return b""
        except OSError as error:
            raise LineLost(_reason(error)) from error
        if not data:
            raise LineLost("The device closed the connection.")
        return data

    def close(self) -> None:
        self._socket.close()


def _host_and_port(address: str, usual: int = RAW_PORT) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or usual
    except ValueError as error:
        raise DeviceRefused(NO_HOST_AND_PORT.format(address=address)) from error
    if not host:
        raise DeviceRefused(f"The address {address} names no host.")
    return host, port


class SerialTransport:
    """A serial line, by any pyserial URL; ``?baud=9600&data=8&parity=N&stop=1&flow=none`` gives its settings.

    A line of seven bits that does eight all the same passes its parity on: see ``seven_bits``.
    """

    answers = True

    def __init__(self, url: str, networks: Sequence[str] = ()) -> None:
        port, _, query = url.partition("?")
        settings = _line_settings(port, query)
        self._lost = _serial_errors()
        self.is_7_bits = settings["bytesize"] == 7
        try:
            checked = _checked_serial_url(port, networks) if "://" in port else port
            self._serial = _open_serial(checked, settings)
        except ValueError as error:
            raise DeviceRefused(f"The settings of the line {port} are not possible: {error}.") from error
        except self._lost as error:
            if getattr(error, "errno", None) in HELD_BY_ANOTHER:
                words = f"Another program of this computer holds the line {port}."
                raise DeviceUnavailable(words, Health("absent", words, {"in_use": True})) from error
            raise DeviceUnavailable(why_not_opened(f"The line {port}", error)) from error
        self.bytes_a_second = self._serial.baudrate / BITS_OF_A_BYTE

    def write(self, data: bytes) -> None:
        sent = 0
        try:
            while sent < len(data):
                sent += self._serial.write(data[sent : sent + 512]) or 0
        except self._lost as error:
            from serial import SerialTimeoutException

            stalled = isinstance(error, SerialTimeoutException)
            # part of this piece may be out
            raise LineLost(_reason(error), max(sent, 1), is_stalled=stalled) from error

    def read(self, seconds: float) -> bytes:
        try:
            self._serial.timeout = seconds
            if self.is_7_bits:
                _have_parity_checked(self._serial)
                return self._serial.read(1) + self._serial.read(self._serial.in_waiting)
            first = self._serial.read(1)
            self._serial.timeout = 0
            return first + self._serial.read(4096) if first else b""
        except self._lost as error:
            raise LineLost(_reason(error)) from error

    def close(self) -> None:
        try:
            self._serial.close()
        except self._lost:
            return


def _line_settings(port: str, query: str) -> dict[str, Any]:
    """What ``?baud=9600&flow=none`` says, as pyserial names it. Raises DeviceRefused where a line cannot be set so."""
    import serial

    said = {name: values[-1] for name, values in parse_qs(query).items()}
    try:
        flow, baud = said.get("flow", "none"), said.get("baud", "9600")
        if flow not in FLOW_CONTROLS:
            raise ValueError(f"flow is one of {', '.join(FLOW_CONTROLS)}, not {flow}")
        if not re.fullmatch("[0-9]*[1-9][0-9]*", baud.strip()):
            raise ValueError(f"baud is a number such as 9600, not {baud}")
        named: dict[str, Any] = {
            "baudrate": int(baud),
            "bytesize": int(said.get("data", 8)),
            "parity": said.get("parity", "N"),
            "stopbits": float(said.get("stop", 1)),
            **({flow: True} if flow != "none" else {}),
        }
        serial.Serial(**named)  # without a port it opens none, and says what is no setting
    except ValueError as error:
        raise DeviceRefused(f"The settings of the line {port} are not possible: {error}.") from error
    return named


def _open_serial(port: str, settings: dict[str, Any]) -> Any:
    """Open a port; where it cannot do 7 bits with parity, as 8 bits, whose highest the drivers mask."""
    import serial

    named: dict[str, Any] = {**settings, "timeout": 0, "write_timeout": WRITE_SECONDS}
    if "://" not in port:
        named["exclusive"] = True
    line = None
    try:
        line = serial.serial_for_url(port, **named)  # says so at once when it was opened in this way before
        line.timeout = 1.0  # sets the port up anew, and only then some lines say that they cannot
    except NotThisLine:
        if line is not None:
            line.close()
        return serial.serial_for_url(port, **named | {"bytesize": 8, "parity": "N"})
    return line


def _have_parity_checked(line: Any) -> None:
    """Read a character of the wrong parity as NUL (termios(3)); pyserial takes this back at every setting."""
    try:
        settings = termios.tcgetattr(line.fd)
    except (AttributeError, TypeError, NotThisLine):
        return  # no port of this computer
    if settings[2] & termios.PARENB:
        settings[0] = settings[0] & ~termios.IGNPAR | termios.INPCK
        termios.tcsetattr(line.fd, termios.TCSANOW, settings)


def seven_bits(data: bytes) -> bytes | None:
    """What was said in seven bits, on a line that may have passed its parity on as the eighth.

    None where a character arrived broken: it was read as NUL, or its parity is not that of the others.
    """
    if 0 in data or (any(byte & 0x80 for byte in data) and len({byte.bit_count() % 2 for byte in data}) > 1):
        return None
    return bytes(byte & 0x7F for byte in data)


def _serial_errors() -> tuple[type[Exception], ...]:
    """What a serial port that is gone raises; TypeError when it was closed under a waiting read."""
    import serial

    return (serial.SerialException, OSError, TypeError, NotThisLine)


class FileTransport:
    """A device file such as /dev/usb/lp0, or a plain file that collects receipts."""

    bytes_a_second = float("inf")

    def __init__(self, path: str) -> None:
        # it would be a file in whatever folder the station was started
        if os.name == "posix" and not path.startswith("/"):
            raise DeviceRefused(f"{path or 'The address'} is no full path. Write it as in /dev/usb/lp0.")
        try:
            # a device that is switched off has no file: one that was made in its place would swallow receipts
            is_device = Path(path).is_relative_to("/dev") or (
                Path(path).exists() and not Path(path).is_file()
            )
            flags = os.O_RDWR | os.O_NONBLOCK if is_device else os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(path, flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DeviceUnavailable(why_not_opened(path, error)) from error
        self.answers = bool(flags & os.O_RDWR)

    def write(self, data: bytes) -> None:
        sent, until = 0, time.monotonic() + WRITE_SECONDS
        try:
            while sent < len(data):
                if (
                    self.answers
                    and not select.select([], [self._file], [], max(until - time.monotonic(), 0))[1]
                ):
                    raise LineLost("The device takes no more data.", sent, is_stalled=True)
                sent += os.write(self._file, data[sent : sent + 4096])
            if not self.answers:
                os.fsync(self._file)
        except OSError as error:
            raise LineLost(_reason(error), sent) from error

    def read(self, seconds: float) -> bytes:
        if not self.answers:
            return b""
        try:
            if not select.select([self._file], [], [], seconds)[0]:
                return b""
            return os.read(self._file, 4096)
        except OSError as error:
            raise LineLost(_reason(error)) from error

    def close(self) -> None:
        os.close(self._file)


class UsbTransport:
    """A USB printer by ``VENDOR:PRODUCT`` in hexadecimal, through pyusb where it is installed."""

    bytes_a_second = float("inf")

    def __init__(self, numbers: str) -> None:
        try:
            import usb.core
            import usb.util
        except ImportError as error:
            raise DeviceRefused(
                "USB needs the package pyusb on this station; or use the device file."
            ) from error
        vendor, product = _usb_numbers(numbers)
        self._lost, self._timeout = usb.core.USBError, usb.core.USBTimeoutError
        try:
            self._device = usb.core.find(idVendor=vendor, idProduct=product)
            if self._device is None:
                raise DeviceUnavailable("The USB device is not plugged in or switched off.")
            with suppress(NotImplementedError):  # where a system knows no such drivers
                if self._device.is_kernel_driver_active(0):
                    self._device.detach_kernel_driver(0)
            self._device.set_configuration()
            interface = self._device.get_active_configuration()[(0, 0)]
            self._out, self._in = (
                usb.util.find_descriptor(
                    interface,
                    custom_match=lambda end, way=way: (
                        usb.util.endpoint_direction(end.bEndpointAddress) == way
                    ),
                )
                for way in (usb.util.ENDPOINT_OUT, usb.util.ENDPOINT_IN)
            )
        except usb.core.USBError as error:
            raise DeviceUnavailable(why_not_opened("The USB device", error)) from error
        except usb.core.NoBackendError as error:
            raise DeviceRefused("USB needs libusb on this station; or use the device file.") from error
        self.answers = self._in is not None

    def write(self, data: bytes) -> None:
        sent = 0
        try:
            while sent < len(data):
                sent += self._out.write(data[sent : sent + 4096], int(WRITE_SECONDS * 1000))
        except self._lost as error:
            raise LineLost(_reason(error), max(sent, 1)) from error

    def read(self, seconds: float) -> bytes:
        if not self.answers:
            return b""
        try:
            return bytes(self._in.read(64, max(int(seconds * 1000), 1)))
        except self._timeout:
            return b""
        except self._lost as error:
            raise LineLost(_reason(error)) from error

    def close(self) -> None:
        import usb.util

        usb.util.dispose_resources(self._device)


def _usb_numbers(numbers: str) -> tuple[int, int]:
    try:
        vendor, product = (int(part, 16) for part in numbers.strip("/").split(":")[:2])
    except ValueError as error:
        raise DeviceRefused(f"{numbers} is no USB number of the form 04b8:0e15.") from error
    return vendor, product


def why_not_opened(line: str, error: Exception) -> str:
    """Why a line of this computer cannot be opened, with what helps."""
    match getattr(error, "errno", None):
        case errno.EACCES | errno.EPERM:
            return f"{line} may not be used by the station's user. Add that user to the group that owns the line."
        case errno.ENOENT:
            return f"{line} is not there. Check the cable, and the address in the hardware profile."
        case errno.EBUSY:
            return f"{line} is held by another program of this computer. End that, or its driver."
    return f"{line} cannot be opened. Check the cable."


def _checked_serial_url(url: str, networks: Sequence[str]) -> str:
    """The address with what was checked in place of a name: asked a second time, it might lead elsewhere."""
    parts = _checked_scheme(url)
    if parts.hostname and parts.port and parts.scheme in ("socket", "rfc2217"):
        dialled, port = check_network(parts.hostname, parts.port, networks)
        return parts._replace(
            netloc=f"[{dialled}]:{port}" if ":" in dialled else f"{dialled}:{port}"
        ).geturl()
    return url


def _checked_scheme(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("socket", "rfc2217", "loop", "spy"):
        raise DeviceRefused(f"{url} is no serial line that a station can open.")
    return parts


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(
        error
    ).__name__
