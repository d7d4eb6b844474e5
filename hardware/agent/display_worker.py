"""What a customer display does: it shows the newest rows, and those that are too long go by."""

import logging
import threading
from collections.abc import Sequence

from hardware.agent.drivers.base import DeviceError, Health
from hardware.agent.protocol import Device
from hardware.agent.worker import POLL_SECONDS, RETRY_SECONDS, DeviceWorker, Station

log = logging.getLogger(__name__)

SCROLL_SECONDS = 0.35


class DisplayWorker(DeviceWorker):
    """For customer displays: shows the newest rows, and says nothing about the rest."""

    def __init__(self, device: Device, station: Station, drawers: Sequence[Device] = ()) -> None:
        super().__init__(device, station, drawers)
        self._rows: list[str] | None = None
        self._step = 0  # of a row that is too long and goes by
        self._news = threading.Event()

    def show(self, rows: list[str]) -> None:
        """Show these rows as soon as the display can."""
        self._rows, self._step = rows, 0
        self._news.set()

    def stop(self) -> None:
        super().stop()
        self._news.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                driver = self.driver()
                self.say(driver.status())
                scrolls = self._rows is not None and driver.scrolls(self._rows, self._step)
                if self._news.wait(SCROLL_SECONDS if scrolls else POLL_SECONDS):
                    self._news.clear()
                elif scrolls:
                    self._step += 1
                if self._rows is not None and not self._stopping.is_set():
                    driver.show(self._rows, self._step)
            except DeviceError as error:
                self.say(getattr(error, "health", None) or Health("absent", str(error)))
                self.drop_driver()
                self._news.set()  # what could not be shown is shown when the display is back
                self._stopping.wait(RETRY_SECONDS[-2])
            except Exception as error:
                self.note_fault(error)
                self._stopping.wait(RETRY_SECONDS[-1])
        self.drop_driver()
