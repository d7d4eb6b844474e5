"""The short form of the kill test; docs/reliability.md says how the long one is run and what it found."""

import random

import pytest

from tests.reliability.kills import Experiment
from tests.reliability.system import a_system

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def test_whatever_is_killed_each_sale_is_open_or_complete() -> None:
    """Eight kills at random moments: the till, the database, the station and both ends of the upload."""
    with a_system() as system:
        experiment = Experiment(system, seed=random.randrange(1_000_000))
        result = experiment.run(web=4, postgres=1, station=1, uploader=1, headquarters=1)
    assert result.sales > 8 and sum(result.hits.values()) == 8
    print("\n".join(result.lines()))
