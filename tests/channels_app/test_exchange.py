"""The lines between headquarters and scale units: credentials, resuming, pauses, two workers, questions."""

import random
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from catalog.models import Product
from channels_app import tasks
from channels_app.channel_client import ChannelClient, ChannelRefused
from channels_app.contents import content
from channels_app.errors import Unavailable
from channels_app.models import ChannelDatabase, ExchangeState, Package, ReceivedPackage, ScaleUnit
from channels_app.services import contact
from channels_app.services.build import Order, build_packages
from channels_app.services.contact import HeadquartersRefused, ask_headquarters, fetch, keep_in_touch
from channels_app.services.push import due_packages, push_package
from channels_app.services.scale_units import (
    CredentialTaken,
    NameTaken,
    StoreUnknown,
    UnitRefused,
    register_scale_unit,
    revoke_credential,
    rotate_credential,
)
from channels_app.states import PackageState, ReceivedState
from hq.models import Device, Register
from hq.services.activation import issue_activation_code
from pos.errors import ActivationRefused
from pos.headquarters import HttpHeadquarters
from pricing.models import TradeAgreement
from tests.channels_app.company import Company
from tests.channels_app.two_sides import CREDENTIAL, Sides


def built(shop: Company) -> Package:
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    return package


def test_a_scale_unit_without_a_good_credential_is_nobody(shop: Company, sides: Sides):
    for credential in ("", "wrong", CREDENTIAL[:-1]):
        with (
            sides.scale_unit(EXCHANGE_CREDENTIAL=credential),
            pytest.raises(HeadquartersRefused, match="not known"),
        ):
            ask_headquarters("GET", "packages/")


def test_a_scale_unit_sees_its_own_packages_only(shop: Company, sides: Sides):
    register_scale_unit(name="other", base_url="http://other.test", stores=["S2"], credential="the other's")
    package = built(shop)
    with sides.scale_unit():
        assert len(ask_headquarters("GET", "packages/").json()["packages"]) == 1
        ask_headquarters("GET", f"packages/{package.pk}/")
    with sides.scale_unit(EXCHANGE_CREDENTIAL="the other's"):
        assert ask_headquarters("GET", "packages/").json()["packages"] == []
        with pytest.raises(HeadquartersRefused, match="no such package"):
            ask_headquarters("GET", f"packages/{package.pk}/")
        ask_headquarters(
            "POST", f"packages/{package.pk}/report/", json={"package": str(package.pk), "state": "failed"}
        )
    package.refresh_from_db()
    assert package.state == PackageState.DOWNLOADING


def test_a_credential_changes_without_a_gap_and_is_revoked_at_once(shop: Company, sides: Sides):
    unit = ScaleUnit.objects.get()
    new = rotate_credential(unit).credential
    for credential in (CREDENTIAL, new):
        with sides.scale_unit(EXCHANGE_CREDENTIAL=credential):
            ask_headquarters("GET", "packages/")
    with sides.scale_unit(), pytest.raises(HeadquartersRefused):
        ask_headquarters("GET", "packages/")
    revoke_credential(unit)
    with sides.scale_unit(EXCHANGE_CREDENTIAL=new), pytest.raises(HeadquartersRefused):
        ask_headquarters("GET", "packages/")


def test_what_cannot_be_registered_is_said(shop: Company):
    for refusal, values in (
        (NameTaken, {"name": "main"}),
        (CredentialTaken, {"name": "new", "credential": CREDENTIAL}),
        (StoreUnknown, {"name": "new", "stores": ["S9"]}),
        (UnitRefused, {"name": "New"}),
        (UnitRefused, {"name": "new", "base_url": "10.0.0.5:8001"}),
        (UnitRefused, {"name": "new", "base_url": "http://10.0.0.5:port"}),
    ):
        with pytest.raises(refusal):
            register_scale_unit(**{"base_url": "http://x.test"} | values)
    assert ScaleUnit.objects.count() == 1


def test_headquarters_is_believed_only_with_its_signature(shop: Company, sides: Sides):
    sides.introduce()
    package = built(shop)
    with sides.scale_unit():
        stranger = httpx.Client(transport=sides.lines["scale_unit"])
        for path in (f"/exchange/push/{package.pk}/", "/exchange/wake/", "/exchange/checksums/"):
            answer = stranger.post(f"http://scale-unit.test{path}", content=b"{}", headers={"X-Offset": "0"})
            assert answer.status_code == 401, path
    with sides.headquarters(PACKAGE_SIGNING_KEY="A" * 43 + "="), pytest.raises(ChannelRefused):
        ChannelClient(shop.database.scale_unit).wake("upload")
    ChannelClient(shop.database.scale_unit).wake("upload")


def test_a_scale_unit_that_was_never_introduced_takes_nothing_yet(shop: Company, sides: Sides):
    package = built(shop)
    push_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == (PackageState.AVAILABLE, 1)
    with sides.scale_unit():
        keep_in_touch(now=True)
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED


