"""Django's PostgreSQL backend, with a pool that looks whether the server is still there without asking it.

Django's own check sends an empty query whenever a request takes a connection: one round trip more for every scan. A
server that went away has closed the socket, and that can be seen at the socket. (One that vanished without a word is
noticed by neither before the first statement.)
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


def still_connected(connection: psycopg.Connection[Any]) -> None:
    """Return quietly when the server has not hung up; raises OperationalError. Costs no round trip."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    while waiting.poll(0):  # an idle connection has nothing to say but notices, and goodbye
        connection.pgconn.consume_input()
    if connection.pgconn.status != psycopg.pq.ConnStatus.OK:
        raise psycopg.OperationalError("The server has closed the connection.")


class DatabaseWrapper(base.DatabaseWrapper):
    """What Django connects with."""

    @property
    def pool(self) -> ConnectionPool | None:
        """The pool of this process, made at its first use; None where the settings ask for none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options or self.alias == NO_DB_ALIAS:
            return None
        pools = self._connection_pools  # type: ignore[attr-defined]  # the stubs know no pools
        if self.alias not in pools:
            made = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,  # type: ignore[attr-defined]
                check=still_connected,
                **options,
            )
            pools.setdefault(self.alias, made)  # another thread may have been faster; ours was never opened
        return pools[self.alias]
