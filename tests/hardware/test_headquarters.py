"""Headquarters and a scale unit, each with its database: what one tells and asks the other about stations."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from channels_app.channel_client import ChannelClient, ChannelRefused
from channels_app.errors import DomainError, Unavailable
from channels_app.identifiers import uuid7
from channels_app.roles import applying_package
from hardware.agent.protocol import Found, FoundDevice, Hello, Status
from hardware.alerts import alerts
from hardware.models import (
    DeviceJob,
    PairingCode,
    StationCommand,
    StationCredential,
    StationOrder,
    StationReport,
    StationStatus,
)
from hardware.services import adoption, commands, events, reporting
from hardware.services.keys import hash_of_key, next_key
from hardware.services.pairing import authenticate, pair_station
from hardware.services.reports import standing_of
from hardware.services.standings import standings
from hq import audit
from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Register, StationChoice, Store
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides
from tests.factories.company import a_user

AWAY = httpx.Response(503, json={"code": "unavailable", "message": "Out for lunch."})


@pytest.fixture
def station(sides: Sides, shop: Company) -> Iterator[HardwareStation]:
    """A station with a printer and one register in the near store, known on both sides."""
    profile = HardwareProfile.objects.create(name="Counter")
    HardwareDevice.objects.create(
        profile=profile, name="printer", kind="printer", driver="escpos_network", address="10.0.0.7:9100"
    )
    made = HardwareStation.objects.create(
        store=shop.near, number="S1", name="Counter", hardware_profile=profile
    )
    Register.objects.create(store=shop.near, number="101", name="Till 1", station=made)
    sides.distribute()
    cache.clear()
    yield made


def connect(sides: Sides, station: HardwareStation, **told: Any) -> None:
    """The station has come and told how it is."""
    with sides.scale_unit():
        events.station_connected(station_id=station.pk, connection_id=uuid4())
        events.note_hello(
            station_id=station.pk,
            message=Hello(version=1, software="tillhouse-station 1", journal="j", host="pc-7"),
        )
        events.note_status(
            station_id=station.pk,
            message=Status(**{"device": "printer", "state": "ready", "words": "Ready."} | told),
        )


def report(sides: Sides) -> int:
    with sides.scale_unit():
        return reporting.report_stations()


def standing(station: HardwareStation) -> Any:
    return standing_of(StationReport.objects.get(station=station))


def somebody(*groups: str) -> Any:
    return a_user(username="ops", groups=list(groups or ("Operations",)))


def test_headquarters_hears_how_a_station_stands_and_only_what_is_news(
    sides: Sides,
    station: HardwareStation,
) -> None:
    assert report(sides) == 1
    assert not standing(station).connected and standing(station).paired_at is None
    connect(sides, station, state="stopped", words="Paper is out. Put in a new roll.", flags={"paper": False})
    assert report(sides) == 1
    told = standing(station)
    assert told.connected and told.host == "pc-7" and told.software == "tillhouse-station 1"
    (printer,) = told.devices
    assert (printer.id, printer.state, printer.address) == ("printer", "stopped", "10.0.0.7:9100")
    line = sides.lines["headquarters"]
    line.requests.clear()
    assert report(sides) == 0 and line.requests == []  # nothing is news: nothing is said
    cache.clear()  # half a minute later it is said that nothing is news
    heard = StationReport.objects.get(station=station).heard_at
    assert report(sides) == 0 and len(line.requests) == 1
    assert StationReport.objects.get(station=station).heard_at > heard


def test_a_report_that_headquarters_lost_is_told_again(
    sides: Sides,
    station: HardwareStation,
) -> None:
    report(sides)
    StationReport.objects.all().delete()
    cache.clear()
    assert report(sides) == 1
    assert StationReport.objects.filter(station=station).exists()


def test_headquarters_being_away_keeps_what_was_heard_and_nothing_breaks(
    sides: Sides,
    station: HardwareStation,
) -> None:
    report(sides)
    connect(sides, station)
    sides.lines["headquarters"].fault = lambda request: AWAY
    assert report(sides) == 0
    assert not standing(station).connected
    sides.lines["headquarters"].fault = None
    assert report(sides) == 1
    assert standing(station).connected


def test_a_scale_unit_cannot_speak_for_the_stations_of_another(
    sides: Sides,
    station: HardwareStation,
    shop: Company,
) -> None:
    far = HardwareStation.objects.create(
        store=shop.far, number="S2", name="Far", hardware_profile=station.hardware_profile
    )
    with sides.scale_unit():
        said = {"digests": {str(far.pk): "x"}, "standings": {str(far.pk): {"connected": True}}}
        answer = reporting.ask_headquarters("POST", "stations/", json=said)
    assert answer.json() == {"want": []}
    assert not StationReport.objects.filter(station=far).exists()


def test_nonsense_instead_of_a_report_is_refused_with_its_place(sides: Sides, station: Any) -> None:
    with sides.scale_unit(), pytest.raises(DomainError, match="digests"):
        reporting.ask_headquarters("POST", "stations/", json={"digests": 7})


def test_the_page_sees_queue_and_history_as_they_are_now(
    sides: Sides,
    station: HardwareStation,
) -> None:
    register = Register.objects.get(number="101")
    with sides.scale_unit():
        for state in ("queued", "unknown", "done", "failed"):
            DeviceJob.objects.create(
                station_id=station.pk, register_id=register.pk, kind="print", title=f"Receipt {state}",
                state=state, finished_at=timezone.now() if state in ("done", "failed") else None,
            )  # fmt: skip
        reprinted = DeviceJob.objects.create(
            station_id=station.pk, register_id=register.pk, kind="print", title="Reprinted", state="unknown"
        )
        DeviceJob.objects.create(
            station_id=station.pk, register_id=register.pk, kind="print", title="Its copy", state="done",
            finished_at=timezone.now(), copy_of=reprinted,
        )  # fmt: skip
    found = commands.look_at(station)
    assert found is not None
    assert {job.title for job in found.queue} == {"Receipt queued", "Receipt unknown"}
    assert len(found.history) == 6 and found.history[0].title == "Its copy"
    assert found.history[0].register == "101"
    now = standing(station)
    assert (now.waiting, now.unknown, now.failed) == (1, 1, 1)


def test_a_silent_scale_unit_is_an_ordinary_answer(sides: Sides, station: HardwareStation) -> None:
    report(sides)
    sides.lines["scale_unit"].fault = lambda request: AWAY
    line = sides.lines["scale_unit"]
    line.requests.clear()
    for _ in range(3):
        with pytest.raises(Unavailable, match="does not answer: Out for lunch"):
            commands.look_at(station)
    assert len(line.requests) == 1  # who has just been silent is not asked again at once
    with pytest.raises(Unavailable):
        commands.command(station=station, what="restart", by=somebody())
    told = StationCommand.objects.get()
    assert told.state == "unavailable" and "Out for lunch" in told.words


def test_a_pairing_code_of_headquarters_pairs_once(sides: Sides, station: HardwareStation) -> None:
    (code,) = commands.pairing_codes(stations=[station], by=somebody(), minutes=60)
    assert code.link == f"{code.server}/#{code.code}"
    assert timedelta(minutes=58) < code.until - timezone.now() <= timedelta(minutes=60)
    with sides.scale_unit():
        paired = pair_station(code=code.code, key_digest="ab" * 32, host="pc", address="10.0.0.1")
        assert paired.pk == station.pk
        assert code.code not in str(list(StationOrder.objects.values()))
    report(sides)
    assert standing(station).paired_at is not None
    assert code.code not in str(list(StationCommand.objects.values()))


def test_a_test_print_names_the_register_only_where_one_prints_here(
    sides: Sides, station: HardwareStation
) -> None:
    connect(sides, station)
    ops = somebody()
    commands.command(station=station, what="test_print", by=ops, device="printer")
    with sides.scale_unit(), applying_package():
        Register.objects.update(station=None)
    commands.command(station=station, what="test_print", by=ops, device="printer")
    with sides.scale_unit():
        pages = DeviceJob.objects.filter(title="Test print").order_by("created_at")
        said = [[block.get("left") for block in page.document["blocks"]] for page in pages]
    assert ["Register" in lefts for lefts in said] == [True, False]


def test_an_order_that_is_overheard_and_sent_again_does_nothing_more(
    sides: Sides,
    station: HardwareStation,
) -> None:
    connect(sides, station)
    line = sides.lines["scale_unit"]
    commands.command(station=station, what="test_print", by=somebody(), device="printer")
    again = line.handle_request(line.requests[-1])
    assert again.status_code == 200
    with sides.scale_unit():
        assert DeviceJob.objects.filter(title="Test print").count() == 1
    commands.pairing_codes(stations=[station], by=somebody_else())
    again = line.handle_request(line.requests[-1])
    assert again.status_code == 409 and again.json()["code"] == "order_given_before"
    with sides.scale_unit():
        assert PairingCode.objects.count() == 1


def somebody_else() -> Any:
    return a_user(username="second", groups=["Operations"])


def test_a_test_print_says_who_asked_and_comes_out_soon_or_never(
    sides: Sides,
    station: HardwareStation,
) -> None:
    connect(sides, station)
    commands.command(station=station, what="test_print", by=somebody(), device="printer")
    with sides.scale_unit():
        job = DeviceJob.objects.get()
        assert job.device == "printer" and job.register.number == "101"
        assert job.expires_at - job.created_at < timedelta(minutes=3)
        assert {"kind": "pair", "left": "Asked by", "right": "ops"} in job.document["blocks"]


NOT_DONE = [
    ("a printer that is none", "test_print", "scale", "no receipt printer that is named scale"),
    ("a station that is away", "restart", "", "not connected"),
    ("the same for its log", "log", "", "not connected"),
    ("the same for a search", "discover", "", "not connected"),
    ("the same for paper", "test_print", "printer", "not connected"),
]


def test_what_cannot_be_done_is_said_and_kept(sides: Sides, station: HardwareStation) -> None:
    ops = somebody()
    for _case, what, device, refusal in NOT_DONE:
        with pytest.raises(DomainError, match=refusal):
            commands.command(station=station, what=what, by=ops, device=device)
        kept = StationCommand.objects.order_by("-pk").first()
        assert kept is not None and refusal in kept.words and kept.state != "done", _case
    with sides.scale_unit():
        assert not DeviceJob.objects.exists() and not StationOrder.objects.exists()


def test_a_station_that_no_package_has_brought_yet_is_said_to_be_unknown(
    sides: Sides,
    station: HardwareStation,
    shop: Company,
) -> None:
    fresh = HardwareStation.objects.create(
        store=shop.near, number="S9", name="New", hardware_profile=station.hardware_profile
    )
    with pytest.raises(ChannelRefused, match="next package"):
        commands.pairing_codes(stations=[fresh], by=somebody())
    assert commands.look_at(fresh) is None


def test_a_station_of_a_store_without_scale_unit_says_what_is_missing(
    sides: Sides,
    station: HardwareStation,
    shop: Company,
) -> None:
    far = HardwareStation.objects.create(
        store=shop.far, number="S2", name="Far", hardware_profile=station.hardware_profile
    )
    with pytest.raises(DomainError, match="no channel database"):
        commands.pairing_codes(stations=[station, far], by=somebody())
    assert not StationCommand.objects.exists()
    with sides.scale_unit():
        assert not PairingCode.objects.exists()


def test_only_who_may_change_stations_gives_orders_and_the_trail_says_who(
    sides: Sides,
    station: HardwareStation,
) -> None:
    with pytest.raises(PermissionDenied):
        commands.command(station=station, what="revoke", by=somebody("Viewer"))
    assert not StationCommand.objects.exists()
    boss = somebody_else()
    commands.command(station=station, what="revoke", by=boss)
    entry = audit.entries(limit=1)[0]
    assert (entry.verb, entry.name, entry.by) == ("Asked for", "Cut off · Counter", boss)


def test_cutting_off_takes_the_key(sides: Sides, station: HardwareStation) -> None:
    with sides.scale_unit():
        StationCredential.objects.create(station=station, key_hash="x" * 64)
    commands.command(station=station, what="revoke", by=somebody())
    with sides.scale_unit():
        assert StationCredential.objects.get().revoked_at is not None


def test_a_stranger_cannot_give_orders(sides: Sides, station: HardwareStation) -> None:
    said = {"id": str(uuid7()), "what": "code", "stations": [station.pk], "by": "nobody"}
    client = httpx.Client(transport=sides.lines["scale_unit"])
    for headers in ({}, {"Authorization": "Signed AAAA"}):
        answer = client.post("http://unit.test/exchange/station-order/", json=said, headers=headers)
        assert answer.status_code == 401
    with sides.scale_unit():
        assert not PairingCode.objects.exists()


def test_an_order_that_is_none_is_refused(sides: Sides, station: HardwareStation) -> None:
    whole = {"id": str(uuid7()), "what": "code", "stations": [station.pk], "by": "ada"}
    for broken in ({}, whole | {"id": "x"}, whole | {"what": "dance"}, whole | {"stations": "all"}):
        with pytest.raises(ChannelRefused, match="cannot be read"):
            ChannelClient(commands.scale_unit_of(station)).order("station-order", broken, seconds=5.0)
    with sides.scale_unit():
        assert not PairingCode.objects.exists()


# adoption


def find(sides: Sides, station: HardwareStation, *devices: FoundDevice) -> None:
    connect(sides, station)
    with sides.scale_unit():
        events.note_found(station_id=station.pk, message=Found(devices=list(devices)))
    report(sides)


NEW = FoundDevice(address="tcp://10.0.0.9:9100", kind="printer", words="Listens on port 9100.")
OLD = FoundDevice(address="tcp://10.0.0.7:9100", kind="printer", words="Listens on port 9100.")


def test_one_click_makes_a_found_device_a_row_that_travels_in_the_next_package(
    sides: Sides,
    station: HardwareStation,
) -> None:
    find(sides, station, NEW, OLD)
    assert standing(station).found == [NEW]  # the other one is in the profile already
    row = adoption.adopt(station=station, address=NEW.address, driver="escpos_network", by=somebody())
    again = adoption.adopt(station=station, address=NEW.address, driver="escpos_network", by=somebody_else())
    assert row == again and (row.name, row.kind, row.address) == ("printer-2", "printer", "10.0.0.9:9100")
    assert adoption.not_adopted(station, [NEW, OLD]) == []
    sides.distribute("1090")
    report(sides)
    assert [(device.id, device.title) for device in standing(station).devices] == [
        ("printer", "Receipt printer"),
        ("printer-2", "Receipt printer 2"),
    ]
    assert standing(station).found == []


def test_a_profile_that_others_share_is_copied_for_the_station_unless_all_are_meant(
    sides: Sides,
    station: HardwareStation,
    shop: Company,
) -> None:
    other = HardwareStation.objects.create(
        store=shop.far, number="S2", name="Far", hardware_profile=station.hardware_profile
    )
    find(sides, station, NEW)
    adoption.adopt(station=station, address=NEW.address, driver="escpos_network", by=somebody())
    station.refresh_from_db()
    assert station.hardware_profile.name == "Counter, S1"
    assert station.hardware_profile.devices.count() == 2
    assert other.hardware_profile.devices.count() == 1
    scanner = FoundDevice(address="serial:/dev/ttyUSB0", kind="scanner", words="A serial port.")
    find(sides, other, scanner)  # nobody reports it: another scale unit's
    find(sides, station, scanner)
    HardwareStation.objects.filter(pk=other.pk).update(hardware_profile=station.hardware_profile)
    adoption.adopt(
        station=station,
        address=scanner.address,
        driver="scanner_serial",
        by=somebody_else(),
        for_all=True,
        register="101",
    )
    other.refresh_from_db()
    row = other.hardware_profile.devices.get(name="scanner")
    assert (row.address, row.options) == ("/dev/ttyUSB0", {"register": "101"})


NOT_ADOPTED = [
    ("an address that nobody found", {"address": "tcp://10.0.0.66:9100"}, "has not found"),
    ("a driver that does not fit", {"driver": "scale_nci"}, "does not fit"),
    ("another station's register", {"register": "999"}, "does not use Counter"),
    ("a scanner for nobody", {"address": "serial:/dev/ttyS0", "driver": "scanner_serial"}, "Say which"),
]


def test_what_cannot_be_adopted_changes_nothing(sides: Sides, station: HardwareStation) -> None:
    Register.objects.create(store=station.store, number="102", name="Till 2", station=station)
    find(
        sides, station, NEW, FoundDevice(address="serial:/dev/ttyS0", kind="scanner", words="A serial port.")
    )
    ops, viewer = somebody(), a_user(username="v", groups=["Viewer"])
    for _case, changes, refusal in NOT_ADOPTED:
        with pytest.raises(DomainError, match=refusal):
            adoption.adopt(
                station=station, by=ops, **{"address": NEW.address, "driver": "escpos_network"} | changes
            )
    with pytest.raises(PermissionDenied):
        adoption.adopt(station=station, address=NEW.address, driver="escpos_network", by=viewer)
    assert HardwareDevice.objects.count() == 1


def test_reading_many_stations_costs_no_more_queries_than_one(
    sides: Sides,
    station: HardwareStation,
    django_assert_num_queries: Any,
) -> None:
    for number in range(12):
        made = HardwareStation.objects.create(
            store=station.store, number=f"T{number}", name="More", hardware_profile=station.hardware_profile
        )
        StationStatus.objects.create(station=made)
    with django_assert_num_queries(9):
        assert len(standings()) == 13


def test_what_two_stations_of_a_store_drive_is_told(sides: Sides, station: HardwareStation) -> None:
    """Two stations that asked one terminal took each other's payments for their own, and nobody was told."""
    first, second = (
        desk(
            station.store,
            number,
            printer=("escpos_network", "10.0.0.7:9100"),
            scanner=("scanner_serial", "/dev/ttyUSB0"),
            terminal=("zvt_network", f"{scheme}10.0.0.8:20007"),
            reader=("reader_serial", "socket://127.0.0.1:4001"),
        )
        for number, scheme in (("A", ""), ("B", "tcp://"))
    )
    StationStatus.objects.create(station=second, connection=uuid4(), seen_at=timezone.now())
    HardwareDevice.objects.filter(profile=station.hardware_profile).delete()
    told = {device.id: device.also for device in standings(first.pk)[first.pk].devices}
    assert told == {"printer": "Desk B", "terminal": "Desk B", "scanner": "", "reader": ""}
    shared = standings(second.pk)[second.pk]
    assert shared.devices == standings()[second.pk].devices
    (alert,) = alerts(shared, timezone.now())
    assert "Desk A drives the same device" in alert.sentence and not shared.is_calm
    HardwareDevice.objects.filter(kind="terminal").delete()
    calm = standings()[second.pk]
    assert calm.is_calm and not alerts(calm, timezone.now())


