"""Discounts with their lines, coupons, and tax rates as spreadsheets."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower
from django.utils.text import get_text_list
from import_export.widgets import CharWidget

from catalog.models import Category, Product, Unit, Variant
from hq.admin.sheet import (
    BooleanWidget,
    DecimalWidget,
    Field,
    IntegerWidget,
    Named,
    PercentWidget,
    Sheet,
    TimeWidget,
    read_cell,
    say_what_to_enter,
    text_of,
)
from hq.models import Currency
from pricing.discount_cells import CELLS, DaysWidget, WeekdaysWidget
from pricing.engine.discounts.validate import check_value
from pricing.engine.tax_checks import check_rate, check_rates_apart
from pricing.models import GOODS, Discount, DiscountCoupon, DiscountLine, DiscountTier, TaxCode, TaxRate
from pricing.services.discounts import METHODS
from pricing.services.taxes import rates_of
from pricing.sheet_cells import CellField
from pricing.store_clock_sheet import COLUMN, ClockField, MomentField, set_clock, usual_clock

_NAMED, _WRITTEN = ("product", "category", "variant", "unit"), ("attribute", "attribute_value", "part")
_OF_A_LINE = ("attribute_value", "unit", "part", "line_method", "line_value")


class _Everything(Field):
    """Whether the line is given on all goods: 1, or empty."""

    def __init__(self) -> None:
        super().__init__("pk", "everything", readonly=True)

    def get_value(self, instance: Any) -> str:
        return "1" if instance.pk is not None and instance.is_on_everything else ""


class DiscountResource(Sheet):
    """One row for each line of a discount, or one for a discount without lines, with what the discount says beside it.

    A discount that is not there yet is drafted; one that is enabled is fixed and has to be disabled before anything of
    it changes. Columns of the discount that are missing or empty stay as they are. A new period is meant on each
    store's own clock; `on_store_clock` 0 makes it the same instant everywhere. A line on all goods says so in
    `everything`; a row that names no goods has no line.
    """

    discount = Field("discount__code", "discount", readonly=True)
    name = Field("discount__name", "name", CharWidget(), readonly=True)
    kind = Field("discount__kind", "kind", readonly=True)
    gives = Field("discount__method", "method", readonly=True)
    amount = Field("discount__value", "value", DecimalWidget(), readonly=True)
    currency = Field("discount__currency", "currency", Named(Currency, "code"), readonly=True)
    tiers = CellField(CELLS, "tiers", of="discount")
    parts = CellField(CELLS, "parts", of="discount")
    concurrency = Field("discount__concurrency", "concurrency", readonly=True)
    priority = Field("discount__priority", "priority", IntegerWidget(), readonly=True)
    starts_at = MomentField("starts_at", of="discount")
    ends_at = MomentField("ends_at", of="discount")
    on_store_clock = ClockField(of="discount")
    weekdays = Field("discount__weekdays", "weekdays", WeekdaysWidget(), readonly=True)
    days_only = Field("discount__days_only", "days_only", DaysWidget(), readonly=True)
    begins = Field("discount__begins", "begins", TimeWidget(), readonly=True)
    ends = Field("discount__ends", "ends", TimeWidget(), readonly=True)
    least_count = Field("discount__least_count", "least_count", IntegerWidget(), readonly=True)
    least_method = Field("discount__least_method", "least_method", readonly=True)
    favor = Field("discount__favor", "favor", readonly=True)
    quantity_limit = Field("discount__quantity_limit", "quantity_limit", DecimalWidget(), readonly=True)
    limit_scope = Field("discount__limit_scope", "limit_scope", readonly=True)
    max_applications = Field("discount__max_applications", "max_applications", IntegerWidget(), readonly=True)
    max_discount = Field("discount__max_discount", "max_discount", DecimalWidget(), readonly=True)
    counts_blocked = Field(
        "discount__counts_blocked_goods", "counts_blocked_goods", BooleanWidget(), readonly=True
    )
    coupon_required = Field("discount__coupon_required", "coupon_required", BooleanWidget(), readonly=True)
    price_groups = CellField(CELLS, "price_groups", of="discount")
    all_groups = Field(
        "discount__matches_all_price_groups", "matches_all_price_groups", BooleanWidget(), readonly=True
    )
    stores = CellField(CELLS, "stores", of="discount")
    customers = CellField(CELLS, "customers", of="discount")
    tenders = CellField(CELLS, "tenders", of="discount")
    delivery_modes = CellField(CELLS, "delivery_modes", of="discount")
    everything = _Everything()
    product = Field("product", "product", Named(Product, "number"))
    category = Field("category", "category", Named(Category, "code"))
    variant = Field("variant", "variant", Named(Variant, "number"))
    unit = Field("unit", "unit", Named(Unit, "code"))
    group = Field("group", "part")
    is_excluded = Field("is_excluded", "never", BooleanWidget())
    method = Field("method", "line_method")
    value = Field("value", "line_value", DecimalWidget())
    required = ["discount"]
    sets = ["discount"]

    class Meta:
        model = DiscountLine
        name = "Discounts with their lines"
        import_id_fields: list[str] = []
        fields = [
            "discount", "name", "kind", "gives", "amount", "currency", "tiers", "parts", "concurrency", "priority",
            "starts_at", "ends_at", "on_store_clock", "weekdays", "days_only", "begins", "ends", "least_count",
            "least_method", "favor", "quantity_limit", "limit_scope", "max_applications", "max_discount",
            "counts_blocked", "coupon_required", "price_groups", "all_groups", "stores", "customers", "tenders",
            "delivery_modes", "everything", "product", "variant", "category", "attribute", "attribute_value", "unit",
            "group", "is_excluded", "method", "value",
        ]  # fmt: skip

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The discounts of the list with their lines."""
        discounts = Discount.objects.select_related("currency").order_by("code")
        if queryset is not None and queryset.model is Discount:
            discounts = discounts.filter(pk__in=queryset.order_by().values("pk"))
        lines = DiscountLine.objects.select_related("product", "variant", "category", "unit").order_by("pk")
        found = discounts.prefetch_related(*CELLS.prefetched, Prefetch("lines", lines))
        rows = [line for one in found for line in one.lines.all() or [DiscountLine(discount=one)]]
        return super().export(rows, **kwargs)

    def get_instance(self, instance_loader: Any, row: Any) -> DiscountLine | None:
        """The line of the discount that names the same goods for the same part, if the row can be read.

        For a row without goods it is no line, but has the discount of the row if there is one.
        """
        found = self._discount_of(row)
        if found is None:
            return None
        try:
            is_line, never = _is_line(row), bool(self.read("is_excluded", row))
            goods = {name: self.read(name, row) for name in _NAMED}
        except ValueError:
            return None
        if not is_line:
            return DiscountLine(discount=found)
        named = [getattr(one, "pk", None) for one in goods.values()]
        line = found.lines_by_goods.get((*named, *(_text(row, name) for name in _WRITTEN), never))
        if line is not None:
            for name, one in {**goods, "discount": found}.items():
                setattr(line, name, one)
        return line

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read the discounts of all rows at once, with all that belongs to them."""
        super().before_import(dataset, **kwargs)
        self._named: dict[str, Named] = {}
        self._discounts: dict[str, Discount | None] = {}
        self._said: dict[tuple[str, str], Any] = {}  # by discount and column, what an earlier row says
        self._look_up({text_of(code).casefold() for code in dataset["discount"]})

    def leave(self, row: Any, **kwargs: Any) -> None:
        """What the row left on its discount is not so."""
        super().leave(row, **kwargs)
        self._discounts.pop(_text(row, "discount").casefold(), None)

    def _look_up(self, codes: Collection[str]) -> None:
        found = Discount.objects.annotate(same=Lower("code")).filter(same__in=codes)
        for discount in found.select_related("currency").prefetch_related(*CELLS.prefetched, "lines"):
            CELLS.said_of(discount)  # before a row changes it
            discount.lines_by_goods = {}
            for line in sorted(discount.lines.all(), key=lambda line: line.pk):
                discount.lines_by_goods.setdefault(_goods_of(line), line)
            self._discounts[discount.code.casefold()] = discount

    def _discount_of(self, row: Any) -> Discount | None:
        code = _text(row, "discount").casefold()
        if code not in self._discounts:
            self._look_up([code])
        return self._discounts.setdefault(code, None)

    def keeps_constraints(self, instance: DiscountLine) -> bool:
        """They are about goods that are named in more than one way."""
        return sum(bool(getattr(instance, name)) for name in (*_NAMED, "attribute")) < 2

    def import_instance(self, instance: DiscountLine, row: Any, **kwargs: Any) -> None:
        """First the discount, then its line."""
        instance.discount = self._discount(row, instance.discount if instance.discount_id else None)
        super().import_instance(instance, row, **kwargs)
        _check_goods(row)
        if self._values_of(instance) == self._values:
            return
        if instance.discount.status == Discount.Status.ENABLED:
            raise ValidationError(
                {"discount": f"{instance.discount.name} is enabled and so fixed. Disable it first."}
            )
        _check_value_of(instance)

    def _discount(self, row: Any, known: Discount | None) -> Discount:
        code = _text(row, "discount")
        found = known or self._discount_of(row)
        discount = found or Discount(
            code=code, name=code, kind=Discount.Kind.SIMPLE, method=Discount.Method.PERCENT_OFF
        )
        own = {
            field.column_name: (field.attribute.removeprefix("discount__"), field.widget)
            for field in self.get_import_fields()
            if field.attribute.startswith("discount__") and field.column_name not in ("discount", COLUMN)
        }
        names = [*(name for name, _ in own.values()), "clock"]
        before, usual = {name: getattr(discount, name) for name in names}, usual_clock(discount)
        said, errors = CELLS.read(row, CELLS.said_of(discount) if found else {}, self._named)
        for column, (name, widget) in own.items():
            if not _text(row, column):
                continue
            try:
                value = read_cell(widget, row[column], row)
            except ValueError as error:
                errors[column] = str(error)
                continue
            setattr(discount, name, value)
            if self._said.setdefault((code.casefold(), column), value) != value:
                errors[column] = (
                    "An earlier row of this discount says something else. Say the same, or say it once."
                )
        errors |= _faults_of_tiers(discount, said.get("tiers", ()))
        if errors:
            raise ValidationError(errors)
        set_clock(discount, row.get(COLUMN), usual)
        if found is None or any(getattr(discount, name) != value for name, value in before.items()):
            self._save(discount, {"code": "discount", **{name: column for column, (name, _) in own.items()}})
        CELLS.write(discount, CELLS.note(discount, said))
        if found is None:
            discount.lines_by_goods = {}
            self._discounts[code.casefold()] = discount
        return discount

    def _save(self, discount: Discount, columns: Mapping[str, str]) -> None:
        try:
            discount.full_clean()
        except ValidationError as error:
            say_what_to_enter(error, Discount)
            fields = {
                name if name != NON_FIELD_ERRORS else errors[0].code: errors
                for name, errors in error.error_dict.items()
            }
            raise ValidationError(
                {columns.get(name, name): errors for name, errors in fields.items()}
            ) from error
        if discount.begins is not None and discount.begins == discount.ends:
            raise ValidationError(
                {"ends": "The hours end where they begin. Enter another end, or leave both empty."}
            )
        known = METHODS[Discount.Kind(discount.kind)]
        if discount.method not in known:
            said = get_text_list(sorted(known), "or")
            raise ValidationError(
                {"method": f"A {discount.kind} discount cannot give {discount.method}. Enter {said}."}
            )
        discount.save()

    def save_instance(self, instance: DiscountLine, is_new: bool, row: Any, **kwargs: Any) -> None:
        """Keep the line, where the row has one."""
        if _is_line(row):
            super().save_instance(instance, is_new, row, **kwargs)
            instance.discount.lines_by_goods[_goods_of(instance)] = instance


def _faults_of_tiers(discount: Discount, tiers: Iterable[DiscountTier]) -> dict[str, str]:
    """What is wrong with what tiers give, each in its own way or as the discount says; the model refuses minuses."""
    problems = [
        problem
        for tier in tiers
        if tier.value >= 0 and (method := tier.method or discount.method) in Discount.Given.values
        for problem in check_value(method, tier.value, "tiers", Discount.Given.values)
    ]
    return {"tiers": str(problems[0])} if problems else {}


def _check_value_of(line: DiscountLine) -> None:
    """Raises ValidationError for a value of the line's own that cannot be, or of which it is not said what it is."""
    if line.method:
        for problem in check_value(line.method, line.value, "line_value", Discount.Given.values):
            raise ValidationError({"line_value": str(problem)})
    elif line.value is not None:
        asks = (
            f"Is it a percentage, an amount or a price? Enter {get_text_list(Discount.Given.values, 'or')}."
        )
        raise ValidationError({"line_method": asks})


