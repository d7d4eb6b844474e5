"""How fast packages are applied beside COPY … FROM and beside a staging table with an upsert; selling meanwhile."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from typing import Any

from django.db import connection, transaction

from bench.distribution.building import build
from bench.distribution.company import TABLES, Company
from bench.distribution.sides import Sides
from bench.report import QUICK, Report, interleaved, median
from channels_app.contents import content
from channels_app.models import DataVersion, Package, TableVersion
from channels_app.package_format import read_manifest
from channels_app.registry import carried
from channels_app.services.apply import write_package
from channels_app.services.receive import trusted_keys
from channels_app.services.settle import settle_applied
from pricing.models import TradeAgreement

SLICES = 1 if QUICK else 3
CHANGED = 2000 if QUICK else 50_000
READING = 1.0 if QUICK else 2.0  # seconds without a package; twice that with one


def measure(report: Report, company: Company, sides: Sides) -> None:
    """A full package into empty tables, a delta, and what a till's reads feel of a full one."""
    sides.introduce(company.database.pk)
    Package.objects.all().delete()
    package = build(company, full=True)
    with tempfile.TemporaryFile() as file:
        for chunk in content(package):
            file.write(chunk)
        rows, references = _copies()
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
        with sides.channel():
            ours, reference = interleaved(
                lambda: package.rows / _apply_to_empty(file), lambda: rows / _copy_in(references, package, file),
                slices=SLICES,
            )  # fmt: skip
            report.row(
                "full package, applied",
                median(ours),
                median(reference),
                unit="rows/s",
                goal=0.7,
                at_least=True,
            )
            _apply_to_empty(file)
            _tell_of_reads(report, sides, file)
    for copied in references.values():
        copied.close()
    _measure_delta(report, company, sides)


def _copies() -> tuple[int, dict[str, Any]]:
    """The rows of the large tables as files, for the reference."""
    rows, files = 0, {}
    with connection.cursor() as cursor:
        for table in TABLES:
            files[table] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the caller
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for row in copy:
                    files[table].write(row)
            rows += cursor.rowcount
    return rows, files


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE {} CASCADE".format(", ".join(f'"{t.name}"' for t in carried())))
    DataVersion.objects.all().delete()
    TableVersion.objects.all().delete()


def _apply(file: Any) -> float:
    started = time.perf_counter()
    with transaction.atomic():
        file.seek(0)
        write_package(read_manifest(file, trusted_keys()), file)
    return time.perf_counter() - started


def _apply_to_empty(file: Any) -> float:
    _empty()
    return _apply(file)


def _copy_in(references: dict[str, Any], package: Package, file: Any) -> float:
    """The large tables by COPY … FROM, with their keys and the same checks at commit; small ones are there already."""
    _apply_to_empty(file)
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE {}, hq_button".format(", ".join(f'"{t}"' for t in reversed(TABLES))) + " CASCADE"
        )
        started = time.perf_counter()
        with transaction.atomic():
            for table in TABLES:
                references[table].seek(0)
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    while chunk := references[table].read(1 << 18):
                        copy.write(chunk)
    return time.perf_counter() - started


READER = """
import sys, time, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as till:
    times, until = [], time.monotonic() + float(sys.argv[2])
    keys = [k for (k,) in till.execute("SELECT code FROM catalog_barcode LIMIT 2000")]
    while time.monotonic() < until:
        key = keys[len(times) % len(keys)]
        begun = time.perf_counter()
        till.execute("SELECT p.name, a.amount FROM catalog_barcode b JOIN catalog_product p ON p.id = b.product_id "
                     "JOIN pricing_tradeagreement a ON a.product_id = p.id WHERE b.code = %s", [key]).fetchall()
        times.append(time.perf_counter() - begun)
        time.sleep(0.002)
times.sort()
print(times[int(len(times) * .99)])
"""


def _tell_of_reads(report: Report, sides: Sides, file: Any) -> None:
    """The slowest of a hundred scans while a full package is applied over what is there, and without."""

    def reader(seconds: float) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", READER, sides.url(), str(seconds)], stdout=subprocess.PIPE, text=True
        )

    quiet = float(reader(READING).communicate()[0])
    DataVersion.objects.update(version=0)
    busy = reader(2 * READING)
    time.sleep(0.3)
    _apply(file)
    report.told(
        "scan's reads, p99, while a full package is applied",
        float(busy.communicate()[0]) * 1000,
        quiet * 1000,
        unit="ms",
    )


def _measure_delta(report: Report, company: Company, sides: Sides) -> None:
    """A delta beside a staging table and ON CONFLICT … DO UPDATE of the same rows."""
    keys = list(TradeAgreement.objects.order_by("pk").values_list("pk", flat=True)[:CHANGED])
    turn = [200_000]

    def changed() -> bytes:
        turn[0] += 1
        TradeAgreement.objects.filter(pk__in=keys).update(amount=turn[0])
        package = build(company)
        body = b"".join(content(package))
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
        return body

    def ours() -> float:
        body = io.BytesIO(changed())
        with sides.channel():
            return CHANGED / _apply(body)

    def reference() -> float:
        changed_rows = io.BytesIO()
        body = io.BytesIO(changed())
        with (
            connection.cursor() as cursor,
            cursor.copy(
                cursor.mogrify(
                    "COPY (SELECT * FROM pricing_tradeagreement WHERE id = ANY(%s)) TO STDOUT", [keys]
                )
            ) as copy,
        ):
            for row in copy:
                changed_rows.write(row)
        with sides.channel():
            seconds = _staged_upsert(changed_rows)
            _apply(body)  # so that both sides stand where headquarters thinks
        return CHANGED / seconds

    left, right = interleaved(ours, reference, slices=SLICES + 2)
    report.row("delta, applied", median(left), median(right), unit="rows/s", goal=0.8, at_least=True)


def _staged_upsert(rows: io.BytesIO) -> float:
    columns = [f.column for f in TradeAgreement._meta.concrete_fields]
    names = ", ".join(f'"{c}"' for c in columns)
    assigned = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in columns if c != "id")
    rows.seek(0)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staged (LIKE pricing_tradeagreement) ON COMMIT DROP")
        with cursor.copy("COPY staged FROM STDIN") as copy:
            while chunk := rows.read(1 << 18):
                copy.write(chunk)
        cursor.execute(
            f"INSERT INTO pricing_tradeagreement ({names}) SELECT {names} FROM staged "
            f"ON CONFLICT (id) DO UPDATE SET {assigned}"
        )
    return time.perf_counter() - started
