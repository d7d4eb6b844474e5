from collections.abc import Iterator

import pytest

from tests.channels_app.conftest import channel_database, shop, sides  # noqa: F401 - both sides, as fixtures
from tests.hardware.lab_bench import Bench
from tests.hardware.stations import Server, StationProgram


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def server(transactional_db, scale_unit) -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    StationProgram.stop_all()
    server.stop()
