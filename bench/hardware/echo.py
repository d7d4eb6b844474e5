"""The far end of the bare relay: sends back what it gets; given a printer's port, once that has printed the receipt."""

import asyncio
import json
import os
import sys

import msgspec
from websockets.asyncio.client import connect

from hardware.agent.document import ReceiptDocument
from hardware.agent.drivers.escpos import compile_receipt, read_settings
from hardware.agent.drivers.printer_talk import ASK_PAPER_IN_STREAM


async def main(address: str, port: str = "") -> None:
    """Echo until the relay closes. What is printed is made beforehand, and no journal is kept."""
    if port:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        document = msgspec.convert(json.loads(os.environ["BENCH_DOCUMENT"]), ReceiptDocument)
        receipt = compile_receipt(document, read_settings({})) + ASK_PAPER_IN_STREAM
    async with connect(address, proxy=None, compression=None) as socket:
        print("ready", flush=True)
        async for message in socket:
            if port:
                writer.write(receipt)
                await reader.readexactly(1)
            await socket.send(message)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
