from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections

from config.settings import environment
from tests.reliability.wire import CountingProxy


class Wire(CountingProxy):
    """The line between this process and its database. Connections come from a pool, as in a real process."""

    def __init__(self) -> None:
        self.database = connections["default"]
        self.former = self.database.settings_dict
        super().__init__(self.former["HOST"], int(self.former["PORT"]))

    def pool(self, *, looks: bool = True, **options: int) -> None:
        """Have a fresh pool; `looks` False leaves out the look at a connection before it is used."""
        self._drop()
        real = environment.database("postgresql://user:password@host/name", pool_size=8)
        real["OPTIONS"]["pool"] |= options
        self.database.settings_dict = {
            **self.former,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "CONN_HEALTH_CHECKS": real["CONN_HEALTH_CHECKS"],
            "OPTIONS": {**self.former["OPTIONS"], **real["OPTIONS"]},
        }
        if not looks:
            self.database.pool._check = None

    def close(self) -> None:
        self._drop()
        self.database.settings_dict = self.former
        super().close()

    def _drop(self) -> None:
        self.database.close()
        self.database.close_pool()


@pytest.fixture
def wire(transactional_db: None) -> Iterator[Wire]:
    """The wire to the database for this test."""
    line = Wire()
    line.pool()
    yield line
    line.close()
