"""Automatic charges as a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from customers.models import Customer
from hq.admin.sheet import DecimalWidget, Field, Named, read_cell
from hq.models import Currency
from pricing.models import ChargeCode, ChargeGoods, ChargeRule, ChargeTier, DeliveryMode, PriceGroup
from pricing.services.charges import problems_of
from pricing.sheet_cells import CellField, Cells, CellSheet, Names, Rows, joined, read_parts


class Tiers(Rows):
    """For which amounts how much is charged: from 0 to 49.99: 4.95; from 50: 0."""

    relation = "tiers"
    _FORM = re.compile(r"from\s+(\S+?)(?:\s+to\s+(\S+?))?\s*:\s*(\S+)", re.IGNORECASE)

    def write(self, tiers: Iterable[ChargeTier]) -> str:
        """The tiers from the lowest up."""
        number = DecimalWidget().render
        return joined(
            f"from {number(tier.least)}{'' if tier.most is None else f' to {number(tier.most)}'}: {number(tier.value)}"
            for tier in sorted(tiers, key=lambda tier: tier.least)
        )

    def read(self, text: str, named: dict[str, Named]) -> list[ChargeTier]:
        """The tiers that a cell says. Raises ValueError."""
        parts = read_parts(text, self._FORM, "is no tier: write them as from 0 to 49.99: 4.95; from 50: 0.")
        number = DecimalWidget()
        found = [
            ChargeTier(
                least=read_cell(number, least), most=None if most is None else read_cell(number, most),
                value=read_cell(number, value),
            )
            for least, most, value in parts
        ]  # fmt: skip
        return sorted(found, key=lambda tier: tier.least)


GOODS = {
    "products": Names(ChargeGoods, "goods", "product", "number"),
    "categories": Names(ChargeGoods, "goods", "category", "code"),
}
CELLS = Cells("rule", {"tiers": Tiers(), **GOODS})


class ChargeResource(CellSheet):
    """Automatic charges by charge code and name, one row each; tiers and goods are one cell each, taken as a whole."""

    cells = CELLS
    twins = "Two rules of this charge have this name. Give one of them another."
    charge = Field("charge", "charge", Named(ChargeCode, "code"))
    currency = Field("currency", "currency", Named(Currency, "code"))
    delivery_mode = Field("delivery_mode", "delivery_mode", Named(DeliveryMode, "code"))
    customer = Field("customer", "customer", Named(Customer, "account"))
    price_group = Field("price_group", "price_group", Named(PriceGroup, "code"))
    tiers = CellField(CELLS, "tiers")
    products = CellField(CELLS, "products")
    categories = CellField(CELLS, "categories")
    required = ["charge", "name"]

    class Meta:
        model = ChargeRule
        name = "Automatic charges"
        import_id_fields = ["charge", "name"]
        fields = [
            "charge", "name", "is_active", "level", "way", "currency", "delivery_mode", "customer", "price_group",
            "is_prorated", "tiers", "products", "categories",
        ]  # fmt: skip

    def get_queryset(self) -> Any:
        named = ("charge", "currency", "delivery_mode", "customer", "price_group")
        return super().get_queryset().select_related(*named)

    def import_instance(self, instance: ChargeRule, row: Any, **kwargs: Any) -> None:
        """The rule, with its tiers and goods."""
        super().import_instance(instance, row, **kwargs)
        found, errors = self.take_cells(instance, row)
        if not errors:
            tiers = found["tiers"] if "tiers" in found else _tiers_of(instance)
            goods = [column for column in GOODS if CELLS.said_of(instance)[column]]
            errors = {
                (goods[0] if problem.field == "products" else problem.field): str(problem)
                for problem in problems_of(instance, tiers, goods)
            }
        if errors:
            raise ValidationError(errors)


def _tiers_of(rule: ChargeRule) -> list[ChargeTier]:
    """Those that it has, from the lowest up; one that is being made has none."""
    return sorted(rule.tiers.all(), key=lambda tier: tier.least) if rule.pk else []
