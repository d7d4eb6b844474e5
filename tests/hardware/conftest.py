from collections.abc import Iterator

import pytest

from tests.hardware.lab_bench import Bench
from tests.hardware.stations import Server


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
    server.stop()
