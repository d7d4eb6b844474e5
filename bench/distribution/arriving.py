"""From a price saved at headquarters to the price in the channel database, with the processes that really run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg
from django.conf import settings

from bench.distribution.company import Company
from bench.distribution.sides import Sides
from bench.report import QUICK, Report, percentile
from bench.services import ROOT
from channels_app.models import ChannelDatabase, Package, ScaleUnit
from channels_app.services.scale_units import credential_hash, default_schedules
from config.embedded.children import die_with_parent
from config.embedded.services import free_port
from pricing.models import TradeAgreement

PRICES = 8 if QUICK else 100
CREDENTIAL = "a credential that only this bench uses"
_LONGEST = 10.0  # seconds that one price may take


def measure(report: Report, company: Company, sides: Sides) -> None:
    """Saves one price after the other, and looks in the channel database until it is there."""
    Package.objects.filter(state__in=["started", "available", "downloading"]).delete()
    ChannelDatabase.objects.exclude(pk=company.database.pk).update(is_active=False)
    dice = random.Random(5)
    with processes(company, sides), psycopg.connect(sides.url(), autocommit=True) as till:
        price = TradeAgreement.objects.order_by("pk").first()
        _seconds_until_there(till, price, 600_000, patience=120)
        times = []
        for turn in range(PRICES):
            time.sleep(dice.uniform(0.3, 0.8))
            times.append(_seconds_until_there(till, price, 600_001 + turn))
    report.limit("price saved to price at the register, p50", percentile(times, 50), unit="s", goal=0.5)
    report.limit("price saved to price at the register, p99", percentile(times, 99), unit="s", goal=2)


def _seconds_until_there(
    till: psycopg.Connection, price: TradeAgreement, amount: int, *, patience: float = _LONGEST
) -> float:
    price.amount = amount
    started = time.perf_counter()
    price.save()
    query = "SELECT amount FROM pricing_tradeagreement WHERE id = %s"
    while till.execute(query, [price.pk]).fetchone() != (amount,):
        if time.perf_counter() - started > patience:
            raise RuntimeError(f"The price did not arrive within {patience:g} s: see {ROOT}/.data/bench.")
        time.sleep(0.002)
    return time.perf_counter() - started


@contextmanager
def processes(company: Company, sides: Sides) -> Iterator[None]:
    """Web server and worker of both sides, as they run in production."""
    ports = {role: free_port() for role in ("headquarters", "scale_unit")}
    addresses = {role: f"http://127.0.0.1:{port}" for role, port in ports.items()}
    ScaleUnit.objects.filter(channel_database=company.database).update(
        base_url=addresses["scale_unit"], credential_hash=credential_hash(CREDENTIAL)
    )
    default_schedules()
    databases = {"headquarters": sides.url("bench"), "scale_unit": sides.url()}
    with ExitStack() as stack:
        for role, port in ports.items():
            web = [
                "uvicorn",
                "config.asgi:application",
                "--port",
                str(port),
                "--no-access-log",
                "--lifespan",
                "off",
            ]
            worker = [
                "celery",
                "-A",
                "config.celery",
                "-q",
                "worker",
                "--pool",
                "threads",
                "--without-mingle",
            ]
            for command in (web, [*worker, "-n", f"{role}@bench"]):
                stack.enter_context(_process(role, databases[role], command, addresses))
        for port in ports.values():
            _wait(port)
        yield


@contextmanager
def _process(role: str, database: str, command: list[str], addresses: dict[str, str]) -> Iterator[None]:
    folder = Path(settings.DATA_DIR)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod", "ROLE": role, "DATABASE_URL": database,
        "DATA_DIR": str(folder if role == "headquarters" else folder / role), "SECRET_KEY": "of-a-bench" * 5,
        "ALLOWED_HOSTS": "127.0.0.1", "INSECURE_HTTP": "1", "PACKAGE_SIGNING_KEY": settings.PACKAGE_SIGNING_KEY,
        "PACKAGE_VERIFY_KEY": settings.PACKAGE_VERIFY_KEY, "EXCHANGE_CREDENTIAL": CREDENTIAL,
        "HEADQUARTERS_URL": addresses["headquarters"], "SCALE_UNIT_URL": addresses["scale_unit"],
    }  # fmt: skip
    with open(ROOT / ".data" / "bench" / f"{role}-{command[0]}.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    """Until the server answers, whatever it says of itself."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("A web server did not start: see .data/bench.")