def _goods_of(line: DiscountLine) -> tuple[Any, ...]:
    """What tells a line from the others of its discount."""
    named = (getattr(line, f"{name}_id") for name in _NAMED)
    return (*named, line.attribute, line.attribute_value, line.group, line.is_excluded)


def _on_what(row: Any) -> tuple[bool, bool]:
    """Whether a row says that it is on everything, and whether it names goods."""
    return bool(BooleanWidget().clean(row.get("everything"))), any(_text(row, name) for name in GOODS)


def _is_line(row: Any) -> bool:
    """Whether a row has a line: it names goods, or says that it is on everything."""
    return any(_on_what(row))


def _check_goods(row: Any) -> None:
    is_on_everything, names_goods = _on_what(row)
    if is_on_everything and names_goods:
        raise ValidationError({"everything": "The line names goods. Leave this empty, or leave them out."})
    if _text(row, "attribute") and not _text(row, "attribute_value"):
        raise ValidationError({"attribute_value": "Enter its value, as the products have it."})
    said = [name for name in _OF_A_LINE if _text(row, name)]
    if said and not (is_on_everything or names_goods):
        asks = "On what? Enter a product, a category, a variant or an attribute, or 1 under everything."
        raise ValidationError({said[0]: asks})


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

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Codes are capitals without spaces, as a till looks them up."""
        row["code"] = code = _text(row, "code").upper()
        if len(code.split()) > 1:
            raise ValidationError({"code": "A code has no spaces. Leave them out."})

    def import_instance(self, instance: DiscountCoupon, row: Any, **kwargs: Any) -> None:
        """A coupon stays with its offer: its uses are counted by its code."""
        before = instance.discount if instance.pk else None
        super().import_instance(instance, row, **kwargs)
        if before is not None and instance.discount != before:
            where = f"{before.name} ({before.code})"
            words = f"{instance.code} unlocks {where}. Remove it there first, or give another code."
            raise ValidationError({"code": words})

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The coupons of the discounts of the list."""
        coupons = DiscountCoupon.objects.select_related("discount").order_by("code")
        if queryset is not None and queryset.model is Discount:
            coupons = coupons.filter(discount__in=queryset.order_by().values("pk"))
        return super().export(coupons, **kwargs)


