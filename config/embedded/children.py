"""Child processes that do not outlive their parent, and what a killed parent left behind."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: a process group of its own, and `with_signal` from the kernel when the parent is gone.

    With its own group, Ctrl-C in the terminal reaches the parent only, which then stops its children in order.
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
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
