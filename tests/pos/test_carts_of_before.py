"""Carts that were stored before all that a line has of its own was one field."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import msgspec
import pytest
import zstandard
from django.apps import apps
from django.db import connection

from pos.cart.model import Cart, unpack_cart
from pos.models import AnsweredRequest, StoredCart
from pos.operations.lines import LineDiscount, PriceOverride, SetQuantity
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt
from pos.operations.sale import Pay
from tests.scenarios.store import Shop, a_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
step = import_module("pos.migrations.0002_what_a_line_has_of_its_own")


@pytest.fixture
def shop() -> Shop:
    return a_shop()


def as_before(document: bytes) -> bytes:
    """A stored cart with what a line has of its own as fields of the line."""
    cart = msgspec.json.decode(zstandard.decompress(bytes(document)))
    lines = [*cart["lines"], *(line for one in cart["undo"] for line in one["lines"])]
    for line in [*lines, *(one["line"] for one in cart["undo"] if one["line"])]:
        line["basket"].update(line["basket"].pop("own") or step.OWN)
    return zstandard.compress(msgspec.json.encode(cart))


def test_an_open_sale_is_the_same_after_the_step(shop: Shop) -> None:
    shop.run(ProductSale(code="MILK"))
    receipt = shop.run(Pay(method="cash")).sale.receipt_number
    shop.run(
        ProductSale(code="85123A"),
        PriceOverride(line="1", price=Decimal("2.00"), reason="Damaged"),
        ProductSale(code="MILK"),
        LineDiscount(line="2", percent=Decimal(10), reason="Damaged"),
        SetQuantity(line="2", quantity=Decimal(3)),
        worker=shop.manager,
    )
    shop.run(ReturnByReceipt(receipt=receipt), approved=True)
    open_sale = shop.till().cart
    assert [line.basket.own is None for line in open_sale.lines] == [False, False, False]
    for table in (StoredCart, AnsweredRequest):
        for row in table.objects.all():
            table.objects.filter(pk=row.pk).update(document=as_before(row.document))

    step.convert(apps, SimpleNamespace(connection=connection))
    assert _stored() == open_sale
    step.convert(apps, SimpleNamespace(connection=connection))  # nothing is left to do
    assert _stored() == open_sale


def _stored() -> Cart:
    return unpack_cart(StoredCart.objects.get().document)
