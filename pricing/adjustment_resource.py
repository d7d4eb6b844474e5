"""Price adjustments as a spreadsheet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q

from catalog.models import Category, Product, Variant
from hq.admin.sheet import Field, Named, Sheet, text_of
from hq.models import Currency
from pricing.discount_cells import joined, split
from pricing.models import PriceAdjustment, PriceAdjustmentLine, PriceGroup
from pricing.services.adjustments import WITHOUT_GOODS, problems_of
from pricing.store_clock_sheet import COLUMN, ClockField, MomentField, set_clock, usual_clock

# By the cell in which goods are named: what they are, by which name, and which lines of an adjustment name them.
_GOODS: dict[str, tuple[type[Model], str, str, Q]] = {
    "products": (Product, "number", "product", Q(variant=None, category=None)),
    "variants": (Variant, "number", "variant", ~Q(variant=None)),
    "categories": (Category, "code", "category", ~Q(category=None)),
}


class GoodsField(Field):
    """What an adjustment is on: 85123A; 22961."""

    def __init__(self, column: str) -> None:
        super().__init__("lines", column, readonly=True)

    def get_value(self, instance: PriceAdjustment) -> str:
        return _said_of(instance)[self.column_name]


class AdjustmentResource(Sheet):
    """Price adjustments by name, one row each; a cell that names goods does so as a whole, with `;` between."""

    currency = Field("currency", "currency", Named(Currency, "code"))
    price_group = Field("price_group", "price_group", Named(PriceGroup, "code"))
    starts_at = MomentField("starts_at")
    ends_at = MomentField("ends_at")
    on_store_clock = ClockField()
    products = GoodsField("products")
    variants = GoodsField("variants")
    categories = GoodsField("categories")
    required = ["name"]

    class Meta:
        model = PriceAdjustment
        name = "Price adjustments"
        import_id_fields = ["name"]
        fields = [
            "name", "is_active", "percent", "amount", "price", "currency", "price_group", "starts_at", "ends_at",
            "on_store_clock", "products", "variants", "categories",
        ]  # fmt: skip

    def get_queryset(self) -> Any:
        lines = ("lines__product", "lines__variant", "lines__category")
        return super().get_queryset().select_related("currency", "price_group").prefetch_related(*lines)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._named = {column: Named(model, key) for column, (model, key, _, _) in _GOODS.items()}

    def get_instance(self, instance_loader: Any, row: Any) -> PriceAdjustment | None:
        """The adjustment of that name. Raises ValidationError where two have it."""
        found = list(self.get_queryset().filter(name=text_of(row["name"]))[:2])
        if len(found) > 1:
            raise ValidationError({"name": "Two adjustments have this name. Give one of them another."})
        return found[0] if found else None

    def keeps_constraints(self, instance: PriceAdjustment) -> bool:
        """The only one is about the period, which `problems_of` looks at."""
        return True

    def import_instance(self, instance: PriceAdjustment, row: Any, **kwargs: Any) -> None:
        """The adjustment, whose clock its period is meant on, and its goods."""
        usual = usual_clock(instance)
        super().import_instance(instance, row, **kwargs)
        set_clock(instance, row.get(COLUMN), usual)
        errors: dict[str, str] = {}
        self._rows: dict[str, list[Any]] = {}
        for column, named in self._named.items():
            try:
                rows = {one.pk: one for part in split(text_of(row.get(column))) if (one := named.clean(part))}
            except ValueError as error:
                errors[column] = str(error)
            else:
                self._rows |= {column: list(rows.values())} if rows else {}
        instance._said = _said_of(instance) | {  # type: ignore[attr-defined]
            column: joined(sorted(str(getattr(one, named.field)) for one in self._rows[column]))
            for column, named in self._named.items()
            if column in self._rows
        }
        errors |= {problem.field: str(problem) for problem in problems_of(instance)}
        if instance.is_active and not errors and not any(_said_of(instance).values()):
            errors["products"] = WITHOUT_GOODS
        if errors:
            raise ValidationError(errors)

    def after_save_instance(self, instance: PriceAdjustment, row: Any, **kwargs: Any) -> None:
        """Give it the goods that the row names."""
        for column, rows in self._rows.items():
            _, _, name, of = _GOODS[column]
            instance.lines.filter(of).delete()
            PriceAdjustmentLine.objects.bulk_create(
                PriceAdjustmentLine(adjustment=instance, **{name: one, **_product_of(one)}) for one in rows
            )


def _product_of(goods: Any) -> dict[str, Any]:
    return {"product": goods.product} if isinstance(goods, Variant) else {}


def _said_of(one: PriceAdjustment) -> dict[str, str]:
    """The cells of an adjustment's goods as they were when they were first asked for."""
    if not hasattr(one, "_said"):
        lines = list(one.lines.all()) if one.pk else []
        goods = [(line, line.variant or line.category or line.product) for line in lines]
        one._said = {  # type: ignore[attr-defined]
            column: joined(sorted(str(getattr(found, key)) for _, found in goods if isinstance(found, model)))
            for column, (model, key, _, _) in _GOODS.items()
        }
    said: dict[str, str] = one._said  # type: ignore[attr-defined]
    return said
