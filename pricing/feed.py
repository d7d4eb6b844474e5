"""Rows of a store's rules as the engine's plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pricing.engine.charges import ChargeRule, ChargeTier
from pricing.engine.price import Adjustment
from pricing.engine.tax_codes import (
    Destination,
    DestinationRule,
    GroupCode,
    RateRow,
    TaxBook,
    TaxCode,
    TaxHoliday,
    dated_rates,
)
from pricing.rules import AdjustmentRow, ChargeRow, DestinationRow, StoreRules
from pricing.store_clock import moment_in

AUTOMATIC = "auto:"  # how the number of a charge begins that a rule has made


class Adjustments:
    """Finds the price adjustments of a product and its categories."""

    def __init__(self, rows: Iterable[AdjustmentRow], time_zone: str = "") -> None:
        self._by_goods: dict[tuple[str, str], list[Adjustment]] = {}
        for row in rows:
            adjustment = Adjustment(
                id=row.id, name=row.name, percent=row.percent, amount=row.amount, price=row.price,
                variant=row.variant, currency=row.currency,
                starts_at=moment_in(time_zone, row.starts_at, row.clock if time_zone else ""),
                ends_at=moment_in(time_zone, row.ends_at, row.clock if time_zone else ""),
                price_groups=(row.price_group,) if row.price_group else (),
            )  # fmt: skip
            goods = ("product", row.product) if row.product else ("category", row.category or "")
            self._by_goods.setdefault(goods, []).append(adjustment)

    def of(self, product: str, categories: Sequence[str]) -> Sequence[Adjustment]:
        """Those that name the product or one of its categories."""
        if not self._by_goods:
            return ()
        keys = [("product", product), *(("category", category) for category in categories)]
        return tuple(one for key in keys for one in self._by_goods.get(key, ()))


def tax_book(rules: StoreRules) -> TaxBook:
    """The company's tax codes, groups and holidays, ready to answer what a line pays."""
    sales: dict[str, list[GroupCode]] = {}
    for group, code, exempt in rules.sales_groups:
        sales.setdefault(group, []).append(GroupCode(code, exempt or None))
    items: dict[str, list[str]] = {}
    for group, code in rules.item_groups:
        items.setdefault(group, []).append(code)
    return TaxBook(
        codes=[
            TaxCode(
                row.code, dated_rates(RateRow(*rate) for rate in row.rates), name=row.name, kind=row.kind,
                sequence=row.sequence, affects_next_base=row.affects_next_base,
                base_affected_by_previous=row.base_affected_by_previous, of=row.of,
                calculate_before=row.calculate_before, method=row.method, marginal_base=row.marginal_base,
            )
            for row in rules.tax_codes
        ],
        sales_groups=sales,
        item_groups=items,
        holidays=[
            TaxHoliday(row.name, row.starts_on, row.ends_on, row.item_groups, row.codes, row.price_limit)
            for row in rules.tax_holidays
        ],
    )  # fmt: skip


def as_charge_rule(row: ChargeRow) -> ChargeRule:
    """An automatic charge as the engine's rule; its customer group is a price group."""
    return ChargeRule(
        id=f"{AUTOMATIC}{row.id}", code=row.code, tiers=tuple(ChargeTier(*tier) for tier in row.tiers), name=row.name,
        level=row.level, way=row.way, type=row.kind, customer=row.customer, customer_group=row.price_group,
        delivery_mode=row.delivery_mode, products=row.products, categories=row.categories,
        item_tax_group=row.item_tax_group, refundable=row.is_refundable, prorated=row.is_prorated,
    )  # fmt: skip


def as_destination_rule(row: DestinationRow) -> DestinationRule:
    """A place with its sales-tax group; `BT*` is every postcode that begins so, spaces do not count."""
    postcode = "".join(row.postcode.split())
    pattern = re.escape(postcode.removesuffix("*")) + (".*" if postcode.endswith("*") else "")
    place = Destination(country=row.country, state=row.state, city=row.city, postcode=pattern)
    return DestinationRule(place, row.sales_tax_group)
