"""Price adjustments as a spreadsheet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from hq.admin.sheet import Field, Named, PercentWidget
from hq.models import Currency
from pricing.models import PriceAdjustment, PriceAdjustmentLine, PriceGroup
from pricing.services.adjustments import WITHOUT_GOODS, problems_of
from pricing.sheet_cells import CellField, Cells, CellSheet, Names
from pricing.store_clock_sheet import COLUMN, ClockField, MomentField, set_clock, usual_clock

CELLS = Cells("adjustment", {
    "products": Names(PriceAdjustmentLine, "lines", "product", "number", unless=["variant"]),
    "variants": Names(
        PriceAdjustmentLine, "lines", "variant", "number", also=lambda one: {"product": one.product}
    ),
    "categories": Names(PriceAdjustmentLine, "lines", "category", "code"),
})  # fmt: skip


class AdjustmentResource(CellSheet):
    """Price adjustments by name, one row each; a cell that names goods does so as a whole, with `;` between."""

    cells = CELLS
    twins = "Two adjustments have this name. Give one of them another."
    percent = Field("percent", "percent", PercentWidget())
    currency = Field("currency", "currency", Named(Currency, "code"))
    price_group = Field("price_group", "price_group", Named(PriceGroup, "code"))
    starts_at = MomentField("starts_at")
    ends_at = MomentField("ends_at")
    on_store_clock = ClockField()
    products = CellField(CELLS, "products")
    variants = CellField(CELLS, "variants")
    categories = CellField(CELLS, "categories")
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
        return super().get_queryset().select_related("currency", "price_group")

    def import_instance(self, instance: PriceAdjustment, row: Any, **kwargs: Any) -> None:
        """The adjustment, whose clock its period is meant on, and its goods."""
        usual = usual_clock(instance)
        super().import_instance(instance, row, **kwargs)
        set_clock(instance, row.get(COLUMN), usual)
        _, errors = self.take_cells(instance, row)
        errors |= {problem.field: str(problem) for problem in problems_of(instance)}
        if instance.is_active and not errors and not any(CELLS.said_of(instance).values()):
            errors["products"] = WITHOUT_GOODS
        if errors:
            raise ValidationError(errors)
