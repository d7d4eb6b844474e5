"""The catalogue as spreadsheets: products and barcodes."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.instance_loaders import CachedInstanceLoader

from catalog.barcodes import lookup_key
from catalog.models import Barcode, Category, ItemTaxGroup, Product, Unit
from hq.admin.sheet import Field, Named, Sheet


class ProductResource(Sheet):
    """Products by article number; category, unit and tax group by their codes."""

    category = Field("category", "category", Named(Category, "code"))
    unit = Field("unit", "unit", Named(Unit, "code"))
    item_tax_group = Field("item_tax_group", "item_tax_group", Named(ItemTaxGroup, "code"))
    required = ["number"]

    class Meta:
        model = Product
        name = "Products"
        import_id_fields = ["number"]
        instance_loader_class = CachedInstanceLoader
        fields = [
            "number",
            "name",
            "category",
            "unit",
            "item_tax_group",
            "kind",
            "is_weighed",
            "price_entry",
            "zero_price_valid",
            "is_returnable",
            "is_blocked",
            "cost",
            "description",
            "image",
        ]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("category", "unit", "item_tax_group")


class BarcodeResource(Sheet):
    """Barcodes as printed, each with the article number of its product."""

    product = Field("product", "product", Named(Product, "number"))
    required = ["code", "product"]

    class Meta:
        model = Barcode
        name = "Barcodes"
        import_id_fields = ["code"]
        instance_loader_class = CachedInstanceLoader
        fields = ["code", "product", "quantity"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("product")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Note whose code is whose: the same code in another spelling is taken too."""
        super().before_import(dataset, **kwargs)
        self._holders = {
            key: (code, name)
            for key, code, name in Barcode.objects.values_list("key", "code", "product__name")
        }

    def import_instance(self, instance: Barcode, row: Any, **kwargs: Any) -> None:
        """Read the row; a code that stands for something else in another spelling is refused."""
        super().import_instance(instance, row, **kwargs)
        instance.code = "".join(str(instance.code or "").split())
        instance.key = lookup_key(instance.code)
        code, name = self._holders.setdefault(instance.key, (instance.code, str(instance.product)))
        if code != instance.code:
            raise ValidationError(
                {"code": f"{instance.code} is the same code as {code}, which stands for “{name}”."}
            )
