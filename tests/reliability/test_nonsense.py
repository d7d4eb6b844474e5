"""Nonsense in every form of Cloud POS and every field of the API: refused by name, never an error of ours."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.http import HttpResponse
from django.test import Client

from hq.figures import FigureField
from pos.forms import OPERATIONS, ActivationForm, ManagerActivationForm, ScanForm, SignOnForm
from pos.models import RetailTransaction, StoredCart
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from shifts.forms import CashForm, CountForm, OpenShiftForm
from tests.reliability.nonsense import EVERYTHING, TEXTS, Sender
from tests.scenarios.store import Shop, a_shop
from tests.scenarios.till_client import TillClient, a_till

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("scale_unit"),
    pytest.mark.timeout(600),
]
AN_ID = "0190a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b"
UNAVAILABLE = 503  # an ordinary answer where headquarters would have to be asked
READS = {"search": "q", "return": "receipt", "journal": "number", "": "line", "tiles": "grid"}


@pytest.fixture(autouse=True)
def _bugs_are_told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Django turns a bug into a page of status 500; its log has the traceback, which belongs into the report."""
    with caplog.at_level(logging.ERROR, "django.request"):
        yield


@pytest.fixture(autouse=True)
def _nobody_at_headquarters(settings: Any) -> None:
    settings.HEADQUARTERS_URL, settings.EXCHANGE_CREDENTIAL = "http://127.0.0.1:9", "nobody listens there"


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def sender(shop: Shop) -> Sender:
    shop.run(ProductSale(code="85123A"))
    return Sender(shop)


def stored() -> list[Any]:
    carts = StoredCart.objects.order_by("register").values_list("version", "document")
    return [*((version, bytes(document)) for version, document in carts), RetailTransaction.objects.count()]


def check(answer: HttpResponse, what: str, before: list[Any]) -> bool:
    """An answer of ours; a refusal changed nothing and has words. True for a refusal."""
    is_ours = answer.status_code < 500 or answer.status_code == UNAVAILABLE
    assert is_ours, f"{what}: {answer.status_code} {answer.content[:300]!r}"
    refused = answer.status_code >= 400
    if refused:
        assert stored() == before, f"{what} was refused and changed something"
    return refused


def sound_fields(kind: type[forms.Form]) -> dict[str, str]:
    """A form filled in so that only one field need be spoilt."""
    sound = {
        "line": "1", "quantity": "2", "price": "1.00", "reason": "", "percent": "5", "amount": "1.00", "comment": "c",
        "account": "C1", "method": "card", "tender": "t1", "label": "l", "suspended": str(uuid4()), "receipt": "R",
        "take": "1", "quantity_1": "1", "code": "85123A", "product": "", "items": "", "staff_id": "901", "pin": "0000",
        "register_number": "01-1", "starting_float": "1", "kind": "float",
    }  # fmt: skip
    return {
        name: value
        for name, value in sound.items()
        if name in kind.base_fields or name.startswith(("take", "quantity_"))
    }


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_field_of_every_operation(sender: Sender, name: str) -> None:
    kind = OPERATIONS[name]
    fields = [*kind.base_fields, *(("take", "quantity_1") if name == "return_by_receipt" else ())]
    for spoilt in fields:
        for value in EVERYTHING:
            before = stored()
            sent = {**sound_fields(kind), spoilt: value}
            if kind.base_fields.keys() >= {"percent", "amount"} and spoilt == "percent":
                sent["amount"] = ""
            answer = sender.post(f"/cart/do/{name}/", **sent)
            if check(answer, f"{name}: {spoilt}={value[:40]!r}", before):
                assert b"message" in answer.content or b"sheet" in answer.content
    for value in TEXTS:
        check(
            sender.http.get(f"/cart/do/{name}/", {"line": value, "figure": value}),
            f"{name}?line={value[:40]!r}",
            stored(),
        )


@pytest.mark.parametrize(
    ("name", "field", "value", "words"),
    [
        ("set_quantity", "quantity", "many", "Quantity"),
        ("set_quantity", "quantity", "NaN", "Quantity"),
        ("set_quantity", "quantity", "0", "quantity"),
        ("price_override", "price", "cheap", "New price"),
        ("price_override", "price", "-1", "price"),
        ("line_discount", "percent", "half", "Percent off"),
        ("total_discount", "amount", "x", "Amount off"),
        ("pay", "amount", "lots", "Amount"),
        ("pay", "method", "shells", "pay"),
        ("void_tender", "tender", "", "Payment"),
        ("set_customer", "account", "x" * 99, "Account number"),
        ("suspend", "label", "x" * 99, "Name it"),
        ("recall", "suspended", "x", "Sale on hold"),
        ("line_comment", "comment", "x" * 200, "Comment"),
        ("set_quantity", "request_id", "x", "Request"),
    ],
)
def test_the_message_names_the_field(sender: Sender, name: str, field: str, value: str, words: str) -> None:
    before = stored()
    answer = sender.post(f"/cart/do/{name}/", **{**sound_fields(OPERATIONS[name]), field: value})
    assert answer.status_code == 422, answer.content
    assert words in answer.content.decode() and stored() == before


