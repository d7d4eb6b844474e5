"""Ports for whole systems."""

import random

from config.embedded.services import is_free


def three_free_ports() -> int:
    """The first of three ports in a row that nobody listens on, below those that the kernel hands out."""
    for port in random.sample(range(20_000, 32_000, 3), 200):
        if all(is_free(port + offset) for offset in range(3)):
            return port
    raise RuntimeError("There are no three free ports in a row.")
