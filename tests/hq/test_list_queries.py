"""A list with a dozen rows asks the database no more than a list with two."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hq import middleware
from pricing import readiness
from tests.factories.company import a_price, a_ready_register

LISTS = [
    "hq/store",
    "hq/register",
    "hq/device",
    "hq/worker",
    "hq/permissiongroup",
    "hq/paymentmethod",
    "hq/hardwarestation",
    "hq/hardwareprofile",
    "hq/screenlayout",
    "hq/buttongrid",
    "hq/legalentity",
    "hq/currency",
    "hq/user",
    "hq/receiptprofile",
    "catalog/product",
    "catalog/barcode",
    "catalog/category",
    "catalog/assortment",
    "pricing/tradeagreement",
    "pricing/pricegroup",
    "pricing/taxcode",
    "customers/customer",
    "auth/group",
]


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    back_office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (middleware, readiness):  # a minute may run out between two looks at a page
        monkeypatch.setattr(module, "_REMEMBERED", None)
    paths = [*(f"/{path}/" for path in LISTS), "/readiness/", "/audit/", "/"]

    def queries(path: str) -> int:
        back_office.get(path)  # what is remembered between requests is remembered now
        with CaptureQueriesContext(connection) as captured:
            assert back_office.get(path).status_code == 200
        return len(captured)

    _company(2)
    few = {path: queries(path) for path in paths}
    _company(8)
    many = {path: queries(path) for path in paths}
    assert {path: (few[path], many[path]) for path in paths if many[path] > few[path]} == {}


def _company(stores: int) -> None:
    for _ in range(stores):
        register: Any = a_ready_register()
        for offer in register.store.assortments.all():
            for line in offer.assortment.lines.all():
                for product in line.category.products.all()[:2]:
                    a_price(product, "1.95", quantity_from=2)
                    product.barcodes.create(
                        code=f"B{product.number}"
                    ) if not product.barcodes.exists() else None
        register.store.name += " changed"
        register.store.save()
