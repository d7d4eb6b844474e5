"""What of prices and taxes goes down to the channels: what can matter in their stores."""

from django.db.models import Q

from channels_app.registry import carry, facet, of_stores
from pricing import models

facet("price_group", lambda: models.StorePriceGroup.objects.values_list("store_id", "price_group_id"))

carry("1020", models.PriceGroup)
carry("1020", models.StorePriceGroup, **of_stores("store"))
carry(
    "1020",
    models.TradeAgreement,
    within=lambda values: (
        Q(currency__in=values["currency"])
        & (Q(price_group__isnull=True) | Q(price_group__in=values["price_group"]))
    ),
    facets=["currency", "price_group"],
)
carry("1080", models.TaxCode, models.TaxRate, models.SalesTaxGroupCode, models.ItemTaxGroupCode)
carry(
    "1020",
    models.Discount,
    models.DiscountPriceGroup,
    models.DiscountGroup,
    models.DiscountLine,
    models.DiscountTier,
    models.DiscountCoupon,
)
