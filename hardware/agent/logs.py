"""The station's log: a file that is turned over at a megabyte, and its end for whoever asks for it."""

import asyncio
import logging
import logging.handlers
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeVar

log = logging.getLogger(__name__)

NAME = "station.log"
TURNED_OVER_AT = 1_000_000
KEPT_FILES = 5
MOST_BYTES = 200_000
MOST_SAID = 100
Answer = TypeVar("Answer")
SPEAKS_FOR: ContextVar[str] = ContextVar("speaks_for", default="")  # the station, where a process has several


def in_its_name(function: Callable[[], Answer]) -> Callable[[], Answer]:
    """For threads, which do not know by themselves for which station they were started."""
    return partial(copy_context().run, function)


def set_up_log(folder: Path | None, verbose: bool) -> None:
    """Standard error and, in a folder, a file with five earlier ones beside it."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    words = ""
    try:
        if folder is not None:
            handlers.append(_log_file(folder))
    except OSError as error:
        words = f"The log file cannot be written ({error}); what is logged is on the standard error only."
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        handlers=handlers,
        format="%(asctime)s %(levelname)s %(station)s%(name)s: %(message)s",
        force=True,
    )
    for handler in handlers:
        handler.addFilter(_name_station)
    if words:
        log.error("%s", words)
    logging.getLogger("websockets").setLevel(logging.WARNING)


class LogFile(logging.handlers.RotatingFileHandler):
    """It outlives a folder that was cleared away and a disk that is full: what cannot be written is left out, and
    that is said once on the standard error, not with each line and where in the program it was written.
    """

    _fails = _failed = False

    def emit(self, record: logging.LogRecord) -> None:
        self._failed, self._fails = self._fails, False
        if self.stream is not None and not Path(self.baseFilename).exists():
            with suppress(OSError):
                self.stream.close()
            self.stream = None
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        self._fails = True
        if not self._failed:
            sys.stderr.write(f"The log file cannot be written ({sys.exc_info()[1]}).\n")

    def doRollover(self) -> None:
        try:
            super().doRollover()
        except OSError:
            # another program has it open, or the folder can only be read: tried again a megabyte later
            self.maxBytes += TURNED_OVER_AT

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()


def _log_file(folder: Path) -> logging.Handler:
    """Whatever the system's own code table lacks can be logged, too."""
    return LogFile(
        folder / NAME,
        maxBytes=TURNED_OVER_AT,
        backupCount=KEPT_FILES,
        encoding="utf-8",
        errors="backslashreplace",
    )


def _name_station(record: logging.LogRecord) -> bool:
    """Each line of a process that serves several stations begins with the number of the one that it is about."""
    station = SPEAKS_FOR.get()
    record.station = f"{station} " if station else ""
    return True


def said_once() -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """What a loop does about errors that nobody waits for, such as of a library's clean-up at every vain connection."""
    said: set[str] = set()

    def say(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        words = f"{context['message'].partition('(')[0]}: {error!r}"
        if words not in said and len(said) < MOST_SAID:
            said.add(words)
            log.error("%s", words, exc_info=error)

    return say


def log_end(folder: Path, most: int = MOST_BYTES) -> str:
    """The last whole lines, at most so many bytes; a file that was just turned over is read on in its former one."""
    end = b""
    for name in (NAME, f"{NAME}.1"):
        if len(end) < most:
            end = _last_bytes(folder / name, most - len(end)) + end
    if len(end) >= most:
        end = end.partition(b"\n")[2]  # its first line may have lost its beginning
    text = end.decode(errors="replace")
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "·" for sign in text)


def _last_bytes(path: Path, count: int) -> bytes:
    try:
        with open(path, "rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - count, 0))
            return file.read(count)
    except OSError:
        return b""
