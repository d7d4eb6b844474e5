"""An emulated cash drawer: a pulse opens it, a hand pushes it shut."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class EmulatedDrawer:
    """``kicks`` counts every pulse, also those that find it open."""

    tell: Callable[[bool], None] = lambda is_open: None
    is_open: bool = False
    kicks: int = 0
    is_stuck: bool = False

    def kick(self) -> None:
        """The solenoid fires."""
        self.kicks += 1
        if not self.is_stuck:
            self.is_open = True
        self.tell(self.is_open)

    def push_shut(self) -> None:
        """A hand closes it."""
        self.is_open = False
        self.tell(False)
