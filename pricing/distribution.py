"""What of prices and taxes goes down to the channels: what can matter in their stores."""

from collections.abc import Iterable

from django.db.models import Q

from channels_app.registry import Enters, Values, carry, facet, of_stores
from hq.models import Store
from pricing import models


def _price_groups() -> Iterable[tuple[int, int]]:
    """The price groups that can be present in a store: its own, and those that customers bring anywhere."""
    stores = list(Store.objects.values_list("pk", flat=True))
    brought = {
        group
        for model in (
            models.AffiliationPriceGroup, models.CustomerPriceGroup, models.CustomerGroupPriceGroup,
            models.LoyaltyTierPriceGroup,
        )
        for group in model.objects.values_list("price_group_id", flat=True)
    }  # fmt: skip
    offered = models.AssortmentPriceGroup.objects.values_list(
        "assortment__stores__store_id", "price_group_id"
    )
    return [
        *models.StorePriceGroup.objects.values_list("store_id", "price_group_id"),
        *((store, group) for store, group in offered if store is not None),
        *((store, group) for store in stores for group in brought),
    ]


def _given_there(values: Values) -> Q:
    """Discounts for every store, or for one of these: a limit to stores never reaches a store without its rows."""
    limited = models.DiscountStore.objects.all()
    here = limited.filter(store__in=values["store"])
    return ~Q(pk__in=limited.values("discount_id")) | Q(pk__in=here.values("discount_id"))


facet("price_group", _price_groups)

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
carry("1080", models.DestinationTax)
carry("1080", models.TaxHoliday, models.TaxHolidayGroup, models.TaxHolidayCode)
carry("1080", models.TaxExemption, models.TaxExemptionCode, models.TaxOverride, models.TaxOverrideCode)
carry("1110", models.ExchangeRate, models.DeliveryMode)
carry("1020", models.ChargeCode, models.ChargeRule, models.ChargeTier, models.ChargeGoods)
carry(
    "1020",
    models.Discount,
    within=_given_there,
    facets=["store"],
    enters=[Enters(models.DiscountStore, "discount")],
)
carry(
    "1020",
    models.DiscountPriceGroup,
    models.DiscountGroup,
    models.DiscountLine,
    models.DiscountTier,
    models.DiscountCoupon,
    models.DiscountCustomer,
    models.DiscountTender,
    models.DiscountDeliveryMode,
)
carry("1020", models.DiscountStore, **of_stores("store"))
carry(
    "1020",
    models.PriceAdjustment,
    models.PriceAdjustmentLine,
    models.PricingPolicy,
    models.AffiliationPriceGroup,
    models.CustomerPriceGroup,
    models.CustomerGroupPriceGroup,
    models.AssortmentPriceGroup,
)
carry("1050", models.LoyaltyTierPriceGroup)
