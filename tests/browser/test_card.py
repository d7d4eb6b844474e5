"""Card payments as the cashier meets them: plain words at each step, whatever happens to page, tab or station."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from playwright.sync_api import expect

from hardware.agent.drivers.scale import WORDS
from hardware.agent.protocol import Reading, Status
from hardware.models import DeviceJob
from hardware.services import events
from pos import station as till_station
from pos.models import RetailTransaction
from pos.services.card import tend_card_payments
from tests.browser.conftest import Till
from tests.hardware.lab_bench import until
from tests.scenarios.store import Shop
from tests.scenarios.terminal import StationOfTest, with_device, with_terminal


@pytest.fixture
def station(shop: Shop) -> StationOfTest:
    return with_terminal(shop)


@pytest.fixture
def paying(station: StationOfTest, selling: Till) -> Till:
    """One article in the cart, and the card key pressed."""
    selling.scan("5010000000000")
    expect(selling.lines).to_have_count(1)
    selling.page.get_by_role("button", name="Card", exact=True).click()
    expect(work(selling)).to_contain_text("Waking the card terminal")
    return selling


def work(till: Till) -> Any:
    return till.page.locator("#card-work")


def intent(station: StationOfTest) -> UUID:
    return until(station.payments)[-1].pk


def sales() -> int:
    return RetailTransaction.objects.filter(kind="sale").count()


def test_from_the_key_to_the_receipt(paying: Till, station: StationOfTest) -> None:
    expect(work(paying)).to_contain_text("£2.95")
    station.says(intent(station), "Insert or tap the card.")
    expect(work(paying)).to_contain_text("Insert or tap the card.")
    paying.scan("5000128104517")
    expect(paying.page.locator("#message")).to_contain_text("card terminal is at work")
    expect(paying.lines).to_have_count(1)
    station.says(intent(station), "Please wait.")
    expect(work(paying)).to_contain_text("Please wait.")
    station.approves(intent(station))
    expect(paying.page.locator("#panel")).to_contain_text("Sale complete")
    expect(paying.lines).to_have_count(0)
    assert sales() == 1
    paying.scan("5000128104517")  # the next scan starts the next sale
    expect(paying.lines).to_have_count(1)


def test_declined_and_paid_in_cash(paying: Till, station: StationOfTest) -> None:
    station.settles(intent(station), "failed", "Declined: no credit.")
    expect(paying.page.locator("#message")).to_contain_text("Not charged. Declined: no credit.")
    paying.page.get_by_role("button", name="£2.95 Exact", exact=True).click()
    expect(paying.page.locator("#panel")).to_contain_text("Sale complete")
    assert sales() == 1


def test_cancelled_while_it_waits(paying: Till, station: StationOfTest) -> None:
    station.says(intent(station), "Insert or tap the card.")
    expect(work(paying)).to_contain_text("Insert")
    paying.page.get_by_role("button", name="Cancel", exact=True).click()
    expect(work(paying)).to_contain_text("Cancelling at the terminal")
    until(lambda: DeviceJob.objects.get(pk=intent(station)).cancel_asked)
    station.settles(intent(station), "cancelled", "Cancelled at the terminal.")
    expect(paying.page.locator("#message")).to_contain_text("The card was not charged")
    expect(paying.page.locator("#panel-title")).to_have_text("Payment")


def test_a_reload_and_a_second_tab_see_the_same_payment(paying: Till, station: StationOfTest) -> None:
    station.says(intent(station), "Insert or tap the card.")
    paying.page.reload()
    paying.ready()
    expect(work(paying)).to_contain_text("Insert or tap the card.")
    other = Till(paying.page.context.new_page(), paying.address, paying.shop)
    other.page.goto(f"{paying.address}/")
    other.ready()
    expect(work(other)).to_contain_text("Insert or tap the card.")
    assert len(station.payments()) == 1
    station.approves(intent(station))
    for till in (paying, other):
        expect(till.page.locator("#panel")).to_contain_text("Sale complete")
        expect(till.lines).to_have_count(0)
    assert sales() == 1


def test_the_station_goes_in_mid_payment_and_comes_back(paying: Till, station: StationOfTest) -> None:
    station.says(intent(station), "Insert or tap the card.")
    expect(work(paying)).to_contain_text("Insert")
    station.leave()
    expect(work(paying)).to_contain_text("The hardware station is away")
    expect(paying.page.get_by_role("button", name="Pay another way")).to_be_visible()
    station.connect()
    station.approves(intent(station))
    expect(paying.page.locator("#panel")).to_contain_text("Sale complete")
    assert sales() == 1


def test_a_web_process_that_died_with_the_answer(paying: Till, station: StationOfTest) -> None:
    with patch.object(till_station, "payment_changed"):
        station.approves(intent(station))
    expect(work(paying)).to_be_visible()
    tend_card_payments()
    expect(paying.page.locator("#panel")).to_contain_text("Sale complete")
    assert sales() == 1


def test_a_removed_card_payment_is_given_back(selling: Till, station: StationOfTest) -> None:
    selling.scan("5010000000000")
    expect(selling.lines).to_have_count(1)
    selling.page.keyboard.press("F10")
    selling.page.get_by_label("Amount, or empty").fill("1.00")
    selling.page.locator("#panel").get_by_role("button", name="Card", exact=True).click()
    expect(work(selling)).to_contain_text("£1.00")
    station.approves(intent(station))
    expect(selling.page.locator("#panel")).to_contain_text("402000******1234")
    selling.page.get_by_role("button", name="Remove Card £1.00").click()
    expect(selling.page.locator("#panel-title")).to_have_text("Giving back to the card")
    until(lambda: len(station.payments()) == 2)
    station.settles(intent(station), "done", "Approved.")
    expect(selling.page.locator("#panel-title")).to_have_text("Payment")
    expect(selling.page.locator("#message")).to_contain_text("given back")
    expect(selling.page.locator("#panel")).not_to_contain_text("402000******1234")


# -- the scale


@pytest.fixture
def scale(shop: Shop) -> Iterator[StationOfTest]:
    station = with_device(shop, "scale", "scale_8217")
    events.note_status(
        station_id=station.id,
        message=Status(device=f"scale@{shop.register.number}", state="ready", words="Ready."),
    )
    yield station


def shows(station: StationOfTest, state: str, weight: str = "", unit: str = "kg") -> None:
    """The scale shows this to whoever watches it."""
    job = until(lambda: DeviceJob.objects.filter(kind="weigh").order_by("-created_at").first())
    data = {"state": state, "words": WORDS[state], "net": False}
    if weight:
        data |= {"weight": weight, "unit": unit}
    events.note_reading(station_id=station.id, message=Reading(job=str(job.pk), data=data))


def test_a_weight_is_shown_as_it_changes_and_taken_with_one_tap(scale: StationOfTest, selling: Till) -> None:
    selling.page.get_by_role("button", name="Bananas").click()
    sheet = selling.page.locator("dialog#sheet")
    add = sheet.locator("[data-add]")
    expect(sheet).to_contain_text("£1.20/kg")
    expect(add).to_be_disabled()
    until(lambda: DeviceJob.objects.filter(kind="weigh", document__price=120).exists())
    for state, words in WORDS.items():
        if state != "stable":
            shows(scale, state)
            expect(sheet.locator("[data-words]")).to_have_text(words)
            expect(add).to_be_disabled()
    shows(scale, "stable", "1.00", "lb")
    expect(sheet.locator("[data-words]")).to_contain_text("weighs in lb, and this is sold by kg")
    expect(add).to_be_disabled()
    shows(scale, "stable", "0.452")
    expect(add).to_have_text("Add 0.452 kg")
    sheet.get_by_label("Tare").fill("0.020")
    expect(add).to_have_text("Add 0.432 kg")
    expect(sheet).to_contain_text("£0.52 at £1.20/kg")
    add.click()
    expect(selling.lines).to_have_count(1)
    expect(selling.lines.first).to_contain_text("0.432")
    expect(selling.page.locator("dialog#sheet")).to_have_count(0)
    until(lambda: DeviceJob.objects.filter(kind="weigh", state="cancelled").exists())


def test_a_scale_that_is_not_there_leaves_the_hand(
    scale: StationOfTest, make_till: Callable[..., Till]
) -> None:
    till = make_till()
    till.start()
    scale.leave()
    till.page.get_by_role("button", name="Bananas").click()
    sheet = till.page.locator("dialog#sheet")
    expect(sheet.locator("[data-words]")).to_contain_text("scale cannot be reached")
    scale.connect()  # it is watched as soon as it is back
    shows(scale, "moving")
    expect(sheet.locator("[data-words]")).to_have_text(WORDS["moving"])
    sheet.get_by_label("Weight in kg").fill("0.5")
    sheet.get_by_role("button", name="Add to the sale").click()
    expect(till.lines).to_have_count(1)
