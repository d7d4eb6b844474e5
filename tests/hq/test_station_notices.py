"""What headquarters' home page says of hardware stations: those that need somebody, and no others."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from hardware.models import StationReport
from hardware.panels import MOST_STATIONS
from hardware.services.reports import keep_standing
from hardware.standing import DeviceStanding, Standing
from hq.models import HardwareStation
from tests.factories.company import a_placement, a_station, a_store

AGO = timedelta(hours=2)
NOW = timedelta()
PAPERLESS = DeviceStanding(
    id="printer", kind="printer", title="Receipt printer", address="", state="stopped", words="Put in a roll.",
    flags={"paper": False},
)  # fmt: skip

SILENT = DeviceStanding(
    id="printer", kind="printer", title="Receipt printer", address="", state="silent", words="It does not answer.",
    flags={"paper": False, "online": False},
)  # fmt: skip


@pytest.fixture
def station() -> HardwareStation:
    return a_station_in(name="Quay", number="S1")


def a_station_in(*, name: str, number: str) -> HardwareStation:
    store = a_store(name=name)
    a_placement(store)
    return a_station(store, number=number)


def heard(station: HardwareStation, **standing: Any) -> None:
    """Its scale unit has just told this; periods stand for moments so long ago."""
    now = timezone.now()
    told = {name: now - value if isinstance(value, timedelta) else value for name, value in standing.items()}
    database = station.store.placement.channel_database
    keep_standing(station.pk, Standing(**told), database=database, at=now)


def home(client: Client) -> str:
    return re.sub(r"\s+", " ", strip_tags(client.get("/").text))


@pytest.mark.parametrize(
    ("_case", "standing", "said"),
    [
        ("no paper", {"connected": True, "devices": [PAPERLESS]}, "paper out Open: Quay, Counter Quay, Counter"),
        ("a silent printer", {"connected": True, "devices": [SILENT]}, "receipt printer: silent Open: Quay, Counter"),
        ("an unknown outcome", {"connected": True, "unknown": 2}, "whether 2 jobs came out"),
        (
            "a payment that nobody knows of",
            {"connected": True, "unknown": 1, "unknown_payments": 1},
            "whether 1 card payment went through",
        ),
        ("away", {"paired_at": AGO, "seen_at": AGO, "waiting": 1}, "Last seen 2 h ago. 1 job waits for it."),
        ("never paired", {}, "not paired Open: Quay, Counter"),
        ("a queue that stands still", {"connected": True, "waiting": 3, "oldest_waiting_at": AGO}, "3 jobs not done"),
    ],
)  # fmt: skip
def test_a_station_that_needs_somebody_is_named(
    back_office: Client, station: HardwareStation, _case: str, standing: dict, said: str
) -> None:
    heard(station, **standing)
    assert said in home(back_office)


@pytest.mark.parametrize(
    ("_case", "standing"),
    [
        ("well", {"connected": True}),
        ("restarting", {"paired_at": AGO, "seen_at": NOW}),
        ("a job that was just asked for", {"connected": True, "waiting": 1, "oldest_waiting_at": NOW}),
    ],
)
def test_a_station_that_is_well_is_not(
    back_office: Client, station: HardwareStation, _case: str, standing: dict
) -> None:
    heard(station, **standing)
    assert "Quay, Counter" not in home(back_office)


def test_of_stations_that_nobody_tells_of_or_that_are_off_nothing_is_said(
    back_office: Client, station: HardwareStation
) -> None:
    heard(station, paired_at=AGO, seen_at=AGO)
    StationReport.objects.update(heard_at=timezone.now() - AGO)
    assert "Quay, Counter" not in home(back_office)
    heard(station, paired_at=AGO, seen_at=AGO)
    assert "Quay, Counter" in home(back_office)
    HardwareStation.objects.update(is_active=False)
    assert "Quay, Counter" not in home(back_office)


def test_a_report_of_another_release_does_not_break_the_page(
    back_office: Client, station: HardwareStation
) -> None:
    heard(station, connected=True)
    StationReport.objects.update(standing={"connected": "perhaps"})
    assert "One of the checks could not be made" not in home(back_office)
    page = re.sub(r"\s+", " ", strip_tags(back_office.get("/hq/hardwarestation/").text))
    assert "Not heard of" in page


def test_many_stations_in_trouble_are_counted_and_cost_no_more_queries(back_office: Client) -> None:
    def queries() -> int:
        home(back_office)
        with CaptureQueriesContext(connection) as captured:
            home(back_office)
        return len(captured)

    heard(a_station_in(name="First", number="X0"))
    few = queries()
    for number in range(1, MOST_STATIONS + 3):
        heard(a_station_in(name=f"Store {number}", number=f"X{number}"))
    assert queries() <= few
    assert "3 more stations need somebody" in home(back_office)


def test_the_list_can_be_cut_down_to_those_that_need_somebody(back_office: Client) -> None:
    well, away, new = (a_station_in(name=name, number=name) for name in ("Well", "Away", "New"))
    heard(well, connected=True, devices=[])
    heard(away, paired_at=AGO, seen_at=AGO)
    assert new.pk
    shown = {}
    for choice in ("no", "yes"):
        page = back_office.get("/hq/hardwarestation/", {"calm": choice})
        shown[choice] = {row.number for row in page.context["cl"].result_list}
    assert shown == {"no": {"Away", "New"}, "yes": {"Well"}}
