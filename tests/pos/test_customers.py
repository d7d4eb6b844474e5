"""Who buys is found by what a cashier hears or reads, and put on the sale with a tap."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.db import connection

from channels_app.roles import applying_package
from customers.models import Customer, CustomerGroup, LoyaltyCard, LoyaltyTier
from pos.operations.sale import SetCustomer
from pos.services.customers import search_customers
from pos.services.session import till_by_ids
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    found = a_shop()
    with applying_package():
        trade = CustomerGroup.objects.create(code="TRADE", name="Trade")
        gold = LoyaltyTier.objects.create(code="GOLD", name="Gold", rank=3)
        grace = Customer.objects.create(
            account="1001", name="Grace O'Malley", phone="+44 (0)20 7946-0123", email="Grace@Fleet.example"
        )
        Customer.objects.create(account="1002", name="Grace Hopper", phone="0161 496 0999", group=trade)
        Customer.objects.create(account="AB_7", name="Zoë Müller 100%", email="zoe@fleet.example")
        LoyaltyCard.objects.create(number="L-55", customer=grace, tier=gold)
        LoyaltyCard.objects.create(number="L-56", customer=grace, tier=gold, is_active=False)
    return found


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("grace", ["1002", "1001"]),  # by name
        ("mal  GRACE", ["1001"]),
        ("grace hoper", ["1002"]),  # nearly
        ("1002", ["1002"]),
        ("100", ["1002", "1001", "AB_7"]),
        ("ab_", ["AB_7"]),
        ("b_7", []),
        ("L-55", ["1001"]),
        ("L-56", []),  # lost
        ("grace@fleet", ["1001"]),
        ("020 7946 0123", ["1001"]),
        ("+44 20 7946 0123", ["1001"]),
        ("+44 161 496 0999", ["1002"]),
        ("7946-0123", ["1001"]),
        ("0161496", ["1002"]),
        ("müller", ["AB_7"]),
        ("100%", ["AB_7"]),
        ("%%", []),
        ("g", []),
        ("   ", []),
        ("\0\0", []),
        ("x" * 500, []),
    ],
)
def test_a_customer_is_found(shop: Shop, text: str, accounts: list[str]) -> None:
    assert [found.account for found in search_customers(text)] == accounts


def test_what_is_found_tells_people_apart(shop: Shop) -> None:
    first, second = search_customers("grace")
    assert (first.group, first.tier) == ("Trade", "")
    assert (second.email, second.tier) == ("Grace@Fleet.example", "Gold")


def test_the_search_reads_an_index(shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for condition in (
            "lower(name) LIKE '%malley%'",
            "lower(email) LIKE 'grace@%'",
            "lower(account) LIKE '1001%'",
            r"regexp_replace(phone, '\(0\)|\D', '', 'g') LIKE '%79460%'",
        ):
            cursor.execute(f"EXPLAIN SELECT id FROM customers_customer WHERE {condition}")
            assert "customer_trigram" in str(cursor.fetchall()), condition


def test_the_panel_puts_a_customer_on_the_sale_and_takes_it_off(shop: Shop) -> None:
    till = TillClient(shop)
    assert "Who is buying?" in till.get("/customers/").content.decode()
    panel = unescape(till.get("/customers/", {"q": "malley"}).content.decode())
    assert 'value="1001"' in panel and "Grace O'Malley" in panel and "Gold" in panel
    answer = unescape(till.post("/cart/do/set_customer/", {"account": "1001"}).content.decode())
    assert "Grace O'Malley" in answer and 'id="panel"' in answer  # which is closed
    assert "on this sale" in till.get("/customers/").content.decode()
    till.post("/cart/do/set_customer/", {"account": ""})
    assert not _cart(shop).customer_account


def test_a_new_customer_begins_with_what_was_searched_for(shop: Shop) -> None:
    till = TillClient(shop)
    assert (
        "do/add_customer/?asked=Zo%C3%AB%20%26%20Co"
        in till.get("/customers/", {"q": "Zoë & Co"}).content.decode()
    )
    for asked, field in (("Zoë & Co", "name"), ("zoe@fleet.example", "email"), ("020 7946", "phone")):
        form = unescape(till.get("/cart/do/add_customer/", {"asked": asked}).content.decode())
        assert f'name="{field}" value="{asked}"' in form


def test_a_new_customer_that_is_none_is_asked_again(shop: Shop) -> None:
    answer = TillClient(shop).post("/cart/do/add_customer/", {"name": "Zoë", "email": "zoe", "sheet": "1"})
    assert "E-mail: Enter a valid email address." in unescape(answer.content.decode())


def test_nobody_is_found_with_a_word_on_what_to_do(shop: Shop) -> None:
    assert (
        "Nobody found for “zz&lt;zz”" in TillClient(shop).get("/customers/", {"q": "zz<zz"}).content.decode()
    )


def test_the_customers_name_comes_with_the_account(shop: Shop) -> None:
    cart = shop.run(SetCustomer(account=" 1002 "))
    assert (cart.customer_account, cart.customer_name, cart.notice) == ("1002", "Grace Hopper", None)


def test_an_account_that_is_not_known_is_kept_and_said(shop: Shop) -> None:
    cart = shop.run(SetCustomer(account="9", name="Somebody"))
    assert (cart.customer_account, cart.customer_name) == ("9", "Somebody")
    assert cart.notice is not None and "No customer here has the account 9" in cart.notice.text


def _cart(shop: Shop) -> Any:
    return till_by_ids(register_id=shop.register.pk, worker_id=None).cart.head
