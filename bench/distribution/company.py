"""A company with many products: barcodes, prices and stock, about ten rows for each of them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import connection

from bench.report import QUICK
from catalog import models as catalog
from channels_app.models import ChannelDatabase
from channels_app.services.housekeeping import forget_changes
from channels_app.services.scale_units import register_scale_unit
from hq import models as hq
from inventory.models import OpeningStock
from pricing import models as pricing

PRODUCTS = 5_000 if QUICK else 100_000
PRICES = 6  # of each product
TABLES = ("catalog_product", "catalog_barcode", "pricing_tradeagreement", "inventory_openingstock")


@dataclass
class Company:
    """The channel database that the measures are about, and how much it holds."""

    database: ChannelDatabase
    category: catalog.Category
    group: pricing.PriceGroup
    products: int


def make_company() -> Company:
    """The company with a tenth of its products, at headquarters."""
    store = a_store("S1")
    category = catalog.Category.objects.create(code="all", name="All")
    assortment = catalog.Assortment.objects.create(name="Everything")
    catalog.AssortmentLine.objects.create(assortment=assortment, category=category)
    group = pricing.PriceGroup.objects.create(code="UK", name="UK")
    catalog.Unit.objects.create(code="pcs", name="Pieces")
    catalog.ItemTaxGroup.objects.create(code="full", name="Full")
    offer(store)
    database = register_scale_unit(name="main", base_url="http://x.test", stores=["S1"]).unit.channel_database
    company = Company(database, category, group, 0)
    add_products(company, PRODUCTS // 10)
    return company


def a_store(number: str) -> hq.Store:
    """A store with what it needs."""
    currency, _ = hq.Currency.objects.get_or_create(code="GBP", defaults={"name": "Pound", "symbol": "£"})
    entity, _ = hq.LegalEntity.objects.get_or_create(
        code="TH", defaults={"name": "Tillhouse", "country": "GB", "currency": currency}
    )
    return hq.Store.objects.create(
        number=number, name=f"Store {number}", legal_entity=entity, country="GB", address="High Street",
        time_zone="Europe/London", currency=currency,
        sales_tax_group=hq.SalesTaxGroup.objects.get_or_create(code="UK", defaults={"name": "UK"})[0],
        functionality_profile=hq.FunctionalityProfile.objects.get_or_create(name="Standard")[0],
        receipt_profile=hq.ReceiptProfile.objects.get_or_create(name="Standard")[0],
        visual_profile=hq.VisualProfile.objects.get_or_create(name="Standard")[0],
        screen_layout=hq.ScreenLayout.objects.get_or_create(name="Standard")[0],
    )  # fmt: skip


def offer(store: hq.Store) -> None:
    """The one assortment and the one price group in a store."""
    catalog.AssortmentStore.objects.create(assortment=catalog.Assortment.objects.get(), store=store)
    pricing.StorePriceGroup.objects.create(store=store, price_group=pricing.PriceGroup.objects.get())


def add_products(company: Company, count: int) -> None:
    """More products with all that belongs to them, in four statements."""
    first, last = company.products + 1, company.products + count
    company.products = last
    tax = catalog.ItemTaxGroup.objects.get().pk
    store = hq.Store.objects.get(number="S1").pk
    defaults = {
        f.column: f.get_default() for f in catalog.Product._meta.concrete_fields if f.has_default() or f.blank
    }
    with connection.cursor() as cursor:
        _insert(
            cursor, catalog.Product, defaults, "generate_series(%s, %s) AS g(n)", [first, last],
            number="'P' || lpad(g.n::text, 8, '0')", name="'Product ' || g.n || ' ' || substr(md5(g.n::text), 1, 16)",
            description="repeat(md5(g.n::text) || ' ', 3)", category_id=str(company.category.pk), unit_id="'pcs'",
            item_tax_group_id=str(tax),
        )  # fmt: skip
        products = "catalog_product p CROSS JOIN generate_series(1, {times}) AS k(k) WHERE p.number > %s"
        after = [f"P{first - 1:08}"]
        _insert(
            cursor, catalog.Barcode, {"quantity": 1}, products.format(times=2), after, code="p.number || '-' || k.k",
            key="p.number || '-' || k.k", product_id="p.id",
        )  # fmt: skip
        _insert(
            cursor, pricing.TradeAgreement, {"quantity_from": 0}, products.format(times=PRICES), after,
            product_id="p.id", price_group_id=str(company.group.pk), unit_id="'pcs'", currency_id="'GBP'",
            amount="(p.id %% 1000) + k.k", starts_at="'2026-01-01'::timestamptz + k.k * interval '1 month'",
        )  # fmt: skip
        _insert(
            cursor, OpeningStock, {}, products.format(times=1), after, store_id=str(store), product_id="p.id",
            quantity="p.id %% 50", counted_at="'2026-01-01'::timestamptz",
        )  # fmt: skip
        cursor.execute("ANALYZE")
    forget_changes()


def add_prices(company: Company, times: int) -> None:
    """So many more prices of each product. Nobody takes note of them: only their number matters."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pricing_tradeagreement DISABLE TRIGGER USER")
        _insert(
            cursor, pricing.TradeAgreement, {"quantity_from": 0},
            f"catalog_product p CROSS JOIN generate_series(1, {times}) AS k(k)", [],
            product_id="p.id", price_group_id=str(company.group.pk), unit_id="'pcs'", currency_id="'GBP'",
            amount="mod(p.id, 1000) + k.k", starts_at="'2030-01-01'::timestamptz + k.k * interval '1 day'",
        )  # fmt: skip
        cursor.execute("ALTER TABLE pricing_tradeagreement ENABLE TRIGGER USER")


def _insert(cursor, model, defaults: dict, source: str, parameters: list, **columns: str) -> None:
    """One INSERT … SELECT; columns that are not named get the model's default, or an empty value."""
    values = dict(columns)
    for f in model._meta.concrete_fields:
        if f.primary_key or f.column in values or getattr(f, "generated", False):
            continue
        if f.null:
            continue
        default = defaults.get(f.column, f.get_default())
        if isinstance(default, dict | list):
            values[f.column] = f"'{json.dumps(default)}'::jsonb"
        elif isinstance(default, bool | int):
            values[f.column] = str(default).lower()
        else:
            values[f.column] = f"'{default if default is not None else ''}'"
    names = ", ".join(f'"{name}"' for name in values)
    cursor.execute(
        f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(values.values())} FROM {source}',
        parameters,
    )
