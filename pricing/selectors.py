"""What pages ask of prices and offers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from catalog.models import Category, Product
from pricing.models import Discount, DiscountLine

MOST_ARTICLES = 4


def sample_basket(offer: Discount) -> dict[str, list[str]]:
    """A basket that the offer is meant for, as the simulator's parameters: articles, quantities, its coupon."""
    groups = {group.code: group.quantity for group in offer.groups.all()}
    least = offer.tiers.order_by("minimum").values_list("minimum", flat=True).first() or Decimal(1)
    wanted: dict[str, Decimal] = {}
    for line in offer.lines.filter(is_excluded=False).select_related("product", "category").order_by("pk"):
        many = Decimal(groups.get(line.group, 1))
        if offer.kind == Discount.Kind.QUANTITY:
            many = least
        for product in _goods(line):
            if len(wanted) < MOST_ARTICLES:
                wanted.setdefault(product.number, many)
    coupon = offer.coupons.filter(is_active=True).values_list("code", flat=True).first()
    return {
        "code": list(wanted),
        "quantity": [f"{many.normalize():f}" for many in wanted.values()],
        "coupons": [coupon] if coupon and offer.coupon_required else [],
    }


def _goods(line: DiscountLine) -> Iterator[Product]:
    if line.product is not None:
        yield line.product
        return
    products = Product.objects.filter(is_blocked=False).order_by("pk")
    if line.category is not None:
        products = products.filter(category__in=with_all_below([line.category_id]))
    yield from products[:1]


def with_all_below(categories: list[int]) -> set[int]:
    """The categories and all that stand below them."""
    children: dict[int | None, list[int]] = {}
    for pk, parent in Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found: set[int] = set()
    waiting = list(categories)
    while waiting:
        category = waiting.pop()
        if category not in found:
            found.add(category)
            waiting += children.get(category, [])
    return found
