"""The catalogue as spreadsheets: products and barcodes."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from import_export.instance_loaders import CachedInstanceLoader

from catalog.barcodes import lookup_key
from catalog.models import Barcode, Category, ItemTaxGroup, Product, Unit
from catalog.models.product import refuse_twin
from hq.admin.bulk_sheet import BulkSheet
from hq.admin.sheet import Field, Named, Sheet, text_of


class ProductResource(BulkSheet):
    """Products by article number; category, unit and tax group by their codes."""

    category = Field("category", "category", Named(Category, "code"))
    unit = Field("unit", "unit", Named(Unit, "code"))
    item_tax_group = Field("item_tax_group", "item_tax_group", Named(ItemTaxGroup, "code"))
    required = ["number"]

    class Meta:
        model = Product
        use_bulk = True
        name = "Products"
        import_id_fields = ["number"]
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

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read at once the products that the sheet speaks of, in whatever letters."""
        super().before_import(dataset, **kwargs)
        numbers = {text_of(number).lower() for number in dataset["number"]}
        found = self.get_queryset().alias(lower=Lower("number")).filter(lower__in=numbers)
        self.by_number = {product.number.lower(): product for product in found}

    def get_instance(self, instance_loader: Any, row: Any) -> Product | None:
        """The product of the row's number, also one of an earlier row."""
        found = self.by_number.get(text_of(row.get("number")).lower())
        return found if found is not None and found.number == row["number"] else None

    def checks_beside_others(self, instance: Product) -> Iterator[Callable[..., None]]:
        """As `Product.clean`, of which everything is known."""

        def other_letters(exclude: Any) -> None:
            refuse_twin(instance, self.by_number.get(instance.number.lower()))

        yield other_letters

    def keeps_constraints(self, instance: Product) -> bool:
        """A product has none but its number."""
        return True

    def after_save_instance(self, instance: Product, row: Any, **kwargs: Any) -> None:
        """A later row may speak of the same product."""
        self.by_number[instance.number.lower()] = instance


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
