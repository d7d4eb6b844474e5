"""The pages of stations at headquarters: what they show, what their buttons do, and who may press them."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from hardware.agent.protocol import Found, FoundDevice, Hello, Status
from hardware.agent_package import PACKAGE_PATH
from hardware.models import DeviceJob, PairingCode, StationCredential, StationReport, StationStatus
from hardware.services import events, obey, reporting
from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Register
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides
from tests.factories.company import a_user
from tests.hq.test_pages import deepest_form

CONNECTION = UUID("0190aaaa-0000-7000-8000-000000000001")
PRINTER = FoundDevice(address="tcp://10.0.0.9:9100", kind="printer", words="Listens on port 9100.")


@pytest.fixture
def station(sides: Sides, shop: Company) -> HardwareStation:
    """A connected station with a printer, a job in its queue and a printer that it has found."""
    profile = HardwareProfile.objects.create(name="Counter")
    HardwareDevice.objects.create(
        profile=profile, name="printer", kind="printer", driver="escpos_network", address="10.0.0.7:9100"
    )
    made = HardwareStation.objects.create(
        store=shop.near, number="S1", name="Counter", hardware_profile=profile
    )
    register = Register.objects.create(store=shop.near, number="101", name="Till 1", station=made)
    sides.distribute()
    cache.clear()
    with sides.scale_unit():
        events.station_connected(station_id=made.pk, connection_id=CONNECTION)
        hello = Hello(version=1, software="tillhouse-station 1.0.0", journal="j", host="pc-7")
        events.note_hello(station_id=made.pk, message=hello)
        ready = Status(
            device="printer", state="stopped", words="Out of paper. Put in a roll.", flags={"paper": False}
        )
        events.note_status(station_id=made.pk, message=ready)
        events.note_found(station_id=made.pk, message=Found(devices=[PRINTER]))
        DeviceJob.objects.create(
            station_id=made.pk, register_id=register.pk, kind="print", title="Receipt 7", state="acknowledged"
        )
        reporting.report_stations()
    return made


def browser(*groups: str) -> Client:
    client = Client()
    user = a_user(username="-".join(groups) or "boss", groups=list(groups or ("Administrator",)))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(station: HardwareStation, part: str = "change") -> str:
    return f"/hq/hardwarestation/{station.pk}/{part}/"


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def test_the_list_says_in_a_word_how_each_station_is(station: HardwareStation) -> None:
    text = words(browser().get("/hq/hardwarestation/"))
    assert "Paper out" in text and "1 to look at" in text and "1 waiting" in text and "1.0.0" in text


def test_the_page_shows_what_was_heard_and_its_live_part_what_is(
    sides: Sides, station: HardwareStation
) -> None:
    client = browser()
    page = client.get(page_of(station))
    heard = words(page)
    assert "Out of paper. Put in a roll." in heard and "Receipt 7" not in heard
    assert "Search for devices" in heard and deepest_form(page.text) == 1
    with sides.scale_unit():
        ready = Status(device="printer", state="ready", words="Ready.")
        events.note_status(station_id=station.pk, message=ready)
    now = words(client.get(page_of(station, "live")))
    assert "Receipt 7" in now and "With the station" in now and "Ready." in now
    assert "Out of paper" not in now and "10.0.0.9:9100" in now


def test_a_station_that_was_switched_off_is_not_said_to_be_connected(station: HardwareStation) -> None:
    station.is_active = False
    station.save()
    client = browser()
    for part in ("change", "live"):
        text = words(client.get(page_of(station, part)))
        assert "Off It is not in use: its registers print nothing." in text
        assert "Paper out" not in text and "Test print" not in text and "Not known" in text


def test_a_silent_scale_unit_is_said_with_the_age_of_what_is_shown(
    sides: Sides, station: HardwareStation
) -> None:
    StationReport.objects.update(heard_at=timezone.now() - timedelta(minutes=7))

    sides.lines["scale_unit"].fault = lambda request: httpx.Response(
        503, json={"code": "unavailable", "message": "Gone fishing."}
    )
    text = words(browser().get(page_of(station, "live")))
    assert "does not answer: Gone fishing." in text
    assert "This is what was heard 7 min ago" in text
    assert "No news" in text and "printer" in text


def test_a_test_print_is_queued_by_its_button(sides: Sides, station: HardwareStation) -> None:
    asked = {"what": "test_print", "device": "printer"}
    answer = browser().post(page_of(station, "command"), asked, follow=True)
    assert "The test print is on its way" in words(answer)
    assert "Test print" in words(answer)
    with sides.scale_unit():
        assert DeviceJob.objects.filter(title="Test print").count() == 1


NONSENSE = [
    ("a button that is none", "command", {"what": "explode"}, "There is no such button"),
    ("a printer that is none", "command", {"what": "test_print", "device": "x"}, "no receipt printer"),
    ("an address that nobody found", "adopt", {"address": "x", "driver": "escpos_network"}, "has not found"),
    ("no driver", "adopt", {"address": PRINTER.address}, "does not fit"),
]


def test_nonsense_is_answered_with_a_sentence(sides: Sides, station: HardwareStation) -> None:
    client = browser()
    for _case, part, asked, said in NONSENSE:
        assert said in words(client.post(page_of(station, part), asked, follow=True)), _case
    assert HardwareDevice.objects.count() == 1
    with sides.scale_unit():
        assert not DeviceJob.objects.filter(title="Test print").exists()


def test_one_click_adopts_a_device(station: HardwareStation) -> None:
    asked = {"address": PRINTER.address, "driver": "escpos_network", "for": "station"}
    answer = browser().post(page_of(station, "adopt"), asked, follow=True)
    assert "printer-2 is in the profile Counter" in words(answer)
    assert "Found and not in the profile" not in words(answer)
    assert HardwareDevice.objects.get(name="printer-2").address == "10.0.0.9:9100"


def test_restart_and_cutting_off_ask_first(sides: Sides, station: HardwareStation) -> None:
    client = browser()
    for part in ("restart", "cut-off"):
        assert client.get(page_of(station, part)).status_code == 200
    assert not station.commands.exists()
    assert "told to restart" in words(client.post(page_of(station, "restart"), follow=True))
    assert [command.what for command in station.commands.all()] == ["restart"]


def test_a_new_key_is_asked_for_by_its_button_and_told_until_it_is_taken(
    sides: Sides, station: HardwareStation
) -> None:
    boss, path = browser(), page_of(station, "new-key")
    assert "It goes on working" in words(boss.get(path))
    assert "cannot be given a new key. Update it" in words(boss.post(path, follow=True))  # as it is here
    with sides.scale_unit():
        StationStatus.objects.update(takes_keys=True)
        StationCredential.objects.create(station_id=station.pk, key_hash="0" * 64)
    assert "It is given a new key now" in words(boss.post(path, follow=True))
    live = words(boss.get(page_of(station, "live")))
    assert "A new key was asked for just now and is taken in a moment." in live
    assert "key given just now" in live


def test_the_log_is_a_file(sides: Sides, station: HardwareStation, monkeypatch: pytest.MonkeyPatch) -> None:
    def arrive(seconds: float) -> None:  # while the scale unit waits, the station answers
        events.note_log(station_id=station.pk, text="one\ntwo\n")

    monkeypatch.setattr(obey.time, "sleep", arrive)
    answer = browser().post(page_of(station, "log"))
    assert answer["Content-Disposition"].startswith('attachment; filename="station-S1-')
    assert answer.content == b"one\ntwo\n"


def test_a_log_that_does_not_come_is_said(sides: Sides, station: HardwareStation, monkeypatch: Any) -> None:
    monkeypatch.setattr(obey, "LOG_WITHIN_SECONDS", 0.0)
    assert "has not sent its log in time" in words(browser().post(page_of(station, "log"), follow=True))


def test_a_pairing_code_is_shown_large_with_its_link_as_qr_code(
    sides: Sides, station: HardwareStation
) -> None:
    client = browser()
    assert "Make the code" in words(client.get(page_of(station, "pairing")))
    with sides.scale_unit():
        assert not PairingCode.objects.exists()
    text = client.post(page_of(station, "pairing")).text
    code = re.search(r'data-copy="([0-9A-Z]{4}-[0-9A-Z]{4})"', text)
    assert code and f"http://scale-unit.test/#{code[1]}" in text and "<svg" in text
    assert f"pipx install http://scale-unit.test{PACKAGE_PATH}" in text
    with sides.scale_unit():
        assert PairingCode.objects.count() == 1


def test_a_pairing_file_has_one_line_for_each_chosen_station(
    sides: Sides, station: HardwareStation, shop: Company
) -> None:
    HardwareStation.objects.create(
        store=shop.near, number="S9", name="Back room", hardware_profile=station.hardware_profile
    )
    sides.distribute()
    client = browser()
    chosen = [str(pk) for pk in HardwareStation.objects.values_list("pk", flat=True)]
    asked = {"action": "roll_out", "_selected_action": chosen, "select_across": "0", "index": "0"}
    question = client.post("/hq/hardwarestation/", asked, follow=True)
    assert "Back room" in words(question)
    assert "--pair-file pairing-scale-unit-test.txt" in words(question)
    path = question.redirect_chain[-1][0]
    assert "choose one of the times" in words(client.post(path, {"minutes": "7"}))
    file = client.post(path, {"minutes": "1440"})
    assert file["Content-Disposition"] == 'attachment; filename="pairing-scale-unit-test.txt"'
    assert re.fullmatch(
        r"[0-9A-Z]{4}-[0-9A-Z]{4} S1 Counter\n[0-9A-Z]{4}-[0-9A-Z]{4} S9 Back room\n", file.text
    )


def test_stations_of_several_scale_units_come_in_an_archive() -> None:
    from hardware.pages import _pairing_file
    from hardware.services.commands import Code

    codes = [
        Code(HardwareStation(number=number, name="Counter"), "AAAA-BBBB", server, timezone.now())
        for number, server in (("S1", "http://one.test"), ("S2", "http://two.test:8001"))
    ]
    with zipfile.ZipFile(io.BytesIO(_pairing_file(codes).content)) as archive:
        assert archive.namelist() == ["pairing-one-test.txt", "pairing-two-test-8001.txt"]
        assert archive.read("pairing-one-test.txt") == b"AAAA-BBBB S1 Counter\n"


def test_who_may_only_look_sees_no_buttons_and_presses_none(sides: Sides, station: HardwareStation) -> None:
    client = browser("Viewer")
    assert client.get("/hq/hardwarestation/").status_code == 200
    text = words(client.get(page_of(station, "live")))
    assert "Receipt 7" in text
    assert not {"Test print", "Search for devices", "Adopt", "Log"} & set(
        re.findall(r"[A-Z][a-z]+(?: [a-z]+)*", text)
    )
    for part, asked in (
        ("command", {"what": "test_print"}),
        ("log", {}),
        ("adopt", {"address": PRINTER.address, "driver": "escpos_network"}),
        ("pairing", {}),
        ("restart", {}),
        ("cut-off", {}),
    ):
        assert client.post(page_of(station, part), asked).status_code == 403, part
    assert (
        client.post(f"/hq/hardwarestation/roll-out/?stations={station.pk}", {"minutes": "60"}).status_code
        == 403
    )
    assert not station.commands.exists() and HardwareDevice.objects.count() == 1
