"""Taxes of places, exemptions, holidays and overrides as spreadsheets: an authority or a wholesaler has hundreds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from catalog.models import ItemTaxGroup, Product
from customers.models import Customer, CustomerGroup
from hq.admin.company import two_letters
from hq.admin.sheet import Field, Named, Sheet, text_of
from hq.models import ReasonCode, SalesTaxGroup
from pricing.models import (
    DestinationTax,
    TaxCode,
    TaxExemption,
    TaxExemptionCode,
    TaxHoliday,
    TaxHolidayCode,
    TaxHolidayGroup,
    TaxOverride,
    TaxOverrideCode,
)
from pricing.services.exemptions import problems_of
from pricing.sheet_cells import CellField, Cells, CellSheet, Names, Rows, joined, read_parts


class DestinationTaxResource(Sheet):
    """Destination taxes by place: one that is there already gets the new group, others are added."""

    sales_tax_group = Field("sales_tax_group", "sales_tax_group", Named(SalesTaxGroup, "code"))
    required = ["country", "sales_tax_group"]

    class Meta:
        model = DestinationTax
        name = "Destination taxes"
        import_id_fields = ["country", "state", "city", "postcode"]
        fields = [*import_id_fields, "sales_tax_group"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("sales_tax_group")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Countries are found however they were typed."""
        row["country"] = (row.get("country") or "").upper()

    def import_instance(self, instance: DestinationTax, row: Any, **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        try:
            two_letters(instance.country)
        except ValidationError as error:
            raise ValidationError({"country": error.messages}) from error


CELLS = Cells("exemption", {"taxes": Names(TaxExemptionCode, "codes", "tax_code", "code")})


class ExemptionResource(CellSheet):
    """Exemptions by whom they are for and why: one that is there already gets the new certificate and days.

    `taxes` names those that it lifts, with `;` between; with none of them it lifts all.
    """

    cells = CELLS
    twins = "Two exemptions are for this one with this reason. Give one of them another reason."
    customer = Field("customer", "customer", Named(Customer, "account"))
    customer_group = Field("customer_group", "customer_group", Named(CustomerGroup, "code"))
    product = Field("product", "product", Named(Product, "number"))
    reason_code = Field("reason_code", "reason_code", Named(ReasonCode, "code"))
    taxes = CellField(CELLS, "taxes")
    required = ["reason"]

    class Meta:
        model = TaxExemption
        name = "Tax exemptions"
        import_id_fields = ["customer", "customer_group", "product", "reason_code", "reason"]
        fields = [*import_id_fields, "certificate", "lowers_price", "starts_on", "ends_on", "taxes"]

    def get_queryset(self) -> Any:
        named = ("customer", "customer_group", "product", "reason_code")
        return super().get_queryset().select_related(*named)

    def import_instance(self, instance: TaxExemption, row: Any, **kwargs: Any) -> None:
        """The exemption, for one of the four, and its taxes."""
        super().import_instance(instance, row, **kwargs)
        _, errors = self.take_cells(instance, row)
        errors |= {problem.field: str(problem) for problem in problems_of(instance)}
        if errors:
            raise ValidationError(errors)


HOLIDAY_CELLS = Cells(
    "holiday",
    {
        "item_tax_groups": Names(TaxHolidayGroup, "item_groups", "group", "code"),
        "taxes": Names(TaxHolidayCode, "codes", "tax_code", "code"),
    },
)


class HolidayResource(CellSheet):
    """Tax holidays by name and first day: one that is there already gets the new end, limit, goods and taxes.

    `item_tax_groups` names the goods that it frees and `taxes` those that it lifts; with none of them it is all.
    """

    cells = HOLIDAY_CELLS
    twins = "Two holidays begin on this day under this name. Give one of them another name."
    item_tax_groups = CellField(HOLIDAY_CELLS, "item_tax_groups")
    taxes = CellField(HOLIDAY_CELLS, "taxes")
    required = ["name", "starts_on", "ends_on"]

    class Meta:
        model = TaxHoliday
        name = "Tax holidays"
        import_id_fields = ["name", "starts_on"]
        fields = [*import_id_fields, "ends_on", "price_limit", "item_tax_groups", "taxes"]

    def import_instance(self, instance: TaxHoliday, row: Any, **kwargs: Any) -> None:
        """The holiday with its goods and taxes."""
        super().import_instance(instance, row, **kwargs)
        _, errors = self.take_cells(instance, row)
        starts, ends = instance.starts_on, instance.ends_on
        if starts and ends and ends <= starts:
            errors["ends_on"] = "The end must be after the start. Choose a later day."
        if errors:
            raise ValidationError(errors)


class Swaps(Rows):
    """One tax in the place of another, or nothing: VAT20: VAT5; LEVY: nothing."""

    relation, to = "codes", ["tax_code", "instead"]
    _NOTHING = "nothing"
    _FORM = re.compile(r"(.+?)\s*:\s*(.+)")

    def write(self, rows: Iterable[TaxOverrideCode]) -> str:
        """The taxes in the order of their codes."""
        return joined(
            sorted(
                f"{row.tax_code.code}: {row.instead.code if row.instead else self._NOTHING}" for row in rows
            )
        )

    def read(self, text: str, named: dict[str, Named]) -> list[TaxOverrideCode]:
        """What a cell says, each tax once. Raises ValueError."""
        there_is = named.setdefault("tax_code", Named(TaxCode, "code"))
        found: dict[Any, TaxOverrideCode] = {}
        for part in read_parts(
            text, self._FORM, "says no tax in the place of another: write VAT20: VAT5; LEVY: nothing."
        ):
            code, instead = (None if name == self._NOTHING else there_is.clean(name) for name in part)
            if code is None or code.pk in found:
                raise ValueError(f"{part[0]} is there twice. Leave one of them.")
            found[code.pk] = TaxOverrideCode(tax_code=code, instead=instead)
        return list(found.values())


OVERRIDE_CELLS = Cells("override", {"taxes": Swaps()})


class OverrideResource(CellSheet):
    """Tax overrides by code: one that is there already gets the new name, groups and taxes."""

    cells = OVERRIDE_CELLS
    twins = "Two overrides have this code. Give one of them another."
    sales_tax_group = Field("sales_tax_group", "sales_tax_group", Named(SalesTaxGroup, "code"))
    item_tax_group = Field("item_tax_group", "item_tax_group", Named(ItemTaxGroup, "code"))
    taxes = CellField(OVERRIDE_CELLS, "taxes")
    required = ["code", "name"]

    class Meta:
        model = TaxOverride
        name = "Tax overrides"
        import_id_fields = ["code"]
        fields = ["code", "name", "scope", "is_active", "sales_tax_group", "item_tax_group", "taxes"]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("sales_tax_group", "item_tax_group")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """One that is there is found by its code in capitals or small letters."""
        code = text_of(row.get("code"))
        there = list(TaxOverride.objects.filter(code__iexact=code).values_list("code", flat=True))
        row["code"] = code if code in there or not there else there[0]

    def import_instance(self, instance: TaxOverride, row: Any, **kwargs: Any) -> None:
        """The override, with what applies instead."""
        super().import_instance(instance, row, **kwargs)
        _, errors = self.take_cells(instance, row)
        says = (
            instance.sales_tax_group_id or instance.item_tax_group_id or self.cells.said_of(instance)["taxes"]
        )
        if not (says or errors):
            errors["taxes"] = "It is not said what applies instead. Enter a group, or taxes."
        if errors:
            raise ValidationError(errors)
