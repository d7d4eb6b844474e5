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

from django.conf import settings
from django.db.models import Subquery

from channels_app import package_format
from channels_app.errors import DomainError, Unavailable
from channels_app.files import received_file
from channels_app.models import DataVersion, ExchangeState, ReceivedPackage
from channels_app.states import ReceivedState

logger = logging.getLogger(__name__)
_AT_ONCE = 1 << 20  # bytes; a package up to this size that breaks off with the process comes again from its start


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
    not taken twice. Raises BrokenPackage, ForeignPackage, OtherFormat, OutOfOrder, WrongOffset, ReceivingElsewhere.
    """
    with _held(package) as path:
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
                known = _admit(package, body, file)
            _take(body, file, known)
        return _complete(known, path)


def _admit(package: UUID, body: BinaryIO, file: BinaryIO) -> ReceivedPackage:
    """Check the manifest and remember the package; what was read of the body is in the file then."""
    read = _Recorded(body)
    manifest = package_format.read_manifest(read, trusted_keys())
    if manifest.package != package:
        raise package_format.ForeignPackage(why="it has another number inside.")
    check_fits(manifest)
    file.write(read.seen)
    known = ReceivedPackage(
        id=package,
        version=manifest.version,
        previous_version=manifest.previous,
        rows=manifest.rows,
        size=len(read.seen) + manifest.body_size,
        header_checksum=hashlib.sha256(read.seen).hexdigest(),
    )
    if known.size > _AT_ONCE:
        known.save(force_insert=True)
    return known


def check_fits(manifest: package_format.Manifest) -> None:
    """Raise ForeignPackage unless the package is for this channel database, OutOfOrder when it would take it back."""
    current = DataVersion.objects.values("version")[:1]
    state = ExchangeState.objects.annotate(version=Subquery(current)).first()
    if state is None or state.database is None:
        raise NotIntroduced()
    if manifest.database != state.database:
        raise package_format.ForeignPackage(why="it is addressed to another one.")
    if state.version is not None and manifest.version <= state.version:
        raise OutOfOrder(
            what="This channel database",
            has=state.version,
            offered=manifest.version,
            needs=manifest.previous,
        )


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
        known.received_bytes = position
        if position < known.size:
            known.save()


def _complete(known: ReceivedPackage, path: Path) -> ReceivedPackage:
    """With its last byte a package is checked as a whole; a broken one is forgotten, so that it can come again."""
    if known.received_bytes < known.size:
        return known
    try:
        with open(path, "rb") as file:
            package_format.check_body(file, package_format.read_manifest(file, trusted_keys()))
    except package_format.BrokenPackage:
        ReceivedPackage.objects.filter(pk=known.pk).delete()
        path.unlink()
        raise
    known.state = ReceivedState.RECEIVED
    known.save()
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


def forget_file(package: UUID) -> None:
    """Remove what was received of a package that is settled."""
    path = received_file(package)
    path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)
