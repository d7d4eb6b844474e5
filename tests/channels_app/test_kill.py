"""Kill -9 of everything that takes part, at random moments, while prices change and the till sells.

`KILLS=100 pytest tests/channels_app/test_kill.py` kills each of them a hundred times.
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_app.models import Package
from channels_app.states import PackageState
from config.embedded.services import free_port
from hq.models import Register
from tests.channels_app.company import Company
from tests.channels_app.journal import an_open_shift
from tests.channels_app.processes import Victim, applied, everything_arrives, running, trade, until
from tests.channels_app.two_sides import Sides

KILLS = int(os.environ.get("KILLS", "6"))  # of each process
pytestmark = [pytest.mark.concurrency, pytest.mark.timeout(600 + KILLS * 20)]


@pytest.fixture
def victims(shop: Company, sides: Sides, tmp_path: Path) -> Iterator[list[Victim]]:
    """All four, running: two web servers and two workers."""
    ports = {"headquarters": free_port(), "scale_unit": free_port()}
    with running(sides, tmp_path / "victims.log", ports) as all_of_them:
        shop.database.refresh_from_db()
        yield all_of_them


def test_killed_at_any_moment_everything_arrives_once(sides: Sides, shop: Company, victims: list[Victim]):
    until(applied, 180)
    with sides.scale_unit():
        an_open_shift(Register.objects.get())
    dice = random.Random(KILLS)
    targets = [victim for victim in victims for _ in range(KILLS)]
    dice.shuffle(targets)
    sold = 0
    for victim in targets:
        for _ in range(dice.randint(1, 3)):
            sold += 1
            trade(dice, sold, sides)
        time.sleep(dice.random() * 0.25)
        victim.kill()
        victim.start()
    everything_arrives(sides, sold)
    states = set(Package.objects.values_list("state", flat=True))
    assert states <= {PackageState.APPLIED, PackageState.FAILED, PackageState.CANCELLED}
