"""Discounts with their lines, coupons, and tax rates as spreadsheets."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.widgets import BooleanWidget, DateTimeWidget, IntegerWidget

from catalog.models import Category, Product, Unit, Variant
from hq.admin.exchange import DecimalWidget, Field, Named, Sheet
from hq.models import Currency
from pricing.engine.tax_checks import check_rate, check_rates_apart
from pricing.models import Discount, DiscountCoupon, DiscountLine, TaxCode, TaxRate
from pricing.services.taxes import rates_of
from pricing.store_clock_sheet import COLUMN, ClockField, MomentField, set_clock, usual_clock


class DiscountResource(Sheet):
    """One row for each line of a discount, with what the discount says beside it.

    A discount that is not there yet is drafted; one that is enabled is fixed and has to be disabled first. Columns of
    the discount that are missing or empty stay as they are. A new period is meant on each store's own clock;
    `on_store_clock` 0 makes it the same instant everywhere.
    """

    discount = Field("discount__code", "discount", readonly=True)
    name = Field("discount__name", "name", readonly=True)
    kind = Field("discount__kind", "kind", readonly=True)
    gives = Field("discount__method", "method", readonly=True)
    amount = Field("discount__value", "value", DecimalWidget(), readonly=True)
    currency = Field("discount__currency_id", "currency", readonly=True)
    concurrency = Field("discount__concurrency", "concurrency", readonly=True)
    priority = Field("discount__priority", "priority", readonly=True)
    starts_at = MomentField("starts_at", of="discount")
    ends_at = MomentField("ends_at", of="discount")
    on_store_clock = ClockField(of="discount")
    coupon_required = Field("discount__coupon_required", "coupon_required", readonly=True)
    product = Field("product", "product", Named(Product, "number"))
    category = Field("category", "category", Named(Category, "code"))
    variant = Field("variant", "variant", Named(Variant, "number"))
    unit = Field("unit", "unit", Named(Unit, "code"))
    group = Field("group", "part")
    is_excluded = Field("is_excluded", "never", BooleanWidget())
    method = Field("method", "line_method")
    value = Field("value", "line_value", DecimalWidget())
    required = ["discount"]

    _CELLS: Mapping[str, tuple[str, Any]] = {
        "name": ("name", None), "kind": ("kind", None), "method": ("method", None), "value": ("value", DecimalWidget()),
        "currency": ("currency", Named(Currency, "code")), "concurrency": ("concurrency", None),
        "priority": ("priority", IntegerWidget()), "starts_at": ("starts_at", DateTimeWidget()),
        "ends_at": ("ends_at", DateTimeWidget()), "coupon_required": ("coupon_required", BooleanWidget()),
    }  # fmt: skip

    class Meta:
        model = DiscountLine
        name = "Discounts with their lines"
        import_id_fields: list[str] = []
        fields = [
            "discount", "name", "kind", "gives", "amount", "currency", "concurrency", "priority", "starts_at",
            "ends_at", "on_store_clock", "coupon_required", "product", "variant", "category", "attribute",
            "attribute_value", "unit", "group", "is_excluded", "method", "value",
        ]  # fmt: skip
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The lines of the discounts of the list."""
        lines = DiscountLine.objects.select_related("discount", "product", "variant", "category").order_by(
            "discount__code", "pk"
        )
        if queryset is not None and queryset.model is Discount:
            lines = lines.filter(discount__in=queryset.order_by().values("pk"))
        return super().export(lines, **kwargs)

    def get_import_fields(self) -> list[Field]:
        """All of them: what belongs to the discount is shown in the preview, too."""
        return [self.fields[name] for name in self._meta.fields]

    def get_diff_headers(self) -> list[str]:
        return [field.column_name for field in self.get_import_fields()]

    def get_instance(self, instance_loader: Any, row: Any) -> DiscountLine | None:
        """The line of the discount that names the same goods for the same part, if the row can be read."""
        code = _text(row, "discount")
        try:
            product = self.fields["product"].clean(row) if "product" in row else None
            category = self.fields["category"].clean(row) if "category" in row else None
            variant = self.fields["variant"].clean(row) if "variant" in row else None
        except ValueError:
            return None
        attribute = {name: _text(row, name) for name in ("attribute", "attribute_value") if name in row}
        lines = DiscountLine.objects.select_related("discount", "product", "category")
        return lines.filter(
            discount__code=code, product=product, category=category, group=_text(row, "part"), variant=variant,
            **attribute,
        ).first()  # fmt: skip

    def import_instance(self, instance: DiscountLine, row: Any, **kwargs: Any) -> None:
        """First the discount, then its line."""
        instance.discount = self._discount(row)
        super().import_instance(instance, row, **kwargs)

    def _discount(self, row: Any) -> Discount:
        code = _text(row, "discount")
        if not code:
            raise ValidationError({"discount": "Enter the code of the discount."})
        found = Discount.objects.filter(code=code).first()
        if found is not None and found.status == Discount.Status.ENABLED:
            raise ValidationError({"discount": f"{found.name} is enabled and so fixed. Disable it first."})
        discount = found or Discount(
            code=code, name=code, kind=Discount.Kind.SIMPLE, method=Discount.Method.PERCENT_OFF
        )
        errors: dict[str, str] = {}
        names = [*(name for name, _ in self._CELLS.values()), "clock"]
        before, usual = {name: getattr(discount, name) for name in names}, usual_clock(discount)
        for column, (name, widget) in self._CELLS.items():
            text = _text(row, column)
            if not text:
                continue
            try:
                setattr(discount, name, widget.clean(text, row) if widget else text)
            except (ValueError, ArithmeticError) as error:
                errors[column] = str(error) if isinstance(widget, Named) else f"“{text}” cannot be read here."
        if errors:
            raise ValidationError(errors)
        set_clock(discount, row.get(COLUMN), usual)
        discount.full_clean()
        if found is None or any(getattr(discount, name) != value for name, value in before.items()):
            discount.save()
        return discount

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Nothing changed: neither the line nor its discount."""
        if import_validation_errors or instance.pk is None:
            return False
        fields = self.get_import_fields()
        return all(
            field.get_value(instance) == field.get_value(original) for field in fields
        )  # 10 is 10.0000


class CouponResource(Sheet):
    """Coupons by code: a code that is there already gets the new dates and limits; others are added."""

    discount = Field("discount", "discount", Named(Discount, "code"))
    required = ["code", "discount"]

    class Meta:
        model = DiscountCoupon
        name = "Coupons"
        import_id_fields = ["code"]
        fields = [
            "code", "discount", "is_active", "starts_at", "ends_at", "limit", "limit_per_customer",
            "limit_per_channel",
        ]  # fmt: skip
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Codes are capitals; who says nothing means an active one."""
        row["code"] = _text(row, "code").upper()
        if not row["code"]:
            raise ValidationError({"code": "Enter the code of the coupon."})
        if "is_active" in row and not _text(row, "is_active"):
            row["is_active"] = "1"

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The coupons of the discounts of the list."""
        coupons = DiscountCoupon.objects.select_related("discount").order_by("code")
        if queryset is not None and queryset.model is Discount:
            coupons = coupons.filter(discount__in=queryset.order_by().values("pk"))
        return super().export(coupons, **kwargs)


class TaxRateResource(Sheet):
    """Tax rates by tax code and first day; a code that is not there yet is made, with its name."""

    tax_code = Field("tax_code__code", "tax_code", readonly=True)
    name = Field("tax_code__name", "name", readonly=True)
    required = ["tax_code", "percent"]

    class Meta:
        model = TaxRate
        name = "Tax rates"
        import_id_fields: list[str] = []
        fields = ["tax_code", "name", "percent", "starts_on", "ends_on"]
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True

    def get_import_fields(self) -> list[Field]:
        return [self.fields[name] for name in self._meta.fields]

    def get_diff_headers(self) -> list[str]:
        return [field.column_name for field in self.get_import_fields()]

    def get_instance(self, instance_loader: Any, row: Any) -> TaxRate | None:
        """The rate of that code from that day on."""
        try:
            starts = self.fields["starts_on"].clean(row) if "starts_on" in row else None
        except ValueError:
            return None
        return TaxRate.objects.filter(
            tax_code__code=_text(row, "tax_code"), starts_on=starts, above=0
        ).first()

    def import_instance(self, instance: TaxRate, row: Any, **kwargs: Any) -> None:
        """First the code, then its rate."""
        code, name = _text(row, "tax_code"), _text(row, "name")
        if not code:
            raise ValidationError({"tax_code": "Enter the tax code."})
        found = TaxCode.objects.filter(code=code).first()
        if found is None:
            if not name:
                raise ValidationError(
                    {"name": f"There is no tax code {code} yet: enter its name to make it."}
                )
            found = TaxCode(code=code, name=name)
            found.full_clean()
            found.save()
        instance.tax_code = found
        super().import_instance(instance, row, **kwargs)
        beside = found.rates.exclude(pk=instance.pk)
        periods = rates_of([instance, *beside])
        problems = check_rate(found.kind, periods[0]) or check_rates_apart(periods, found.kind)
        if problems:
            column = "percent" if problems[0].field in ("rate", "intervals") else problems[0].field
            raise ValidationError({column: str(problems[0])})

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The rates of the tax codes of the list."""
        rates = TaxRate.objects.select_related("tax_code").order_by("tax_code__code", "starts_on")
        if queryset is not None and queryset.model is TaxCode:
            rates = rates.filter(tax_code__in=queryset.order_by().values("pk"))
        return super().export(rates, **kwargs)


def _text(row: Any, column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()