@pytest.mark.parametrize("field", sorted(ScanForm.base_fields))
def test_every_field_of_a_scan(sender: Sender, field: str) -> None:
    for value in EVERYTHING:
        before = stored()
        check(
            sender.post("/cart/lines/", **{"code": "85123A", field: value}),
            f"scan {field}={value[:40]!r}",
            before,
        )


@pytest.mark.parametrize(
    "items",
    [
        "[", "[]", "[1]", "{}", '[{"id": "x"}]', '[{"id": null, "code": 7}]', "[" * 5000,
        json.dumps([{"id": AN_ID}]),
        json.dumps([{"id": AN_ID, "code": "85123A", "quantity": "NaN"}]),
        json.dumps([{"id": AN_ID, "code": "85123A", "quantity": "1E+999999"}]),
        json.dumps([{"id": AN_ID, "code": "a\0b"}]),
        json.dumps([{"id": AN_ID, "product": 2**80}]),
        json.dumps([{"id": AN_ID, "product": -1}]),
        json.dumps([{"id": AN_ID, "product": 2**62}]),
        json.dumps([{"id": AN_ID, "code": "85123A", "colour": "red"}]),
        json.dumps([{"id": AN_ID, "code": "85123A"}] * 60),
    ],
)  # fmt: skip
def test_every_list_of_scans(sender: Sender, items: str) -> None:
    before = stored()
    assert check(sender.post("/cart/lines/", items=items), items[:60], before)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/activate/", ActivationForm),
        ("/activate/manager/", ManagerActivationForm),
        ("/sign-on/", SignOnForm),
        ("/shift/cash/", CashForm),
        ("/shift/open/", OpenShiftForm),
        ("/drawer/", OpenShiftForm),
        ("/shift/x-report/", OpenShiftForm),
    ],
)
def test_every_field_of_the_pages_around_the_sale(sender: Sender, path: str, kind: type[forms.Form]) -> None:
    for spoilt in [*kind.base_fields, "reason", "manager", "manager_pin"]:
        for value in EVERYTHING:
            before = stored()
            answer = sender.post(path, **{**sound_fields(kind), spoilt: value})
            check(answer, f"{path} {spoilt}={value[:40]!r}", before)


def test_every_field_of_the_count(sender: Sender, shop: Shop) -> None:
    shop.run(Pay(method="cash"))
    count = CountForm(register=shop.till().register)
    for spoilt in count.fields:
        for value in EVERYTHING:
            with contextlib.suppress(forms.ValidationError):
                FigureField(min_value=0).clean(value)
                continue  # may be a count
            before = stored()
            answer = sender.post("/shift/close/", **{"counted_cash": "x", spoilt: value})
            assert check(answer, f"close {spoilt}={value[:40]!r}", before)


@pytest.mark.parametrize("is_fragment", ["true", ""])
def test_every_question_of_a_page(sender: Sender, is_fragment: str) -> None:
    for path, field in READS.items():
        for value in EVERYTHING:
            answer = sender.http.get(
                f"/{path}/" if path else "/", {field: value}, headers={"HX-Request": is_fragment}
            )
            assert answer.status_code < 500, f"/{path}/?{field}={value[:40]!r}"


@pytest.mark.parametrize("name", ["Till-Version", "Till-Last"])
def test_headers_that_are_nonsense(sender: Sender, name: str) -> None:
    for value in TEXTS:
        headers = {"Till-Version": "1", "Till-Last": "1", name: value.replace("\0", "")}
        answer = sender.http.post(
            "/cart/lines/", {"request_id": str(uuid4()), "code": "22961"}, headers=headers
        )
        assert answer.status_code < 500, f"{name}: {value[:40]!r}"


def test_cookies_that_are_nonsense(sender: Sender) -> None:
    for value in ("x", "", "x" * 5000, "%00", '"'):
        sender.http.cookies[DEVICE_COOKIE] = sender.http.cookies[WORKER_COOKIE] = value
        assert sender.http.get("/").status_code < 500


# -- the API

