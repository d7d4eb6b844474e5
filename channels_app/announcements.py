"""Who wants to know that a channel database has a new version of its data: a registry for the apps above."""

import logging
from collections.abc import Callable

from django.db.models import Model

from channels_app.doorbell import ring

logger = logging.getLogger(__name__)

GROUP = "data"
"""The group that the sockets of open pages join to hear `data.changed` with the new version."""

Listener = Callable[[int, frozenset[type[Model]]], None]
_listeners: list[Listener] = []


def when_applied(listener: Listener) -> Listener:
    """Have `listener(version, changed models)` called after each applied package, in the process that applied it."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def announce(version: int, changed: frozenset[type[Model]]) -> None:
    """Tell everybody. It is a hint: what is true is the version in the database."""
    for listener in _listeners:
        try:
            listener(version, changed)
        except Exception:  # one listener's failure is not the others'
            logger.exception("A listener to new data failed")
    ring(GROUP, {"type": "data.changed", "version": version})
