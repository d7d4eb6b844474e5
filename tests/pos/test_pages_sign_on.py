"""Activation, waiting and signing on, page by page."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client

from channels_app.errors import Unavailable
from channels_app.models import DataVersion
from pos import headquarters
from pos.errors import ActivationRefused
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from tests.pos.till_client import TillClient
from tests.scenarios.store import PIN, Shop, a_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


class Office:
    """A headquarters that knows one code."""

    def __init__(self, register: int) -> None:
        self.register, self.reachable = register, True

    def activate(self, *, code: str, device: UUID, description: str) -> headquarters.Activation:
        if not self.reachable:
            raise Unavailable(what="Headquarters")
        if code != "GOOD-CODE":
            raise ActivationRefused(why="This code is unknown, used or no longer valid.", field="code")
        return headquarters.Activation(
            device=device, register=self.register, register_name="Till 1", store_name="Shop"
        )


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def office(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = Office(shop.register.pk)
    monkeypatch.setattr(headquarters, "_headquarters", office)
    return office


def test_a_code_makes_a_register_and_its_cookie_is_out_of_reach_of_scripts(
    office: Office, client: Client
) -> None:
    answer = client.post("/activate/", {"code": "GOOD-CODE"})
    cookie = answer.cookies[DEVICE_COOKIE]
    assert answer["Location"] == "/" and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert client.get("/")["Location"] == "/sign-on/"


@pytest.mark.parametrize("code", ["", "WRONG", "x" * 500])
def test_a_wrong_code_is_refused_beside_its_field(office: Office, client: Client, code: str) -> None:
    answer = client.post("/activate/", {"code": code})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.content.decode()
    assert DEVICE_COOKIE not in answer.cookies


def test_without_headquarters_a_manager_can_do_it(office: Office, shop: Shop, client: Client) -> None:
    office.reachable = False
    answer = client.post("/activate/", {"code": "GOOD-CODE"})
    assert answer.status_code == 503 and "cannot be reached" in answer.content.decode()
    form = {"register_number": shop.register.number, "staff_id": shop.cashier.staff_id, "pin": PIN}
    refused = client.post("/activate/manager/", form)
    assert refused.status_code == 403 and "needs a manager" in refused.content.decode()
    client.post("/activate/manager/", {**form, "staff_id": shop.manager.staff_id})
    assert client.get("/")["Location"] == "/sign-on/"


def test_a_wrong_pin_says_how_often_it_may_still_be_tried_and_then_locks(shop: Shop) -> None:
    page = TillClient(shop)
    for left in (4, 3, 2, 1):
        answer = page.client.post("/sign-on/", {"staff_id": shop.cashier.staff_id, "pin": "0000"})
        assert answer.status_code == 422 and f"{left} more tries" in answer.content.decode()
    locked = page.client.post("/sign-on/", {"staff_id": shop.cashier.staff_id, "pin": "0000"})
    assert locked.status_code == 429 and "locked until" in locked.content.decode()
    assert page.client.post("/sign-on/", {"staff_id": shop.cashier.staff_id, "pin": PIN}).status_code == 429
    assert page.client.post("/sign-on/", {"staff_id": shop.manager.staff_id, "pin": PIN}).status_code == 302


@pytest.mark.parametrize(
    "form", [{}, {"staff_id": "x" * 99, "pin": "1"}, {"staff_id": "\x00", "pin": "1"}, {"pin": PIN}]
)
def test_nonsense_at_the_door_is_a_sentence(shop: Shop, form: dict[str, str]) -> None:
    answer = TillClient(shop).client.post("/sign-on/", form)
    assert answer.status_code == 422 and 'class="refusal"' in answer.content.decode()
    assert WORKER_COOKIE not in answer.cookies


def test_a_pin_is_never_written_into_a_page(shop: Shop) -> None:
    answer = TillClient(shop).client.post("/sign-on/", {"staff_id": shop.cashier.staff_id, "pin": "sesame"})
    assert "sesame" not in answer.content.decode()


def test_who_signs_off_leaves_the_sale_behind(shop: Shop) -> None:
    page = TillClient(shop)
    page.scan("85123A")
    page.client.post("/sign-off/")
    text = page.client.get("/sign-on/").content.decode()
    assert "A sale is open" in text and shop.cashier.name in text


def test_before_the_data_is_here_the_page_waits_and_says_for_what(shop: Shop) -> None:
    page = TillClient(shop)
    kept = DataVersion.objects.get()
    DataVersion.objects.all().delete()
    assert page.get("/", htmx=False)["Location"] == "/waiting/"
    waiting = page.client.get("/waiting/").content.decode()
    assert "9999" in waiting and 'hx-trigger="every 2s"' in waiting
    kept.save(force_insert=True)
    assert page.client.get("/waiting/")["Location"] == "/"
    assert page.get("/waiting/")["HX-Redirect"] == "/"


def test_a_revoked_browser_is_no_register_any_more(shop: Shop) -> None:
    from channels_app.roles import applying_package
    from hq.models import Device
    from pos.models import RegisterDevice

    page = TillClient(shop)
    device = RegisterDevice.objects.get()
    with applying_package():
        Device.objects.create(id=device.pk, register=shop.register, status=Device.Status.REVOKED)
    assert page.get("/", htmx=False)["Location"] == "/activate/"
    assert (
        page.post("/cart/lines/", {"code": "85123A", "request_id": str(uuid4())})["HX-Redirect"]
        == "/activate/"
    )
