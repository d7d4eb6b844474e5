"""Tax codes, their dated rates, and the groups that pick them."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.lookups import Exact

from channels_app.kinds import MasterData
from hq.models.history import keep_history


def check_pattern(text: str) -> None:
    """Letters, digits, spaces and hyphens, with * for the rest of a postcode."""
    if not re.fullmatch(r"[A-Za-z0-9 \-]+\*?", text):
        raise ValidationError("Give a postcode, or its beginning and a *, such as BT*.")


class TaxCode(MasterData):
    """One tax, such as the standard rate of a country's VAT."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent of the net amount"
        FIXED_PER_UNIT = "fixed_per_unit", "Amount per unit"
        DIVISION = "division", "Percent of the amount that holds it"
        CALCULATED_PERCENT = "calculated_percent", "The same, each tax by itself"
        PERCENT_OF_GROSS = "percent_of_gross", "Percent of net and all other taxes"
        PERCENT_OF_TAX = "percent_of_tax", "Percent of another tax"

    class Method(models.TextChoices):
        WHOLE = "whole", "The whole amount at one rate"
        INTERVAL = "interval", "Each slice at its own rate"

    class MarginalBase(models.TextChoices):
        NET_LINE = "net_line", "Net amount of the line"
        NET_UNIT = "net_unit", "Net price of one unit"
        NET_INVOICE = "net_invoice", "Net amount of the sale"
        GROSS_LINE = "gross_line", "Amount of the line with tax"
        GROSS_UNIT = "gross_unit", "Price of one unit with tax"
        GROSS_INVOICE = "gross_invoice", "Amount of the sale with tax"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80, help_text="As printed on receipts.")
    country = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.PERCENT)
    sequence = models.PositiveSmallIntegerField(
        default=0, help_text="Taxes of one line are computed in this order."
    )
    affects_next_base = models.BooleanField(
        default=False, help_text="The taxes after it are computed on it, too."
    )
    base_affected_by_previous = models.BooleanField(
        default=True, help_text="It is computed on such taxes before it."
    )
    of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="based_on_it",
        help_text="The tax that this one is a share of.",
    )  # fmt: skip
    method = models.CharField(
        max_length=8, choices=Method, default=Method.WHOLE, help_text="How rates by amount are applied."
    )
    marginal_base = models.CharField(
        max_length=13, choices=MarginalBase, default=MarginalBase.NET_LINE,
        help_text="The amount that decides the rate.",
    )  # fmt: skip
    calculate_before = models.BooleanField(
        default=False, help_text="An amount per unit that every percentage is computed on."
    )
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"  # countries name their rates alike


