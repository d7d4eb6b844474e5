"""What a scale unit refuses, and that it is whole after each refusal."""

import hashlib
import io
import random
from collections.abc import Callable

import msgspec
import pytest
import zstandard
from django.conf import settings
from django.db import connection

from catalog.models import Product
from channels_app import package_format, scope
from channels_app.announcements import when_applied
from channels_app.channel_client import ChannelClient, ChannelRefused
from channels_app.contents import content, manifest_of
from channels_app.files import received_file
from channels_app.identifiers import uuid7
from channels_app.models import (
    ChannelDatabase,
    DataVersion,
    Package,
    Part,
    ReceivedPackage,
    ScaleUnit,
    TableVersion,
)
from channels_app.services.apply import apply_package, apply_waiting
from channels_app.services.build import Order, build_packages
from channels_app.services.push import push_package
from channels_app.services.receive import receive
from channels_app.services.scale_units import register_scale_unit
from channels_app.signatures import new_keys
from channels_app.states import PackageState, ReceivedState
from hq.models import Currency
from pricing.models import TradeAgreement
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides


@pytest.fixture
def sold(shop: Company, sides: Sides) -> Company:
    """The company with its data in the channel."""
    sides.distribute()
    return shop


def built(shop: Company, *, full: bool = False) -> Package:
    [package] = build_packages(Order([shop.database.pk], ["9999"], full=full))
    return package


def sent(sides: Sides, package: Package) -> ReceivedPackage:
    """A package in the scale unit, received and not yet applied."""
    push_package(package.pk)
    with sides.scale_unit():
        return ReceivedPackage.objects.get(pk=package.pk)


def change_prices(amount: int) -> None:
    TradeAgreement.objects.update(amount=amount)


def test_a_package_out_of_order_is_refused_and_the_next_one_mends_it(sold: Company, sides: Sides):
    change_prices(50)
    lost = built(sold)
    sides.queue.clear()
    Package.objects.filter(pk=lost.pk).update(state=PackageState.FAILED, settled_at="2026-01-01T00:00Z")
    sold.database.refresh_from_db()
    for mark in sold.database.marks.values():  # as if headquarters thought that it had arrived
        mark.update(version=lost.version, since=lost.version)
    sold.database.save()
    change_prices(60)
    package = built(sold)
    with sides.scale_unit():
        before = list(TradeAgreement.objects.values_list("amount"))
    push_package(package.pk)
    package.refresh_from_db()
    assert package.state == PackageState.FAILED
    assert "stands at version" in package.error
    with sides.scale_unit():
        assert list(TradeAgreement.objects.values_list("amount")) == before
    sides.introduce()
    sides.introduce()
    sides.distribute()
    assert sides.differences() == []


def test_a_package_that_fitted_when_it_came_is_looked_at_again_when_it_is_applied(
    sold: Company, sides: Sides
):
    change_prices(50)
    package = built(sold)
    sent(sides, package)
    with sides.scale_unit():
        before = list(TradeAgreement.objects.values_list("amount"))
        TableVersion.objects.filter(table="pricing_tradeagreement").update(version=1)
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.FAILED
    assert "stands at version 1" in package.error
    with sides.scale_unit():
        assert list(TradeAgreement.objects.values_list("amount")) == before
    sides.introduce()
    sides.introduce()
    sides.distribute()
    assert sides.differences() == []


def test_an_old_package_does_not_take_newer_data_back(sold: Company, sides: Sides):
    change_prices(50)
    old = built(sold, full=True)
    bytes_of_old = b"".join(content(old))
    Package.objects.filter(pk=old.pk).update(state=PackageState.CANCELLED, settled_at="2026-01-01T00:00Z")
    change_prices(60)
    sides.distribute()
    with sides.scale_unit(), pytest.raises(Exception, match="stands at version"):
        receive(old.pk, io.BytesIO(bytes_of_old))
    assert sides.differences() == []


