"""The price of one may be finer than what is paid: 1.579 a litre. It is written as it is, in every currency."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template

from channels_app.roles import applying_package
from hq import models as hq
from pos.models import RetailTransaction
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.receipts import receipt_document
from pos.services.journal import document_of
from pos.services.price_cart import priced_anew
from pos.waterfall import stages_of
from pricing.models import TradeAgreement
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db


def a_shop_that_sells_at(price: str, currency: str, **fields: Any) -> Shop:
    with applying_package():
        hq.Currency.objects.get_or_create(code=currency, defaults=fields)
    shop = a_shop(currency=currency)
    with applying_package():
        TradeAgreement.objects.filter(product=shop.products["85123A"]).update(amount=Decimal(price))
    new_data_version()
    return shop


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


FRANC = {"name": "Swiss franc", "symbol": "CHF", "decimals": 2, "cash_unit": "0.05"}
YEN = {"name": "Yen", "symbol": "¥", "decimals": 0, "cash_unit": "1"}


@pytest.mark.parametrize(
    ("price", "currency", "fields", "one", "total"),
    [
        ("150.5", "JPY", YEN, "150.5", "301"), ("1200", "JPY", YEN, "1,200", "2,400"),
        ("1.5790", "CHF", FRANC, "1.579", "3.16"), ("1.5", "CHF", FRANC, "1.50", "3.00"),
    ],
)  # fmt: skip
def test_what_one_costs_is_written_in_as_many_decimals_as_it_has(
    scale_unit: Any, price: str, currency: str, fields: dict[str, Any], one: str, total: str
) -> None:
    shop = a_shop_that_sells_at(price, currency, **fields)
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
    client, till = TillClient(shop).client, shop.till()
    symbol = plain(till.register.store.currency_symbol)
    assert f"{symbol}{one} each" in plain(client.get("/").content.decode())
    assert f"2 × {symbol}{one}{symbol}{total}" in plain(client.get("/price/1/").content.decode())
    (line,) = priced_anew(till.cart, till, till.cart.priced_at).lines
    assert stages_of(line, {}, till.cart.money)[0].why.endswith(f"2 × {till.cart.money(Decimal(price))}")
    simulated = Template("{% load simulation %}{% sim_money amount store %}")
    shown = simulated.render(Context({"amount": Decimal(price), "store": till.register.store}))
    assert plain(shown).endswith(one)
    shop.run(Pay(method="cash"))
    document = document_of(till.register, RetailTransaction.objects.get(kind="sale").pk)
    words = [block.get("text", "").strip() for block in receipt_document(document)["blocks"]]
    assert f"2 @ {one}" in words
