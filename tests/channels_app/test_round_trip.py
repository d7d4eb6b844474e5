"""From headquarters to the register: packages are built, sent, applied and reported."""

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Barcode, Product
from channels_app.models import ChannelDatabase, DataVersion, Package, ReceivedPackage, StorePlacement
from channels_app.roles import RoleViolation
from channels_app.selectors import database_rows, freshness
from channels_app.services.apply import apply_package, apply_waiting
from hq.models import Device, Register, Store, Worker, WorkerStore
from pricing.models import TradeAgreement
from tests.channels_app.company import Company, a_product
from tests.channels_app.two_sides import Sides


def test_a_first_package_brings_what_the_stores_of_the_database_need(shop: Company, sides: Sides):
    [package] = sides.distribute()
    assert package.kind == Package.Kind.FULL
    with sides.scale_unit():
        assert Product.objects.count() == 12
        assert list(Store.objects.values_list("number", flat=True)) == ["S1"]
        assert list(Register.objects.values_list("number", flat=True)) == ["S1-1"]
        assert DataVersion.objects.get().version == package.version
    shop.database.refresh_from_db()
    assert shop.database.applied_version == package.version
    assert sides.differences() == []


def test_an_edited_price_reaches_the_register_with_the_next_package_and_not_before(
    shop: Company, sides: Sides
):
    sides.distribute()
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount="9.99")
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal(1)
    [package] = sides.distribute()
    assert (package.kind, package.rows, package.changed_rows) == (Package.Kind.DELTA, 1, 1)
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal("9.99")


def test_without_changes_no_package_is_sent_and_the_state_says_so(shop: Company, sides: Sides):
    sides.distribute()
    before = timezone.now()
    assert sides.distribute() == []
    assert ChannelDatabase.objects.get().checked_at >= before
    assert database_rows()[0].state == "up to date"


def test_a_change_that_concerns_no_store_of_the_database_is_not_sent(shop: Company, sides: Sides):
    sides.distribute()
    Register.objects.filter(store=shop.far).update(name="Renamed")
    assert sides.distribute() == []
    assert Package.objects.count() == 1
    assert sides.distribute() == []


def test_a_product_that_is_deleted_leaves_with_its_barcodes_and_prices(shop: Company, sides: Sides):
    sides.distribute()
    shop.products[3].delete()
    sides.distribute()
    with sides.scale_unit():
        assert not Product.objects.filter(number="P003").exists()
        assert Barcode.objects.count() == TradeAgreement.objects.count() == 11
    assert sides.differences() == []


def test_what_leaves_the_assortment_leaves_the_store_with_all_that_hangs_on_it(shop: Company, sides: Sides):
    sides.distribute()
    Product.objects.filter(pk=shop.products[5].pk).update(category=None)
    sides.distribute()
    with sides.scale_unit():
        assert Product.objects.count() == Barcode.objects.count() == TradeAgreement.objects.count() == 11
    Product.objects.filter(pk=shop.products[5].pk).update(category=shop.products[0].category)
    sides.distribute()
    with sides.scale_unit():
        assert Product.objects.count() == Barcode.objects.count() == TradeAgreement.objects.count() == 12
    assert sides.differences() == []


def test_a_worker_comes_and_goes_with_the_store(shop: Company, sides: Sides):
    sides.distribute()
    ben = Worker.objects.create(staff_id="2000", name="Ben", name_on_receipt="Ben", pin="x")
    assert sides.distribute() == []
    role = WorkerStore.objects.get().permission_group
    placed = WorkerStore.objects.create(worker=ben, store=shop.near, permission_group=role)
    sides.distribute()
    with sides.scale_unit():
        assert Worker.objects.filter(staff_id="2000").exists()
    placed.delete()
    sides.distribute()
    with sides.scale_unit():
        assert not Worker.objects.filter(staff_id="2000").exists()
    assert sides.differences() == []


def test_a_revoked_device_is_known_in_the_store_with_the_next_package(shop: Company, sides: Sides):
    register = Register.objects.get(store=shop.near)
    device = Device.objects.create(id="11111111-1111-7111-8111-111111111111", register=register)
    sides.distribute()
    device.status = Device.Status.REVOKED
    device.save()
    sides.distribute()
    with sides.scale_unit():
        assert Device.objects.get().status == Device.Status.REVOKED


def test_a_store_that_is_placed_here_brings_its_rows_and_takes_them_away_again(shop: Company, sides: Sides):
    sides.distribute()
    StorePlacement.objects.create(store=shop.far, channel_database=shop.database)
    sides.distribute()
    with sides.scale_unit():
        assert Register.objects.count() == Store.objects.count() == 2
    StorePlacement.objects.filter(store=shop.far).delete()
    sides.distribute()
    with sides.scale_unit():
        assert Register.objects.count() == Store.objects.count() == 1
    assert sides.differences() == []


def test_one_job_carries_its_tables_and_what_else_they_need(shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount=2)
    Register.objects.filter(store=shop.near).update(name="Front")
    [package] = sides.distribute("1020")
    assert package.rows == 1
    with sides.scale_unit():
        assert Register.objects.get().name == "Till 1"
    new = a_product("NEW", category=shop.products[0].category)
    first = TradeAgreement.objects.filter(product=shop.products[0]).get()
    TradeAgreement.objects.create(
        product=new, price_group=shop.price_group, unit=new.unit, currency=first.currency, amount=1
    )
    sides.distribute("1020")
    with sides.scale_unit():
        assert TradeAgreement.objects.filter(product__number="NEW").exists()
        assert Register.objects.get().name == "Till 1"
    sides.distribute()
    assert sides.differences() == []


def test_applying_twice_changes_nothing(shop: Company, sides: Sides):
    [package] = sides.distribute()
    with sides.scale_unit():
        before = DataVersion.objects.get().applied_at
        assert apply_package(package.pk)
        assert apply_waiting() == 0
        assert DataVersion.objects.get().applied_at == before


def test_a_full_package_on_top_writes_only_what_differs(shop: Company, sides: Sides):
    sides.distribute()
    [package] = sides.distribute(full=True)
    assert package.changed_rows == 0


def test_unique_values_may_change_places(shop: Company, sides: Sides):
    sides.distribute()
    one, two = Barcode.objects.order_by("pk")[:2]
    Barcode.objects.filter(pk=one.pk).update(code="between", key="between")
    Barcode.objects.filter(pk=two.pk).update(code=one.code, key=one.key)
    Barcode.objects.filter(pk=one.pk).update(code=two.code, key=two.key)
    sides.distribute()
    with sides.scale_unit():
        assert Barcode.objects.get(pk=one.pk).code == two.code
    assert sides.differences() == []


def test_a_scale_unit_refuses_to_write_master_data_by_hand(shop: Company, sides: Sides):
    sides.distribute()
    with sides.scale_unit():
        product = Product.objects.first()
        product.name = "By hand"
        with pytest.raises(RoleViolation):
            product.save()


def test_the_till_says_how_fresh_its_data_is_and_what_it_waits_for(shop: Company, sides: Sides):
    with sides.scale_unit():
        assert freshness().words == "Waiting for headquarters."
    sides.introduce()
    with sides.scale_unit():
        assert freshness().words == "Waiting for the first package from headquarters."
    [package] = sides.distribute()
    with sides.scale_unit():
        said = freshness()
        assert said.version == package.version
        assert said.waiting_for == ""
        assert ReceivedPackage.objects.get().reported_at is not None
