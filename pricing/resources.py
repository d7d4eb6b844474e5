"""Prices as a spreadsheet."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from catalog.models import Product, Unit, Variant
from customers.models import Customer
from hq.admin.bulk_sheet import BulkSheet
from hq.admin.sheet import DecimalWidget, Field, Named, Sheet, text_of
from hq.models import Currency
from pricing.engine.money import currency as currency_of
from pricing.engine.money import decimals_of
from pricing.models import ExchangeRate, PriceGroup, TradeAgreement
from pricing.services.prices import SAME, faults_of, identity_of, remarks
from pricing.store_clock_sheet import COLUMN, ClockField, MomentField, set_clock, usual_clock


class AmountField(Field):
    """A price with the decimals of its currency, or as many as it has: 2.60."""

    def __init__(
        self, attribute: str = "amount", column: str = "amount", *, currency: str = "currency_id"
    ) -> None:
        super().__init__(attribute, column, DecimalWidget())
        self.currency = currency  # where it is, or its code

    def export(self, instance: Any, **kwargs: Any) -> Any:
        """As it is written; a number in a workbook."""
        amount = self.get_value(instance)
        if amount is None or kwargs.get("force_native_type"):
            return super().export(instance, **kwargs)
        least = currency_of(str(getattr(instance, self.currency) or "")).decimals
        return f"{amount:.{decimals_of(amount, least)}f}"


class PriceResource(BulkSheet):
    """Prices by product, variant, price group or customer, currency, unit, quantity and start.

    A row that is there already gets the new amount and end; others are added. Without a unit it is the product's.
    A period is meant on each store's own clock; `on_store_clock` 0 makes it the same instant everywhere.
    """

    product = Field("product", "product", Named(Product, "number"))
    variant = Field("variant", "variant", Named(Variant, "number"))
    price_group = Field("price_group", "price_group", Named(PriceGroup, "code"))
    customer = Field("customer", "customer", Named(Customer, "account"))
    unit = Field("unit", "unit", Named(Unit, "code"))
    currency = Field("currency", "currency", Named(Currency, "code"))
    starts_at = MomentField("starts_at")
    ends_at = MomentField("ends_at")
    on_store_clock = ClockField()
    amount = AmountField()
    required = ["product", "currency", "amount"]

    class Meta:
        model = TradeAgreement
        use_bulk = True
        name = "Prices"
        import_id_fields = list(SAME)
        fields = [*import_id_fields, "amount", "ends_at", "on_store_clock"]

    def keeps_constraints(self, instance: TradeAgreement) -> bool:
        """`faults_of` has refused all that they would."""
        return True

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*self.get_import_id_fields()[:-2])

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """Fill in what goes without saying: any quantity, the product's own unit."""
        if not text_of(row.get("quantity_from")):
            row["quantity_from"] = "0"
        if not text_of(row.get("unit")):
            row["unit"] = self._units().get(text_of(row.get("product")).casefold(), "")

    def import_instance(self, instance: TradeAgreement, row: Any, **kwargs: Any) -> None:
        """The price, and on whose clock its period is meant."""
        usual = usual_clock(instance)
        super().import_instance(instance, row, **kwargs)
        set_clock(instance, row.get(COLUMN), usual)
        if faults := dict(faults_of(instance)):
            raise ValidationError(faults)
        if self._said.setdefault(identity_of(instance), instance.amount) != instance.amount:
            words = "An earlier row has another price for the same. Say the same, or leave one of them out."
            raise ValidationError({"amount": words})

    def _units(self) -> dict[str, str]:
        if not hasattr(self, "_unit_of"):
            self._unit_of = {
                number.casefold(): unit for number, unit in Product.objects.values_list("number", "unit_id")
            }
        return self._unit_of

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read the prices of all products of the sheet at once: a price list has thousands of rows."""
        super().before_import(dataset, **kwargs)
        products = set()
        for number in dataset["product"]:
            with suppress(ValueError):  # said of its row
                products.add(self.fields["product"].widget.clean(number))
        self._said: dict[
            tuple[Any, ...], Decimal
        ] = {}  # by what tells a price from others, what an earlier row says
        self._found: dict[tuple[Any, ...], TradeAgreement] = {}
        for price in TradeAgreement.objects.filter(product__in=products - {None}):
            self._found.setdefault(identity_of(price), price)

    def get_instance(self, instance_loader: Any, row: Any) -> TradeAgreement | None:
        """The price that the row speaks of, if there is one; a row that cannot be read is nobody's."""
        try:
            said = {name: self.read(name, row) for name in SAME}
        except ValueError:
            return None
        found = self._found.get(tuple(getattr(value, "pk", value) for value in said.values()))
        if found is not None:
            # the rows that it names need not be read once more for each price
            for name, value in said.items():
                setattr(found, name, value)
        return found

    def after_save_instance(self, instance: TradeAgreement, row: Any, **kwargs: Any) -> None:
        """A later row may speak of the same price."""
        self._found[identity_of(instance)] = instance

    def warnings(self) -> Iterator[str]:
        """Prices of the list's products that never count, or that one alone cannot be paid with."""
        return remarks(self._found.values())


class PriceGroupResource(Sheet):
    """Price groups by code: one that is there already gets the new name and priority, others are added."""

    required = ["code"]

    class Meta:
        model = PriceGroup
        name = "Price groups"
        import_id_fields = ["code"]
        fields = ["code", "name", "priority"]


class ExchangeRateResource(Sheet):
    """Exchange rates by currencies and day: a row that is there already gets the new rate, others are added."""

    currency = Field("currency", "currency", Named(Currency, "code"))
    into = Field("into", "into", Named(Currency, "code"))
    required = ["currency", "into", "rate", "starts_on"]

    class Meta:
        model = ExchangeRate
        name = "Exchange rates"
        import_id_fields = ["currency", "into", "starts_on"]
        fields = [*import_id_fields, "rate"]
