"""A price book in memory: plain rows behind the indexes that make each question cost what its answer is long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pricing.engine.charges import ChargeRule
from pricing.engine.discounts.model import SHIPPING, TENDER, Discount
from pricing.engine.price import Adjustment, Agreement, BasePrice
from pricing.engine.tax import TaxRule
from pricing.engine.tax_codes import TaxBook


class IndexedPriceBook:
    """Rows kept in dictionaries by product, and an inverted index from goods to the offers that name them.

    ``base_prices`` by product or (product, variant); ``adjustments`` by product, or by category as
    ("category", id); ``taxes`` by (sales tax group, item tax group), or a whole ``tax_book``. Immutable once built: a
    change is a new book.
    """

    def __init__(
        self,
        *,
        base_prices: Mapping[str | tuple[str, str], BasePrice] | None = None,
        agreements: Iterable[Agreement] = (),
        adjustments: Mapping[str | tuple[str, str], Sequence[Adjustment]] | None = None,
        discounts: Iterable[Discount] = (),
        taxes: Mapping[tuple[str | None, str | None], Sequence[TaxRule]] | None = None,
        tax_book: TaxBook | None = None,
        charge_rules: Sequence[ChargeRule] = (),
        version: object = None,
    ) -> None:
        self.version = version if version is not None else object()
        self.tax_book = tax_book
        self._base = dict(base_prices or {})
        self._agreements: dict[str, list[Agreement]] = defaultdict(list)
        for agreement in agreements:
            self._agreements[agreement.product].append(agreement)
        self._adjustments = dict(adjustments or {})
        self._taxes = {key: tuple(rules) for key, rules in (taxes or {}).items()}
        self._charge_rules = tuple(charge_rules)
        self._by_goods: dict[tuple, list[Discount]] = {}
        self._for_all: list[Discount] = []
        self._tender: list[Discount] = []
        self._shipping: list[Discount] = []
        for discount in discounts:
            self._index(discount)

    def _index(self, discount: Discount) -> None:
        if discount.kind == TENDER:
            self._tender.append(discount)
            return
        if discount.kind == SHIPPING:
            self._shipping.append(discount)
            return
        keys: dict[tuple, None] = {}
        for line in discount.lines:
            if line.exclude:
                continue
            if line.everything:
                self._for_all.append(discount)
                return
            keys.update(dict.fromkeys(("product", name) for name in line.products))
            keys.update(dict.fromkeys(("variant", name) for name in line.variants))
            keys.update(dict.fromkeys(("category", name) for name in line.categories))
            keys.update(dict.fromkeys(("attribute", *pair) for pair in line.attributes))
        for key in keys:
            self._by_goods.setdefault(key, []).append(discount)

    def base_price(self, product: str, variant: str | None) -> BasePrice | None:
        """The variant's base price, else the product's."""
        own = self._base.get((product, variant)) if variant else None
        return own or self._base.get(product)

    def agreements_of(self, product: str) -> Sequence[Agreement]:
        """The product's trade agreements, in no particular order."""
        return self._agreements.get(product, ())

    def adjustments_of(self, product: str, categories: Sequence[str]) -> Sequence[Adjustment]:
        """Adjustments of the product and of its categories."""
        found = list(self._adjustments.get(product, ()))
        for category in categories:
            found.extend(self._adjustments.get(("category", category), ()))
        return found

    def offers_for(
        self,
        product: str,
        variant: str | None,
        categories: Sequence[str],
        attributes: Sequence[tuple[str, str]],
    ) -> Sequence[Discount]:
        """Every discount with a line that names these goods, each once."""
        found = {id(discount): discount for discount in self._for_all}
        keys: list[tuple] = [("product", product)]
        if variant:
            keys.append(("variant", variant))
        keys += [("category", category) for category in categories]
        keys += [("attribute", *pair) for pair in attributes]
        for key in keys:
            for discount in self._by_goods.get(key, ()):
                found[id(discount)] = discount
        return list(found.values())

    def tender_offers(self) -> Sequence[Discount]:
        """The tender discounts."""
        return self._tender

    def shipping_offers(self) -> Sequence[Discount]:
        """The discounts on shipping charges."""
        return self._shipping

    def charge_rules(self) -> Sequence[ChargeRule]:
        """The rules of automatic charges."""
        return self._charge_rules

    def taxes_for(
        self, sales_tax_group: str | None, item_tax_group: str | None, day: date
    ) -> Sequence[TaxRule]:
        """The rules given for the pair of groups, or those of the tax book; a pair that was not given pays no tax."""
        if self.tax_book is not None:
            return self.tax_book.rules_for(sales_tax_group, item_tax_group, day)
        return self._taxes.get((sales_tax_group, item_tax_group), ())
