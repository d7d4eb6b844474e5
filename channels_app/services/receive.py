"""Receiving a package at a scale unit: pushed by headquarters or fetched from it, in one piece or in several."""

import fcntl
import hashlib
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection

from channels_app import package_format
from channels_app.errors import DomainError, Unavailable
from channels_app.files import received_file
from channels_app.models import ReceivedPackage
from channels_app.states import ReceivedState

logger = logging.getLogger(__name__)
SMALL = 1 << 18  # bytes
_STANDING = """
    SELECT database, (SELECT version FROM channels_app_dataversion),
           (SELECT jsonb_object_agg("table", version) FROM channels_app_tableversion WHERE "table" = ANY(%s))
      FROM channels_app_exchangestate
"""
# Both in one round trip, which is a transaction of its own.
_KEEP_SMALL = """
    SET LOCAL synchronous_commit = off;
    INSERT INTO channels_app_receivedpackage
           (id, state, version, previous_version, header_checksum, size, received_bytes, content, rows, changed_rows,
            attempts, received_at, error, error_code)
    VALUES (%(id)s, %(state)s, %(version)s, %(previous_version)s, %(header_checksum)s, %(size)s, %(received_bytes)s,
            %(content)s, %(rows)s, %(changed_rows)s, %(attempts)s, %(received_at)s, %(error)s, %(error_code)s)
    ON CONFLICT DO NOTHING
"""


class ReceivingElsewhere(DomainError):
    code = "package_receiving_elsewhere"
    message = "This package is being received already; ask again in a moment."


class NotIntroduced(Unavailable):
    message = "This scale unit has not asked headquarters yet who it is. It does so by itself."


class WrongOffset(DomainError):
    code = "package_wrong_offset"
    message = "The package is here up to byte {received}; go on from there."


class OutOfOrder(DomainError):
    code = "package_out_of_order"
    message = "{what} stands at version {has}; the package brings {offered} on top of {needs}."


def trusted_keys() -> list[str]:
    """The public keys of headquarters; several while they are being changed."""
    return [key.strip() for key in settings.PACKAGE_VERIFY_KEY.split(",") if key.strip()]


def received_so_far(package: UUID) -> ReceivedPackage | None:
    """What is here of a package, None when nothing is."""
    return ReceivedPackage.objects.filter(pk=package).first()


def receive(package: UUID, body: BinaryIO, *, offset: int = 0) -> ReceivedPackage:
    """Take the bytes of a package from `offset` on; complete, it waits to be applied.

    The signed manifest at its start is checked before anything else is taken. A package that is here already is
    not taken twice. A small one comes whole or not at all and lies in its row; a larger one lies in a file and goes
    on where it broke off. Raises BrokenPackage, ForeignPackage, OtherFormat, OutOfOrder, WrongOffset,
    ReceivingElsewhere.
    """
    known = received_so_far(package)
    if known is not None and known.state != ReceivedState.DOWNLOADING:
        return known
    read = _Recorded(body)
    if known is None and offset == 0:
        known, manifest = _admit(package, read)
        if known.size <= SMALL:
            return _take_small(known, manifest, read)
    with _held(package) as path:
        return _take_large(path, package, read, known, offset)


def _admit(package: UUID, body: "_Recorded") -> tuple[ReceivedPackage, package_format.Manifest]:
    """Check the manifest; what was read of the body up to its end is remembered there."""
    manifest = package_format.read_manifest(body, trusted_keys())
    if manifest.package != package:
        raise package_format.ForeignPackage(why="it has another number inside.")
    check_fits(manifest)
    admitted = ReceivedPackage(
        id=package,
        version=manifest.version,
        previous_version=manifest.previous,
        rows=manifest.rows,
        size=len(body.seen) + manifest.body_size,
        header_checksum=hashlib.sha256(body.seen).hexdigest(),
    )
    return admitted, manifest


