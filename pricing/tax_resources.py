"""Taxes of places, and exemptions, as spreadsheets: an authority or a wholesaler has hundreds of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from catalog.models import Product
from customers.models import Customer, CustomerGroup
from hq.admin.company import two_letters
from hq.admin.sheet import Field, Named, Sheet
from hq.models import ReasonCode, SalesTaxGroup
from pricing.models import DestinationTax, TaxExemption, TaxExemptionCode
from pricing.services.exemptions import problems_of
from pricing.sheet_cells import CellField, Cells, CellSheet, Names


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
