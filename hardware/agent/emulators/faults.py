"""What goes wrong on a line: answers are lost, doubled, or come with garbage. Stands between device and line."""

import random
from dataclasses import dataclass
from typing import Any

from hardware.agent.emulators.lines import LineDevice, Reply


@dataclass
class FaultyLine:
    """The device's side of a line; whatever it sends is harmed as the switches say."""

    device: LineDevice
    lose_answers: bool = False
    double_answers: bool = False
    garbage: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(1)  # noqa: S311 - noise, not secrets

    def connected(self, reply: Reply) -> None:
        self.device.connected(self._harmed(reply))

    def disconnected(self) -> None:
        self.device.disconnected()

    def receive(self, data: bytes, reply: Reply) -> None:
        self.device.receive(data, self._harmed(reply))

    def _harmed(self, reply: Reply) -> Reply:
        def send(data: bytes) -> Any:
            if self.lose_answers:
                return
            if self.garbage:
                reply(bytes(self._random.choices(range(128, 256), k=7)))
            reply(data * (2 if self.double_answers else 1))

        return send
