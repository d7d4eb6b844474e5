"""Sentences for what went well; what is refused speaks for itself."""

from pos.cart.model import Notice
from pos.cart.snapshot import Snapshot


def added(cart: Snapshot) -> Notice | None:
    """What was added last, in words, for who does not look at the screen."""
    line = next((line for line in reversed(cart.lines) if line.id in cart.changed), None)
    return Notice("positive", "added", f"{line.name} added") if line else None
