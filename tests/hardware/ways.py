"""What stands between a store and its server: a web server that ends TLS, and a company's proxy."""

import asyncio
import base64
import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "shop.example"  # known to the proxy alone


class Ways:
    """TLS for `HOST` on a port, and an HTTP proxy that leads there, both in front of a server here.

    ``starts_in`` hours from now its certificate begins to be good; a ``password`` is what the proxy wants.
    """

    def __init__(self, folder: Path, port: int, starts_in: float = -1, password: str = "") -> None:
        self._port, self._password = port, password
        self.issuer, own, key = folder / "issuer.pem", folder / "own.pem", folder / "own.key"
        certify(self.issuer, own, key, starts_in)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(own, key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self.asked: list[str] = []
        self.tls_port = self._listen(self._end_tls, ssl=self._tls)
        self.proxy_port = self._listen(self._lead)

    @property
    def proxy(self) -> str:
        return f"http://{self._password}{'@' if self._password else ''}127.0.0.1:{self.proxy_port}"

    def _listen(self, serve, **options) -> int:
        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(serve, "127.0.0.1", 0, **options), self._loop
        )
        self._servers.append(started.result(10))
        return self._servers[-1].sockets[0].getsockname()[1]

    def close(self) -> None:
        async def end() -> None:
            for server in self._servers:
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end_tls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await join(reader, writer, self._port, as_host=f"127.0.0.1:{self._port}")

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split()[1])
        if self._password and base64.b64encode(self._password.encode()).decode() not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await join(reader, writer, self.tls_port)


async def join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, as_host: str = ""
) -> None:
    """Pass everything on, both ways; the server behind hears its own name."""
    try:
        behind, to_behind = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(pump(reader, to_behind, as_host), pump(behind, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, as_host: str = "") -> None:
    try:
        while data := await reader.read(65536):
            if as_host:
                data = re.sub(rb"(?i)\r\nhost: [^\r]*", b"\r\nHost: " + as_host.encode(), data, count=1)
                as_host = ""
            writer.write(data)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()


def certify(issuer: Path, own: Path, own_key: Path, starts_in: float) -> None:
    """An issuer of the company's own, and a certificate of its for `HOST` and for this machine."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Our issuer", HOST)
    )

    def begun(subject: x509.Name, of: ec.EllipticCurvePrivateKey, at: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(ca_name, subject, of.public_key(), x509.random_serial_number())
        return builder.not_valid_before(at).not_valid_after(at + timedelta(hours=9))

    ca = begun(ca_name, ca_key, now - timedelta(hours=8)).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    made = begun(name, key, now + timedelta(hours=starts_in)).add_extension(names, critical=False)
    issuer.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    own.write_bytes(made.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    own_key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
