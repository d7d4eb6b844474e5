"""One change for many channel databases that share their scope: built once, cheap for each."""

from __future__ import annotations

import time

from bench.distribution.company import Company, a_store, offer
from bench.report import QUICK, Report
from channels_app.contents import content
from channels_app.models import ChannelDatabase, Part
from channels_app.services.build import Order, build_packages
from channels_app.services.scale_units import register_scale_unit
from channels_app.services.settle import settle_applied
from pricing.models import TradeAgreement

DATABASES = 20 if QUICK else 200
CHANGED = 1000


def measure(report: Report, company: Company) -> None:
    """CPU of the worker per database, from planning to the last byte handed out; and how often it was built."""
    for number in range(DATABASES):
        store = a_store(f"D{number}")
        offer(store)
        register_scale_unit(name=f"unit-{number}", base_url="http://x.test", stores=[store.number])
    databases = list(ChannelDatabase.objects.exclude(pk=company.database.pk).values_list("pk", flat=True))
    for package in build_packages(Order(databases, ["9999"])):
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
    keys = list(TradeAgreement.objects.order_by("pk").values_list("pk", flat=True)[:CHANGED])
    TradeAgreement.objects.filter(pk__in=keys).update(amount=300_000)
    parts = Part.objects.count()
    started = time.process_time()
    packages = build_packages(Order(databases, ["9999"]))
    for package in packages:
        for _ in content(package):
            continue
    cpu = (time.process_time() - started) / len(packages) * 1000
    assert len(packages) == DATABASES
    report.limit(f"a delta for {DATABASES} databases, CPU of each", cpu, unit="ms", goal=20)
    report.limit(
        "how often its changed rows were built",
        Part.objects.filter(
            kind="changed",
            rows=CHANGED,
            pk__in=Part.objects.order_by("-built_at").values("pk")[: Part.objects.count() - parts],
        ).count(),
        unit="times",
        goal=1,
    )
