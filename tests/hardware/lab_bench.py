"""Emulated devices on real sockets and ptys, on an event loop in a thread of their own."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from hardware.agent.emulators.lines import PtyLine, TcpLine
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.emulators.scanner import EmulatedScanner
from hardware.agent.protocol import Device


class Bench:
    """A loop with devices on it; ``do`` runs a function on that loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._lines: list[TcpLine | PtyLine] = []
        self._tasks: list[asyncio.Task] = []

    def do(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        async def run() -> Any:
            answer = function(*arguments, **named)
            return await answer if asyncio.iscoroutine(answer) else answer

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def printer(self, **settings: Any) -> tuple[EmulatedPrinter, TcpLine]:
        """A printer that listens on a free port; its power switch opens and closes the port."""

        def build() -> tuple[EmulatedPrinter, TcpLine]:
            printer = EmulatedPrinter(**settings)
            line = TcpLine(printer)
            printer.drop_line = line.drop
            printer.on_power = lambda on: self._tasks.append(
                asyncio.ensure_future(line.open() if on else line.close())
            )
            if printer.line_seconds:
                self._tasks.append(asyncio.ensure_future(printer.run()))
            return printer, line

        printer, line = self.do(build)
        self.do(line.open)
        self._lines.append(line)
        return printer, line

    def pty(self, device: Any) -> PtyLine:
        """The device as a serial port."""
        line = self.do(PtyLine, device)
        self.do(line.open)
        self._lines.append(line)
        return line

    def scanner(self, **settings: Any) -> tuple[EmulatedScanner, PtyLine]:
        scanner = EmulatedScanner(**settings)
        return scanner, self.pty(scanner)

    def close(self) -> None:
        async def stop() -> None:
            for line in self._lines:
                await line.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.do(stop)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Wait for a condition and give its value; fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.005)
    raise AssertionError("It did not happen in time.")


def printer_device(line: TcpLine, **settings: Any) -> Device:
    return Device(
        id="printer",
        kind="printer",
        driver="escpos",
        address=f"tcp://127.0.0.1:{line.port}",
        settings=settings,
    )


def receipt(number: int = 1, **changes: Any) -> dict:
    """A receipt document as the till would send it."""
    document = {
        "version": 1,
        "title": f"Receipt {number}",
        "marks": [],
        "blocks": [
            {"kind": "text", "text": "Harbour Street", "align": "center", "bold": True, "size": "large"},
            {"kind": "text", "text": "1 Quay Lane\nBristol BS1 4DJ", "align": "center"},
            {"kind": "feed"},
            {"kind": "pair", "left": "3 × WHITE HANGING HEART T-LIGHT HOLDER", "right": "£7.97"},
            {"kind": "pair", "left": "offer −10 %", "right": "−£0.89", "indent": 4},
            {"kind": "pair", "left": "0.432 kg BANANAS £1.20/kg", "right": "£0.52"},
            {"kind": "rule"},
            {"kind": "pair", "left": "Total", "right": "£8.49", "bold": True, "size": "large"},
            {
                "kind": "columns",
                "columns": [{}, {"width": 8, "align": "right"}, {"width": 8, "align": "right"}],
                "rows": [["VAT 20 %", "7.08", "1.41"]],
            },
            {"kind": "barcode", "symbology": "code128", "data": f"{number:014d}"},
            {"kind": "qr", "data": f"https://example.com/r/{number}"},
            {"kind": "text", "text": f"Receipt {number}", "align": "center"},
            {"kind": "cut"},
        ],
    }
    return document | changes
