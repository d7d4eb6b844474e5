"""Registers that join after two months of changes: a snapshot and one squashed delta each, whatever happened before."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from django.db.models import F

from bench.distribution.building import arrive
from bench.distribution.company import Company, a_store, offer
from bench.report import QUICK, Report
from channels_app.models import ChannelDatabase, Mark, Package, Part
from channels_app.services.build import Order, build_packages
from channels_app.services.housekeeping import forget_changes, forget_packages
from channels_app.services.scale_units import register_scale_unit
from channels_app.services.settle import settle_applied
from pricing.models import TradeAgreement

REGISTERS = 10 if QUICK else 100
DAYS = 15 if QUICK else 60
A_DAY = 200  # prices


def measure(report: Report, company: Company) -> None:
    """Packages that all of them fetch, each with a channel database of its own, while prices go on changing."""
    dice = random.Random(4)
    keys = list(TradeAgreement.objects.order_by("pk").values_list("pk", flat=True)[:20_000])
    for day in range(DAYS):
        _change(dice, keys, day)
        arrive(company)
        _a_day_passes()
    started = time.perf_counter()
    everybody: list[str] = []
    for number in range(0, REGISTERS, 10):
        joining = [_join(f"j{number + one}") for one in range(10)]
        everybody += joining
        _serve(joining)
        _change(dice, keys, DAYS + number)
    _serve(everybody)
    seconds = time.perf_counter() - started
    joined = ChannelDatabase.objects.filter(name__in=everybody)
    assert joined.values("applied_version").distinct().count() == 1, "all of them stand at the newest version"
    report.limit(
        f"packages that {REGISTERS} registers fetch which join after {DAYS} days of changes",
        Package.objects.filter(database__in=joined).count(), unit="packages", goal=2 * REGISTERS,
    )  # fmt: skip
    report.figure("built for all of them in", seconds, unit="s")


def _join(number: str) -> str:
    store = a_store(number)
    offer(store)
    register_scale_unit(name=f"joins-{number}", base_url="http://x.test", stores=[number])
    return f"joins-{number}"


def _change(dice: random.Random, keys: list[int], day: int) -> None:
    TradeAgreement.objects.filter(pk__in=dice.sample(keys, A_DAY)).update(amount=500_000 + day)


def _serve(names: list[str]) -> None:
    databases = list(ChannelDatabase.objects.filter(name__in=names).values_list("pk", flat=True))
    for package in build_packages(Order(databases, ["9999"])):
        settle_applied(package.pk, changed_rows=0, seconds=0.0)


def _a_day_passes() -> None:
    """Everything that was is a day older, and what is old enough is forgotten."""
    for model, names in ((Mark, ["cut_at"]), (Package, ["started_at", "settled_at"]), (Part, ["built_at"])):
        model._base_manager.update(**{name: F(name) - timedelta(days=1) for name in names})
    forget_changes()
    forget_packages()
