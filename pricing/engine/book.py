"""A price book in memory: plain rows behind the indexes that make each question cost what its answer is long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pricing.engine.discounts.model import Discount
from pricing.engine.price import Adjustment, Agreement, BasePrice
from pricing.engine.tax import TaxRule

type_keys = ("product", "variant", "category", "attribute")


class IndexedPriceBook:
    """Rows kept in dictionaries by product, and an inverted index from goods to the offers that name them.

    ``base_prices`` by product or (product, variant); ``adjustments`` by product, or by category as
    ("category", id); ``taxes`` by (sales tax group, item tax group). Immutable once built: a change is a new book.
    """

    def __init__(
        self,
        *,
        base_prices: Mapping[str | tuple[str, str], BasePrice] | None = None,
        agreements: Iterable[Agreement] = (),
        adjustments: Mapping[str | tuple[str, str], Sequence[Adjustment]] | None = None,
        discounts: Iterable[Discount] = (),
        taxes: Mapping[tuple[str | None, str | None], Sequence[TaxRule]] | None = None,
        version: object = None,
    ) -> None:
        self.version = version if version is not None else object()
        self._base = dict(base_prices or {})
        self._agreements: dict[str, list[Agreement]] = defaultdict(list)
        for agreement in agreements:
            self._agreements[agreement.product].append(agreement)
        self._adjustments = dict(adjustments or {})
        self._taxes = {key: tuple(rules) for key, rules in (taxes or {}).items()}

    def base_price(self, product: str, variant: str | None) -> BasePrice | None:
        """The variant's base price, else the product's."""
        return self._base.get((product, variant)) if variant and (product, variant) in self._base else (
            self._base.get(product)
        )

    def agreements_of(self, product: str) -> Sequence[Agreement]:
        """The product's trade agreements, in no particular order."""
        return self._agreements.get(product, ())

    def adjustments_of(self, product: str, categories: Sequence[str]) -> Sequence[Adjustment]:
        """Adjustments of the product and of its categories."""
        found = list(self._adjustments.get(product, ()))
        for category in categories:
            found.extend(self._adjustments.get(("category", category), ()))
        return found

    def taxes_for(self, sales_tax_group: str | None, item_tax_group: str | None, day: date) -> Sequence[TaxRule]:
        """The rules given for the pair of groups; a pair that was not given pays no tax."""
        return self._taxes.get((sales_tax_group, item_tax_group), ())
