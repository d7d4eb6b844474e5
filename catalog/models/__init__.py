from catalog.models.assortment import Assortment, AssortmentLine, AssortmentStore
from catalog.models.category import Category
from catalog.models.product import Barcode, BarcodeMask, ItemTaxGroup, Product, ProductUnit, Unit, Variant

__all__ = [
    "Assortment",
    "AssortmentLine",
    "AssortmentStore",
    "Barcode",
    "BarcodeMask",
    "Category",
    "ItemTaxGroup",
    "Product",
    "ProductUnit",
    "Unit",
    "Variant",
]
