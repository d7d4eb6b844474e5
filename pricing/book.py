"""The price book of a store: rows of the channel database as the engine's plain values, loaded when asked for.

A book belongs to one store and one data version. It holds what does not depend on the product (tax rules) at
once, and what does (trade agreements) per product, so that a scan costs the same in a company with a million
prices as in one with a hundred.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from pricing.audience import NOBODY, Buyer, exemption_on, present, read_buyer
from pricing.engine.book import IndexedPriceBook
from pricing.engine.charges import ChargeRule
from pricing.engine.discounts.model import Coupon, Discount
from pricing.engine.model import PriceGroup, TaxContext
from pricing.engine.price import Adjustment, Agreement, BasePrice
from pricing.engine.tax import TaxRule
from pricing.engine.tax_codes import Destination, DestinationRule, Exemption, TaxBook, destination_group
from pricing.feed import Adjustments, as_charge_rule, as_destination_rule, tax_book
from pricing.offers import as_rule, enabled_discounts
from pricing.rules import DeliveryModeRow, StoreRules
from pricing.store_clock import moment_in

MOST_PRODUCTS = 50_000
MOST_CUSTOMERS = 5_000

# One product's agreements as JSON, to be put into a statement that finds the product. Customers are known by account.
AGREEMENTS_SQL = """
    (SELECT coalesce(json_agg(json_build_array(
                a.id, a.variant_id, a.price_group_id,
                (SELECT c.account FROM customers_customer c WHERE c.id = a.customer_id),
                a.unit_id, a.quantity_from::text, a.amount::text, a.starts_at, a.ends_at, a.clock)), '[]')
       FROM pricing_tradeagreement a
      WHERE a.product_id = {product} AND a.currency_id = %(currency)s
        AND (a.price_group_id IS NULL OR a.price_group_id = ANY(%(price_groups)s))
        AND (a.ends_at IS NULL OR a.ends_at > now() - interval '400 days'))
