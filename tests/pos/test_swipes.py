"""Magnetic cards at the till: loyalty cards on the sale, staff cards at sign-on, payment cards nowhere."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from channels_app.roles import applying_package
from customers import models as customers
from hardware.agent.drivers.reader import read_swipe
from hardware.agent.protocol import Event
from hardware.models import StationEvent
from hardware.services import events
from hq import models as hq
from pos.models import CardSwipe, SignOn
from pos.operations.product_sale import ProductSale
from pos.pages import push
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import sign_off
from pos.services.staff_card import GOOD_FOR
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.terminal import with_device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
PAYMENT = "4111111111111111"
STAFF = "8801001"


@pytest.fixture
def shop() -> Shop:
    shop = a_shop()
    with_device(shop, "reader", "reader_serial")
    with applying_package():
        person = customers.Customer.objects.create(account="C7", name="Vera Lamb", country="GB")
        tier = customers.LoyaltyTier.objects.create(code="M", name="Member")
        customers.LoyaltyCard.objects.create(number="700700000017", customer=person, tier=tier)
        shop.cashier.set_card(STAFF)
        shop.cashier.save()
        hq.FunctionalityProfile.objects.update(staff_card_needs_pin=False)
    new_data_version()
    return shop


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is rung on open pages."""
    rung: list[dict[str, Any]] = []
    monkeypatch.setattr("pos.services.announce.ring", lambda group, message: rung.append(dict(message)))
    return rung


def swipe(shop: Shop, tracks: str) -> UUID:
    """Swipe a card at the register's reader, as its driver tells it."""
    event_id = uuid4()
    station = hq.HardwareStation.objects.get(pk=shop.register.station_id)
    message = Event(
        event_id=str(event_id), device=f"reader@{shop.register.number}", kind="card", data=read_swipe(tracks)
    )
    events.take_event(station=station, message=message)
    return event_id


def shown(told: list[dict[str, Any]]) -> dict[str, Any]:
    return json.loads(told[-1]["snapshot"])


def test_a_loyalty_card_puts_its_customer_on_the_sale(shop: Shop, told: list) -> None:
    TillClient(shop)
    swipe(shop, ";700700000017?")
    assert shop.till().cart.head.customer_account == "C7"
    assert shown(told)["notice"]["text"].startswith("Loyalty card of Vera Lamb")


def test_a_customer_who_comes_onto_the_sale_brings_the_whole_cart_to_the_page(shop: Shop, told: list) -> None:
    page = TillClient(shop)
    shop.run(ProductSale(code="85123A"))
    swipe(shop, ";700700000017?")
    message = push.cart_changed(push.signed_on(page.device, page.worker), told[-1]["snapshot"])
    assert 'id="cart"' in message["whole"] and "Vera Lamb" in message["whole"]


def test_who_is_signed_on_needs_no_card(shop: Shop, told: list) -> None:
    TillClient(shop, as_manager=False)
    swipe(shop, f";{STAFF}?")
    assert "is signed on already" in shown(told)["notice"]["text"]


def test_a_payment_card_is_refused_and_nothing_of_it_is_kept(shop: Shop, told: list) -> None:
    TillClient(shop)
    swipe(shop, f"%B{PAYMENT}^LAMB/VERA^29122011234567890?;{PAYMENT}=29122011234567890?")
    assert shown(told)["notice"]["text"].startswith("Payment cards go into the terminal.")
    assert shop.till().cart.head.customer_account == ""
    (event,) = StationEvent.objects.all()
    kept = json.dumps(event.data) + json.dumps(told)
    assert event.data["number"] == "411111******1111" and PAYMENT not in kept and "LAMB" not in kept


@pytest.mark.parametrize(
    ("tracks", "words"),
    [
        ("%E?;E?+E?", "Swipe it again"),
        (";55500012345678?", "The card …5678 is neither"),
        (f";{STAFF}?", "is the staff card of Ann Byrne"),
    ],
)
def test_other_cards_are_refused_in_a_sentence(shop: Shop, told: list, tracks: str, words: str) -> None:
    TillClient(shop)  # the manager
    before = shop.till().cart
    swipe(shop, tracks)
    assert words in shown(told)["notice"]["text"]
    assert shop.till().cart == before


def test_a_staff_card_signs_on_once(shop: Shop, told: list) -> None:
    page = TillClient(shop)
    sign_off(till=till_by_tokens(device=page.device, worker=page.worker))
    event_id = swipe(shop, f";{STAFF}?")
    assert told[-1]["data"]["swipe"] == str(event_id) and "Ann Byrne" in told[-1]["data"]["text"]
    browser = Client()
    browser.cookies[DEVICE_COOKIE] = page.device
    answer = browser.post("/sign-on/", {"swipe": str(event_id)})
    assert answer.status_code == 302 and answer.cookies[WORKER_COOKIE].value
    assert SignOn.objects.get(ended_at=None).worker_id == shop.cashier.pk
    again = browser.post("/sign-on/", {"swipe": str(event_id)})
    assert again.status_code == 422 and "swipe the card again" in again.content.decode()
    assert browser.post("/sign-on/", {"swipe": "nonsense"}).status_code == 422


@pytest.mark.parametrize("reason", ["unknown", "left", "elsewhere", "old", "needs_pin", "locked"])
def test_a_staff_card_that_is_not_good_is_refused(shop: Shop, told: list, reason: str) -> None:
    page = TillClient(shop)
    sign_off(till=till_by_tokens(device=page.device, worker=page.worker))
    with applying_package():
        if reason == "left":
            hq.Worker.objects.filter(pk=shop.cashier.pk).update(is_active=False)
        elif reason == "elsewhere":
            hq.WorkerStore.objects.filter(worker=shop.cashier).delete()
        elif reason == "needs_pin":
            hq.FunctionalityProfile.objects.update(staff_card_needs_pin=True)
    new_data_version()
    if reason == "locked":
        browser = Client()
        browser.cookies[DEVICE_COOKIE] = page.device
        for _ in range(5):
            browser.post("/sign-on/", {"staff_id": shop.cashier.staff_id, "pin": "0000"})
    event_id = swipe(shop, ";9999999?" if reason == "unknown" else f";{STAFF}?")
    if reason == "old":
        CardSwipe.objects.update(swiped_at=timezone.now() - GOOD_FOR)
    words = {
        "unknown": "no staff card in use",
        "left": "not good in",
        "elsewhere": "not good in",
        "needs_pin": "now your PIN",
        "locked": "is locked until",
    }
    assert words.get(reason, "Welcome") in told[-1]["data"]["text"]
    browser = Client()
    browser.cookies[DEVICE_COOKIE] = page.device
    assert browser.post("/sign-on/", {"swipe": str(event_id)}).status_code == 422
    assert not SignOn.objects.filter(ended_at=None).exists()


def test_of_a_staff_card_only_a_digest_is_kept(shop: Shop) -> None:
    kept = hq.Worker.objects.get(pk=shop.cashier.pk).card
    assert len(kept) == 64 and STAFF not in kept
    assert not hasattr(hq.Worker.history.model(), "card")
