"""The REST API: a whole day at a till, and what happens when a client sends nonsense."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.v1.reading import in_plain_words
from pos.models import RetailTransaction, StoredCart
from tests.scenarios.store import PIN, Shop, a_shop
from tests.scenarios.terminal import with_terminal
from tests.scenarios.till_client import TillClient, a_till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    return a_shop(with_shift=False)


@pytest.fixture
def till(shop: Shop) -> TillClient:
    return a_till(shop)


def test_a_day_at_the_till(till: TillClient) -> None:
    opened = till.post("shift/open/", request_id=str(uuid4()), starting_float="100.00")
    assert opened.status_code == 201 and opened.json()["shift"]
    cart = till.commands({"operation": "product_sale", "code": "85123A", "quantity": "2"}).json()
    assert (cart["total"], cart["lines"][0]["name"]) == ("5.90", "White hanging heart t-light holder")
    paid = till.post("cart/tenders/", request_id=str(uuid4()), method="card", amount="0.90").json()
    assert paid["due"] == "5.00"
    done = till.post("cart/conclude/", request_id=str(uuid4()), method="cash").json()
    assert done["sale"]["receipt_number"] == "01-1-1-000001" and done["lines"] == []
    (entry,) = till.get("journal/").json()
    record = till.get(f"journal/{entry['id']}/").json()
    assert record["document"]["total"] == "5.90" and len(record["hash"]) == 64
    assert till.get(f"journal/{entry['id']}/receipt/").json()["blocks"]
    figures = till.get("shift/").json()["figures"]
    assert figures["sales"] == "5.90"
    assert figures["taxes"] == [
        {"code": "VAT20", "name": "VAT 20 %", "rate": "20", "status": "taxed", "net": "4.92", "tax": "0.98",
         "gross": "5.90"}
    ]  # fmt: skip
    closed = till.post("shift/close/", request_id=str(uuid4()), counted={"cash": {"amount": "105.00"}}).json()
    assert "The count is right" in closed["message"]
    assert till.get("register/").json()["shift"] is None


def test_the_time_clock(shop: Shop, till: TillClient) -> None:
    assert till.get("time-clock/").json()["can"] == ["in"]
    request = str(uuid4())
    for _ in range(2):
        sheet = till.post("time-clock/", request_id=request, kind="in").json()
        assert (sheet["standing"], sheet["can"], len(sheet["entries"])) == ("in", ["break", "out"], 1)
    refused = till.post("time-clock/", request_id=str(uuid4()), kind="in")
    assert (refused.status_code, refused.json()["code"]) == (422, "clock_refused")
    other = shop.cashier
    wrong = till.post("time-clock/", request_id=str(uuid4()), kind="in", staff_id=other.staff_id, pin="0")
    assert wrong.json()["code"] == "sign_on_refused"
    sheet = till.post("time-clock/", request_id=str(uuid4()), kind="in", staff_id=other.staff_id, pin=PIN)
    assert sheet.json()["worker"] == other.staff_id


def test_a_card_payment_from_the_request_to_the_receipt(shop: Shop, till: TillClient) -> None:
    station = with_terminal(shop)
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    till.commands({"operation": "product_sale", "code": "85123A"})
    refused = till.post("cart/conclude/", request_id=str(uuid4()), method="card")
    assert refused.status_code == 422 and refused.json()["code"] == "charge_at_terminal"
    request = str(uuid4())
    asked = [till.post("payments/", request_id=request).json() for _ in range(2)]
    assert asked[0] == asked[1] and asked[0]["charge"]["amount"] == "2.95"
    intent = asked[0]["charge"]["intent"]
    assert till.get(f"payments/{intent}/").json()["state"] == "waiting"
    assert till.post(f"payments/{intent}/", request_id=str(uuid4())).json()["state"] == "cancelled"
    again = till.post("payments/", request_id=str(uuid4())).json()["charge"]["intent"]
    station.approves(UUID(again))
    done = till.get(f"payments/{again}/").json()
    assert (done["state"], done["card"], done["authorisation"]) == ("approved", "402000******1234", "A1B2C3")
    assert till.get("cart/").json()["lines"] == [] and len(till.get("journal/").json()) >= 1
    assert till.get(f"payments/{uuid4()}/").json()["code"] == "unknown_tender"


def test_the_same_request_three_times_has_one_effect(till: TillClient) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    scan, pay = str(uuid4()), str(uuid4())
    answers = [
        till.commands({"operation": "product_sale", "code": "85123A"}, request_id=scan).json()
        for _ in range(3)
    ]
    assert answers[0] == answers[1] == answers[2] and len(answers[0]["lines"]) == 1
    paid = [till.post("cart/conclude/", request_id=pay, method="cash").json() for _ in range(3)]
    assert paid[0]["sale"] == paid[2]["sale"]
    assert (
        till.commands({"operation": "product_sale", "code": "85123A"}, request_id=scan).json() == answers[0]
    )
    assert RetailTransaction.objects.filter(kind="sale").count() == 1


@pytest.mark.parametrize(
    ("path", "content", "status", "field"),
    [
        ("cart/commands/", {"request_id": "x", "commands": []}, 400, "request_id"),
        ("cart/commands/", {"commands": [{"operation": "undo"}]}, 400, "request_id"),
        ("cart/commands/", {"request_id": str(uuid4()), "commands": []}, 400, "commands"),
        (
            "cart/commands/",
            {"request_id": str(uuid4()), "commands": [{"operation": "dance"}]},
            400,
            "commands[0].operation",
        ),
        (
            "cart/commands/",
            {
                "request_id": str(uuid4()),
                "commands": [{"operation": "set_quantity", "line": "1", "quantity": "many"}],
            },
            400,
            "commands[0].quantity",
        ),
        (
            "cart/commands/",
            {
                "request_id": str(uuid4()),
                "commands": [{"operation": "product_sale", "code": "", "colour": "red"}],
            },
            400,
            "commands[0].colour",
        ),
        (
            "cart/commands/",
            {"request_id": str(uuid4()), "commands": [{"operation": "product_sale", "code": "no"}]},
            422,
            "code",
        ),
        ("cart/tenders/", {"request_id": str(uuid4()), "method": "shells"}, 422, "method"),
        ("shift/open/", {"request_id": str(uuid4()), "starting_float": "-1"}, 422, "starting_float"),
        ("shift/open/", {"request_id": str(uuid4()), "starting_float": "NaN"}, 422, "starting_float"),
        ("shift/cash/", {"request_id": str(uuid4()), "kind": "gift", "amount": "1"}, 422, "kind"),
        (
            "shift/close/",
            {"request_id": str(uuid4()), "counted": {"shells": {"amount": "1"}}},
            422,
            "counted_shells",
        ),
        ("sign-on/", {"staff_id": "901", "pin": "0000"}, 422, "pin"),
        ("sign-on/", {"staff_id": 7, "pin": "0000"}, 400, "staff_id"),
    ],
)
def test_nonsense_names_the_field_and_changes_nothing(till: TillClient, path, content, status, field) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    till.commands({"operation": "product_sale", "code": "85123A"})
    before = list(StoredCart.objects.values_list("version", "document"))
    answer = till.post(path, **content)
    assert answer.status_code == status, answer.content
    assert answer.json()["field"] == field and answer.json()["message"] and answer.json()["code"]
    assert list(StoredCart.objects.values_list("version", "document")) == before


def test_what_is_no_json_is_said_so(till: TillClient) -> None:
    for raw in (b"", b"{", b"\xff\xfe", b"[]", b"null"):
        answer = till.http.post(
            "/api/v1/cart/commands/", raw, content_type="application/json", headers=till.headers
        )
        assert answer.status_code == 400 and answer.json()["code"] == "invalid"


@pytest.mark.parametrize(
    ("error", "place", "words"),
    [
        ("Object missing required field `n` - at `$.c[0]`", "c[0].n", "n is missing."),
        ("Object contains unknown field `n`", "n", "There is no field n here."),
        ("Expected `array` of length >= 1 - at `$.c`", "c", "Give a list of at least 1."),
        ("Expected `decimal`, got `array` - at `$.n`", "n", "Give a number such as 2.50, not a list."),
        ("Expected `uuid | null`, got `int` - at `$.u`", "u", "Give a UUID or null, not a whole number."),
        ("Invalid value 'q' - at `$.t`", "t", "There is no 'q' here."),
        ("Invalid RFC3339 encoded date - at `$.d`", "d", "Give a date such as 2026-11-28."),
    ],
)
def test_what_a_message_lacks_is_said_in_plain_words(error: str, place: str, words: str) -> None:
    assert in_plain_words(error) == (place, words)


def test_a_refusal_says_which_of_the_commands_it_is_about(till: TillClient) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    good = {"operation": "product_sale", "code": "85123A"}
    for bad in ({"operation": "product_sale", "code": "no"}, {**good, "quantity": "1E+90"}):
        assert till.commands(good, bad).json()["details"]["command"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/", 404, "no_such_address"),
        ("get", "/api/v1/nowhere/", 404, "no_such_address"),
        ("post", "/api/v1/cart/commands", 404, "no_such_address"),
        ("get", "/api/v1/journal/7/", 404, "no_such_address"),
        ("delete", "/api/v1/cart/", 405, "wrong_request"),
    ],
)
def test_what_the_api_has_not_is_refused_in_the_one_shape(method, path, status, code) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().keys() == {"code", "message", "field", "details"}
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_a_bug_is_told_to_programs_in_the_one_shape(
    till: TillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.v1.views.snapshot", None)
    stranger = Client(raise_request_exception=False)
    answer = stranger.get("/api/v1/cart/", headers=till.headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "our_fault")


def test_strangers_are_turned_away(shop: Shop, till: TillClient) -> None:
    assert Client().get("/api/v1/cart/").status_code == 401
    assert Client().get("/api/v1/cart/", headers={"Authorization": "Device wrong"}).status_code == 401
    no_worker = {"Authorization": till.headers["Authorization"]}
    assert Client().get("/api/v1/cart/", headers=no_worker).json()["code"] == "not_signed_on"
    till.post("sign-off/")
    assert till.get("cart/").status_code == 401


def test_a_staff_id_is_locked_after_too_many_wrong_pins(till: TillClient) -> None:
    answers = [till.sign_on(pin="9999") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429, 429]
    assert till.sign_on().status_code == 429
    assert till.sign_on(staff_id=till.shop.cashier.staff_id).status_code == 201


def test_a_manager_approves_on_the_spot(shop: Shop, till: TillClient) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    till.sign_on(staff_id=shop.cashier.staff_id)
    till.commands({"operation": "product_sale", "code": "85123A"})
    override = {"operation": "price_override", "line": "1", "price": "1.00", "reason": ""}
    assert till.commands(override).status_code == 403
    by = {"staff_id": shop.manager.staff_id, "pin": "4711"}
    assert till.commands(override, approval=by).json()["total"] == "1.00"


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"operation": "line_discount", "line": "1", "amount": "0.105"}, "amount"),
        ({"operation": "total_discount", "amount": "0.105"}, "amount"),
    ],
)
def test_no_amount_off_is_finer_than_what_can_be_paid(
    till: TillClient, command: dict[str, str], field: str
) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    till.commands({"operation": "product_sale", "code": "85123A"})
    refused = till.commands(command)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert "the smallest amount is £0.01." in refused.json()["message"]


def test_the_price_of_one_may_be_finer_than_what_is_paid_for_the_line(till: TillClient) -> None:
    """As headquarters' own prices may: three at 0.335 are an invoice of 1.01. A cashier's keys end at the penny."""
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    keyed = till.commands({"operation": "product_sale", "code": "KEYED", "price": "0.335", "quantity": "3"})
    assert keyed.json()["total"] == "1.01"
    till.commands({"operation": "product_sale", "code": "85123A"})
    priced = till.commands({"operation": "price_override", "line": "2", "price": "1.005", "reason": ""})
    assert priced.json()["total"] == "2.02"


def test_a_scan_over_http_is_two_round_trips(till: TillClient) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    till.commands({"operation": "product_sale", "code": "85123A"})
    with CaptureQueriesContext(connection) as queries:
        till.commands({"operation": "product_sale", "code": "85123A"})
    assert len(queries) == 2


def test_the_schema_describes_every_operation(till: TillClient) -> None:
    schema = Client().get("/api/schema/", headers={"Accept": "application/json"}).json()
    commands = schema["components"]["schemas"]["RunCommands"]["properties"]["commands"]
    assert len(commands["items"]["anyOf"]) == len(till.get("operations/").json())
    assert "/api/v1/cart/commands/" in schema["paths"]
    assert Client().get("/api/docs/").status_code == 200


def test_it_says_why_a_line_costs_what_it_costs(till: TillClient) -> None:
    till.post("shift/open/", request_id=str(uuid4()), starting_float="0")
    cart = till.commands(
        {"operation": "product_sale", "code": "85123A", "quantity": "2"},
    ).json()
    line = cart["lines"][0]["id"]
    why = till.get(f"cart/lines/{line}/price/").json()
    assert (Decimal(why["unit_price"]), why["amount"], why["basket"]) == (Decimal("2.95"), "5.90", [])
    assert Decimal(why["steps"][0]["amount"]) == Decimal("2.95")
    assert why["reasons"][0]["code"] == "agreement_price" and "2.95" in why["reasons"][0]["words"]
    till.commands({"operation": "price_override", "line": line, "price": "1.00", "reason": ""})
    reasons = till.get(f"cart/lines/{line}/price/").json()["reasons"]
    told = next(reason for reason in reasons if reason["code"] == "price_override")
    manager = till.shop.manager
    assert told["subject"] == manager.staff_id
    assert f"1.00 at the till by {manager.name}: no reason given." in told["words"]
    missing = till.get("cart/lines/99/price/")
    assert (missing.status_code, missing.json()["code"]) == (422, "unknown_line")
