"""Child processes that do not outlive their parent, and what a killed parent left behind."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
GRACE = 10.0  # seconds between asking a process to stop and killing it


def die_with_parent(with_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: a process group of its own, and `with_signal` from the kernel when the parent is gone.

    With its own group, Ctrl-C in the terminal reaches the parent only, which then stops its children in
    order.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        os.setpgid(0, 0)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, with_signal)
            if os.getppid() != parent:  # it died before we asked to be told
                os.kill(os.getpid(), with_signal)

    return prepare


def started_at(pid: int) -> str | None:
    """A mark that tells this process from a later one with the same number; None when it is gone."""
    if sys.platform != "linux":
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
        return shown.stdout.strip() or None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


class Register:
    """The processes that run now, in a file, so that the run after a killed one knows what to end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, list[int | str]] = {}

    def add(self, name: str, pid: int, stop_signal: int) -> None:
        self.entries[name] = [pid, started_at(pid) or "", stop_signal]
        self._write()

    def remove(self, name: str) -> None:
        self.entries.pop(name, None)
        self._write()

    def _write(self) -> None:
        half = self.path.with_suffix(".new")
        half.write_text(json.dumps(self.entries))
        half.rename(self.path)

    def stop_leftovers(self) -> list[str]:
        """End the processes of a former run that are still there; returns their names."""
        left: dict[str, tuple[int, str]] = {}
        for name, (pid, mark, stop_signal) in self._read().items():
            if started_at(int(pid)) == mark:
                left[name] = (int(pid), str(mark))
                _signal_group(int(pid), int(stop_signal))
        deadline = time.monotonic() + GRACE
        while any(started_at(pid) == mark for pid, mark in left.values()):
            if time.monotonic() > deadline:
                for pid, mark in left.values():
                    if started_at(pid) == mark:
                        _signal_group(pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(0.05)
        self.path.unlink(missing_ok=True)
        return sorted(left)

    def _read(self) -> dict[str, list[int | str]]:
        try:
            return dict(json.loads(self.path.read_text()))
        except (FileNotFoundError, ValueError):
            return {}


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
