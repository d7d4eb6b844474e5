"""What the sell screen answers: small when it can be, whole when it must, and always a sentence when it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_app.roles import applying_package
from hq.button_operations import operation_name
from hq.models import Button, ButtonGrid, ReasonCode
from pos.admin import RetailTransactionAdmin
from pos.kept_prices import kept_prices
from pos.models import AnsweredRequest, RetailTransaction, StoredCart
from pos.services.session import till_by_ids
from pricing.models import Discount, PriceGroup, TradeAgreement
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
HEART, JAM, MILK = "85123A", "22961", "5000128104517"


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def till(shop: Shop) -> TillClient:
    page = TillClient(shop)
    page.version = till_by_ids(register_id=shop.register.pk, worker_id=None).cart.version
    return page


def cart_of(shop: Shop):
    return till_by_ids(register_id=shop.register.pk, worker_id=None).cart


def test_the_page_carries_a_strict_policy_and_no_inline_script(till: TillClient) -> None:
    answer = till.get("/", htmx=False)
    text = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    for script in text.split("<script")[1:]:
        assert "src=" in script.split(">")[0] or f'nonce="{nonce}"' in script.split(">")[0]
    assert " style=" not in text and "<style" not in text and " onclick=" not in text


def test_the_first_line_brings_the_cart_and_the_next_only_itself(till: TillClient) -> None:
    first = till.scan(HEART).content.decode()
    assert '<section class="cart' in first
    second = till.scan(JAM)
    text = second.content.decode()
    assert second["HX-Reswap"] == "none"
    assert 'id="line-2"' in text and 'id="line-1"' not in text
    assert 'hx-swap-oob="beforeend:#lines"' in text
    assert len(text) < 2000


def test_a_changed_line_is_replaced_where_it_stands(till: TillClient) -> None:
    till.scan(HEART)
    till.scan(JAM)
    text = till.do("set_quantity", line="1", quantity="4").content.decode()
    assert 'id="line-1"' in text and "beforeend" not in text and 'id="line-2"' not in text


def test_a_scan_tells_of_a_price_that_new_data_changed(till: TillClient, shop: Shop) -> None:
    till.scan("85123A")
    with applying_package():
        TradeAgreement.objects.filter(product=shop.products["85123A"]).update(amount=Decimal("3.10"))
    new_data_version()
    assert "is now £3.10, it was £2.95" in till.scan("MILK").content.decode()
    assert "Whole milk 2 l added" in till.scan("MILK").content.decode()


def test_the_keys_that_take_the_money_come_again_only_when_they_change(till: TillClient) -> None:
    till.scan(HEART)
    text = till.scan(JAM).content.decode()
    assert 'id="exact-cash" hx-swap-oob' in text and "pay-keys" not in text
    till.do("void_line", line="1")
    text = till.do("void_line", line="2").content.decode()
    assert 'id="pay-keys"' in text and 'data-key="F9" disabled' in text
    text = till.scan(MILK).content.decode()
    assert 'id="pay-keys"' in text and 'data-key="F9">' in text, (
        "the first line that counts makes them keys again"
    )


def test_a_page_that_missed_a_change_gets_the_whole_cart(till: TillClient) -> None:
    till.scan(HEART)
    till.scan(JAM)
    till.version -= 1
    text = till.scan(MILK).content.decode()
    assert '<section class="cart' in text
    assert all(f'id="line-{number}"' in text for number in (1, 2, 3))


def test_the_fiftieth_line_costs_the_page_no_more_than_the_second(till: TillClient) -> None:
    till.scan(HEART)
    second = till.scan(JAM).content
    for _ in range(48):
        last = till.scan(JAM).content
    assert len(last) <= len(second) * 1.05
    with CaptureQueriesContext(
        connection,
    ) as queries:
        till.scan(JAM)
    assert len(queries) <= 3, [query["sql"][:200] for query in queries]


def test_several_scans_in_one_request_are_one_line_each_and_in_order(till: TillClient, shop: Shop) -> None:
    answer = till.scan(HEART, JAM, MILK)
    assert answer["Till-Taken"] == "3"
    assert [line.article.number for line in cart_of(shop).lines] == ["85123A", "22961", "MILK"]


def test_the_unknown_one_stops_the_rest(till: TillClient, shop: Shop) -> None:
    answer = till.scan(HEART, "nothing", JAM)
    assert (answer.status_code, answer["Till-Taken"]) == (422, "2")
    text = answer.content.decode()
    assert "Unknown code" in text and "data-blocks" in text and "nothing" in text
    assert json.loads(answer["HX-Trigger"])["till:changed"]["sound"] == "refused"
    assert [line.article.number for line in cart_of(shop).lines] == ["85123A"]


def test_scans_that_arrive_three_times_have_one_effect(till: TillClient, shop: Shop) -> None:
    ids = [uuid4() for _ in range(4)]
    codes = [HEART, JAM, "nothing", MILK]
    for _ in range(3):
        answer = till.scan(*codes, ids=ids)
        assert answer["Till-Taken"] == "3"
    assert [line.article.number for line in cart_of(shop).lines] == ["85123A", "22961"]


def test_the_same_payment_three_times_is_one_sale(till: TillClient, shop: Shop) -> None:
    till.scan(HEART)
    request = str(uuid4())
    answers = [
        till.post("/cart/do/pay/", {"request_id": request, "method": "cash", "amount": "5"}) for _ in range(3)
    ]
    assert all("Sale complete" in answer.content.decode() for answer in answers)
    assert RetailTransaction.objects.filter(kind="sale").count() == 1


def test_a_weighed_article_asks_for_its_weight(till: TillClient, shop: Shop) -> None:
    answer = till.scan("BANANA")
    text = answer.content.decode()
    assert answer.status_code == 200 and 'name="quantity"' in text and "Weight in kg" in text
    till.post("/cart/lines/", {"code": "BANANA", "quantity": "0.432"})
    assert cart_of(shop).lines[0].quantity == Decimal("0.432")


def test_an_article_without_a_price_asks_for_it(till: TillClient, shop: Shop) -> None:
    assert 'name="price"' in till.scan("KEYED").content.decode()
    till.post("/cart/lines/", {"code": "KEYED", "price": "3.20"})
    assert cart_of(shop).total == Decimal("3.20")


def test_what_a_cashier_may_not_asks_for_a_manager_with_the_form_kept(shop: Shop) -> None:
    till = TillClient(shop, as_manager=False)
    till.scan(HEART)
    form = {"line": "1", "price": "2.00", "reason": "", "request_id": str(uuid4()), "sheet": "1"}
    asked = till.post("/cart/do/price_override/", form)
    text = asked.content.decode()
    assert (asked.status_code, asked["HX-Retarget"]) == (403, "#sheet")
    assert 'name="price" value="2.00"' in text and "Ask a manager" in text
    wrong = till.post(
        "/cart/do/price_override/", {**form, "manager": shop.manager.staff_id, "manager_pin": "1"}
    )
    assert wrong.status_code == 422 and "do not belong together" in wrong.content.decode()
    assert cart_of(shop).total == Decimal("2.95")
    till.post("/cart/do/price_override/", {**form, "manager": shop.manager.staff_id, "manager_pin": "4711"})
    assert cart_of(shop).total == Decimal("2.00")


EMPTY = ["", "   "]
NONSENSE = ["x", "-1", "1e400", "NaN", "Infinity", "1" * 500, "\x00", "<script>", "１２", "0x10"]


FIELDS = [
    ("/cart/do/set_quantity/", "quantity"), ("/cart/do/price_override/", "price"), ("/cart/do/pay/", "amount"),
    ("/cart/do/pay/", "method"), ("/cart/do/void_tender/", "tender"), ("/cart/do/recall/", "suspended"),
    ("/cart/do/line_discount/", "percent"), ("/cart/do/total_discount/", "amount"), ("/cart/do/void_line/", "line"),
    ("/cart/do/return_by_receipt/", "receipt"), ("/cart/do/return_by_receipt/", "take"),
    ("/cart/do/return_product/", "code"), ("/cart/do/return_product/", "quantity"),
    ("/cart/lines/", "items"), ("/cart/lines/", "product"), ("/cart/lines/", "quantity"),
    ("/cart/lines/", "request_id"), ("/cart/do/undo/", "request_id"),
]  # fmt: skip
# Empty is an answer, too: all that is due, no discount any more, one of it, the code alone.
MAY_BE_EMPTY = {
    ("/cart/do/pay/", "amount"), ("/cart/do/line_discount/", "percent"), ("/cart/do/total_discount/", "amount"),
    ("/cart/lines/", "items"), ("/cart/lines/", "product"), ("/cart/lines/", "quantity"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [(*place, value) for place in FIELDS for value in NONSENSE + ([] if place in MAY_BE_EMPTY else EMPTY)],
)
def test_nonsense_in_a_field_is_a_sentence_and_changes_nothing(
    till: TillClient, shop: Shop, path: str, field: str, value: str
) -> None:
    till.scan(HEART)
    before, answered = cart_of(shop), AnsweredRequest.objects.count()
    fine = {
        "line": "1",
        "quantity": "2",
        "price": "1",
        "method": "cash",
        "percent": "",
        "code": HEART,
        "receipt": "x",
    }
    answer = till.post(path, {**fine, field: value})
    if answer.status_code == 200:
        assert value in ("１２",)  # figures of another script are figures
        return
    assert answer.status_code in (403, 409, 422), answer.content[:300]
    assert answer["HX-Trigger"]
    after = cart_of(shop)
    assert (after.version, after.lines, after.tenders) == (before.version, before.lines, before.tenders)
    assert AnsweredRequest.objects.count() == answered


def test_without_a_token_of_the_form_nothing_is_done(shop: Shop) -> None:
    till = TillClient(shop, enforce_csrf_checks=True)
    assert till.scan(HEART).status_code == 403
    assert not cart_of(shop).lines


def test_a_stranger_is_led_to_activation_and_a_signed_off_worker_to_the_pin() -> None:
    shop = a_shop(with_shift=False)
    assert Client().get("/")["Location"] == "/activate/"
    page = TillClient(shop)
    assert page.get("/", htmx=False)["Location"] == "/shift/open/"
    assert page.get("/cart/")["HX-Redirect"] == "/shift/open/"
    page.client.post("/sign-off/")
    assert page.get("/", htmx=False)["Location"] == "/sign-on/"
    page.client.cookies["tillhouse_device"] = "stolen"
    assert page.get("/", htmx=False)["Location"] == "/activate/"


def test_journal_receipt_copy_and_return(till: TillClient, shop: Shop) -> None:
    till.scan(HEART)
    till.do("pay", method="cash", amount="5")
    sale = RetailTransaction.objects.get(kind="sale")
    assert sale.receipt_number in till.get("/journal/").content.decode()
    paper = till.get(f"/journal/{sale.pk}/").content.decode()
    assert "White hanging heart" in paper and "paper__bars" in paper
    assert "copy goes to the printer" in till.post(f"/journal/{sale.pk}/").content.decode()
    offered = till.get("/return/", {"receipt": sale.receipt_number}).content.decode()
    assert 'name="take" value="1"' in offered
    till.do("return_by_receipt", receipt=sale.receipt_number, take="1", quantity_1="1")
    assert cart_of(shop).total == Decimal("-2.95")
    unknown = till.get("/return/", {"receipt": "nothing"})
    assert unknown.status_code == 422 and "No receipt nothing" in unknown.content.decode()
    assert till.get(f"/journal/{uuid4()}/").status_code == 422


def test_an_article_comes_back_without_its_receipt(till: TillClient, shop: Shop) -> None:
    assert "/cart/do/return_product/" in till.get("/return/").content.decode()
    sheet = till.get("/cart/do/return_product/").content.decode()
    assert "data-scan-here" in sheet and 'name="quantity" value="1"' in sheet
    refused = till.do("return_product", code="nothing", quantity="1", sheet="1")
    assert refused.status_code == 422 and 'value="nothing"' in refused.content.decode()
    till.do("return_product", code=HEART, quantity="2")
    assert cart_of(shop).total == Decimal("-5.90")
    till.do("pay", method="cash")
    assert RetailTransaction.objects.get(kind="sale").total == Decimal("-5.90")


def test_why_a_price_is_what_it_is(till: TillClient, shop: Shop) -> None:
    till.scan(HEART)
    text = till.get("/price/1/").content.decode()
    assert "Price for this sale" in text and "VAT" in text and "1 × " not in text
    with applying_package():
        ReasonCode.objects.create(code="DAMAGED", use="price_override", text="Box is dented")
    new_data_version()
    till.do("price_override", line="1", price="2.00", reason="DAMAGED")
    text = till.get("/price/1/").content.decode()
    assert f"by {shop.manager.name} · Box is dented" in text
    assert "Offers are not given on a price that was set at the till." in text
    assert till.get("/price/77/").status_code == 422


def test_why_a_price_is_what_it_is_stands_on_a_page_with_tiles(till: TillClient, shop: Shop) -> None:
    """Where the script has not loaded, or the link was opened beside the till; it was an error of the server."""
    with applying_package():
        grid = ButtonGrid.objects.create(layout=shop.store.screen_layout, name="Favourites")
        Button.objects.create(grid=grid, operation=100, product=shop.products["22961"])
    new_data_version()
    till.scan(HEART)
    text = till.get("/price/1/", htmx=False).content.decode()
    assert "Price for this sale" in text and 'class="tile__price"' in text


def test_why_a_price_names_whom_it_is_for_and_the_coupon_of_an_offer(till: TillClient, shop: Shop) -> None:
    with applying_package():
        club = PriceGroup.objects.create(code="CLUB", name="Book club", priority=5)
        club.stores.create(store=shop.store)
        TradeAgreement.objects.create(
            product=shop.products["85123A"], unit_id=shop.products["85123A"].unit_id, amount=Decimal("2.50"),
            currency=shop.store.currency, price_group=club,
        )  # fmt: skip
        offer = Discount.objects.create(
            code="TEN", name="Ten off", kind="simple", method="percent_off", value=10, status="enabled",
            coupon_required=True,
        )  # fmt: skip
        offer.lines.create()
        offer.coupons.create(code="PAPER10")
    new_data_version()
    till.scan(HEART)
    till.do("add_coupon", code="PAPER10")
    text = till.get("/price/1/").content.decode()
    assert "Book club" in text and "coupon PAPER10" in text


def test_what_is_taken_off_stands_once_below_the_units_it_is_taken_off(till: TillClient) -> None:
    till.scan(HEART)
    till.do("set_quantity", line="1", quantity="2")
    till.do("line_discount", line="1", percent="10")
    text = till.get("/price/1/").content.decode()
    assert text.index("Price for this sale") < text.index("2 × ") < text.index("Line discount")
    assert ">Discounts<" not in text
    till.do("total_discount", percent="5")
    text = till.get("/price/1/").content.decode()
    assert text.index("Line discount") < text.index("Total discount") < text.index(">Discounts<")


def test_the_drawer_opens_with_a_word(till: TillClient) -> None:
    assert "drawer opens" in till.post("/drawer/").content.decode()
    assert RetailTransaction.objects.filter(kind="open_drawer").count() == 1


def test_hold_recall_and_void(till: TillClient, shop: Shop) -> None:
    till.scan(HEART)
    till.do("suspend", label="Red coat")
    assert StoredCart.objects.count() == 1 and not cart_of(shop).lines
    listed = till.get("/on-hold/").content.decode()
    held = listed.split('name="suspended" value="')[1].split('"')[0]
    assert "Red coat" in listed
    till.do("recall", suspended=held)
    again = till.do("recall", suspended=held)
    assert again.status_code == 422
    till.do("void_sale", reason="")
    assert not cart_of(shop).lines
    assert RetailTransaction.objects.filter(kind="voided").count() == 1


def test_nonsense_is_refused_before_a_manager_is_called(shop: Shop) -> None:
    till = TillClient(shop, as_manager=False)
    till.scan(HEART)
    refused = till.do("price_override", line="1", price="-1", reason="")
    assert "is no price" in refused.content.decode() and "manager_pin" not in refused.content.decode()
    asked = till.do("price_override", line="1", price="2.00", reason="")
    assert "manager_pin" in asked.content.decode()


@pytest.mark.parametrize(
    ("operation", "fields", "words"),
    [
        ("price_override", {"price": "1.234"}, "£1.234 cannot be paid, the smallest amount is £0.01."),
        ("line_discount", {"amount": "0.105"}, "£0.105 is no discount here: the smallest amount is £0.01."),
        ("total_discount", {"amount": "0.105"}, "£0.105 is no discount here: the smallest amount is £0.01."),
        ("price_override", {"price": ""}, "New price of one: it is empty. Fill it in."),
        ("line_discount", {"percent": "120"}, "120 % is no discount here: 100 % is all there is."),
        ("total_discount", {"percent": "100.5"}, "100.5 % is no discount here: 100 % is all there is."),
        ("line_discount", {"percent": "99.5"}, "Line discount of 99.5 % needs a manager."),
        ("line_discount", {"percent": "99"}, "Line discount of 99 % needs a manager."),
    ],
)  # fmt: skip
def test_what_can_never_be_given_is_said_with_the_remedy(
    shop: Shop, operation: str, fields: dict[str, str], words: str
) -> None:
    till = TillClient(shop, as_manager=False)
    till.scan(HEART)
    assert words in till.do(operation, line="1", reason="", **fields).content.decode()
    assert cart_of(shop).total == Decimal("2.95")


@pytest.mark.parametrize(
    ("number", "name", "link"), [(920, "Time clock", 'href="/shift/clock/">'), (503, "Hold", "hx-get=")]
)
def test_a_key_leads_to_an_operation_of_the_cart_or_to_a_page_of_its_own(
    number, name, link, shop, till
) -> None:
    with applying_package():
        grid = ButtonGrid.objects.create(layout=shop.store.screen_layout, name="Functions")
        Button.objects.create(grid=grid, operation=number)
    new_data_version()
    page = till.client.get("/").content.decode()
    tile = page[page.index('class="tile" href') :].partition("</a>")[0]
    assert name == operation_name(number) and name in tile and link in tile


def test_the_journal_says_later_why_a_sale_cost_what_it_cost(till: TillClient, shop: Shop) -> None:
    with applying_package():
        ReasonCode.objects.create(code="DAMAGED", use="price_override", text="Box is dented")
    new_data_version()
    till.scan(HEART)
    till.do("price_override", line="1", price="2.00", reason="DAMAGED")
    till.do("pay", method="cash")
    with applying_package():
        TradeAgreement.objects.all().delete()  # what was known then is what is told
    record = RetailTransaction.objects.get(kind="sale")
    record.symbol = "£"
    told = unescape(kept_prices(record))
    assert "Price for this sale</span><span>£2.95" in told
    assert f"£2.00</span><small>by {shop.manager.name} · Box is dented" in told
    assert "Offers are not given on a price that was set at the till." in told
    assert "prices_shown" in flatten_fieldsets(RetailTransactionAdmin.fieldsets)
