"""Taking a bad price list back, and forgetting what is old without losing what can be taken back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Product
from channels_app.files import package_storage
from channels_app.models import Change, ChannelDatabase, Mark, OutboxEvent, Package, Part, ReceivedPackage
from channels_app.services import housekeeping
from channels_app.services.push import push_package
from channels_app.services.rollback import CannotRollBack, release, roll_back, versions_of
from channels_app.services.upload import upload
from channels_app.states import PackageState
from hq.models import Device, Register
from pos.models import RetailTransaction
from pricing.models import TradeAgreement
from shifts.models import Shift
from tests.channels_app.company import Company, a_product
from tests.channels_app.journal import a_sale, an_open_shift
from tests.channels_app.two_sides import Sides


def arrive(sides: Sides, package: Package) -> None:
    push_package(package.pk)
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED, package.error


def prices(sides: Sides) -> list[Decimal]:
    with sides.scale_unit():
        return list(TradeAgreement.objects.order_by("pk").values_list("amount", flat=True))


def test_a_bad_price_list_is_taken_back_and_stays_back_until_it_is_mended(shop: Company, sides: Sides):
    [good] = sides.distribute()
    before = prices(sides)
    TradeAgreement.objects.update(amount="0.01")
    sides.distribute()
    assert set(prices(sides)) == {Decimal("0.01")}
    arrive(sides, roll_back(shop.database, good.version))
    assert prices(sides) == before

    TradeAgreement.objects.update(amount=7)
    from channels_app.services.scale_units import default_schedules
    from channels_app.services.schedules import run_schedule

    run_schedule(default_schedules()[0])
    assert not Package.objects.filter(state=PackageState.AVAILABLE).exists()
    assert prices(sides) == before
    release(shop.database.pk)
    sides.distribute()
    assert set(prices(sides)) == {Decimal(7)}
    assert sides.differences() == []


def test_what_came_and_went_in_several_packages_is_put_together_again(shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.filter(product=shop.products[0]).update(amount=50)
    sides.distribute()
    shop.products[1].delete()
    new = a_product("NEW", category=shop.products[0].category)
    TradeAgreement.objects.create(
        product=new, price_group=shop.price_group, unit=new.unit, currency=shop.near.currency, amount=3
    )
    [wanted] = sides.distribute()
    then = prices(sides)
    with sides.scale_unit():
        products = list(Product.objects.order_by("pk").values_list("number", "name"))
    new.delete()
    Product.objects.update(name="Wrong")
    sides.distribute()
    TradeAgreement.objects.update(amount="0.01")
    sides.distribute()
    arrive(sides, roll_back(shop.database, wanted.version, jobs=["1020", "1040"]))
    assert prices(sides) == then
    with sides.scale_unit():
        assert list(Product.objects.order_by("pk").values_list("number", "name")) == products
    release(shop.database.pk)
    sides.distribute()
    assert sides.differences() == []


def test_nobody_who_was_locked_out_is_let_in_again(shop: Company, sides: Sides):
    register = Register.objects.get(store=shop.near)
    device = Device.objects.create(id="11111111-1111-7111-8111-111111111111", register=register)
    [good] = sides.distribute()
    device.status = Device.Status.REVOKED
    device.save()
    TradeAgreement.objects.update(amount="0.01")
    sides.distribute()
    arrive(sides, roll_back(shop.database, good.version, jobs=["9999"]))
    with sides.scale_unit():
        assert Device.objects.get().status == Device.Status.REVOKED
        assert not TradeAgreement.objects.filter(amount="0.01").exists()


def test_what_is_not_kept_cannot_be_taken_back(shop: Company, sides: Sides):
    [package] = sides.distribute()
    for version in (package.version, 12345):
        with pytest.raises(CannotRollBack):
            roll_back(shop.database, version)
    TradeAgreement.objects.update(amount=5)
    sides.distribute()
    with pytest.raises(CannotRollBack, match="nothing of these jobs"):
        roll_back(shop.database, package.version, jobs=["1010"])
    assert not ChannelDatabase.objects.get().pinned


def test_a_database_that_was_away_too_long_gets_everything(shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.update(amount=5)
    housekeeping.forget_changes()
    assert Change.objects.exists()
    Mark.objects.update(cut_at=timezone.now() - timedelta(days=60))
    assert housekeeping.forget_changes() > 0
    assert not Change.objects.exists()
    [package] = sides.distribute()
    assert package.kind == Package.Kind.FULL
    assert sides.differences() == []


def test_changes_that_everybody_has_are_forgotten(shop: Company, sides: Sides):
    sides.distribute()
    housekeeping.forget_changes()
    assert not Change.objects.exists()
    TradeAgreement.objects.update(amount=5)
    [package] = sides.distribute()
    assert package.kind == Package.Kind.DELTA


def test_old_packages_go_with_their_files_and_the_last_one_stays(shop: Company, sides: Sides):
    for amount in range(1, 4):
        TradeAgreement.objects.update(amount=amount * 100)
        sides.distribute()
    Package.objects.update(settled_at=timezone.now() - timedelta(days=60))
    Part.objects.update(built_at=timezone.now() - timedelta(days=60))
    files = set(Part.objects.exclude(file="").values_list("file", flat=True))
    assert housekeeping.forget_packages() == 2
    left = set(Part.objects.exclude(file="").values_list("file", flat=True))
    assert len(left) == 1
    assert [name for name in files if package_storage().exists(name)] == list(left)
    assert len(versions_of(shop.database)) == 1


def test_a_channel_forgets_only_what_headquarters_has_and_is_old(shop: Company, sides: Sides):
    sides.distribute()
    sides.distribute(full=True)
    with sides.scale_unit():
        shift = an_open_shift(Register.objects.get())
        a_sale(shift, 1)
        upload()
        a_sale(shift, 2)
        housekeeping.tidy_scale_unit()
        assert OutboxEvent.objects.count() == 2
        long_ago = timezone.now() - timedelta(days=60)
        OutboxEvent.objects.update(happened_at=long_ago)
        ReceivedPackage.objects.update(received_at=long_ago)
        housekeeping.tidy_scale_unit()
        assert OutboxEvent.objects.count() == 1
        assert ReceivedPackage.objects.count() == 1
        upload()
    assert sides.differences() == []


def test_a_channel_forgets_old_records_only_once_headquarters_has_them(shop: Company, sides: Sides, settings):
    sides.distribute()
    with sides.scale_unit():
        shift = an_open_shift(Register.objects.get())
        a_sale(shift, 1)
        a_sale(shift, 2)
        long_ago = timezone.now() - timedelta(days=500)
        RetailTransaction.objects.update(concluded_at=long_ago)
        OutboxEvent.objects.update(happened_at=long_ago)
        assert housekeeping.forget_records() == 0, "headquarters has none of them"
        upload()
        a_sale(shift, 3)
        assert housekeeping.forget_records() == 6, "two sales with a line and a tender each"
        assert list(RetailTransaction.objects.values_list("sequence", flat=True)) == [3]
        assert Shift.objects.exists(), "it is open"
        upload()
        Shift.objects.update(status="closed", closed_at=long_ago)
        housekeeping.forget_records()
        assert not Shift.objects.exists()
    assert RetailTransaction.objects.count() == 3
    assert Shift.objects.count() == 1


def test_packages_may_lie_in_any_storage_that_django_knows(shop: Company, sides: Sides, settings):
    """What is read and written of parts goes through the storage's own interface, so a bucket does as well."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    with sides.headquarters(STORAGES={**settings.STORAGES, "packages": memory}):
        [good] = sides.distribute()
        TradeAgreement.objects.update(amount="0.01")
        sides.distribute()
        assert type(package_storage()).__name__ == "InMemoryStorage"
        assert package_storage().exists(good.parts.exclude(file="").first().file)
        arrive(sides, roll_back(shop.database, good.version))
        assert prices(sides)[0] == Decimal(1)
