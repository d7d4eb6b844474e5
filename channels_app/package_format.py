"""What a package looks like: a signed manifest, then the tables' parts one after another. Pure: no Django.

    8 bytes   TILLPKG1
    4 bytes   length of the manifest, big-endian
    n bytes   the manifest, JSON
    64 bytes  Ed25519 signature of the manifest (zeros in an upload, whose sender is known by its credential)
    then, for each table of the manifest in order: its rows, then the keys that are gone

A part is one zstd frame around PostgreSQL's COPY text. The manifest names each part's size, its size when
unpacked and its SHA-256, so the signature covers every byte and no part can unpack to more than it declares.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

import msgspec
import zstandard

from channels_app.errors import DomainError
from channels_app.prepared import prepared
from channels_app.signatures import SIGNATURE_SIZE, fingerprint, is_signed, public_key_of, sign

MAGIC = b"TILLPKG1"
FORMAT = 1
PURPOSE = "package"
LEVEL = 1  # 3 takes a third more CPU for a build, and packs prices and texts a twentieth smaller
CHUNK = 1 << 18
MANIFEST_LIMIT = 16 << 20  # bytes
WINDOW_LIMIT = 8 << 20  # bytes of memory that a frame may make us keep while unpacking
FULL, DELTA, UPLOAD = "full", "delta", "upload"


class BrokenPackage(DomainError):
    code = "package_broken"
    message = "The package is broken: {why} Build it again."


class ForeignPackage(DomainError):
    code = "package_foreign"
    message = "The package is not for this channel database or not from its headquarters: {why}"


class OtherFormat(DomainError):
    code = "package_other_format"
    message = "The package has format {found}; this side reads format {known}. Update the older side."


class Part(msgspec.Struct, frozen=True):
    """One compressed stream: its rows, its size, its size when unpacked, the SHA-256 of its compressed bytes."""

    rows: int
    bytes: int
    raw_bytes: int
    checksum: str


class Table(msgspec.Struct, frozen=True):
    """A table's share of a package.

    `mode` full: `rows` are all there are, what else the receiver has must go; delta: `rows` are new or changed
    and `gone` holds the keys that left. A delta fits only on `previous`. `since` is headquarters' mark that the rows
    are complete up to where that is not the version itself. `schema` says which columns of which types,
    `scope` by what the rows were cut.
    """

    table: str
    mode: str
    columns: tuple[str, ...]
    key: str
    schema: str
    scope: str
    version: int
    previous: int | None = None
    since: int | None = None
    rows: Part | None = None
    gone: Part | None = None

    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in (self.rows, self.gone) if part)


@prepared
class Manifest(msgspec.Struct, frozen=True):
    """What a package says of itself. `version` is what the receiver has after applying it."""

    package: UUID
    database: UUID
    kind: str
    jobs: tuple[str, ...]
    version: int
    previous: int | None
    created_at: datetime
    tables: tuple[Table, ...]
    format: int = FORMAT
    key: str = ""
    is_rollback: bool = False

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts())

    @property
    def body_size(self) -> int:
        """Bytes that follow the header."""
        return sum(part.bytes for part in self.parts())

    def parts(self) -> Iterator[Part]:
        for table in self.tables:
            yield from table.parts()


def header(manifest: Manifest, private_key: str | None = None) -> bytes:
    """The bytes in front of the parts; signed when a private key is given."""
    if private_key:
        manifest = msgspec.structs.replace(manifest, key=fingerprint(public_key_of(private_key)))
    said = msgspec.json.encode(manifest)
    if len(said) > MANIFEST_LIMIT:
        raise BrokenPackage(why=f"its manifest of {len(said)} bytes is larger than a package may have.")
    signature = sign(private_key, PURPOSE, said) if private_key else bytes(SIGNATURE_SIZE)
    return MAGIC + struct.pack(">I", len(said)) + said + signature


def read_manifest(stream: BinaryIO, trusted: Sequence[str] | None) -> Manifest:
    """The manifest at the start of a stream, which then stands at its first part.

    `trusted` are the public keys of headquarters; None takes an unsigned upload. Raises BrokenPackage,
    ForeignPackage or OtherFormat; nothing is unpacked before the signature is checked.
    """
    if _exactly(stream, len(MAGIC), "its first bytes") != MAGIC:
        raise BrokenPackage(why="it does not start as a package does.")
    (length,) = struct.unpack(">I", _exactly(stream, 4, "its length"))
    if length > MANIFEST_LIMIT:
        raise BrokenPackage(why=f"its manifest declares {length} bytes.")
    said = _exactly(stream, length, "its manifest")
    signature = _exactly(stream, SIGNATURE_SIZE, "its signature")
    if trusted is not None and not is_signed(trusted, PURPOSE, said, signature):
        raise ForeignPackage(why="its signature is not of a key that is trusted here.")
    try:
        found = msgspec.json.decode(said, type=_Format).format
        if found != FORMAT:
            raise OtherFormat(found=found, known=FORMAT)
        return msgspec.json.decode(said, type=Manifest)
    except msgspec.DecodeError as error:
        raise BrokenPackage(why=f"its manifest cannot be read ({error}).") from error


@prepared
class _Format(msgspec.Struct):
    format: int = 0


class PartWriter:
    """Compresses what it is given into `write`, and knows the part in the end. Memory stays flat."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._compressor = zstandard.ZstdCompressor(level=LEVEL).chunker(chunk_size=CHUNK)
        self._hash = hashlib.sha256()
        self._bytes = self._raw_bytes = 0

    def add(self, chunk: bytes | bytearray | memoryview) -> None:
        self._raw_bytes += len(chunk)
        self._put(self._compressor.compress(chunk))

    def finish(self, rows: int) -> Part:
        """Close the frame; `rows` is how many rows went in."""
        self._put(self._compressor.finish())
        return Part(rows=rows, bytes=self._bytes, raw_bytes=self._raw_bytes, checksum=self._hash.hexdigest())

    def _put(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            self._bytes += len(chunk)
            self._hash.update(chunk)
            self._write(chunk)


def unpacked(stream: BinaryIO, part: Part) -> Iterator[bytes]:
    """The unpacked chunks of the part at which `stream` stands, checked in passing.

    Raises BrokenPackage as soon as the part is shorter, longer, other or larger than declared; a receiver must
    therefore take all chunks before it believes the first.
    """
    source = _Measured(stream, part.bytes)
    raw_bytes = 0
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=WINDOW_LIMIT).stream_reader(
            source, read_size=CHUNK
        )
        while chunk := reader.read(CHUNK):
            raw_bytes += len(chunk)
            if raw_bytes > part.raw_bytes:
                raise BrokenPackage(why="a part unpacks to more than it declares.")
            yield chunk
    except zstandard.ZstdError as error:
        raise BrokenPackage(why=f"a part cannot be unpacked ({error}).") from error
    source.finish(part.checksum)
    if raw_bytes != part.raw_bytes:
        raise BrokenPackage(why="a part unpacks to less than it declares.")