def desk(store: Store, number: str, **devices: tuple[str, str]) -> HardwareStation:
    """A station whose devices have these drivers and addresses."""
    profile = HardwareProfile.objects.create(name=f"Desk {number}")
    for kind, (driver, address) in devices.items():
        HardwareDevice.objects.create(profile=profile, name=kind, kind=kind, driver=driver, address=address)
    return HardwareStation.objects.create(
        store=store, number=number, name=f"Desk {number}", hardware_profile=profile
    )


def test_what_goes_with_a_register_to_another_station_is_not_called_shared(
    sides: Sides, station: HardwareStation
) -> None:
    HardwareDevice.objects.create(
        profile=station.hardware_profile, name="terminal", kind="terminal", driver="zvt_network",
        address="terminal-{register}.shop:20007", options={"each_register": True},
    )  # fmt: skip
    other = desk(station.store, "B")
    other.hardware_profile = station.hardware_profile
    other.save()
    sides.distribute()
    with sides.scale_unit():
        register = Register.objects.get(number="101")
        StationChoice.objects.create(register=register, station=other, chosen_at=timezone.now())
        devices = [
            device for one in standings().values() for device in one.devices if device.kind == "terminal"
        ]
    assert len(devices) == 2 and not any(device.also for device in devices)


def test_headquarters_asks_for_a_new_key_and_sees_until_it_is_taken(
    sides: Sides,
    station: HardwareStation,
) -> None:
    ops = somebody()
    with pytest.raises(ChannelRefused, match="pair it with a pairing code"):
        commands.command(station=station, what="new_key", by=ops)
    with sides.scale_unit():
        StationCredential.objects.create(station=station, key_hash=hash_of_key("first"))
    commands.command(station=station, what="new_key", by=ops)
    report(sides)
    assert standing(station).key_asked_at is not None
    with sides.scale_unit():
        fresh = next_key(station_id=station.pk, key="first")
        assert authenticate(station_id=station.pk, key=fresh) is not None
    report(sides)
    told = standing(station)
    assert told.key_asked_at is None and told.paired_at is not None
    asked = StationCommand.objects.filter(station=station, what="new_key").order_by("asked_at")
    assert [command.state for command in asked] == ["refused", "done"]