class TaxRate(MasterData):
    """The rate of a tax code in a period."""

    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="rates")
    percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(0)],
    )
    starts_on = models.DateField(null=True, blank=True, help_text="Empty: since ever.")
    ends_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")
    above = models.DecimalField(
        max_digits=14, decimal_places=3, default=0, blank=True, validators=[MinValueValidator(0)],
        help_text="For amounts above this one, in the store's currency.",
    )  # fmt: skip
    up_to = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, help_text="This one included. Empty: no end."
    )
    history = keep_history()

    class Meta:
        ordering = ["tax_code", "-starts_on", "above"]
        constraints = [
            models.UniqueConstraint(
                fields=["tax_code", "starts_on", "above"],
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
            models.CheckConstraint(
                condition=models.Q(up_to=None) | models.Q(up_to__gt=models.F("above")),
                name="tax_rate_up_to_above_its_start",
                violation_error_message="The upper limit must be above the lower.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} {self.percent.normalize():f} %"


class SalesTaxGroupCode(MasterData):
    """A tax code that a sales-tax group can bring."""

    group = models.ForeignKey("hq.SalesTaxGroup", on_delete=models.CASCADE, related_name="tax_codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="sales_tax_groups")
    exempt_reason = models.CharField(
        max_length=80, blank=True, help_text="When given, the tax is shown but not charged here."
    )
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


class DestinationTax(MasterData):
    """The sales-tax group of a place that goods are sent to; the most precise one counts for an address."""

    country = models.CharField(max_length=2, help_text="Two letters, such as IE.")
    state = models.CharField("state or county", max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    postcode = models.CharField(
        max_length=60, blank=True, validators=[check_pattern], help_text="Or its beginning, such as BT*."
    )
    sales_tax_group = models.ForeignKey(
        "hq.SalesTaxGroup", on_delete=models.PROTECT, related_name="destinations"
    )
    history = keep_history()

    class Meta:
        ordering = ["country", "state", "city", "postcode"]
        verbose_name_plural = "destination taxes"
        constraints = [
            models.UniqueConstraint(
                fields=["country", "state", "city", "postcode"],
                name="destination_once",
                violation_error_message="This place has its taxes already. Change that row, or name another place.",
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.country, self.state, self.city, self.postcode]))


class TaxHoliday(MasterData):
    """Days on which some goods pay no tax."""

    name = models.CharField(max_length=80, help_text="As printed on receipts.")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The first day after it.")
    price_limit = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    history = keep_history()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__lt=models.F("ends_on")),
                name="tax_holiday_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaxHolidayGroup(MasterData):
    """A kind of goods that a tax holiday frees; without any, all are."""

    holiday = models.ForeignKey(TaxHoliday, on_delete=models.CASCADE, related_name="item_groups")
    group = models.ForeignKey("catalog.ItemTaxGroup", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holiday", "group"], name="tax_holiday_group_once")]

    def __str__(self) -> str:
        return f"{self.group} in {self.holiday}"


class TaxHolidayCode(MasterData):
    """A tax that a holiday lifts; without any, all are."""

    holiday = models.ForeignKey(TaxHoliday, on_delete=models.CASCADE, related_name="codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holiday", "tax_code"], name="tax_holiday_code_once")]

    def __str__(self) -> str:
        return f"{self.tax_code} in {self.holiday}"


class TaxExemption(MasterData):
    """Why a customer, every customer of a group, a product, or a sale with a reason given at the till, pays no tax."""

    reason = models.CharField(max_length=80, help_text="As printed on receipts.")
    certificate = models.CharField("certificate number", max_length=40, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.CASCADE, related_name="tax_exemptions"
    )
    customer_group = models.ForeignKey(
        "customers.CustomerGroup", null=True, blank=True, on_delete=models.CASCADE,
        related_name="tax_exemptions",
    )  # fmt: skip
    product = models.ForeignKey(
        "catalog.Product", null=True, blank=True, on_delete=models.CASCADE, related_name="tax_exemptions"
    )
    reason_code = models.ForeignKey(
        "hq.ReasonCode", null=True, blank=True, on_delete=models.CASCADE, related_name="tax_exemptions",
        limit_choices_to={"use": "tax"},
    )  # fmt: skip
    lowers_price = models.BooleanField(default=False)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    history = keep_history()

    class Meta:
        ordering = ["reason"]
        constraints = [
            models.CheckConstraint(
                condition=Exact(
                    models.Func(
                        "customer",
                        "customer_group",
                        "product",
                        "reason_code",
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="tax_exemption_for_one",
                violation_error_message="Say who or what is exempt: one of customer, group, product, reason.",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(starts_on__lt=models.F("ends_on")),
                name="tax_exemption_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.whom}"

    @property
    def whom(self) -> object:
        """Who or what it frees."""
        return self.customer or self.customer_group or self.product or self.reason_code


class TaxExemptionCode(MasterData):
    """A tax that an exemption lifts; without any, all are."""

    exemption = models.ForeignKey(TaxExemption, on_delete=models.CASCADE, related_name="codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exemption", "tax_code"], name="tax_exemption_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.tax_code} in {self.exemption}"


class TaxOverride(MasterData):
    """What a cashier may choose in the place of the usual taxes: other groups, such as for food eaten in."""

    class Scope(models.TextChoices):
        LINE = "line", "One line"
        TRANSACTION = "transaction", "The whole sale"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=12, choices=Scope, default=Scope.TRANSACTION)
    sales_tax_group = models.ForeignKey(
        "hq.SalesTaxGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    item_tax_group = models.ForeignKey(
        "catalog.ItemTaxGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class TaxOverrideCode(MasterData):
    """A tax that an override puts another in the place of, or leaves out."""

    override = models.ForeignKey(TaxOverride, on_delete=models.CASCADE, related_name="codes")
    tax_code = models.ForeignKey(TaxCode, on_delete=models.CASCADE, related_name="+")
    instead = models.ForeignKey(TaxCode, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["override", "tax_code"], name="tax_override_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.instead or 'nothing'} for {self.tax_code}"