def test_a_small_package_comes_whole_or_not_at_all(sold: Company, sides: Sides):
    change_prices(70)
    package = built(sold)
    whole = b"".join(content(package))
    with sides.scale_unit():
        half = receive(package.pk, io.BytesIO(whole[:-1]))
        assert (half.state, half.received_bytes) == (ReceivedState.DOWNLOADING, 0)
        assert not ReceivedPackage.objects.filter(pk=package.pk).exists()
        with pytest.raises(package_format.BrokenPackage, match="more in it"):
            receive(package.pk, io.BytesIO(whole + b"x"))
        for _ in range(2):
            assert receive(package.pk, io.BytesIO(whole)).state == ReceivedState.RECEIVED
        assert apply_waiting() == 1
        assert ReceivedPackage.objects.get(pk=package.pk).content is None
    sides.work()
    assert sides.differences() == []


def test_a_package_for_another_database_is_refused(sold: Company, sides: Sides):
    other = register_scale_unit(
        name="other", base_url="http://scale-unit.test", stores=["S2"]
    ).unit.channel_database
    [package] = build_packages(Order([other.pk], ["9999"]))
    push_package(package.pk)
    package.refresh_from_db()
    assert package.state == PackageState.FAILED
    with sides.scale_unit():
        assert not ReceivedPackage.objects.filter(pk=package.pk).exists()
    assert sides.differences() == []


def cut_off(package: Package, whole: bytes) -> bytes:
    return whole[:-7]


def flipped(package: Package, whole: bytes) -> bytes:
    return whole[:-7] + bytes([whole[-7] ^ 4]) + whole[-6:]


def made_anew(package: Package, whole: bytes, key: str = "", **values: object) -> bytes:
    """The package with another manifest in front, signed by headquarters unless a key is given."""
    manifest = msgspec.structs.replace(manifest_of(package), **values)
    header = package_format.header(manifest, key or settings.PACKAGE_SIGNING_KEY)
    return header + whole[len(package.header) :]


def signed_by_another(package: Package, whole: bytes) -> bytes:
    return made_anew(package, whole, key=new_keys()[0])


def addressed_elsewhere(package: Package, whole: bytes) -> bytes:
    return made_anew(package, whole, database=uuid7())


def bomb(package: Package, whole: bytes) -> bytes:
    """A few kilobytes that unpack to 64 MB of one letter, of which the manifest says that they are small."""
    frame = zstandard.compress(b"x" * (1 << 26))
    [table] = manifest_of(package).tables
    rows = package_format.Part(1, len(frame), 1000, hashlib.sha256(frame).hexdigest())
    table = msgspec.structs.replace(table, rows=rows, gone=None)
    return made_anew(package, bytes(package.header) + frame, tables=(table,))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (cut_off, ""),
        (flipped, "package_broken"),
        (signed_by_another, "package_foreign"),
        (addressed_elsewhere, "package_foreign"),
        (bomb, "package_broken"),
    ],
)
def test_a_package_that_is_not_what_it_should_be_changes_nothing_and_the_right_one_comes_after_it(
    spoil: Callable[[Package, bytes], bytes], code: str, sold: Company, sides: Sides
):
    """Whatever reaches the scale unit over the line; afterwards both sides are equal, table by table."""
    change_prices(70)
    package = built(sold)
    body = spoil(package, b"".join(content(package)))
    unit = ScaleUnit.objects.get()
    refused = ""
    try:
        ChannelClient(unit).push(package.pk, iter([body]), 0, len(body))
    except ChannelRefused as refusal:
        refused = refusal.code
    with sides.scale_unit():
        assert apply_waiting() == 0
        known = ReceivedPackage.objects.filter(pk=package.pk).first()
        assert (refused or (known.error_code if known else "")) == code
        assert not TradeAgreement.objects.filter(amount=70).exists()
    push_package(package.pk)
    sides.work()
    sides.distribute()
    assert sides.differences() == []
    assert ChannelDatabase.objects.get().failures == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_package_damaged_on_its_way_is_refused_and_comes_again(sold: Company, sides: Sides, seed: int):
    change_prices(70)
    package = built(sold)
    spoiled = bytearray(b"".join(content(package)))
    spoiled[random.Random(seed).randrange(len(package.header), len(spoiled))] ^= 1
    with sides.scale_unit():
        with pytest.raises(package_format.BrokenPackage):
            receive(package.pk, io.BytesIO(bytes(spoiled)))
        assert not received_file(package.pk).exists()
    sent(sides, package)
    sides.work()
    assert sides.differences() == []


