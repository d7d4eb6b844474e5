"""The far end of the bare relay: sends back what it gets."""

import asyncio
import sys

from websockets.asyncio.client import connect


async def main() -> None:
    """Echo until the relay closes."""
    async with connect(sys.argv[1], proxy=None, compression=None) as socket:
        print("ready", flush=True)
        async for message in socket:
            await socket.send(message)


if __name__ == "__main__":
    asyncio.run(main())
