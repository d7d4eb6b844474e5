"""Currencies, VAT, and what the company calls things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from api.demo.build.data import rows
from catalog.models import ItemTaxGroup
from hq.models import Currency, Denomination, SalesTaxGroup
from pricing.models import ItemTaxGroupCode, SalesTaxGroupCode, TaxCode, TaxRate

COUNTRIES = {"GB": "United Kingdom", "IE": "Ireland"}
_RATE_NAMES = {
    "standard": "standard rate", "reduced": "reduced rate", "reduced1": "second reduced rate",
    "reduced2": "reduced rate", "zero": "zero rate", "outside": "outside the scope",
}  # fmt: skip


def make_currencies() -> None:
    """Write pound and euro with every note and coin."""
    found = rows("currencies")
    Currency.objects.bulk_create(
        Currency(code=row["code"], name=row["name"], symbol=row["symbol"], decimals=int(row["decimals"]))
        for row in found
    )
    Denomination.objects.bulk_create(
        Denomination(currency_id=row["code"], value=Decimal(value), kind=kind)
        for row in found
        for kind in (Denomination.Kind.NOTE, Denomination.Kind.COIN)
        for value in row[f"{kind}s"].split("|")
    )


def make_taxes() -> tuple[Mapping[str, SalesTaxGroup], Mapping[str, ItemTaxGroup]]:
    """Write each country's VAT with its history; return the tax groups of stores and of goods by code.

    A store's group brings all its country's codes and a good's group one code per country: a sale is taxed
    with the one that is in both.
    """
    rates, goods = rows("vat_rates"), rows("vat_goods")
    used = {(country, rate["rate"]) for country in COUNTRIES for rate in rates if rate["country"] == country}
    used |= {(country, good[country]) for country in COUNTRIES for good in goods}
    codes = {
        (country, rate): TaxCode(
            code=f"{country}-{rate.upper()}",
            name=f"VAT {_RATE_NAMES[rate]}",
            country=country,
        )
        for country, rate in sorted(used)
    }
    TaxCode.objects.bulk_create(codes.values())
    TaxRate.objects.bulk_create(
        [
            *(
                TaxRate(
                    tax_code=codes[row["country"], row["rate"]],
                    percent=Decimal(row["percent"]),
                    starts_on=_day(row["starts_on"]),
                    ends_on=_day(row["ends_on"]),
                )
                for row in rates
            ),
            *(TaxRate(tax_code=codes[key], percent=0) for key in sorted(codes) if key[1] == "outside"),
        ]
    )
    stores = {
        country: SalesTaxGroup(code=f"{country}-STORES", name=f"Stores in the {name}".replace("the I", "I"))
        for country, name in COUNTRIES.items()
    }
    SalesTaxGroup.objects.bulk_create(stores.values())
    SalesTaxGroupCode.objects.bulk_create(
        SalesTaxGroupCode(group=stores[country], tax_code=code) for (country, _), code in codes.items()
    )
    items = {good["tax_class"]: ItemTaxGroup(code=good["tax_class"], name=good["name"]) for good in goods}
    ItemTaxGroup.objects.bulk_create(items.values())
    ItemTaxGroupCode.objects.bulk_create(
        ItemTaxGroupCode(group=items[good["tax_class"]], tax_code=codes[country, good[country]])
        for good in goods
        for country in COUNTRIES
    )
    return stores, items


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
