"""One change for many channel databases that share their scope: built once, cheap for each, fast for all of them."""

from __future__ import annotations

import io
import time
from typing import Any
from uuid import UUID

import psycopg

from bench.distribution.company import Company, a_store, offer
from bench.distribution.sides import Sides
from bench.report import QUICK, Report
from channels_app.contents import content, manifest_of
from channels_app.models import ChannelDatabase, DataVersion, ExchangeState, Package, Part, TableVersion
from channels_app.services.apply import apply_package
from channels_app.services.build import Order, build_packages
from channels_app.services.receive import receive
from channels_app.services.scale_units import register_scale_unit
from channels_app.services.settle import settle_applied
from pricing.models import TradeAgreement

DATABASES = 20 if QUICK else 1000
CHANGED = 1000
_STAGED = """
    CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT * FROM pricing_tradeagreement WITH NO DATA;
"""


def measure(report: Report, company: Company, sides: Sides) -> None:
    """CPU of the worker per database; how often the change was built; and the time for all beside a plain loop.

    One channel database plays them all: each package is received and applied there, then what it changed is put back
    outside of the measured time. The plain loop connects, stages, upserts and commits there as often.
    """
    databases = _join(company)
    before = dict(TradeAgreement.objects.order_by("pk").values_list("pk", "amount")[:CHANGED])
    TradeAgreement.objects.filter(pk__in=before).update(amount=300_000)
    parts = set(Part.objects.values_list("pk", flat=True))
    started, cpu = time.perf_counter(), time.process_time()
    packages = build_packages(Order(databases, ["9999"]))
    bodies = {package.pk: b"".join(content(package)) for package in packages}
    cpu = (time.process_time() - cpu) / len(packages) * 1000
    ours = time.perf_counter() - started
    assert len(packages) == DATABASES
    report.limit(f"a delta for {DATABASES} databases, worker CPU of each", cpu, unit="ms", goal=20)
    changed = Part.objects.filter(kind="changed", rows=CHANGED).exclude(pk__in=parts)
    report.limit("how often its changed rows were built", changed.count(), unit="times", goal=1)
    rows = _rows(before)
    plain = 0.0
    for package in packages:
        ours += _arrive(sides, package, bodies.pop(package.pk))
        _put_back(sides, before)
        plain += _loop_once(sides, rows)
        _put_back(sides, before)
    report.row(
        f"the delta in all {DATABASES}, beside a plain loop", ours, plain, unit="s", goal=1.5, at_least=False
    )


def _join(company: Company) -> list[UUID]:
    """Databases with the same assortment and prices, which stand where headquarters stands."""
    for number in range(DATABASES):
        store = a_store(f"D{number}")
        offer(store)
        register_scale_unit(name=f"unit-{number}", base_url="http://x.test", stores=[store.number])
    databases = list(ChannelDatabase.objects.exclude(pk=company.database.pk).values_list("pk", flat=True))
    for package in build_packages(Order(databases, ["9999"])):
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
    return databases


def _arrive(sides: Sides, package: Package, body: bytes) -> float:
    """Seconds from the first byte at the scale unit until headquarters knows that it is applied."""
    manifest = manifest_of(package)
    with sides.channel():
        ExchangeState.objects.update(database=package.database_id)
        DataVersion.objects.update(version=package.previous_version)
        for table in manifest.tables:
            TableVersion.objects.filter(table=table.table).update(version=table.previous)
        started = time.perf_counter()
        receive(package.pk, io.BytesIO(body))
        assert apply_package(package.pk)
        seconds = time.perf_counter() - started
    started = time.perf_counter()
    settle_applied(package.pk, changed_rows=CHANGED, seconds=seconds)
    return seconds + time.perf_counter() - started


def _put_back(sides: Sides, before: dict[int, Any]) -> None:
    with sides.channel() as channel, channel.cursor() as cursor:
        cursor.execute(
            "UPDATE pricing_tradeagreement t SET amount = b.amount "
            "FROM unnest(%s::bigint[], %s::numeric[]) AS b(id, amount) WHERE t.id = b.id",
            [list(before), list(before.values())],
        )


def _rows(keys: dict[int, Any]) -> bytes:
    """The changed rows as COPY gives them."""
    from django.db import connection

    with connection.cursor() as cursor:
        sql = cursor.mogrify("SELECT * FROM pricing_tradeagreement WHERE id = ANY(%s)", [list(keys)])
        with cursor.copy(f"COPY ({sql}) TO STDOUT") as copy:
            return b"".join(copy)


def _loop_once(sides: Sides, rows: bytes) -> float:
    """Seconds of one round of the plain loop."""
    columns = [f.column for f in TradeAgreement._meta.concrete_fields]
    assigned = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in columns if c != "id")
    started = time.perf_counter()
    with psycopg.connect(sides.url()) as connection, connection.cursor() as cursor:
        cursor.execute(_STAGED)
        with cursor.copy("COPY staged FROM STDIN") as copy:
            copy.write(rows)
        cursor.execute(
            f"INSERT INTO pricing_tradeagreement SELECT * FROM staged ON CONFLICT (id) DO UPDATE SET {assigned}"
        )
    return time.perf_counter() - started
