"""A station by the page: a new one's number and store are proposed, and one that tills use is not deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from hq.models import HardwareProfile, HardwareStation, Register
from tests.factories.company import a_register, a_station, a_store, a_user

ADD = "/hq/hardwarestation/add/"


@pytest.fixture
def client(headquarters: Any, db: Any) -> Client:
    browser = Client()
    browser.force_login(a_user(groups=["Administrator"]))
    return browser


def initial(client: Client) -> dict[str, Any]:
    return client.get(ADD).context["adminform"].form.initial


def test_the_only_store_and_the_next_number_are_proposed(client: Client) -> None:
    register = a_register()
    assert initial(client) == {"number": "S01", "store": register.store_id}
    a_station(register.store, number="S01")
    assert initial(client)["number"] == "S02"
    a_store()
    assert "store" not in initial(client)


def test_a_store_s_first_station_has_devices_of_its_own_and_its_tills_print_there(client: Client) -> None:
    register = a_register()
    other = a_register(register.store, is_active=False)
    elsewhere = a_register()
    asked = {"store": register.store_id, "name": "Counter", "number": "S01", "is_active": "on"}
    answer = client.post(ADD, asked, follow=True)
    station = HardwareStation.objects.get()
    assert f"{register.name} will print there." in answer.text
    assert str(station.hardware_profile) == f"{register.store.name}: Counter"
    assert not station.hardware_profile.devices.exists()
    printing = {found.pk: found.station_id for found in Register.objects.all()}
    assert printing == {register.pk: station.pk, other.pk: None, elsewhere.pk: None}


def test_a_second_station_takes_no_till_and_a_taken_name_no_profile(client: Client) -> None:
    register = a_register()
    first = a_station(register.store)
    taken = HardwareProfile.objects.create(name=f"{register.store.name}: Counter")
    asked = {"store": register.store_id, "name": "Counter", "number": "S09", "is_active": "on"}
    client.post(ADD, asked)
    station = HardwareStation.objects.exclude(pk=first.pk).get()
    assert str(station.hardware_profile) == f"{register.store.name}: Counter 2" != str(taken)
    register.refresh_from_db()
    assert register.station is None


def test_an_existing_station_keeps_a_profile(client: Client) -> None:
    station = a_station(a_register().store)
    asked = {"store": station.store_id, "name": "Desk", "number": station.number, "is_active": "on"}
    answer = client.post(f"/hq/hardwarestation/{station.pk}/change/", {**asked, "hardware_profile": ""})
    assert "Choose a hardware profile." in answer.text


def test_a_station_that_registers_use_stays_and_says_which_and_what_to_do(client: Client) -> None:
    register = a_register()
    used, other = a_station(register.store, name="Counter"), a_station(register.store, name="Desk")
    Register.objects.filter(pk=register.pk).update(station=used)
    page = client.post(f"/hq/hardwarestation/{used.pk}/delete/", {"post": "yes"})
    marked = {"action": "delete_selected", "_selected_action": [used.pk, other.pk], "post": "yes"}
    several = client.post("/hq/hardwarestation/", marked)
    for answer, words in ((page, "Counter is not deleted"), (several, "These stations are not deleted")):
        said = " ".join(strip_tags(answer.text).split())
        assert f"{words}: 1 register prints there Choose another station, or none" in said, said
        assert f'href="/hq/register/{register.pk}/change/">{register}</a>' in answer.text
        assert "protected related objects" not in said
    assert HardwareStation.objects.count() == 2
    Register.objects.update(station=None)
    client.post("/hq/hardwarestation/", marked)
    assert not HardwareStation.objects.exists()
