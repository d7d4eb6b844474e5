"""The network cut, slow, black-holed and dropping answers, and several workers at once: everything arrives, once."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.services import free_port
from hq.models import Register
from tests.channels_app.company import Company
from tests.channels_app.journal import an_open_shift
from tests.channels_app.processes import KINDS, applied, everything_arrives, running, trade, until
from tests.channels_app.proxy import Fault, Proxy, in_front_of
from tests.channels_app.two_sides import Sides

pytestmark = [pytest.mark.concurrency, pytest.mark.timeout(780)]
SALES = 12


@pytest.fixture
def lines(shop: Company, sides: Sides, tmp_path: Path) -> Iterator[list[Proxy]]:
    """Both sides as processes, with two workers each, that reach each other through proxies."""
    ports = {"headquarters": free_port(), "scale_unit": free_port()}
    kinds = (*KINDS, "headquarters_worker", "scale_unit_worker")
    with in_front_of(*ports.values()) as proxies:
        reached_at = dict(zip(ports, (proxy.port for proxy in proxies), strict=True))
        with running(sides, tmp_path / "log", ports, reached_at=reached_at, kinds=kinds, patience=3.0):
            until(applied, 180)
            with sides.scale_unit():
                an_open_shift(Register.objects.get())
            yield proxies


def test_whatever_the_network_does_everything_arrives_once(lines: list[Proxy], shop: Company, sides: Sides):
    """Each fault in turn on the same processes; without one, two workers only meet."""
    dice = random.Random(SALES)
    for round_number, fault in enumerate((*Fault, None)):
        print("The line:", fault)
        trade_on(lines, fault, dice, sides, sold=2 * SALES * round_number)
        everything_arrives(sides, 2 * SALES * (round_number + 1))


def trade_on(
    lines: list[Proxy], fault: Fault | None, dice: random.Random, sides: Sides, *, sold: int
) -> None:
    """First on a line with the fault, then with it on and off at random."""
    for line in lines:
        line.fault = fault
    for number in range(1, SALES + 1):
        trade(dice, sold + number, sides)
    if fault is not None:
        until(lambda: all(line.met[fault] for line in lines), 180)
    for number in range(SALES + 1, 2 * SALES + 1):
        for line in lines:
            line.fault = dice.choice([fault, None])
        trade(dice, sold + number, sides)
        time.sleep(dice.random() * 0.2)  # anywhere between two steps of the others
    for line in lines:
        line.fault = None
