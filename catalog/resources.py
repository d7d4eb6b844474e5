"""The catalogue as spreadsheets: products and barcodes."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Lower

from catalog.barcodes import lookup_key
from catalog.models import Barcode, Category, ItemTaxGroup, Product, Unit
from catalog.models.product import refuse_twin
from hq.admin.bulk_sheet import BulkSheet
from hq.admin.sheet import Field, Named, text_of
from hq.cells import counted


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
        self._without_category: dict[str, None] = {}  # numbers of new products, in the order of their rows
        numbers = {text_of(number).lower() for number in dataset["number"]}
        found = self.get_queryset().alias(lower=Lower("number")).filter(lower__in=numbers)
        self.by_number = {product.number.lower(): product for product in found}
        bare = Func(F("number"), Value("0"), function="ltrim", output_field=CharField())
        named = Product.objects.alias(bare=bare).filter(number__startswith="0", bare__in=numbers)
        self._by_bare_number = {
            product.number.lstrip("0"): product for product in named.only("number", "name")
        }

    def get_instance(self, instance_loader: Any, row: Any) -> Product | None:
        """The product of the row's number, also one of an earlier row."""
        number = text_of(row.get("number"))  # a workbook may have made a number of it
        found = self.by_number.get(number.lower())
        return found if found is not None and found.number == number else None

    def checks_beside_others(self, instance: Product) -> Iterator[Callable[..., None]]:
        """As `Product.clean`, of which everything is known."""

        def other_letters(exclude: Any) -> None:
            refuse_twin(instance, self.by_number.get(instance.number.lower()))

        def without_its_zeros(exclude: Any) -> None:
            number = instance.number
            other = self._by_bare_number.get(number) if number.isdigit() else None
            if other is not None and number not in self.by_number:
                words = f"“{other.name}” has the number {other.number}, and spreadsheets take zeros away."
                raise ValidationError({"number": f"{words} Enter it as text."})

        yield other_letters
        yield without_its_zeros

    def keeps_constraints(self, instance: Product) -> bool:
        """A product has none but its number."""
        return True

    def after_save_instance(self, instance: Product, row: Any, **kwargs: Any) -> None:
        """A later row may speak of the same product."""
        self.by_number[instance.number.lower()] = instance
        if instance.category_id is not None:
            self._without_category.pop(instance.number, None)
        elif self._is_new:
            self._without_category[instance.number] = None

    def warnings(self) -> Iterator[str]:
        """New products that no assortment can hold yet."""
        if numbers := list(self._without_category):
            have = counted(len(numbers), "new product has", "new products have")
            which = ", ".join((*numbers[:3], *(["…"] if numbers[3:] else [])))
            yield (
                f"{have} no category ({which}), and assortments follow categories: "
                "until one is given, no store sells what no assortment names by itself."
            )


class BarcodeResource(BulkSheet):
    """Barcodes as printed, each with the article number of its product."""

    product = Field("product", "product", Named(Product, "number"))
    required = ["code", "product"]

    class Meta:
        model = Barcode
        use_bulk = True
        name = "Barcodes"
        import_id_fields = ["code"]
        fields = ["code", "product", "quantity"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("product")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read at once whose the codes of the sheet are: the same code in another spelling is taken too."""
        super().before_import(dataset, **kwargs)
        keys = {lookup_key(_printed(code)) for code in dataset["code"]}
        self._holders = {barcode.key: barcode for barcode in self.get_queryset().filter(key__in=keys)}

    def get_instance(self, instance_loader: Any, row: Any) -> Barcode | None:
        """The barcode of the row's code, also one of an earlier row."""
        code = _printed(row["code"])
        found = self._holders.get(lookup_key(code))
        return found if found is not None and found.code == code else None

    def import_instance(self, instance: Barcode, row: Any, **kwargs: Any) -> None:
        """Read the row; a code that stands for something else in another spelling is refused."""
        super().import_instance(instance, row, **kwargs)
        instance.code = _printed(instance.code)
        instance.key = lookup_key(instance.code)
        holder = self._holders.get(instance.key, instance)
        if holder.code != instance.code:
            raise ValidationError(
                {
                    "code": f"{instance.code} is the same code as {holder.code}, "
                    f"which stands for “{holder.product}”."
                }
            )

    def checks_beside_others(self, instance: Barcode) -> Iterator[Callable[..., None]]:
        """None: whose code it is, is known."""
        return iter(())

    def keeps_constraints(self, instance: Barcode) -> bool:
        """A barcode has none but its code."""
        return True

    def after_save_instance(self, instance: Barcode, row: Any, **kwargs: Any) -> None:
        """A later row may speak of the same code."""
        self._holders[instance.key] = instance


def _printed(code: Any) -> str:
    return "".join(text_of(code).split())