BODIES: dict[str, dict[str, Any]] = {
    "activate/": {"register_number": "01-1", "staff_id": "901", "pin": "0000", "description": ""},
    "sign-on/": {"staff_id": "901", "pin": "0000"},
    "shift/open/": {"request_id": "", "starting_float": "1", "business_date": "2026-01-01"},
    "shift/close/": {"request_id": "", "counted": {"cash": {"amount": "x", "denominations": {"1": 1}}}},
    "shift/cash/": {"request_id": "", "kind": "float", "amount": "1.00", "reason": ""},
    "shift/x-report/": {"request_id": ""},
    "cart/tenders/": {"request_id": "", "method": "card", "amount": "0.01"},
    "cart/conclude/": {"request_id": "", "method": "shells"},
    "drawer/": {"request_id": "", "reason": ""},
}
COMMANDS: list[dict[str, Any]] = [
    {"operation": "product_sale", "code": "85123A", "product": 1, "variant": 1, "quantity": "1", "price": "1"},
    {"operation": "return_product", "code": "85123A", "quantity": "1", "price": "1", "reason": ""},
    {"operation": "return_by_receipt", "receipt": "x", "lines": [{"line": 1, "quantity": "1"}], "reason": ""},
    {"operation": "set_quantity", "line": "1", "quantity": "1"},
    {"operation": "void_line", "line": "1", "reason": ""},
    {"operation": "price_override", "line": "1", "price": "1", "reason": ""},
    {"operation": "line_discount", "line": "1", "percent": "1", "amount": None, "reason": ""},
    {"operation": "line_discount", "line": "1", "percent": None, "amount": "1", "reason": ""},
    {"operation": "total_discount", "percent": "1", "amount": None, "reason": ""},
    {"operation": "line_comment", "line": "1", "comment": ""},
    {"operation": "set_customer", "account": "", "name": ""},
    {"operation": "void_tender", "tender": "t1"},
    {"operation": "suspend", "label": ""},
    {"operation": "recall", "suspended": ""},
    {"operation": "pay", "method": "card", "amount": "0.01"},
    {"operation": "void_sale", "reason": ""},
]  # fmt: skip
RAW = (None, True, [], {}, 7, -1, 2**80, 1.5, [[]], {"a": {}})


def spoilt(value: Any) -> Iterator[Any]:
    """The value with one part of it after the other replaced by each nonsense."""
    if isinstance(value, dict):
        for name, part in value.items():
            for other in spoilt(part):
                yield {**value, name: other}
    elif isinstance(value, list):
        for other in spoilt(value[0]):
            yield [other]
    yield from EVERYTHING
    yield from RAW


def refused_well(answer: Any, sent: Any) -> None:
    assert answer.status_code < 500, f"{str(sent)[:200]}: {answer.content[:200]!r}"
    if answer.status_code >= 400 and answer.status_code != 404:
        said = answer.json()
        assert said["code"] and said["message"], said
        assert "field" in said


@pytest.mark.parametrize("path", sorted(BODIES))
def test_every_field_of_every_message(shop: Shop, path: str) -> None:
    client = a_till(shop)
    shop.run(ProductSale(code="85123A"))
    for body in spoilt(BODIES[path]):
        content = body if not isinstance(body, dict) else {
            name: str(uuid4()) if name == "request_id" and value == "" else value for name, value in body.items()
        }  # fmt: skip
        refused_well(post_raw(client, path, content), (path, content))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command["operation"])
def test_every_field_of_every_command(shop: Shop, command: dict[str, Any]) -> None:
    client = a_till(shop)
    shop.run(ProductSale(code="85123A"))
    for body in spoilt(command):
        before = stored()
        content = {"request_id": str(uuid4()), "commands": [body]}
        answer = post_raw(client, "cart/commands/", content)
        refused_well(answer, content)
        if answer.status_code >= 400:
            assert stored() == before, content


def post_raw(client: TillClient, path: str, content: Any) -> Any:
    return client.http.post(
        f"/api/v1/{path}", json.dumps(content), content_type="application/json", headers=client.headers
    )


def test_every_question_of_the_api(shop: Shop) -> None:
    client = a_till(shop)
    for value in EVERYTHING:
        for path, field in (("products/", "q"), ("customers/", "q"), ("journal/", "number")):
            refused_well(client.get(path, **{field: value}), (path, value))


def test_tokens_that_are_nonsense() -> None:
    a_shop()
    for value in ("x", "Device", "Device ", "Device \x00", "Device " + "x" * 9000, "Bearer x", "Device é"):
        answer = Client(raise_request_exception=False).get("/api/v1/cart/", headers={"Authorization": value})
        assert answer.status_code == 401, value
