"""Price groups on whom they are for: affiliations, customers and their groups, loyalty tiers, assortments."""

from typing import Any

from django.db.models import Model

from catalog.models import Assortment
from customers.models import Affiliation, Customer, CustomerGroup, LoyaltyTier
from hq.admin.base import Inline, add_inline
from pricing.models import (
    AffiliationPriceGroup,
    AssortmentPriceGroup,
    CustomerGroupPriceGroup,
    CustomerPriceGroup,
    LoyaltyTierPriceGroup,
)


def _both(model: type[Model], field: str, one: str, many: str, hint: str = "") -> tuple[type[Any], type[Any]]:
    """The rows as they stand on the page of whoever has the price group, with a hint there, and on the group's page."""
    there = type(
        f"{model.__name__}Inline", (Inline,),
        {
            "model": model, "fields": ["price_group"], "autocomplete_fields": ["price_group"],
            "verbose_name": "price group", "verbose_name_plural": "price groups",
            "help_texts": {"price_group": hint} if hint else {},
        },
    )  # fmt: skip
    here = type(
        f"{model.__name__}OfGroupInline", (Inline,),
        {
            "model": model, "fields": [field], "autocomplete_fields": [field], "verbose_name": one,
            "verbose_name_plural": many,
        },
    )  # fmt: skip
    return there, here


_AUDIENCES = [
    (Affiliation, *_both(AffiliationPriceGroup, "affiliation", "affiliation", "affiliations")),
    (LoyaltyTier, *_both(LoyaltyTierPriceGroup, "tier", "loyalty tier", "loyalty tiers")),
    (CustomerGroup, *_both(CustomerGroupPriceGroup, "customer_group", "customer group", "customer groups")),
    (Customer, *_both(CustomerPriceGroup, "customer", "customer", "customers")),
    (
        Assortment,
        *_both(
            AssortmentPriceGroup,
            "assortment",
            "assortment",
            "assortments",
            "Counts for whole sales in the stores that have the assortment, on its days: also for goods outside it.",
        ),
    ),
]
GROUPS_OF_AUDIENCE = [here for _, _, here in _AUDIENCES]

for _model, _there, _ in _AUDIENCES:
    add_inline(_model, _there)
