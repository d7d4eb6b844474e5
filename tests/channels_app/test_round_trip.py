"""From headquarters to the register: packages are built, sent, applied and reported."""

from decimal import Decimal

from catalog.models import Barcode, Product
from channels_app.models import ChannelDatabase, DataVersion, Package
from channels_app.services.apply import apply_waiting
from channels_app.services.build import Order, build_packages
from channels_app.services.contact import keep_in_touch
from channels_app.services.push import push_package
from channels_app.states import PackageState
from pricing.models import TradeAgreement
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides


def distribute(shop: Company, sides: Sides, *jobs: str, full: bool = False) -> Package | None:
    """One round: build, push, apply, report."""
    with sides.scale_unit():
        keep_in_touch(now=True)
    built = build_packages(Order([shop.database.pk], jobs or ["9999"], full=full))
    for package in built:
        push_package(package.pk)
    with sides.scale_unit():
        apply_waiting()
        keep_in_touch(now=True)
    for package in built:
        package.refresh_from_db()
        assert package.state == PackageState.APPLIED, package.error
    return built[0] if built else None


def test_a_first_package_brings_what_the_stores_of_the_database_need(shop: Company, sides: Sides):
    package = distribute(shop, sides)
    assert package.kind == Package.Kind.FULL
    with sides.scale_unit():
        assert Product.objects.count() == 12
        assert DataVersion.objects.get().version == package.version
    shop.database.refresh_from_db()
    assert shop.database.applied_version == package.version


def test_an_edited_price_reaches_the_register_with_the_next_package_and_not_before(
    shop: Company, sides: Sides
):
    distribute(shop, sides)
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount="9.99")
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal(1)
    package = distribute(shop, sides)
    assert (package.kind, package.rows) == (Package.Kind.DELTA, 1)
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal("9.99")


def test_without_changes_no_package_is_sent(shop: Company, sides: Sides):
    distribute(shop, sides)
    assert distribute(shop, sides) is None
    assert ChannelDatabase.objects.get().checked_at is not None


def test_a_product_that_is_deleted_leaves_with_its_barcodes(shop: Company, sides: Sides):
    distribute(shop, sides)
    shop.products[3].delete()
    distribute(shop, sides)
    with sides.scale_unit():
        assert not Product.objects.filter(number="P003").exists()
        assert Barcode.objects.count() == 11
