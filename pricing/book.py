"""The price book of a store: rows of the channel database as the engine's plain values, loaded when asked for.

A book belongs to one store and one data version. It holds what does not depend on the product (tax rules) at
once, and what does (trade agreements) per product, so that a scan costs the same in a company with a million
prices as in one with a hundred.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from threading import Lock
from typing import Any

from django.db import connection

from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import Discount
from pricing.engine.model import PriceGroup
from pricing.engine.price import Adjustment, Agreement, BasePrice
from pricing.engine.tax import TaxRule
from pricing.offers import as_rule, enabled_discounts

MOST_PRODUCTS = 50_000

# Sales tax group, item tax group, code, percent, first day, day after the last.
TaxRow = tuple[int, str, str, Decimal, date | None, date | None]
_DatedTaxes = dict[tuple[str, str], list[tuple[TaxRule, date | None, date | None]]]

# One product's agreements as JSON, to be put into a statement that finds the product. Customers are known by account.
AGREEMENTS_SQL = """
    (SELECT coalesce(json_agg(json_build_array(
                a.id, a.variant_id, a.price_group_id,
                (SELECT c.account FROM customers_customer c WHERE c.id = a.customer_id),
                a.unit_id, a.quantity_from::text, a.amount::text, a.starts_at, a.ends_at)), '[]')
       FROM pricing_tradeagreement a
      WHERE a.product_id = {product} AND a.currency_id = %(currency)s
        AND (a.price_group_id IS NULL OR a.price_group_id = ANY(%(price_groups)s))
        AND (a.ends_at IS NULL OR a.ends_at > now() - interval '400 days'))
"""

TAX_SQL = """
    SELECT s.group_id, g.code, t.code, r.percent, r.starts_on, r.ends_on
      FROM pricing_salestaxgroupcode s
      JOIN pricing_itemtaxgroupcode i ON i.tax_code_id = s.tax_code_id
      JOIN catalog_itemtaxgroup g ON g.id = i.group_id
      JOIN pricing_taxcode t ON t.id = s.tax_code_id
      JOIN pricing_taxrate r ON r.tax_code_id = t.id
     ORDER BY t.code
"""


class StorePriceBook:
    """Answers what the engine asks, for one store and one version of the data."""

    def __init__(
        self,
        *,
        version: int,
        currency: str,
        time_zone: str,
        price_groups: Sequence[PriceGroup],
    ) -> None:
        self.version = version
        self.currency = currency
        self.price_groups = tuple(price_groups)
        self.time_zone = time_zone
        self._agreements: dict[str, tuple[Agreement, ...]] = {}
        self._taxes: _DatedTaxes | None = None
        self._lock = Lock()

    def fill(self, *, taxes: Iterable[TaxRow], offers: Iterable[Mapping[str, Any]]) -> None:
        """Take what `TAX_SQL` and `OFFERS_SQL` gave; what is not taken is read when it is asked for."""
        self._taxes = self._by_groups(taxes)
        self.__dict__["_enabled"] = [as_rule(row) for row in offers]

    @property
    def parameters(self) -> dict[str, Any]:
        """What `AGREEMENTS_SQL` needs."""
        return {"currency": self.currency, "price_groups": [int(group.id) for group in self.price_groups]}

    def remember(self, product: str, rows: Iterable[Sequence[Any]]) -> None:
        """Keep a product's agreements, as `AGREEMENTS_SQL` gave them."""
        found = tuple(self._agreement(product, row) for row in rows)
        with self._lock:
            if len(self._agreements) >= MOST_PRODUCTS:
                self._agreements.clear()
            self._agreements[product] = found

    def knows(self, product: str) -> bool:
        return product in self._agreements

    def base_price(self, product: str, variant: str | None) -> BasePrice | None:
        """None: in this company every price is a trade agreement, dated and in its currency."""
        return None

    def agreements_of(self, product: str) -> Sequence[Agreement]:
        """The product's trade agreements in the store's currency and price groups."""
        found = self._agreements.get(product)
        if found is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT " + AGREEMENTS_SQL.format(product="%(product)s"),
                    {**self.parameters, "product": int(product)},
                )
                rows = cursor.fetchone()[0]
            self.remember(product, json.loads(rows) if isinstance(rows, str) else rows)
            found = self._agreements[product]
        return found

    def adjustments_of(self, product: str, categories: Sequence[str]) -> Sequence[Adjustment]:
        return ()

    def offers_for(
        self,
        product: str,
        variant: str | None,
        categories: Sequence[str],
        attributes: Sequence[tuple[str, str]],
    ) -> Sequence[Discount]:
        """The enabled discounts with a line that names this, its category, or everything."""
        return self._offers.offers_for(product, variant, categories, attributes)

    def tender_offers(self) -> Sequence[Discount]:
        return self._offers.tender_offers()

    def shipping_offers(self) -> Sequence[Discount]:
        return self._offers.shipping_offers()

    def has_coupon(self, code: str) -> bool:
        """Whether a code unlocks any enabled discount here."""
        return code in self._coupons

    @cached_property
    def _coupons(self) -> frozenset[str]:
        return frozenset(coupon.code for offer in self._enabled for coupon in offer.coupons)

    @cached_property
    def _enabled(self) -> list[Discount]:
        return enabled_discounts(self.currency)

    @cached_property
    def _offers(self) -> IndexedPriceBook:
        return IndexedPriceBook(discounts=self._enabled, version=self.version)

    def taxes_for(
        self, sales_tax_group: str | None, item_tax_group: str | None, day: date
    ) -> Sequence[TaxRule]:
        """The tax codes in both groups, at the rates of the day."""
        if self._taxes is None:
            self._taxes = self._load_taxes()
        dated = self._taxes.get((sales_tax_group or "", item_tax_group or ""), ())
        return tuple(
            rule
            for rule, start, end in dated
            if (start is None or start <= day) and (end is None or day < end)
        )

    def _load_taxes(self) -> _DatedTaxes:
        with connection.cursor() as cursor:
            cursor.execute(TAX_SQL)
            return self._by_groups(cursor.fetchall())

    @staticmethod
    def _by_groups(rows: Iterable[TaxRow]) -> _DatedTaxes:
        taxes: _DatedTaxes = {}
        for sales_group, item_group, code, percent, starts_on, ends_on in rows:
            rule = TaxRule(code=code, rate=Decimal(percent))
            taxes.setdefault((str(sales_group), item_group), []).append((rule, starts_on, ends_on))
        return taxes

    def _agreement(self, product: str, row: Sequence[Any]) -> Agreement:
        (agreement_id, variant, group, customer, unit, quantity_from, amount, starts_at, ends_at) = row
        return Agreement(
            id=str(agreement_id),
            product=product,
            price=Decimal(amount),
            currency=self.currency,
            variant=str(variant) if variant else None,
            specificity=1 if variant else 0,
            unit=unit,
            min_quantity=Decimal(quantity_from),
            starts_at=datetime.fromisoformat(starts_at) if starts_at else None,
            ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
            customer=customer,
            price_group=str(group) if group else None,
        )
