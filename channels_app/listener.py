"""Headquarters' ear: what is changed is noticed when it is committed, not at the next tick.

Change tracking rings in the database (NOTIFY); a thread of the worker listens and has the schedules run that
follow changes. A ring may be lost: the schedules' own times come all the same.
"""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import close_old_connections, connection

from channels_app.changes import CHANNEL
from channels_app.models import Schedule
from channels_app.tasks import run_schedule, soon

logger = logging.getLogger(__name__)
_GATHER = 0.03  # seconds in which further rings belong to the first one
_AT_MOST_EVERY = 0.25  # seconds
_RECONNECT = 2.0
_WAIT = 5.0  # between two looks at whether to stop


def start_listening() -> Callable[[], None]:
    """Listen in the background for as long as the process lives, or until what is returned is called."""
    stopped = threading.Event()
    thread = threading.Thread(target=_listen_until, args=[stopped], name="changes", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _listen_until(stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            _listen(stopped)
        except (psycopg.Error, OSError) as error:
            logger.warning("Changes are not heard at the moment: %s", error)
            stopped.wait(_RECONNECT)


def _listen(stopped: threading.Event) -> None:
    parameters = connection.get_connection_params()
    wanted = {k: parameters[k] for k in ("host", "port", "user", "password", "dbname") if parameters.get(k)}
    with psycopg.connect(**wanted, autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        while not stopped.is_set():
            if list(ear.notifies(timeout=_WAIT, stop_after=1)):
                list(ear.notifies(timeout=_GATHER))
                run_followers()
                stopped.wait(_AT_MOST_EVERY)


def run_followers() -> None:
    """Have the schedules run that follow changes."""
    close_old_connections()
    try:
        for schedule in Schedule.objects.filter(is_active=True, follows_changes=True).values_list(
            "pk", flat=True
        ):
            soon(run_schedule, schedule)
    finally:
        close_old_connections()
