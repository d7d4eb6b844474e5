"""What pages ask of prices and offers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models.fields.json import KeyTextTransform

from catalog.models import Category, Product
from pricing.goods import Below
from pricing.models import Discount, DiscountLine

MOST_ARTICLES = 4


def sample_basket(offer: Discount) -> dict[str, list[str]]:
    """A basket that the offer is meant for, as the simulator's parameters: articles, quantities, its coupon."""
    groups = {group.code: group.quantity for group in offer.groups.all()}
    least = offer.tiers.order_by("minimum").values_list("minimum", flat=True).first() or Decimal(1)
    wanted: dict[str, Decimal] = {}
    below = Below(Category.objects.values_list("pk", "parent_id"))
    for line in offer.lines.filter(is_excluded=False).select_related("product", "category").order_by("pk"):
        many = Decimal(groups.get(line.group, 1))
        if offer.kind == Discount.Kind.QUANTITY:
            many = least
        for product in _goods(line, below):
            if len(wanted) < MOST_ARTICLES:
                wanted.setdefault(product.number, many)
    coupon = offer.coupons.filter(is_active=True).values_list("code", flat=True).first()
    return {
        "code": list(wanted),
        "quantity": [f"{many.normalize():f}" for many in wanted.values()],
        "coupons": [coupon] if coupon and offer.coupon_required else [],
    }


def _goods(line: DiscountLine, below: Below) -> Iterator[Product]:
    if line.product is not None:
        yield line.product
        return
    products = Product.objects.filter(is_blocked=False).order_by("pk")
    if line.attribute:
        said = products.alias(said=KeyTextTransform(line.attribute, "attributes"))
        products = said.filter(said=line.attribute_value)
    if line.category is not None:
        products = products.filter(category__in=below.of(line.category_id))
    yield from products[:1]
