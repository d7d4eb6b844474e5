"""What the station's devices do to open pages, and a station that is changed: all of it without a reload."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from channels_app.roles import applying_package
from customers import models as customers
from hardware.agent.protocol import Status
from hardware.models import DeviceJob, StationStatus
from hardware.services import events
from hq import models as hq
from hq.station_events import StationEvent, dispatch
from tests.browser.conftest import Till
from tests.scenarios.store import Shop, new_data_version
from tests.scenarios.terminal import StationOfTest, with_device

STAFF, LOYALTY = "8801001", "700700000017"


def test_from_a_staff_card_to_another_station_and_back(till: Till, shop: Shop) -> None:
    own = with_device(shop, "printer", "escpos_network")
    office = another_station(shop)
    till.activate()
    till.ready()
    till.page.wait_for_selector("form[data-reads]", state="attached")  # it listens
    swipe(shop, number="411111******1111", refused="no")
    expect(till.page.locator(".refusal")).to_contain_text("Payment cards go into the terminal")
    swipe(shop, code=STAFF)
    till.open_shift()
    till.scan("85123A")
    till.lines.first.wait_for()
    till.page.evaluate("window.samePage = true")
    swipe(shop, code=LOYALTY)
    expect(till.page.locator("#cart")).to_contain_text("Vera Lamb")
    own.leave()
    devices = till.page.locator("#devices")
    expect(devices).to_contain_text("The hardware station is away")
    wide = till.page.viewport_size
    till.page.set_viewport_size({"width": 390, "height": 844})
    expect(devices.locator(":visible[data-state]")).to_have_count(1)  # a phone has room for the worst
    till.page.set_viewport_size(wide)
    devices.click()
    till.page.locator("#sheet").get_by_role("link", name="Use another station").click()
    till.page.get_by_role("button", name="Use it").click()
    expect(till.page.locator("#message")).to_contain_text("uses Back office from now on")
    expect(devices).to_contain_text("Back office in place of Counter")
    till.page.get_by_role("button", name="Exact cash").click()
    till.page.get_by_text("Sale complete").wait_for()
    assert {job.station_id for job in DeviceJob.objects.filter(kind="print")} == {office.id}
    own.connect()
    expect(devices).to_contain_text("Go back to it in the status sheet")
    devices.click()
    till.page.locator("#sheet").get_by_role("link", name="Go back to").click()
    till.page.get_by_role("button", name="Go back").click()
    expect(till.page.locator("#message")).to_contain_text("its own station again")
    assert till.page.evaluate("window.samePage")


def test_a_receipt_that_nobody_was_sure_of_is_said_to_be_printed_after_all(till: Till, shop: Shop) -> None:
    station = with_device(shop, "printer", "escpos_network")
    till.start()
    till.scan("85123A")
    till.lines.first.wait_for()
    till.page.get_by_role("button", name="Exact cash").click()
    till.page.get_by_text("Sale complete").wait_for()
    job = DeviceJob.objects.get(kind="print").pk
    station.settles(job, "unknown", "The printer is out of paper.")
    expect(till.page.locator("#message")).to_contain_text("Nobody knows whether")
    station.settles(job, "done", "Printed, after a pause.")
    expect(till.page.locator("#message")).to_contain_text("was printed after all")


@pytest.mark.parametrize("wrong_by", [0, -7])
def test_a_drawer_that_is_left_open_reminds_until_it_is_shut(till: Till, shop: Shop, wrong_by: int) -> None:
    till.page.add_init_script(f"const now = Date.now; Date.now = () => now() + {wrong_by} * 3600e3")
    station = with_device(shop, "drawer", "drawer_printer")

    def is_open(yes: bool) -> None:
        flags = {"open": yes}
        told = Status(device=f"drawer@{shop.register.number}", state="ready", words="Ready.", flags=flags)
        events.note_status(station_id=station.id, message=told)

    till.start()
    is_open(True)
    till.page.locator("#devices [data-open-seconds]").wait_for(state="attached")
    StationStatus.objects.update(devices=opened_long_ago(StationStatus.objects.get().devices))
    till.page.reload()
    expect(till.page.locator("#message")).to_contain_text("still open")
    is_open(False)
    expect(till.page.locator("#message")).not_to_contain_text("still open")


def test_paper_that_was_nearly_out_is_not_asked_for_when_the_roll_is_new(till: Till, shop: Shop) -> None:
    """The words stayed until something was sold, beside a cover that was open by then."""
    station = with_device(shop, "printer", "escpos_network")

    def is_low(yes: bool) -> None:
        state, words = ("attention", "The paper is nearly at its end.") if yes else ("ready", "Ready.")
        told = Status(
            device=f"printer@{shop.register.number}", state=state, words=words, flags={"paper_low": yes}
        )
        events.note_status(station_id=station.id, message=told)

    till.start()
    for _ in range(2):
        is_low(True)
        expect(till.page.locator("#message")).to_contain_text("nearly at its end")
        is_low(False)
        expect(till.page.locator("#message")).to_be_empty()


def test_the_open_status_sheet_follows_the_devices_and_the_prints(till: Till, shop: Shop) -> None:
    station = with_device(shop, "printer", "escpos_network")

    def is_told(state: str, words: str) -> None:
        told = Status(device=f"printer@{shop.register.number}", state=state, words=words)
        events.note_status(station_id=station.id, message=told)

    till.start()
    is_told("ready", "Ready.")
    till.scan("85123A")
    till.lines.first.wait_for()
    till.page.get_by_role("button", name="Exact cash").click()
    till.page.get_by_text("Sale complete").wait_for()
    till.page.locator("#devices").click()
    sheet = till.page.locator("dialog#sheet")
    expect(sheet.locator(".badge").first).to_have_text("Ready")
    is_told("stopped", "The cover is open.")
    expect(sheet).to_contain_text("The cover is open.")
    expect(sheet.locator(".badge").first).to_have_text("Stopped")
    unknown = sheet.locator("dt", has_text="unknown outcome").locator("+ dd")
    job = DeviceJob.objects.get(kind="print").pk
    station.settles(job, "unknown", "The printer is out of paper.")
    expect(unknown).to_have_text("1")
    station.settles(job, "done", "Printed, after a pause.")
    expect(unknown).to_have_text("0")
    expect(sheet.get_by_role("button", name="Copy")).to_be_visible()
    sheet.get_by_label("Close").click()
    expect(sheet).to_have_count(0)


def opened_long_ago(devices: dict) -> dict:
    return {
        name: told | {"since": (timezone.now() - timedelta(seconds=31)).isoformat()}
        for name, told in devices.items()
    }


def another_station(shop: Shop) -> StationOfTest:
    """A second station of the store, and what the cards in this test stand for."""
    with applying_package():
        person = customers.Customer.objects.create(account="C7", name="Vera Lamb", country="GB")
        tier = customers.LoyaltyTier.objects.create(code="M", name="Member")
        customers.LoyaltyCard.objects.create(number=LOYALTY, customer=person, tier=tier)
        shop.manager.set_card(STAFF)
        shop.manager.save()
        hq.FunctionalityProfile.objects.update(staff_card_needs_pin=False)
        profile = hq.HardwareProfile.objects.create(name="Back office")
        hq.HardwareDevice.objects.create(
            profile=profile, name="printer", kind="printer", driver="escpos_network", address="lab"
        )
        row = hq.HardwareStation.objects.create(
            store=shop.store, number="S9", name="Back office", hardware_profile=profile
        )
    new_data_version()
    office = StationOfTest(shop)
    office.id = row.pk
    office.connect()
    return office


def swipe(shop: Shop, **data: str) -> None:
    dispatch(
        StationEvent(
            id=uuid4(),
            kind="card",
            register_id=shop.register.pk,
            station_id=shop.register.station_id,
            device="reader",
            data=data,
        )
    )
