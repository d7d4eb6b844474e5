"""Which goods an offer names, and whether two offers name some of the same: by keys, without listing the goods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from catalog.models import Category, Product
from pricing.models import Discount, PriceAdjustment


@dataclass
class Goods:
    """What an offer's lines name: everything, products (with the category of each), categories with all below."""

    everything: bool = False
    products: dict[int, int | None] = field(default_factory=dict)
    categories: set[int] = field(default_factory=set)
    attributes: set[tuple[str, str]] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not (self.everything or self.products or self.categories or self.attributes)

    def shares_with(self, other: Goods) -> bool:
        """Whether some goods may be named by both; goods that either leaves out by name are not."""
        if self.is_empty or other.is_empty:
            return False
        gone = self.left_out | other.left_out
        mine, theirs = set(self.products) - gone, set(other.products) - gone
        if self.everything:
            return other.everything or bool(theirs or other.categories or other.attributes)
        if other.everything:
            return bool(mine or self.categories or self.attributes)
        return bool(
            mine & theirs
            or self.categories & other.categories
            or self.attributes & other.attributes
            or any(self.products[product] in other.categories for product in mine)
            or any(other.products[product] in self.categories for product in theirs)
        )


def goods_of(offers: Sequence[Discount]) -> dict[int, Goods]:
    """The goods of offers whose lines are prefetched, in two queries however many offers there are."""
    lines = [line for offer in offers for line in offer.lines.all()]
    wanted = {line.product_id for line in lines if line.product_id}
    category_of = dict(Product.objects.filter(pk__in=wanted).values_list("pk", "category_id"))
    below = Below(Category.objects.values_list("pk", "parent_id"))
    found = {offer.pk: Goods() for offer in offers}
    for line in lines:
        goods = found[line.discount_id]
        if line.is_excluded:
            if line.product_id:
                goods.left_out.add(line.product_id)
        elif line.product_id:
            goods.products[line.product_id] = category_of.get(line.product_id)
        elif line.category_id:
            goods.categories |= below.of(line.category_id)
        elif line.attribute:
            goods.attributes.add((line.attribute, line.attribute_value))
        else:
            goods.everything = True
    return found


def adjusted_goods(adjustments: Sequence[PriceAdjustment]) -> dict[int, Goods]:
    """The goods of price adjustments whose lines are prefetched."""
    below = Below(Category.objects.values_list("pk", "parent_id"))
    found = {one.pk: Goods() for one in adjustments}
    for line in (line for one in adjustments for line in one.lines.all()):
        goods = found[line.adjustment_id]
        if line.product_id:
            goods.products[line.product_id] = None  # by itself: it brings no category along
        elif line.category_id:
            goods.categories |= below.of(line.category_id)
    return found


class Below:
    """The categories below others."""

    def __init__(self, pairs: Iterable[tuple[int, int | None]]) -> None:
        self._children: dict[int | None, list[int]] = {}
        for key, parent in pairs:
            self._children.setdefault(parent, []).append(key)
        self._known: dict[int, set[int]] = {}

    def of(self, category: int) -> set[int]:
        """The category and all below it."""
        known = self._known.get(category)
        if known is None:
            known, waiting = set(), [category]
            while waiting:
                one = waiting.pop()
                if one not in known:
                    known.add(one)
                    waiting += self._children.get(one, [])
            self._known[category] = known
        return known


def sold_of(goods: Mapping[int, Goods]) -> set[int]:
    """The offers of which at least one article may be sold: it exists and is not blocked. Three queries at most."""
    sellable = Product.objects.filter(is_blocked=False)
    wanted = {product for one in goods.values() for product in one.products}
    there = set(sellable.filter(pk__in=wanted).values_list("pk", flat=True))
    filled = set(sellable.order_by().values_list("category_id", flat=True).distinct())
    said = _attributes_of(sellable, {pair for one in goods.values() for pair in one.attributes})
    return {
        key
        for key, one in goods.items()
        if one.everything
        or one.attributes & said
        or (set(one.products) & there) - one.left_out
        or one.categories & filled
    }


def _attributes_of(products: QuerySet[Product], pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those attributes with their values that some of the products have."""
    if not pairs:
        return set()
    texts = sorted(pairs)
    shown = {f"t{place}": KeyTextTransform(name, "attributes") for place, (name, _) in enumerate(texts)}
    counts = products.alias(**shown).aggregate(
        **{
            f"n{place}": Count("pk", filter=Q(**{f"t{place}": value}))
            for place, (_, value) in enumerate(texts)
        }
    )
    return {pair for place, pair in enumerate(texts) if counts[f"n{place}"]}