class _Measured:
    """The next `size` bytes of a stream as a stream of its own, hashed as they are read."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left, self._hash = stream, size, hashlib.sha256()

    def read(self, size: int) -> bytes:
        if not self._left:
            return b""
        chunk = self._stream.read(min(size, self._left))
        if not chunk:
            raise BrokenPackage(why="it ends too early.")
        self._left -= len(chunk)
        self._hash.update(chunk)
        return chunk

    def finish(self, checksum: str) -> None:
        """Read what is left and compare. Raises BrokenPackage."""
        while self.read(CHUNK):
            continue
        if self._hash.hexdigest() != checksum:
            raise BrokenPackage(why="the checksum of a part differs.")


def check_body(stream: BinaryIO, manifest: Manifest) -> None:
    """Read all parts and compare their checksums without unpacking. Raises BrokenPackage."""
    for part in manifest.parts():
        _Measured(stream, part.bytes).finish(part.checksum)
    if stream.read(1):
        raise BrokenPackage(why="there is more in it than it declares.")


def _exactly(stream: BinaryIO, size: int, what: str) -> bytes:
    read = bytearray()
    while len(read) < size:
        chunk = stream.read(size - len(read))
        if not chunk:
            raise BrokenPackage(why=f"it ends within {what}.")
        read += chunk
    return bytes(read)


def read_own_manifest(header: bytes) -> Manifest:
    """The manifest in a header that this side made itself, and so need not check."""
    start = len(MAGIC) + 4
    return msgspec.json.decode(header[start : len(header) - SIGNATURE_SIZE], type=Manifest)
