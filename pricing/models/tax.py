"""Tax codes, their dated rates, and the groups that pick them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class TaxCode(MasterData):
    """One tax, such as the standard rate of a country's VAT."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80, help_text="As printed on receipts.")
    country = models.CharField(max_length=2, blank=True)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class TaxRate(MasterData):
    """The rate of a tax code in a period."""

    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="rates")
    percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    starts_on = models.DateField(null=True, blank=True, help_text="Empty: since ever.")
    ends_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")
    history = keep_history()

    class Meta:
        ordering = ["tax_code", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["tax_code", "starts_on"],
                nulls_distinct=False,
                name="tax_rate_once_per_start",
                violation_error_message="This tax code already has a rate from that day.",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(starts_on__lt=models.F("ends_on")),
                name="tax_rate_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} {self.percent.normalize():f} %"


class SalesTaxGroupCode(MasterData):
    """A tax code that a sales-tax group can bring."""

    group = models.ForeignKey("hq.SalesTaxGroup", on_delete=models.CASCADE, related_name="tax_codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="sales_tax_groups")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "tax_code"], name="tax_code_once_per_sales_group")
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} in {self.group}"


class ItemTaxGroupCode(MasterData):
    """A tax code that an item-tax group can bring; codes in both groups apply."""

    group = models.ForeignKey("catalog.ItemTaxGroup", on_delete=models.CASCADE, related_name="tax_codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="item_tax_groups")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "tax_code"], name="tax_code_once_per_item_group")
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} for {self.group}"