def test_one_that_cannot_be_reached_is_tried_again_after_growing_pauses(shop: Company, sides: Sides):
    sides.introduce()
    package = built(shop)

    def unreachable(request: httpx.Request) -> None:
        raise httpx.ConnectError("no route")

    sides.lines["scale_unit"].fault = unreachable
    pauses = []
    for _ in range(5):
        Package.objects.update(next_try_at=None)
        push_package(package.pk)
        package.refresh_from_db()
        assert package.state == PackageState.AVAILABLE
        assert "no route" in package.error
        pauses.append((package.next_try_at - timezone.now()).total_seconds())
        assert due_packages() == []
    assert pauses[0] < 3.1 < pauses[-1] < 300 * 1.5
    sides.lines["scale_unit"].fault = None
    Package.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert due_packages() == [package.pk]
    tasks.tend_packages()
    sides.work()
    assert Package.objects.get().state == PackageState.APPLIED


def test_a_push_that_breaks_off_goes_on_where_it_was(shop: Company, sides: Sides, monkeypatch):
    monkeypatch.setattr("channels_app.services.receive.SMALL", 0)
    sides.introduce()
    Product.objects.update(description="x" * 2000)
    package = built(shop)
    whole = b"".join(content(package))
    broken_at = len(package.header) + 100

    def _lost(answer: httpx.Response) -> None:
        raise httpx.ReadError("broken off")

    def half(request: httpx.Request):
        sides.lines["scale_unit"].fault = None
        request.read()
        request._content = whole[:broken_at]
        request.stream = httpx.ByteStream(whole[:broken_at])
        request.headers["Content-Length"] = str(broken_at)
        return _lost

    sides.lines["scale_unit"].fault = half
    push_package(package.pk)
    with sides.scale_unit():
        assert ReceivedPackage.objects.get().received_bytes == broken_at
    Package.objects.update(next_try_at=None)
    sides.lines["scale_unit"].requests.clear()
    push_package(package.pk)
    posted = [r for r in sides.lines["scale_unit"].requests if r.method == "POST"]
    assert [r.headers["X-Offset"] for r in posted] == [str(broken_at)]
    sides.work()
    assert sides.differences() == []


def test_a_scale_unit_that_pulls_gets_everything_and_goes_on_after_a_break(
    shop: Company, sides: Sides, monkeypatch
):
    monkeypatch.setattr("channels_app.services.receive.SMALL", 0)
    ChannelDatabase.objects.update(delivery=ChannelDatabase.Delivery.PULL)
    package = built(shop)
    whole = b"".join(content(package))
    broken_at = len(package.header) + 100
    with sides.scale_unit():
        waiting = keep_in_touch(now=True).packages[0]
        sides.lines["headquarters"].fault = lambda request: (
            lambda answer: httpx.Response(200, content=whole[:broken_at])
        )
        fetch(waiting)
        assert ReceivedPackage.objects.get().state == ReceivedState.DOWNLOADING
        sides.lines["headquarters"].fault = None
        sides.lines["headquarters"].requests.clear()
        fetch(waiting)
        [request] = sides.lines["headquarters"].requests
        assert request.headers["Range"] == f"bytes={broken_at}-"
        tasks.apply_waiting_packages()
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED
    TradeAgreement.objects.update(amount=5)
    built(shop)
    with sides.scale_unit():
        ExchangeState.objects.update(ask_again_at=None)
        tasks.apply_waiting_packages()
    assert sides.differences() == []


def test_two_workers_send_a_package_once(shop: Company, sides: Sides):
    sides.introduce()
    package = built(shop)
    push_package(package.pk)
    sent = len(sides.lines["scale_unit"].requests)
    push_package(package.pk)
    assert len(sides.lines["scale_unit"].requests) == sent
    sides.work()
    push_package(package.pk)
    assert len(sides.lines["scale_unit"].requests) == sent
    assert Package.objects.get().state == PackageState.APPLIED
    assert sides.differences() == []


def test_a_greater_package_takes_the_place_of_one_that_nobody_fetched(shop: Company, sides: Sides):
    sides.distribute()
    TradeAgreement.objects.update(amount=500)
    first = built(shop)
    Product.objects.update(name="Renamed")
    second = built(shop)
    first.refresh_from_db()
    assert first.state == PackageState.CANCELLED
    assert second.rows == 24
    push_package(second.pk)
    TradeAgreement.objects.update(amount=6)
    assert build_packages(Order([shop.database.pk], ["9999"])) == []
    sides.work()
    sides.distribute()
    assert sides.differences() == []


def test_a_channel_database_that_stands_elsewhere_than_thought_gets_what_it_needs(
    shop: Company, sides: Sides
):
    """It was restored from a backup: headquarters hears of it and sends in full what no longer fits."""
    sides.distribute()
    sides.empty_channel()
    sides.introduce()
    sides.introduce()
    [package] = sides.distribute()
    assert package.kind == Package.Kind.FULL
    assert sides.differences() == []


def test_headquarters_from_a_backup_does_not_reuse_numbers(shop: Company, sides: Sides):
    sides.distribute()
    [package] = sides.distribute(full=True)
    Package.objects.all().delete()
    ChannelDatabase.objects.update(marks={}, applied_version=None)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_app_mark CASCADE")
        cursor.execute("SELECT setval('channels_app_mark_number', 1)")
    TradeAgreement.objects.update(amount=5)
    sides.introduce()
    [after] = sides.distribute()
    assert after.version > package.version
    assert sides.differences() == []


