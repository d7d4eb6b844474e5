"""Before publishing: what would change, for how many stores, old beside new; and undoing it for a whole group."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from catalog.models import AssortmentStore, Barcode, Product
from channels_app.former import former_rows
from channels_app.models import ChannelDatabase, Package, Part, Schedule
from channels_app.registry import carried_by_name
from channels_app.services.build import Order, build_packages
from channels_app.services.packages import skip
from channels_app.services.preview import Preview, TablePreview, preview
from channels_app.services.push import push_package
from channels_app.services.rollback import release, undo_version
from channels_app.services.scale_units import default_schedules, everybody_group, register_scale_unit
from channels_app.services.settle import settle_applied, settle_failed
from channels_app.states import PackageState
from pricing.models import StorePriceGroup, TradeAgreement
from tests.channels_app.company import Company, a_product, a_store
from tests.channels_app.two_sides import Sides


def everywhere() -> list:
    return list(ChannelDatabase.objects.values_list("pk", flat=True))


def of_table(found: Preview, name: str) -> TablePreview:
    return next(one for one in found.tables if one.table.name == name)


def more_databases(shop: Company, count: int) -> None:
    """Channel databases that sell at the same prices, and have what headquarters has."""
    for number in range(count):
        store = a_store(f"M{number}")
        StorePriceGroup.objects.create(store=store, price_group=shop.price_group)
        AssortmentStore.objects.create(assortment=shop.assortment, store=store)
        register_scale_unit(name=f"more-{number}", base_url="http://nowhere.test", stores=[store.number])
    arrive(*build_packages(Order(everywhere(), ["9999"])))


def arrive(*packages: Package) -> None:
    for package in packages:
        settle_applied(package.pk, changed_rows=1, seconds=0.1)


def test_what_changes_is_shown_old_beside_new_and_nothing_is_sent(shop: Company, sides: Sides):
    more_databases(shop, 3)
    price = shop.price_of(shop.products[3])
    TradeAgreement.objects.filter(pk=price.pk).update(amount=Decimal("9.99"), ends_at=timezone.now())
    Barcode.objects.create(product=shop.products[0], code="4006381333931")
    Barcode.objects.filter(product=shop.products[1]).delete()
    parts, packages = Part.objects.count(), Package.objects.count()
    found = preview(everywhere(), ["9999"])
    assert (len(found.databases), found.looked_at, found.stores) == (4, 4, 4)
    prices, barcodes = of_table(found, "pricing_tradeagreement"), of_table(found, "catalog_barcode")
    assert (prices.rows, prices.gone, prices.stores) == (1, 0, 4)
    [example] = prices.examples
    changes = {change.name: (change.before, change.after) for change in example.changes}
    assert changes["price"] == ("4.00", "9.99")
    assert changes["ends at"][0] == "empty"
    assert not example.is_new
    assert (barcodes.rows, barcodes.gone) == (1, 1)
    assert barcodes.examples[0].is_new
    assert (Part.objects.count(), Package.objects.count()) == (parts, packages)


def test_old_means_what_the_tills_have_whatever_happened_at_headquarters_meanwhile(
    shop: Company, sides: Sides
):
    """Prices that changed twice since, and one that changed in an earlier delta."""
    arrive(*build_packages(Order(everywhere(), ["9999"])))
    price = TradeAgreement.objects.filter(pk=shop.price_of(shop.products[0]).pk)
    price.update(amount=50)
    arrive(*build_packages(Order(everywhere(), ["1020"])))
    price.update(amount=60)
    price.update(amount=70)
    [example] = of_table(preview(everywhere(), ["1020"]), "pricing_tradeagreement").examples
    assert [(c.before, c.after) for c in example.changes] == [("50.00", "70.00")]


def test_rows_with_every_sign_in_them_are_read_back(shop: Company, sides: Sides):
    strange = "tab\there, line\nbreak, back\\slash, \\N and quotes ' \""
    Product.objects.filter(pk=shop.products[0].pk).update(description=strange)
    arrive(*build_packages(Order(everywhere(), ["9999"])))
    table = carried_by_name()["catalog_product"]
    keys = [str(product.pk) for product in shop.products[:2]]
    rows = former_rows(shop.database, table, [*keys, "123456"])
    assert rows[keys[0]]["description"] == strange
    assert rows[keys[1]]["number"] == shop.products[1].number
    assert rows["123456"] is None


def test_what_was_never_sent_goes_in_full_and_says_so(shop: Company, sides: Sides):
    found = preview(everywhere(), ["1020"])
    prices = of_table(found, "pricing_tradeagreement")
    assert (prices.rows, prices.all_rows_for, prices.examples) == (12, 1, ())


def test_the_page_shows_it_and_its_button_publishes(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    assert "Nothing would be sent" in staff.get("/distribution/preview/?job=9999").content.decode()
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount=77)
    page = staff.get("/distribution/preview/?job=1020").content.decode()
    assert "1.00" in page and "77.00" in page and "1 store" in page
    staff.post("/distribution/preview/", {"job": "1020"})
    sides.work()
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == 77
    assert "Published it after a preview" in staff.get("/audit/?thing=channels_app.package").content.decode()


def test_a_schedule_is_looked_at_before_it_runs(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    schedule = default_schedules()[0]
    TradeAgreement.objects.update(amount=78)
    page = staff.get(f"/distribution/preview/?schedule_id={schedule.pk}").content.decode()
    assert "12 rows new or changed" in page
    staff.post("/distribution/preview/", {"schedule_id": schedule.pk})
    assert Package.objects.filter(schedule=schedule).count() == 1


def test_a_version_is_undone_in_every_database_of_a_group(shop: Company, sides: Sides):
    more_databases(shop, 3)
    before = preview(everywhere(), ["9999"])
    assert before.tables == ()
    good = ChannelDatabase.objects.first().applied_version
    TradeAgreement.objects.update(amount="0.01")
    bad = build_packages(Order(everywhere(), ["1020"]))
    arrive(*bad[:3])  # the fourth has not got it yet
    packages, refusals = undo_version(everywhere(), bad[0].version)
    assert (len(packages), refusals) == (3, [])
    assert {p.rolled_back_to for p in packages} == {good}
    assert len({p.version for p in packages}) == 1
    restored = {part.pk for p in packages for part in p.parts.all() if part.table == "pricing_tradeagreement"}
    assert len(restored) == 1, "what is the same is put together once"
    assert ChannelDatabase.objects.filter(pinned=True).count() == 3
    assert release(*everywhere()) == 3


def test_the_page_of_a_group_undoes_with_one_button(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.update(amount="0.01")
    [bad] = sides.distribute()
    group = everybody_group()
    path = f"/channels_app/databasegroup/{group.pk}/undo/"
    assert f"Version {bad.version}" in staff.get(path).content.decode()
    staff.post(path, {"version": bad.version, "jobs": ["1020"]})
    sides.work()
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal(1)
    staff.post(f"/channels_app/databasegroup/{group.pk}/let_go/")
    assert not ChannelDatabase.objects.get().pinned
    trail = staff.get("/audit/").content.decode()
    assert f"Took back version {bad.version}" in trail and "Released 1 channel database" in trail


def test_a_skipped_package_stays_out_until_something_else_changes(shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.update(amount=99)
    order = Order(everywhere(), ["1020"])
    [package] = build_packages(order)
    settle_failed(package.pk, "package_failed", "The rows do not fit together")
    skip(package, by="ops")
    package.refresh_from_db()
    assert (package.state, package.error) == (
        PackageState.CANCELLED,
        "Skipped by ops. The rows do not fit together",
    )
    assert build_packages(order) == []
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount=98)
    [after] = build_packages(order)
    push_package(after.pk)
    sides.work()
    assert sides.differences() == []
    assert ChannelDatabase.objects.get().skipped_version is None


def test_prices_from_monday_arrive_early_and_need_no_package_to_take_effect(shop: Company, sides: Sides):
    sides.distribute()
    monday = timezone.now() + timedelta(days=3)
    old = shop.price_of(shop.products[0])
    TradeAgreement.objects.filter(pk=old.pk).update(ends_at=monday)
    TradeAgreement.objects.create(
        product=old.product, price_group=old.price_group, unit=old.unit, currency=old.currency,
        amount=Decimal("5.00"), starts_at=monday,
    )  # fmt: skip
    sides.distribute()
    with sides.scale_unit():
        rows = TradeAgreement.objects.filter(product__number="P000").order_by("starts_at")
        assert {(r.amount, r.starts_at, r.ends_at) for r in rows} == {
            (Decimal(1), None, monday),
            (Decimal(5), monday, None),
        }
    assert preview(everywhere(), ["9999"]).tables == ()


def test_new_products_do_not_fill_the_page(shop: Company, sides: Sides):
    sides.distribute()
    for number in range(30):
        a_product(f"N{number:03}", category=shop.products[0].category)
    found = of_table(preview(everywhere(), ["1040"]), "catalog_product")
    assert (found.rows, len(found.examples)) == (30, 5)
    assert all(example.is_new for example in found.examples)


def test_a_schedule_is_paused_and_resumed_and_its_addresses_are_checked(
    staff: Client, shop: Company, sides: Sides
):
    schedule = default_schedules()[0]
    page = staff.get(f"/channels_app/schedule/{schedule.pk}/change/").content.decode()
    assert "/stop_here/" in page and "/go_on/" not in page
    staff.post(f"/channels_app/schedule/{schedule.pk}/stop_here/")
    assert not Schedule.objects.get(pk=schedule.pk).periodic_task.enabled
    Schedule.objects.filter(pk=schedule.pk).update(stopped_because="3 of 9 packages failed")
    assert (
        "3 of 9 packages failed"
        in staff.get(f"/channels_app/schedule/{schedule.pk}/change/").content.decode()
    )
    staff.post(f"/channels_app/schedule/{schedule.pk}/go_on/")
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.stopped_because, schedule.periodic_task.enabled) == (True, "", True)
    answer = staff.post(
        f"/channels_app/schedule/{schedule.pk}/change/",
        {
            "name": schedule.name, "jobs": ["9999"], "group": schedule.group_id, "interval": schedule.interval_id,
            "canary_minutes": 15, "stop_above_percent": 400, "size_limit_mb": 0, "tell": "ops@example.com\nnobody",
        },
    )  # fmt: skip
    said = answer.content.decode()
    assert "no e-mail address" in said and "Enter 100 or less" in said
    trail = staff.get("/audit/?thing=channels_app.schedule").content.decode()
    assert "Paused it" in trail and "Resumed it" in trail


def test_the_shell_previews_skips_and_takes_back(shop: Company, sides: Sides):
    said = StringIO()
    sides.distribute()
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount=99)
    call_command("distribute", preview=True, group="All channel databases", stdout=said)
    assert "1.00 → 99.00" in said.getvalue() and Package.objects.count() == 1
    [package] = sides.distribute()
    call_command("packages", take_back=package.version, stdout=said)
    assert "goes back to version" in said.getvalue()
    rollback = Package.objects.get(is_rollback=True)
    call_command("packages", skip=rollback.pk, stdout=said)
    rollback.refresh_from_db()
    assert rollback.error.startswith("Skipped")
    with pytest.raises(CommandError, match="no package"):
        call_command("packages", cancel=shop.database.pk)
    with pytest.raises(CommandError, match="in a group"):
        call_command("distribute", group="Nobody", stdout=said)
