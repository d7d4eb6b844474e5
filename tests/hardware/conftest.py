from collections.abc import Iterator

import pytest

from tests.hardware.lab_bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()