def test_reports_come_again_until_headquarters_has_them(shop: Company, sides: Sides):
    sides.introduce()
    package = built(shop)
    push_package(package.pk)
    sides.lines["headquarters"].fault = lambda request: httpx.Response(502)
    sides.work()
    package.refresh_from_db()
    assert package.state == PackageState.DOWNLOADING
    with sides.scale_unit():
        assert ReceivedPackage.objects.get().state == ReceivedState.APPLIED
        sides.lines["headquarters"].fault = None
        tasks.apply_waiting_packages()
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED


@pytest.mark.parametrize("delivery", ChannelDatabase.Delivery.values)
def test_headquarters_that_forgot_a_report_hears_it_again(shop: Company, sides: Sides, delivery: str):
    """It came from a backup that was made while the package was on its way."""
    sides.introduce()
    ChannelDatabase.objects.update(delivery=delivery)
    package = built(shop)
    push_package(package.pk)
    before = ChannelDatabase.objects.get()
    sides.work()
    assert Package.objects.get().state == PackageState.APPLIED
    before.save()
    Package.objects.update(
        state=PackageState.DOWNLOADING, settled_at=None, downloading_at=timezone.now() - timedelta(minutes=5)
    )
    tasks.tend_packages()
    sides.work()
    with sides.scale_unit():
        tasks.contact()
        tasks.apply_waiting_packages()
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED
    assert ChannelDatabase.objects.get().applied_version == package.version
    TradeAgreement.objects.update(amount=5)
    [delta] = build_packages(Order([shop.database.pk], ["9999"]))
    assert delta.kind == Package.Kind.DELTA


def test_clocks_may_be_a_day_off(shop: Company, sides: Sides):
    import time_machine

    for days in (-1, 1):
        TradeAgreement.objects.update(amount=10 + days)
        [package] = build_packages(Order([shop.database.pk], ["9999"]))
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=True):
            sides.introduce()
            push_package(package.pk)
            with sides.scale_unit():
                tasks.apply_waiting_packages()
        sides.work()
        package.refresh_from_db()
        assert package.state == PackageState.APPLIED
        assert sides.differences() == []


def test_a_register_is_activated_once_and_only_where_its_store_sells(shop: Company, sides: Sides):
    code = issue_activation_code(register=Register.objects.get(store=shop.near), by=None).code
    far = issue_activation_code(register=Register.objects.get(store=shop.far), by=None).code
    ask = HttpHeadquarters()
    import pos.headquarters

    def through(url: str, **request: object) -> httpx.Response:
        request.pop("timeout")
        return httpx.Client(transport=sides.lines["headquarters"]).post(url, **request)

    former, pos.headquarters.httpx.post = pos.headquarters.httpx.post, through
    try:
        with sides.scale_unit():
            device = "22222222-2222-7222-8222-222222222222"
            with pytest.raises(ActivationRefused):
                ask.activate(code=far, device=device, description="")
            activated = ask.activate(code=code.lower(), device=device, description="Firefox")
            assert activated.store_name == "Store S1"
            with pytest.raises(ActivationRefused):
                ask.activate(code=code, device="33333333-3333-7333-8333-333333333333", description="")
    finally:
        pos.headquarters.httpx.post = former
    assert Device.objects.get().description == "Firefox"


def test_what_nobody_answers_is_refused(shop: Company, sides: Sides):
    with sides.scale_unit(), pytest.raises(HeadquartersRefused, match="nobody"):
        ask_headquarters("POST", "weather/", json={})


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b'{"reports": 3}', b'{"version": "x"}', b"\xff\xfe"]
)
def test_nonsense_is_refused_and_changes_nothing(shop: Company, sides: Sides, body: bytes):
    with sides.scale_unit():
        if body == b"":
            return
        with pytest.raises(HeadquartersRefused, match="cannot be read"):
            ask_headquarters("POST", "contact/", content=body)
        with pytest.raises(HeadquartersRefused, match="cannot be read"):
            ask_headquarters("POST", "upload/", content=body)


def test_an_unreachable_headquarters_is_an_ordinary_answer(shop: Company, sides: Sides):
    def gone(request: httpx.Request) -> None:
        raise httpx.ConnectError("no route")

    sides.lines["headquarters"].fault = gone
    with sides.scale_unit():
        assert keep_in_touch(now=True) is None
        assert "no route" in ExchangeState.objects.get().last_error
        with pytest.raises(Unavailable):
            ask_headquarters("GET", "packages/")


def test_a_package_is_fetched_in_random_bites(shop: Company, sides: Sides):
    package = built(shop)
    whole = b"".join(content(package))
    dice = random.Random(1)
    for _ in range(50):
        start = dice.randrange(len(whole))
        end = dice.randrange(start, len(whole)) + 1
        assert b"".join(content(package, start, end)) == whole[start:end]
    assert contact._Body(httpx.Response(200, content=whole)).read() == whole
