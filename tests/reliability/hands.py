"""Several hands at once: threads that begin in the same moment, each with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from channels_app.errors import DomainError


def together(*hands: Callable[[], Any]) -> list[Any]:
    """What each hand got: its answer, or the refusal (or error) that it met."""
    start = threading.Barrier(len(hands))
    got: list[Any] = [None] * len(hands)

    def work(index: int, hand: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            got[index] = hand()
        except Exception as error:  # looked at by whoever asked
            got[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return got


def refusals(got: Sequence[Any]) -> list[DomainError]:
    """The refusals among what the hands got; an error that is none is a bug and raised."""
    for found in got:
        if isinstance(found, Exception) and not isinstance(found, DomainError):
            raise found
    return [found for found in got if isinstance(found, DomainError)]


def answers(got: Sequence[Any]) -> list[Any]:
    """What was answered, refusals left out."""
    return [found for found in got if not isinstance(found, Exception)]
