from pricing.models.price import PriceGroup, StorePriceGroup, TradeAgreement
from pricing.models.tax import ItemTaxGroupCode, SalesTaxGroupCode, TaxCode, TaxRate

__all__ = [
    "ItemTaxGroupCode",
    "PriceGroup",
    "SalesTaxGroupCode",
    "StorePriceGroup",
    "TaxCode",
    "TaxRate",
    "TradeAgreement",
]
