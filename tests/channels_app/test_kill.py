"""Kill -9 of everything that takes part, at random moments, while prices change and the till sells.

`KILLS=100 pytest tests/channels_app/test_kill.py` kills each of them a hundred times.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction

from catalog.models import Barcode, Product
from channels_app.models import ChannelDatabase, Package, QuarantinedRecord, ScaleUnit
from channels_app.states import LIVE, PackageState
from config.embedded.services import free_port
from hq.models import Register
from inventory.models import StockMovement
from pos.models import RetailTransaction, SalesLine, TenderLine
from pricing.models import TradeAgreement
from shifts.models import Shift, ShiftTotal
from tests.channels_app.company import Company, a_product
from tests.channels_app.journal import a_sale, an_open_shift
from tests.channels_app.two_sides import CREDENTIAL, Sides

KILLS = int(os.environ.get("KILLS", "6"))  # of each process
ROOT = Path(__file__).resolve().parents[2]
KINDS = ("headquarters_web", "scale_unit_web", "headquarters_worker", "scale_unit_worker")
pytestmark = [pytest.mark.concurrency, pytest.mark.timeout(120 + KILLS * 10)]


class Victim:
    """One process that is killed again and again."""

    def __init__(self, kind: str, port: int, environment: dict[str, str], log: Path) -> None:
        self.kind, self.child = kind, 0
        with log.open("ab") as errors:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "tests.channels_app.victims", kind, str(port)],
                cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def start(self) -> None:
        if not self.child:
            assert self.parent.stdout.readline() == "ready\n"
        self.parent.stdin.write("start\n")
        self.parent.stdin.flush()
        self.child = int(self.parent.stdout.readline())

    def kill(self) -> None:
        os.kill(self.child, signal.SIGKILL)

    def stop(self) -> None:
        if self.child:
            self.kill()
        self.parent.kill()
        self.parent.wait()
        self.parent.stdin.close()
        self.parent.stdout.close()


@pytest.fixture
def victims(shop: Company, sides: Sides, tmp_path: Path) -> Iterator[list[Victim]]:
    """All four, running: two web servers and two workers."""
    ports = {"headquarters": free_port(), "scale_unit": free_port()}
    ScaleUnit.objects.update(base_url=f"http://127.0.0.1:{ports['scale_unit']}")
    shop.database.refresh_from_db()

    def environment(role: str) -> dict[str, str]:
        with sides.at(role):
            place = connections["default"].settings_dict
            database = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
            return os.environ | {
                "DJANGO_SETTINGS_MODULE": "config.settings.test", "ROLE": role, "DATA_DIR": str(settings.DATA_DIR),
                "DATABASE_URL": f"postgresql://{database}", "EXCHANGE_CREDENTIAL": CREDENTIAL,
                "PACKAGE_SIGNING_KEY": settings.PACKAGE_SIGNING_KEY, "PACKAGE_VERIFY_KEY": settings.PACKAGE_VERIFY_KEY,
                "HEADQUARTERS_URL": f"http://127.0.0.1:{ports['headquarters']}",
            }  # fmt: skip

    log = tmp_path / "victims.log"
    all_of_them = []
    try:
        for kind in KINDS:
            role = kind.rpartition("_")[0]
            all_of_them.append(Victim(kind, ports[role], environment(role), log))
        for victim in all_of_them:
            victim.start()
        yield all_of_them
    finally:
        for victim in all_of_them:
            victim.stop()
        print(log.read_text()[-3000:])


def trade(dice: random.Random, n: int, sides: Sides) -> None:
    """Something changes at headquarters, and something is sold."""
    with transaction.atomic():
        if dice.random() < 0.3:
            product = a_product(f"K{n}", category=Product.objects.exclude(category=None).first().category)
            Barcode.objects.create(product=product, code=f"88{n:08}")
        elif dice.random() < 0.2:
            Product.objects.filter(number__startswith="K").order_by("?")[
                :1
            ].get().delete() if n > 50 else None
        TradeAgreement.objects.update(amount=n)
    with sides.scale_unit(), transaction.atomic():
        a_sale(Shift.objects.get(), n)


def test_killed_at_any_moment_everything_arrives_once(sides: Sides, shop: Company, victims: list[Victim]):
    until(lambda: applied(), 60)
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
    until(lambda: not Package.objects.filter(state__in=LIVE).exists() and not sides.differences(), 90)
    until(lambda: RetailTransaction.objects.count() == sold, 60)
    assert sides.differences() == []
    assert not QuarantinedRecord.objects.exists()
    for model in (RetailTransaction, SalesLine, TenderLine, StockMovement, ShiftTotal):
        here = list(model.objects.order_by("pk").values())
        with sides.scale_unit():
            assert list(model.objects.order_by("pk").values()) == here
    assert SalesLine.objects.count() == sold
    states = set(Package.objects.values_list("state", flat=True))
    assert states <= {PackageState.APPLIED, PackageState.FAILED, PackageState.CANCELLED}


def applied() -> bool:
    return ChannelDatabase.objects.get().applied_version is not None


def until(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, list(Package.objects.values_list("state", "error"))[:5]
        time.sleep(0.1)
