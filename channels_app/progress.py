"""How far a package is while it is built or applied, for whoever watches: a hint in the cache, never waited for."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from uuid import UUID

from django.core.cache import cache

logger = logging.getLogger(__name__)
_EVERY = 0.5  # seconds between two notes
_KEPT = 60  # seconds after the last note


@dataclass
class Progress:
    """Rows and bytes (unpacked) that have been read, and of which table."""

    rows: int = 0
    bytes: int = 0
    table: str = ""


class _Watch:
    def __init__(self, packages: Sequence[UUID]) -> None:
        self._keys = [_key(package) for package in packages]
        self._progress, self._noted = Progress(), time.monotonic()

    def read(self, table: str, rows: int, size: int) -> None:
        self._progress.rows += rows
        self._progress.bytes += size
        self._progress.table = table
        if time.monotonic() - self._noted < _EVERY:
            return
        self._noted = time.monotonic()
        try:
            cache.set_many(dict.fromkeys(self._keys, asdict(self._progress)), _KEPT)
        except Exception as error:  # whatever the cache's client raises; the work goes on
            logger.warning("Progress not noted: %s", error)


_watch: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(packages: Sequence[UUID]) -> Iterator[None]:
    """What is read of tables within belongs to these packages."""
    token = _watch.set(_Watch(packages))
    try:
        yield
    finally:
        _watch.reset(token)


def note_read(table: str, rows: int, size: int) -> None:
    """So many rows of a table went by, in so many bytes of COPY text."""
    if (watch := _watch.get()) is not None:
        watch.read(table, rows, size)


def progress_of(package: UUID) -> Progress | None:
    """How far it is; None when nobody has noted anything lately, or the cache is away."""
    try:
        found = cache.get(_key(package))
    except Exception as error:
        logger.warning("Progress not known: %s", error)
        return None
    return Progress(**found) if found else None


def _key(package: UUID) -> str:
    return f"package-progress:{package}"
