import logging
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


@pytest.fixture
def log_of_its_own() -> Iterator[None]:
    """What the station's program sets up in this process for its log is taken down again."""
    root = logging.getLogger()
    former, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in former:
            handler.close()
    root.handlers[:], root.level = former, level