class TaxRateResource(Sheet):
    """Tax rates by tax code, first day and the amount above which they hold; a code that is not there yet is made, with
    its name.
    """

    tax_code = Field("tax_code__code", "tax_code", readonly=True)
    name = Field("tax_code__name", "name", readonly=True)
    percent = Field("percent", "percent", PercentWidget())
    required = ["tax_code", "percent"]
    sets = ["tax_code"]

    class Meta:
        model = TaxRate
        name = "Tax rates"
        import_id_fields: list[str] = []
        fields = ["tax_code", "name", "percent", "starts_on", "ends_on", "above", "up_to"]

    def get_instance(self, instance_loader: Any, row: Any) -> TaxRate | None:
        """The rate of that code from that day on, for amounts above that one."""
        try:
            starts, above = self.read("starts_on", row), self.read("above", row) or 0
        except ValueError:
            return None
        return TaxRate.objects.filter(
            tax_code__code=_text(row, "tax_code"), starts_on=starts, above=above
        ).first()

    def import_instance(self, instance: TaxRate, row: Any, **kwargs: Any) -> None:
        """First the code, then its rate."""
        code, name = _text(row, "tax_code"), _text(row, "name")
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
        rates = TaxRate.objects.select_related("tax_code").order_by("tax_code__code", "starts_on", "above")
        if queryset is not None and queryset.model is TaxCode:
            rates = rates.filter(tax_code__in=queryset.order_by().values("pk"))
        return super().export(rates, **kwargs)


def _text(row: Any, column: str) -> str:
    return text_of(row.get(column))
