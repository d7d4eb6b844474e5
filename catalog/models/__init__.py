from catalog.models.assortment import Assortment, AssortmentLine, AssortmentStore
from catalog.models.category import Category
from catalog.models.product import Barcode, BarcodeMask, ItemTaxGroup, Product, Unit, Variant

__all__ = [
    "Assortment",
    "AssortmentLine",
    "AssortmentStore",
    "Barcode",
    "BarcodeMask",
    "Category",
    "ItemTaxGroup",
    "Product",
    "Unit",
    "Variant",
]
