"""Another station of the store while the register's own is down: what moves, what stays, and who may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from channels_app.roles import applying_package
from hardware.agent.protocol import Event, Outcome
from hardware.models import DeviceJob
from hardware.services import events, jobs, profiles
from hardware.services.obey import Asked, obey
from hardware.services.standings import standings
from hq import models as hq
from hq.permissions import Permission
from hq.station_port import station
from hq.stations import registers_at
from pos.errors import ApprovalNeeded, ChargeAtTerminal
from pos.models import RetailTransaction
from pos.operations.card import PayByCard, SettleCard
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, VoidTender
from pos.services.choose_station import NoSuchStation, StationIsAway, choose_station
from pos.services.drawer import open_drawer
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.terminal import StationOfTest, with_device
from tests.scenarios.till_client import a_till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
PAPER = {"blocks": [{"kind": "text", "text": "A receipt"}]}


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def own(shop: Shop) -> StationOfTest:
    """The register's own station, with a printer and a scanner; it is away."""
    station_of_test = with_device(shop, "printer", "escpos_network")
    station_of_test.leave()
    return station_of_test


@pytest.fixture
def office(shop: Shop, own: StationOfTest) -> StationOfTest:
    """Another station of the store, which is there."""
    return another_station(shop, "S9", "Back office")


def another_station(shop: Shop, number: str, name: str) -> StationOfTest:
    with applying_package():
        profile = hq.HardwareProfile.objects.create(name=name)
        for kind, driver in (
            ("printer", "escpos_network"),
            ("scanner", "scanner_serial"),
            ("terminal", "zvt_network"),
        ):
            hq.HardwareDevice.objects.create(
                profile=profile,
                name=kind,
                kind=kind,
                driver=driver,
                address="lab",
                options={"each_register": True},
            )
        row = hq.HardwareStation.objects.create(
            store=shop.store, number=number, name=name, hardware_profile=profile
        )
    new_data_version()
    found = StationOfTest(shop)
    found.id = row.pk
    found.connect()
    return found


def choose(
    shop: Shop, station_id: int, *, brings: bool = True, request: UUID | None = None, **more: Any
) -> str:
    request = request or uuid4()
    till = shop.till(worker=more.pop("worker", shop.manager), request=request)
    outcome = choose_station(till=till, request_id=request, station_id=station_id, brings=brings, **more)
    return outcome.notice.text


def paper(shop: Shop, title: str) -> DeviceJob:
    job = station().send(
        register_id=shop.register.pk, kind="print", document=PAPER, title=title, request_id=uuid4()
    )
    return DeviceJob.objects.get(pk=job)