"""


class StorePriceBook:
    """Answers what the engine asks, for one store and one version of the data."""

    def __init__(
        self,
        *,
        version: int,
        currency: str,
        time_zone: str,
        rules: StoreRules,
    ) -> None:
        self.version = version
        self.currency = currency
        self.time_zone = time_zone
        self.rules = rules
        self._adjustments = Adjustments(rules.adjustments, time_zone)
        self._agreements: dict[str, tuple[Agreement, ...]] = {}
        self._buyers: dict[str, Buyer] = {}
        self._lock = Lock()

    def fill(self, *, offers: Iterable[Mapping[str, Any]]) -> None:
        """Take what `OFFERS_SQL` gave; otherwise offers are read when they are asked for."""
        self.__dict__["_enabled"] = [as_rule(row, self.time_zone) for row in offers]

    @property
    def parameters(self) -> dict[str, Any]:
        """What `AGREEMENTS_SQL` needs."""
        return {"currency": self.currency, "price_groups": list(self.rules.in_reach)}

    def buyer(self, customer: str | None) -> Buyer:
        """What the customer of that account brings: price groups, and exemptions from tax. Read once."""
        if not customer:
            return NOBODY
        known = self._buyers.get(customer)
        if known is None:
            known = read_buyer(customer)
            with self._lock:
                if len(self._buyers) >= MOST_CUSTOMERS:
                    self._buyers.clear()
                self._buyers[customer] = known
        return known

    def groups_for(
        self, customer: str | None, at: datetime, affiliations: Collection[str] = ()
    ) -> tuple[PriceGroup, ...]:
        """The price groups present at a moment, with what the customer and affiliations of the sale bring."""
        day = at.astimezone(self._zone).date()
        key = (customer, day, tuple(affiliations))
        found = self._present.get(key)
        if found is None:
            brought = [*self._groups_of(affiliations), *self.buyer(customer).groups]
            found = present(self.rules.groups, brought, day)
            with self._lock:
                if len(self._present) >= MOST_CUSTOMERS:
                    self._present.clear()
                self._present[key] = found
        return found

    def tax_for(self, store: TaxContext, customer: str | None, at: datetime) -> TaxContext:
        """The store's taxes, less what the customer is exempt from on that day."""
        exemptions = self.buyer(customer).exemptions
        if not exemptions:
            return store
        day = at.astimezone(self._zone).date()
        first, *others = [one for one in exemptions if exemption_on([one], day)] or [None]
        return msgspec.structs.replace(store, exemption=first, further_exemptions=tuple(others))

    def exemption_for(self, reason_code: str, words: str, at: datetime) -> Exemption | None:
        """What a reason given at the till frees from on that day: all taxes where headquarters says nothing else.

        None where headquarters has exemptions for it, but for other days.
        """
        found = [
            Exemption(words, row.codes, row.lowers_price, row.starts_on, row.ends_on)
            for row in self.rules.reason_exemptions
            if row.code == reason_code
        ]
        return exemption_on(found, at.astimezone(self._zone).date()) if found else Exemption(words)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def _present(self) -> dict[tuple[str | None, date, tuple[str, ...]], tuple[PriceGroup, ...]]:
        return {}

    def _groups_of(self, affiliations: Collection[str]) -> list[PriceGroup]:
        return [
            PriceGroup(group, priority, "affiliation")
            for row in self.rules.affiliations
            if row.code in affiliations
            for group, priority in row.price_groups
        ]

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
        """The active price adjustments of the product and its categories."""
        return self._adjustments.of(product, categories)

    def charge_rules(self) -> Sequence[ChargeRule]:
        """The active automatic charges in the store's currency."""
        return self._charge_rules

    @cached_property
    def _charge_rules(self) -> tuple[ChargeRule, ...]:
        return tuple(as_charge_rule(row) for row in self.rules.charges)

    def delivery_mode(self, code: str) -> DeliveryModeRow | None:
        """The delivery mode of that code, whatever its case."""
        wanted = code.strip().casefold()
        return next((mode for mode in self.rules.delivery_modes if mode.code.casefold() == wanted), None)

    def destination_group(self, address: Destination) -> str | None:
        """The sales-tax group of an address; None where the store's own holds there."""
        plain = msgspec.structs.replace(address, postcode="".join(address.postcode.split()))
        return destination_group(self._destinations, plain)

    @cached_property
    def _destinations(self) -> tuple[DestinationRule, ...]:
        return tuple(as_destination_rule(row) for row in self.rules.destinations)

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

    def coupon(self, code: str) -> Coupon | None:
        """The coupon of that code of an enabled discount, whether or not it is valid now."""
        return self._coupons.get(code)

    def limits(self, code: str) -> Coupon | None:
        """The coupon of that code if its uses are limited; the others need not be counted."""
        coupon = self.coupon(code)
        if coupon is None or (coupon.limit, coupon.limit_per_customer, coupon.limit_per_channel) == (
            None,
            None,
            None,
        ):
            return None
        return coupon

    @cached_property
    def _coupons(self) -> dict[str, Coupon]:
        return {coupon.code: coupon for offer in self._enabled for coupon in offer.coupons}

    @cached_property
    def _enabled(self) -> list[Discount]:
        return enabled_discounts(self.currency, self.time_zone)

    @cached_property
    def _offers(self) -> IndexedPriceBook:
        return IndexedPriceBook(discounts=self._enabled, version=self.version)

    @cached_property
    def tax_book(self) -> TaxBook:
        """The company's taxes, with the day's rates, holidays and what is exempt."""
        return tax_book(self.rules)

    def taxes_for(
        self, sales_tax_group: str | None, item_tax_group: str | None, day: date
    ) -> Sequence[TaxRule]:
        """The tax codes in both groups, at the rates of the day."""
        return self.tax_book.rules_for(sales_tax_group, item_tax_group, day)

    def _agreement(self, product: str, row: Sequence[Any]) -> Agreement:
        (agreement_id, variant, group, customer, unit, quantity_from, amount, starts_at, ends_at, clock) = row
        return Agreement(
            id=str(agreement_id),
            product=product,
            price=Decimal(amount),
            currency=self.currency,
            variant=str(variant) if variant else None,
            specificity=1 if variant else 0,
            unit=unit,
            min_quantity=Decimal(quantity_from),
            starts_at=moment_in(self.time_zone, _instant(starts_at), clock),
            ends_at=moment_in(self.time_zone, _instant(ends_at), clock),
            customer=customer,
            price_group=str(group) if group else None,
        )


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
