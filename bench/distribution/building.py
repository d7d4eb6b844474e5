"""How fast a full package is built beside COPY … TO of the same rows, and that a delta costs what changed."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import count
from uuid import UUID

from django.conf import settings
from django.db import connection

from bench.distribution.company import PRICES, PRODUCTS, TABLES, Company, add_prices, add_products
from bench.report import QUICK, Report, interleaved, median, most_memory
from channels_app.models import Package, Part
from channels_app.services.build import Order, build_packages
from channels_app.services.housekeeping import forget_changes
from channels_app.services.settle import settle_applied
from channels_app.signatures import new_keys
from pricing.models import TradeAgreement

SLICES = 1 if QUICK else 3
CHANGED = 500 if QUICK else 1000
_AMOUNTS = count(100_000)


def measure(report: Report, company: Company) -> None:
    """Full packages, memory, and deltas in a company and in one ten times as large."""
    arrive(company)
    small = _delta_times(company)
    add_products(company, PRODUCTS - company.products)
    arrive(company)
    large = _delta_times(company)
    report.row(
        f"delta of {CHANGED} prices, ten times the products", median(large) * 1000, median(small) * 1000, unit="ms",
        goal=1.2, at_least=False,
    )  # fmt: skip
    ours, reference = interleaved(lambda: _build(company), _copy_out, slices=SLICES)
    report.row("full package, built", median(ours), median(reference), unit="rows/s", goal=0.5, at_least=True)
    report.limit(f"memory of the builder, {_rows(company)}", _memory(company), unit="MB", goal=250)


def measure_growth(report: Report, company: Company) -> None:
    """The memory of the builder with five times the rows, which come to stay: measured last."""
    add_prices(company, 4 * (PRICES + 4))
    report.limit(f"memory of the builder, {_rows(company)}", _memory(company), unit="MB", goal=250)


def _rows(company: Company) -> str:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f'SELECT count(*) FROM "{table}"' for table in TABLES))
        return f"{sum(count for (count,) in cursor.fetchall()) / 1e6:.1f} million rows"


def build(company: Company, *, full: bool = False) -> Package:
    """The package of the one database."""
    [package] = build_packages(Order([company.database.pk], ["9999"], full=full))
    return package


def arrive(company: Company) -> None:
    """Have the database stand where headquarters stands."""
    for package in build_packages(Order([company.database.pk], ["9999"])) or list(
        Package.objects.filter(database=company.database, state="available")
    ):
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
    forget_changes()


def _build(company: Company) -> float:
    Package.objects.all().delete()
    Part.objects.update(is_sound=False)  # nothing is used again
    started = time.perf_counter()
    package = build(company, full=True)
    return package.rows / (time.perf_counter() - started)


def _copy_out() -> float:
    """The same rows, read and thrown away."""
    rows = 0
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for _ in copy:
                    rows += 1
    return rows / (time.perf_counter() - started)


def _memory(company: Company) -> float:
    """The most MB that a process of its own has which builds a full package, Django included."""
    Package.objects.all().delete()
    Part.objects.update(is_sound=False)
    told = subprocess.run(
        [sys.executable, "-m", "bench.distribution", "memory", str(company.database.pk)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(told.stdout)


def build_alone(database: str) -> None:
    """Build a full package for a database, and print the most memory that this process ever had, in MB."""
    settings.PACKAGE_SIGNING_KEY, _ = new_keys()
    build_packages(Order([UUID(database)], ["9999"], full=True))
    print(most_memory())


def _delta_times(company: Company) -> list[float]:
    """Seconds that a delta of some prices takes to build, each time other ones."""
    times = []
    keys = list(TradeAgreement.objects.order_by("pk").values_list("pk", flat=True)[: CHANGED * 6])
    for turn in range(1, 7):
        TradeAgreement.objects.filter(pk__in=keys[(turn - 1) * CHANGED : turn * CHANGED]).update(
            amount=next(_AMOUNTS)
        )
        started = time.perf_counter()
        package = build(company)
        if turn > 1:
            times.append(time.perf_counter() - started)
        assert package.rows == CHANGED, package.rows
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
    return times
