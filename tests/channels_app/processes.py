"""Both sides as processes: two web servers and two workers or more, and what a test lets happen around them."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from catalog.models import Barcode, Product
from channels_app.models import ChannelDatabase, Package, QuarantinedRecord, ScaleUnit
from channels_app.states import LIVE
from inventory.models import StockMovement
from pos.models import RetailTransaction, SalesLine, TenderLine
from pricing.models import TradeAgreement
from shifts.models import Shift, ShiftTotal
from tests.channels_app.company import a_product
from tests.channels_app.journal import a_sale
from tests.channels_app.two_sides import CREDENTIAL, Sides

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("headquarters_web", "scale_unit_web", "headquarters_worker", "scale_unit_worker")


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
        try:
            os.kill(self.child, signal.SIGKILL)
        except ProcessLookupError as error:
            raise AssertionError(f"{self.kind} was not killed: it had ended by itself.") from error

    def stop(self) -> None:
        if self.child:
            with suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGKILL)
        self.parent.kill()
        self.parent.wait()
        self.parent.stdin.close()
        self.parent.stdout.close()


@contextmanager
def running(
    sides: Sides,
    log: Path,
    ports: dict[str, int],
    *,
    reached_at: dict[str, int] | None = None,
    kinds: Sequence[str] = KINDS,
    patience: float | None = None,
) -> Iterator[list[Victim]]:
    """The processes, running. `ports` are the web servers' own, `reached_at` those by which each side is reached;
    `patience` is how many seconds either side waits for an answer.
    """
    reached_at = reached_at or ports
    ScaleUnit.objects.update(base_url=f"http://127.0.0.1:{reached_at['scale_unit']}")

    def environment(role: str) -> dict[str, str]:
        with sides.at(role):
            place = connections["default"].settings_dict
            database = f"{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
            return os.environ | {
                "DJANGO_SETTINGS_MODULE": "config.settings.test", "ROLE": role, "DATA_DIR": str(settings.DATA_DIR),
                "DATABASE_URL": f"postgresql://{database}", "EXCHANGE_CREDENTIAL": CREDENTIAL,
                "PACKAGE_SIGNING_KEY": settings.PACKAGE_SIGNING_KEY, "PACKAGE_VERIFY_KEY": settings.PACKAGE_VERIFY_KEY,
                "HEADQUARTERS_URL": f"http://127.0.0.1:{reached_at['headquarters']}",
                **({"PATIENCE": str(patience)} if patience else {}),
            }  # fmt: skip

    all_of_them: list[Victim] = []
    try:
        for kind in kinds:
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


def everything_arrives(sides: Sides, sold: int) -> None:
    """Wait until all is quiet, then compare both sides: every table down, every record up, each once."""
    until(lambda: not Package.objects.filter(state__in=LIVE).exists() and not sides.differences(), 240)
    until(lambda: RetailTransaction.objects.count() == sold, 120)
    assert sides.differences() == []
    assert not QuarantinedRecord.objects.exists()
    for model in (RetailTransaction, SalesLine, TenderLine, StockMovement, ShiftTotal):
        here = list(model.objects.order_by("pk").values())
        with sides.scale_unit():
            assert list(model.objects.order_by("pk").values()) == here
    assert SalesLine.objects.count() == sold


def applied() -> bool:
    """Whether the first package has arrived."""
    return ChannelDatabase.objects.get().applied_version is not None


def until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for a condition; fail with the packages' states when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, list(Package.objects.values_list("state", "error"))[:5]
        time.sleep(0.1)
