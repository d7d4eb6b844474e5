"""A company of a given size in a process and a database of its own, which scans when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.services import ROOT, stop
from config.embedded.children import die_with_parent


class Side:
    """The other end of such a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._line()  # it is ready

    def scan(self) -> tuple[float, float]:
        """Have it scan once: milliseconds waited, and of its processor."""
        assert self.process.stdin is not None
        self.process.stdin.write("scan\n")
        self.process.stdin.flush()
        waited, worked = self._line().split()
        return float(waited), float(worked)

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The company's process has ended.")
        return line


@contextmanager
def company(dsn: str, name: str, products: int, prices: int) -> Iterator[Side]:
    """Make the company in the database of that name beside the one of `dsn`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.pos.company", str(products), str(prices)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"{dsn.rpartition('/')[0]}/{name}", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        yield Side(process)
    finally:
        stop(process, signal.SIGTERM)


if __name__ == "__main__":
    import django

    django.setup()
    from bench.pos.scanning import serve

    serve(int(sys.argv[1]), int(sys.argv[2]))