def _take_small(
    known: ReceivedPackage, manifest: package_format.Manifest, body: "_Recorded"
) -> ReceivedPackage:
    """One row with all of it, or nothing.

    The row need not survive a fall of the server: headquarters sends a package again of which it hears nothing.
    """
    while len(body.seen) <= known.size and body.read(known.size + 1 - len(body.seen)):
        continue
    if len(body.seen) < known.size:
        return known
    parts = io.BytesIO(body.seen)
    parts.seek(known.size - manifest.body_size)
    package_format.check_body(parts, manifest)
    known.state, known.received_bytes, known.content = ReceivedState.RECEIVED, known.size, bytes(body.seen)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_SMALL, {f.column: getattr(known, f.attname) for f in ReceivedPackage._meta.fields}
        )
    logger.info("Package received", extra={"package": known.pk, "bytes": known.size})
    return known


def _take_large(
    path: Path, package: UUID, body: "_Recorded", admitted: ReceivedPackage | None, offset: int
) -> ReceivedPackage:
    known = received_so_far(package)
    if known is not None and known.state != ReceivedState.DOWNLOADING:
        return known
    here = path.stat().st_size if known is not None and path.exists() else 0
    if offset > here:
        raise WrongOffset(received=here)
    with open(path, "r+b" if path.exists() else "w+b") as file:
        file.seek(offset)
        file.truncate()
        if known is None:
            known = admitted or _admit(package, body)[0]
            known.save(force_insert=True)
        file.write(body.seen)
        _take(body, file, known)
    return _complete(known, path)


def check_fits(manifest: package_format.Manifest) -> None:
    """Raise ForeignPackage unless the package is for this channel database, OutOfOrder unless it goes on from here."""
    deltas = [table for table in manifest.tables if table.mode == package_format.DELTA]
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [[table.table for table in deltas]])
        database, version, tables = cursor.fetchone() or (None, None, None)
    if database is None:
        raise NotIntroduced()
    if manifest.database != database:
        raise package_format.ForeignPackage(why="it is addressed to another one.")
    if version is not None and manifest.version <= version:
        raise OutOfOrder(
            what="This channel database", has=version, offered=manifest.version, needs=manifest.previous
        )
    versions = msgspec.json.decode(tables or "{}")
    for t in deltas:
        if versions.get(t.table) != t.previous:
            raise OutOfOrder(what=t.table, has=versions.get(t.table), offered=t.version, needs=t.previous)


def _take(body: BinaryIO, file: BinaryIO, known: ReceivedPackage) -> None:
    position = file.tell()
    try:
        while position < known.size and (
            chunk := body.read(min(package_format.CHUNK, known.size - position))
        ):
            file.write(chunk)
            position += len(chunk)
    finally:
        file.flush()
        os.fsync(file.fileno())
        ReceivedPackage.objects.filter(pk=known.pk).update(received_bytes=position)
        known.received_bytes = position


def _complete(known: ReceivedPackage, path: Path) -> ReceivedPackage:
    """With its last byte a package is checked as a whole; a broken one is forgotten, so that it can come again."""
    if known.received_bytes < known.size:
        return known
    try:
        with open(path, "rb") as file:
            package_format.check_body(file, package_format.read_manifest(file, trusted_keys()))
    except package_format.BrokenPackage:
        known.delete()
        path.unlink()
        raise
    known.state = ReceivedState.RECEIVED
    known.save(update_fields=["state"])
    logger.info("Package received", extra={"package": known.pk, "bytes": known.size})
    return known


@contextmanager
def _held(package: UUID) -> Iterator[Path]:
    """The package's file, for this process alone; the hold goes when the process goes."""
    path = received_file(package)
    with open(path.with_suffix(".lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReceivingElsewhere() from None
        yield path


class _Recorded(io.RawIOBase):
    """A stream that remembers what was read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.seen = stream, bytearray()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.seen += chunk
        return chunk


@contextmanager
def received_content(known: ReceivedPackage) -> Iterator[BinaryIO]:
    """The bytes of a package that was received, to read."""
    if known.content is not None:
        yield io.BytesIO(known.content)
        return
    with open(received_file(known.pk), "rb") as file:
        yield file


def forget_file(package: UUID) -> None:
    """Remove the file of a package that is settled."""
    path = received_file(package)
    path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)
