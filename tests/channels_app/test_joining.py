"""Registers that join late, or were away for long: a snapshot and one squashed delta each, whatever happened before."""

import random
from datetime import timedelta

from django.db.models import F

from catalog.models import AssortmentStore, Product
from channels_app.models import ChannelDatabase, Mark, Package, Part
from channels_app.services.build import Order, build_packages
from channels_app.services.housekeeping import forget_changes, forget_packages
from channels_app.services.push import push_package
from channels_app.services.scale_units import register_scale_unit
from channels_app.services.settle import settle_applied
from channels_app.states import PackageState
from pricing.models import StorePriceGroup, TradeAgreement
from tests.channels_app.company import Company, a_product, a_store
from tests.channels_app.two_sides import Sides


def a_day_passes() -> None:
    """Everything that was is a day older, and what is old enough is forgotten."""
    for model, names in ((Mark, ["cut_at"]), (Package, ["started_at", "settled_at"]), (Part, ["built_at"])):
        model._base_manager.update(**{name: F(name) - timedelta(days=1) for name in names})
    forget_changes()
    forget_packages()


def trade(dice: random.Random, shop: Company, day: int) -> None:
    """A day at headquarters: prices change, products come and go."""
    for price in TradeAgreement.objects.order_by("?")[:3]:
        TradeAgreement.objects.filter(pk=price.pk).update(amount=1000 + day)
    if dice.random() < 0.4:
        a_product(f"D{day:03}", category=shop.products[0].category)
    if dice.random() < 0.2:
        Product.objects.filter(number__startswith="D").order_by("?")[:1].get().delete() if day > 20 else None


def serve(names: list[str]) -> list[Package]:
    """What some databases lack, arrived."""
    databases = list(ChannelDatabase.objects.filter(name__in=names).values_list("pk", flat=True))
    built = build_packages(Order(databases, ["9999"]))
    for package in built:
        settle_applied(package.pk, changed_rows=0, seconds=0.0)
    return built


def join(shop: Company, number: int) -> str:
    store = a_store(f"J{number}")
    AssortmentStore.objects.create(assortment=shop.assortment, store=store)
    StorePriceGroup.objects.create(store=store, price_group=shop.price_group)
    register_scale_unit(name=f"joins-{number}", base_url="http://nowhere.test", stores=[store.number])
    return f"joins-{number}"


def test_those_that_join_after_two_months_fetch_two_packages_each_at_most(shop: Company, sides: Sides):
    dice = random.Random(60)
    for day in range(60):
        trade(dice, shop, day)
        serve(["main"])
        a_day_passes()
    everybody: list[str] = []
    for batch in range(3):
        joining = [join(shop, batch * 4 + one) for one in range(4)]
        everybody += joining
        first = serve(joining)
        assert [package.kind for package in first] == ["full"] * 4
        sheets = [set(p.parts.filter(table="catalog_product").values_list("pk", flat=True)) for p in first]
        assert all(sheet == sheets[0] for sheet in sheets), "their snapshot is built once"
        trade(dice, shop, 60 + batch)
        trade(dice, shop, 70 + batch)
    serve(everybody)
    fetched = Package.objects.filter(database__name__in=everybody)
    assert fetched.count() <= 2 * len(everybody)
    assert (
        ChannelDatabase.objects.filter(name__in=everybody).values("applied_version").distinct().count() == 1
    )


def test_one_that_was_away_for_a_month_is_whole_again_after_one_package(shop: Company, sides: Sides):
    sides.distribute()
    dice = random.Random(30)
    for day in range(30):
        trade(dice, shop, day)
        a_day_passes()
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    push_package(package.pk)
    sides.work()
    package.refresh_from_db()
    assert (package.state, package.kind) == (PackageState.APPLIED, "full")
    assert sides.differences() == []
