"""What of the catalogue goes down to the channels: the products of the assortments that their stores offer."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from catalog import models
from channels_app.registry import Enters, Values, carry, facet

facet("assortment", lambda: models.AssortmentStore.objects.values_list("store_id", "assortment_id"))


def _offered(values: Values) -> Q:
    """Products that a line of the assortments names, or whose category or one above it is named.

    What an assortment leaves out again, and from when to when it is offered, is looked at in the store.
    """
    return _named_by(values["assortment"])


def offered_in(stores: Collection[int]) -> Q:
    """Products that these stores' assortments name, whatever these leave out again and whenever they are offered."""
    return _named_by(
        models.AssortmentStore.objects.filter(store__in=stores).values_list("assortment_id", flat=True)
    )


def _named_by(assortments: Iterable[int]) -> Q:
    lines = models.AssortmentLine.objects.filter(assortment__in=assortments, is_excluded=False)
    named = lines.filter(product__isnull=False).values("product_id")
    return Q(pk__in=named) | Q(
        category__in=_with_all_below(set(lines.values_list("category_id", flat=True)) - {None})
    )


def _with_all_below(categories: set[int]) -> list[int]:
    children: dict[int | None, list[int]] = {}
    for pk, parent in models.Category.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(pk)
    found, waiting = set(), list(categories)
    while waiting:
        category = waiting.pop()
        if category not in found:
            found.add(category)
            waiting += children.get(category, [])
    return sorted(found)


carry("1040", models.Unit, models.ItemTaxGroup, models.Category, models.BarcodeMask)
carry(
    "1040",
    models.Product,
    within=_offered,
    facets=["assortment"],
    enters=[
        Enters(models.AssortmentLine, "product"),
        Enters(models.Category),  # a category that moved takes its products along
    ],
)
carry("1040", models.Variant, models.Barcode, models.ProductUnit)
carry("1040", models.Assortment, within=lambda values: Q(pk__in=values["assortment"]), facets=["assortment"])
carry("1040", models.AssortmentLine, moved_by=["is_excluded"])
carry("1040", models.AssortmentStore, within=lambda values: Q(store__in=values["store"]), facets=["store"])
