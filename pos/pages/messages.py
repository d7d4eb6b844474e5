"""Sentences for what went well; what is refused speaks for itself."""

from pos.cart.model import Notice
from pos.cart.snapshot import Snapshot

# What was done to the head of the cart, which a page then needs whole.
_HEAD = {"coupon_added", "coupon_counted_here", "coupon_removed"}


def is_of_head(cart: Snapshot) -> bool:
    """Whether the last command changed the head of the cart, even where it changed lines, too."""
    return cart.notice is not None and cart.notice.code in _HEAD


def added(cart: Snapshot) -> Notice | None:
    """What was added last, in words, for who does not look at the screen."""
    line = next((line for line in reversed(cart.lines) if line.id in cart.changed), None)
    return Notice("positive", "added", f"{line.name} added") if line else None
