"""Pushes what happens at one till's devices to the page that shows it."""

import asyncio
import json
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer

from hardware.lab import pages
from hardware.lab.devices import LAB, LabDevice, LabPrinter


class LabConsumer(AsyncWebsocketConsumer):
    """One open page. Changes that come faster than the page can take them are put together."""

    channel_layer_alias = "none"  # the lab is one process: it needs no Redis

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.slug = query.get("place", [""])[0]
        self.loop = asyncio.get_running_loop()
        self.news: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=2000)
        self.shown: dict[str, tuple[int, int]] = {}
        await self.accept()
        LAB.subscribe(self._hear)
        self.sender = asyncio.create_task(self._send_news(query.get("seen", [""])[0]))

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "sender"):
            LAB.unsubscribe(self._hear)
            self.sender.cancel()

    def _hear(self, name: str, what: str) -> None:
        self.loop.call_soon_threadsafe(self._note, name, what)

    def _note(self, name: str, what: str) -> None:
        if not self.news.full():
            self.news.put_nowait((name, what))

    async def _send_news(self, seen: str) -> None:
        await self._catch_up(seen)
        while True:
            news = [await self.news.get()]
            while not self.news.empty() and len(news) < 50:
                news.append(self.news.get_nowait())
            for message in await asyncio.to_thread(LAB.do, self._messages, dict.fromkeys(news)):
                await self.send(text_data=json.dumps(message))

    async def _catch_up(self, seen: str) -> None:
        """The page may have been rendered a moment ago: show it the roll as it is now."""
        for message in await asyncio.to_thread(LAB.do, self._whole, seen):
            await self.send(text_data=json.dumps(message))

    def _whole(self, seen: str) -> list[dict]:
        messages = []
        for device in self._mine():
            if isinstance(device, LabPrinter):
                self.shown[device.wish.name] = (device.receipt_number, len(device.receipts[-1]))
                if f"{device.slug}.{pages.seen(device)}" != seen:
                    messages.append({"kind": "roll", "device": device.slug, "html": pages.roll(device)})
            messages += self._panels(device)
        return messages

    def _mine(self) -> list[LabDevice]:
        return [device for device in LAB.devices.values() if pages.slug_of(device.wish.place) == self.slug]

    def _messages(self, news: dict[tuple[str, str], None]) -> list[dict]:
        messages: list[dict] = []
        for name, what in news:
            device = LAB.devices.get(name)
            if device is None:
                continue
            place = pages.slug_of(device.wish.place)
            if place != self.slug:
                messages.append({"kind": "elsewhere", "place": place})
            elif what == "new":
                messages.append({"kind": "reload"})
            elif what in ("mark", "cut", "torn") and isinstance(device, LabPrinter):
                messages += self._ink(device, torn=what == "torn")
            else:
                messages += self._panels(device)
        return messages

    def _panels(self, device: LabDevice) -> list[dict]:
        panels = [{"kind": "panel", "target": f"front-{device.slug}", "html": pages.front(device)}]
        if isinstance(device, LabPrinter):
            panels.append({"kind": "panel", "target": f"drawer-{device.slug}", "html": pages.drawer(device)})
            panels.append({"kind": "panel", "target": f"faults-{device.slug}", "html": pages.faults(device)})
        return panels

    def _ink(self, device: LabPrinter, torn: bool) -> list[dict]:
        """What has been printed since the last time; the whole roll where that cannot be told."""
        number, count = self.shown.get(device.wish.name, (0, 0))
        self.shown[device.wish.name] = (device.receipt_number, len(device.receipts[-1]))
        behind = device.receipt_number - number
        if torn or not 0 <= behind < len(device.receipts):
            return [{"kind": "roll", "device": device.slug, "html": pages.roll(device)}]
        messages = []
        for place in range(behind, -1, -1):
            receipt = device.receipts[-1 - place]
            drawn = "".join(pages.ink(receipt[count:], device.printer.dots))
            if drawn:
                messages.append({"kind": "ink", "device": device.slug, "html": drawn})
            if place:
                messages.append({"kind": "cut", "device": device.slug})
            count = 0
        return messages
