"""Emulated devices in a process of their own: writes their addresses, then scans a code for every line it reads."""

import asyncio
import sys
import time

from hardware.agent.emulators.lines import PtyLine, TcpLine
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.emulators.scanner import EmulatedScanner


async def main() -> None:
    """Serve a printer for us, one for the reference and a scanner, until the input ends."""
    scanner = EmulatedScanner()
    ours, reference, pty = (
        TcpLine(EmulatedPrinter(keep=100)),
        TcpLine(EmulatedPrinter(keep=100)),
        PtyLine(scanner),
    )
    for line in (ours, reference, pty):
        await line.open()
    print(f"127.0.0.1:{ours.port} {reference.port} {pty.path}", flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while code := (await reader.readline()).decode().strip():
        print(time.monotonic(), flush=True)
        scanner.scan(code)


if __name__ == "__main__":
    asyncio.run(main())
