"""What devices tell: a registry that apps above hang their handlers on.

The station's app dispatches; whoever cares (the till, for a scan) has registered a handler for the kind.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec


class StationEvent(msgspec.Struct, frozen=True):
    """Something that happened at a device: `id` makes a second delivery harmless."""

    id: UUID
    kind: str
    register_id: int
    station_id: int
    device: str
    data: Mapping[str, Any]


Handler = Callable[[StationEvent], None]
_handlers: dict[str, list[Handler]] = {}


def register_handler(kind: str, handler: Handler) -> None:
    """Call `handler` for every event of that kind (`scan`, `weight`, `drawer`, `status` …)."""
    handlers = _handlers.setdefault(kind, [])
    if handler not in handlers:
        handlers.append(handler)


def dispatch(event: StationEvent) -> None:
    """Hand an event to its handlers, in the order in which they registered."""
    for handler in _handlers.get(event.kind, ()):
        handler(event)