def test_a_part_that_is_damaged_at_headquarters_is_built_anew(sold: Company, sides: Sides):
    change_prices(70)
    package = built(sold)
    part = package.parts.get()
    from channels_app.files import package_storage

    path = package_storage().path(part.file)
    with open(path, "r+b") as file:
        file.seek(part.bytes // 2)
        byte = file.read(1)
        file.seek(part.bytes // 2)
        file.write(bytes([byte[0] ^ 255]))
    push_package(package.pk)
    package.refresh_from_db()
    assert package.state == PackageState.FAILED
    assert not Part.objects.get(pk=part.pk).is_sound
    sides.distribute()
    assert sides.differences() == []


@pytest.mark.parametrize("small", [0, 1 << 18], ids=["in_a_file", "in_its_row"])
def test_a_package_damaged_between_receiving_and_applying_changes_nothing(
    sold: Company, sides: Sides, monkeypatch, small: int
):
    monkeypatch.setattr("channels_app.services.receive.SMALL", small)
    change_prices(70)
    package = built(sold)
    known = sent(sides, package)
    with sides.scale_unit():
        path = received_file(package.pk)
        assert path.exists() == (known.content is None) == (small == 0)
        spoiled = bytearray(known.content or path.read_bytes())
        spoiled[-5] ^= 1
        path.write_bytes(bytes(spoiled))
        ReceivedPackage.objects.exclude(content=None).update(content=bytes(spoiled))
        assert apply_waiting() == 0
        assert ReceivedPackage.objects.get(pk=package.pk).state == ReceivedState.REFUSED
        assert not TradeAgreement.objects.filter(amount=70).exists()
    sides.work()
    sides.distribute()
    assert sides.differences() == []


def test_rows_that_do_not_fit_undo_the_whole_package_and_the_tables_come_in_full(sold: Company, sides: Sides):
    """Somebody wrote into the channel's tables by hand: a price refers to what headquarters deletes."""
    Currency.objects.create(code="JPY", name="Yen", symbol="¥", decimals=0, cash_unit=1)
    sides.distribute()
    with sides.scale_unit(), connection.cursor() as cursor:
        cursor.execute("UPDATE pricing_tradeagreement SET currency_id = 'JPY'")
    Currency.objects.filter(code="JPY").delete()
    Product.objects.update(name="Renamed")
    package = built(sold)
    sent(sides, package)
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.FAILED
    assert "do not fit together" in package.error
    with sides.scale_unit():
        assert not Product.objects.filter(name="Renamed").exists()
        assert DataVersion.objects.get().version < package.version
    sold.database.refresh_from_db()
    assert sold.database.failures == 1
    assert sold.database.next_try_at is not None
    sides.distribute(full=True)
    assert sides.differences() == []


def test_a_package_of_other_columns_is_refused_with_the_remedy(sold: Company, sides: Sides, monkeypatch):
    change_prices(70)
    package = built(sold)
    sent(sides, package)
    with sides.scale_unit():
        monkeypatch.setattr("channels_app.services.apply.schema_digest", lambda model: "an older release")
        assert not apply_package(package.pk)
        refused = ReceivedPackage.objects.get(pk=package.pk)
    assert refused.state == ReceivedState.REFUSED
    assert "same version of the program" in refused.error
    monkeypatch.setattr("channels_app.services.apply.schema_digest", scope.schema_digest)
    sides.work()
    ChannelDatabase.objects.update(next_try_at=None)
    sides.distribute()
    assert sides.differences() == []


def test_who_listens_hears_of_the_new_version_and_of_what_changed(sold: Company, sides: Sides, monkeypatch):
    heard = []
    monkeypatch.setattr("channels_app.announcements._listeners", [])
    when_applied(lambda version, models: heard.append((version, models)))
    change_prices(70)
    [package] = sides.distribute()
    assert heard == [(package.version, frozenset({TradeAgreement}))]


def test_the_manifest_names_only_what_concerns_the_database(sold: Company, sides: Sides):
    change_prices(70)
    package = built(sold)
    assert [table.table for table in manifest_of(package).tables] == ["pricing_tradeagreement"]
