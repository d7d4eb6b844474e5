"""A device lab that keeps what was printed: the emulated printers of `make run`, with every receipt as text."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hardware.agent.emulators.paper import Line, Mark
from hardware.lab import devices
from hardware.lab.devices import Lab, LabPrinter, Wish


class PaperLab:
    """Answers stations that ask for devices on `port`, and remembers each paper that was cut off."""

    def __init__(self, port: int, line_seconds: float) -> None:
        devices.LINE_SECONDS = line_seconds
        self.lab = Lab()
        self.papers: list[str] = []
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self.lab.subscribe(self._heard)

    def start(self) -> None:
        lab = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                address = lab.lab.do(lab.lab.ensure, Wish(**asked))
                body = json.dumps({"address": address}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Door)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _heard(self, name: str, what: str) -> None:
        """On the lab's loop: after a cut the receipt before the one that begins now is whole."""
        device = self.lab.devices.get(name)
        if what == "cut" and isinstance(device, LabPrinter):
            self.papers.append(_text(device.receipts[-2]))

    def unfinished(self) -> list[str]:
        """What hangs out of each printer, not cut off yet."""
        return [
            _text(device.receipts[-1])
            for device in list(self.lab.devices.values())
            if isinstance(device, LabPrinter)
        ]

    def everything(self) -> list[str]:
        """Every piece of paper there is."""
        return [*self.papers, *self.unfinished()]


def _text(marks: Sequence[Mark]) -> str:
    return "\n".join(
        "".join(run.text for run in mark.runs) if isinstance(mark, Line) else f"[{type(mark).__name__}]"
        for mark in marks
    )