def test_what_nobody_has_taken_goes_along_and_what_was_taken_stays(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    taken = paper(shop, "taken")
    own.take()
    waiting, drawer = (
        paper(shop, "waiting"),
        station().send(
            register_id=shop.register.pk,
            kind="drawer",
            document={"connector": 1},
            title="",
            request_id=uuid4(),
        ),
    )
    assert "Back office" in choose(shop, office.id)
    taken.refresh_from_db()
    waiting.refresh_from_db()
    assert (taken.station_id, taken.state) == (own.id, "sent")
    assert (waiting.station_id, waiting.state) == (office.id, "queued")
    assert DeviceJob.objects.get(pk=drawer).state == "cancelled"  # that drawer is at the other counter
    view = station().view(shop.register.pk)
    assert (view.name, view.untaken, view.elsewhere, view.own_is_back) == ("Back office", 1, 1, False)
    assert paper(shop, "later").station_id == office.id
    # the old one comes back and tells: the job is its own, and so is its outcome
    own.connect()
    assert jobs.settle_job(station_id=own.id, message=Outcome(job=str(taken.pk), result="unknown"))
    assert station().view(shop.register.pk).unknown == 1
    assert station().view(shop.register.pk).own_is_back


def test_without_her_word_prints_wait_where_they_are(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    waiting = paper(shop, "waiting")
    choose(shop, office.id, brings=False)
    waiting.refresh_from_db()
    assert (waiting.station_id, waiting.state) == (own.id, "queued")
    record = RetailTransaction.objects.get(kind="station")
    assert '"prints":"left there"' in record.document and record.worker_id == shop.manager.pk


def test_a_sale_prints_at_the_station_that_was_chosen(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    choose(shop, office.id)
    till = shop.till()
    assert (till.register.station_id, till.register.has_terminal) == (office.id, True)
    shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    assert {job.station_id for job in DeviceJob.objects.filter(kind="print")} == {office.id}


@pytest.mark.parametrize(
    ("options", "opens"),
    [(None, "own"), ({}, "own"), ({"each_register": True}, "office"), ("tied", "office")],
)
def test_the_money_goes_into_her_own_drawer_never_into_a_neighbours(
    shop: Shop, own: StationOfTest, office: StationOfTest, options: Any, opens: str
) -> None:
    if options is not None:
        with applying_package():
            hq.HardwareDevice.objects.create(
                profile=hq.HardwareStation.objects.get(pk=office.id).hardware_profile,
                name="drawer",
                kind="drawer",
                driver="drawer_printer",
                address="printer:printer",
                options={"register": shop.register.number} if options == "tied" else options,
            )
        new_data_version()
    choose(shop, office.id)
    shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    expected = {"own": own.id, "office": office.id}[opens]
    assert DeviceJob.objects.get(kind="drawer").station_id == expected
    request = uuid4()
    till = shop.till(worker=shop.manager, request=request)
    notice = open_drawer(till=till, request_id=request, reason="Change").notice
    assert ("own station is there" in notice.text) == (opens == "own")
    drawers = DeviceJob.objects.filter(kind="drawer")
    assert {job.station_id for job in drawers} == {expected}
    # one that opens when a station is back a minute later opens beside the next customer, or beside nobody
    assert all(job.expires_at - job.created_at < timedelta(seconds=30) for job in drawers)


def test_scans_of_the_new_station_reach_the_register_until_she_goes_back(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    row = hq.HardwareStation.objects.get(pk=office.id)
    scanner = f"scanner@{shop.register.number}"
    assert scanner not in {device.id for device in profiles.station_profile(row).devices}
    choose(shop, office.id)
    assert scanner in {device.id for device in profiles.station_profile(row).devices}
    TillClient(shop, as_manager=False)  # somebody is signed on
    scan = Event(event_id=str(uuid4()), device=scanner, kind="scan", data={"code": "85123A"})
    assert events.take_event(station=row, message=scan) == ""
    assert [line.article.number for line in shop.till().cart.lines] == ["85123A"]
    own.connect()
    assert "own station again" in choose(shop, own.id)
    assert scanner in {device.id for device in profiles.station_profile(row).devices}  # it may owe an answer
    late = Event(event_id=str(uuid4()), device=scanner, kind="scan", data={"code": "85123A"})
    assert "belongs to no single register" in events.take_event(station=row, message=late)
    assert len(shop.till().cart.lines) == 1
    assert [found.pk for found in registers_at([office.id])[office.id]] == [shop.register.pk]


def test_only_stations_of_her_store_that_are_there(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    office.leave()
    with pytest.raises(StationIsAway):
        choose(shop, office.id)
    stranger = hq.HardwareStation.objects.get(pk=office.id)
    with applying_package():
        other = hq.Store.objects.get(pk=shop.store.pk)
        other.pk, other.number, other.name = None, "77", "Elsewhere"
        other.save()
        hq.HardwareStation.objects.filter(pk=stranger.pk).update(store=other)
    office.connect()
    with pytest.raises(NoSuchStation):
        choose(shop, office.id)
    assert (
        not hq.StationChoice.objects.exists()
        and not RetailTransaction.objects.filter(kind="station").exists()
    )


def test_it_needs_a_permission_and_going_back_does_not(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    with pytest.raises(ApprovalNeeded):
        choose(shop, office.id, worker=shop.cashier)
    assert not hq.StationChoice.objects.exists()
    choose(shop, office.id)
    assert Permission.CHOOSE_STATION not in shop.till().worker.permissions
    choose(shop, own.id, worker=shop.cashier)
    assert shop.till().register.station_id == own.id


def test_the_same_request_again_changes_nothing(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    request = uuid4()
    words = [choose(shop, office.id, request=request) for _ in range(2)]
    assert words[0] == words[1] and RetailTransaction.objects.filter(kind="station").count() == 1
    choose(shop, own.id)
    choose(shop, office.id)  # a second time
    assert [choice.left_at for choice in hq.StationChoice.objects.all()] == [None]


def test_a_payment_is_given_back_by_the_terminal_that_took_it(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    choose(shop, office.id)
    shop.run(ProductSale(code="85123A"))
    charge = shop.run(PayByCard(amount=Decimal("1.00"))).charge
    payment = DeviceJob.objects.get(kind="payment")
    assert (payment.pk, payment.station_id) == (charge.intent, office.id)
    office.approves(payment.pk)
    (tender,) = shop.run(SettleCard(intent=charge.intent)).tenders
    own.connect()
    choose(shop, own.id)
    shop.run(VoidTender(tender=tender.id))
    reversal = DeviceJob.objects.exclude(pk=payment.pk).get(kind="payment")
    assert (reversal.document["do"], reversal.station_id) == ("reverse", office.id)


def test_a_card_is_not_taken_unasked_where_the_chosen_station_has_no_terminal(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    with_device(shop, "terminal", "zvt_network").leave()
    with applying_package():
        hq.HardwareDevice.objects.filter(profile__name="Back office", kind="terminal").delete()
    new_data_version()
    choose(shop, office.id)
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(ChargeAtTerminal):
        shop.run(Pay(method="card"))
    charge = shop.run(PayByCard()).charge
    office.settles(charge.intent, "failed", "The station has no terminal for this register.")
    assert shop.run(SettleCard(intent=charge.intent)).tenders == ()
    assert shop.run(Pay(method="card", stand_alone=True)).sale is not None


def test_a_payment_that_was_not_begun_is_called_back(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    choose(shop, office.id)
    shop.run(ProductSale(code="85123A"))
    charge = shop.run(PayByCard()).charge
    choose(shop, own.id)
    assert DeviceJob.objects.get(pk=charge.intent).state == "cancelled"
    assert shop.till().cart.charge is None and len(shop.till().cart.lines) == 1


def test_headquarters_hears_who_uses_a_station(shop: Shop, own: StationOfTest, office: StationOfTest) -> None:
    choose(shop, office.id)
    found = standings()
    (guest,) = found[office.id].choices
    assert (guest.register, guest.is_guest, guest.used) == (shop.register.number, True, "Back office")
    assert [choice.is_guest for choice in found[own.id].choices] == [False]
    own.connect()
    choose(shop, own.id)
    assert not standings()[office.id].choices


def test_a_test_print_comes_out_at_the_station_it_was_asked_of(
    shop: Shop, own: StationOfTest, office: StationOfTest
) -> None:
    own.connect()
    choose(shop, office.id)
    printer = f"printer@{shop.register.number}"
    for station_id in (own.id, office.id):
        asked = Asked(id=uuid4(), what="test_print", stations=[station_id], by="Olive", device=printer)
        obey(asked)
        job = DeviceJob.objects.get(request_id=asked.id)
        assert (job.station_id, job.device) == (station_id, printer)


def test_the_sheet_and_the_api(shop: Shop, own: StationOfTest, office: StationOfTest) -> None:
    paper(shop, "waiting")
    page = TillClient(shop)
    status = page.get("/status/").content.decode()
    assert "Use another station" in status
    assert (
        '<li class="row row--wraps"><span class="row__name">Receipt printer' in status
    )  # its remedy is read whole
    sheet = page.get("/stations/").content.decode()
    assert "1 print waits at" in sheet and "Back office" in sheet and "Use it" in sheet
    answer = page.post("/stations/", {"station": str(office.id), "brings": "1"}).content.decode()
    assert "uses Back office from now on" in answer
    assert "In place of" in page.get("/status/").content.decode()
    assert page.post("/stations/", {"station": "nonsense"}).status_code == 422
    program = a_till(shop)
    options = program.get("stations/").json()
    assert [(option["is_own"], option["is_used"]) for option in options] == [(True, False), (False, True)]
    back = program.post("stations/", request_id=str(uuid4()), station=own.id)
    assert back.status_code == 200 and back.json()["stations"][0]["is_used"]
