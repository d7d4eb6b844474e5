from pricing.models.discount import (
    Discount,
    DiscountCoupon,
    DiscountGroup,
    DiscountLine,
    DiscountPriceGroup,
    DiscountTier,
)
from pricing.models.price import PriceGroup, StorePriceGroup, TradeAgreement
from pricing.models.tax import ItemTaxGroupCode, SalesTaxGroupCode, TaxCode, TaxRate

__all__ = [
    "Discount",
    "DiscountCoupon",
    "DiscountGroup",
    "DiscountLine",
    "DiscountPriceGroup",
    "DiscountTier",
    "ItemTaxGroupCode",
    "PriceGroup",
    "SalesTaxGroupCode",
    "StorePriceGroup",
    "TaxCode",
    "TaxRate",
    "TradeAgreement",
]
