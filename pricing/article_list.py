"""A shop's own list of articles as a spreadsheet: each row a product with its barcodes and its price."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.utils.text import get_text_list

from catalog.barcodes import lookup_key
from catalog.models import Barcode, Category, ItemTaxGroup, Product, Unit
from catalog.resources import ProductResource
from hq.admin.sheet import Field, Named, text_of
from hq.models import Currency
from hq.models.bulk import create_in_bulk, update_in_bulk
from pricing.models import TradeAgreement
from pricing.resources import AmountField
from pricing.services.prices import faults_of

BESIDE = ("barcode", "price", "currency")
AT_ONCE = 1000  # rows in a statement
# The price that is meant: for everybody, from the first piece on, since ever.
FOR_ALL: dict[str, Any] = {
    "variant": None, "price_group": None, "customer": None, "quantity_from": 0, "starts_at": None,
}  # fmt: skip


class ArticleListResource(ProductResource):
    """Products by article number, as `ProductResource`, with their barcodes and the price that holds for everybody.

    A barcode is added to those that there are; several stand with commas between. The price is for the product's own
    unit, and in the only currency where there is no other. A new product without a unit is sold by the piece, and one
    without a category stands in the only one.
    """

    barcode = Field("listed_barcodes", "barcode", readonly=True)  # read by `_codes_of`
    price = AmountField("listed_price", "price", currency="listed_currency")
    currency = Field("listed_currency", "currency", Named(Currency, "code"))

    class Meta:
        name = "Products with barcode and price"
        fields = ["number", "name", *BESIDE, *ProductResource._meta.fields[2:]]

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read at once what belongs to the products beside themselves, and what goes without saying."""
        super().before_import(dataset, **kwargs)
        self._read_beside()
        self._units = list(Unit.objects.filter(decimals=0)[:2])
        self._categories = list(Category.objects.all()[:2])
        self._tax_groups = list(ItemTaxGroup.objects.values_list("code", flat=True)[:8])

    def _read_beside(self) -> None:
        """By the numbers of the products: a new one has no key yet."""
        self._codes: dict[str, list[str]] = defaultdict(list)
        self._holders: dict[str, str] = {}
        codes = Barcode.objects.order_by("code").values_list("code", "key", "product__number")
        for code, key, product in codes:
            self._codes[product].append(code)
            self._holders[key] = product
        prices = TradeAgreement.objects.filter(**FOR_ALL).annotate(number=F("product__number"))
        self._prices = {(price.number, price.currency_id, price.unit_id): price for price in prices}
        self._currencies = list(Currency.objects.all())
        self._new_barcodes: list[Barcode] = []
        self._new_prices: list[TradeAgreement] = []
        self._changed_prices: dict[int, TradeAgreement] = {}

    def _price_of(self, product: Product, currency: Currency | None) -> TradeAgreement | None:
        if currency is None:
            return None
        return self._prices.get((product.number, currency.pk, product.unit_id))

    def _put_beside(self, product: Product, currency: Currency | None) -> None:
        price = self._price_of(product, currency)
        product.listed_barcodes = ", ".join(self._codes.get(product.number, ()))
        product.listed_price = price.amount if price is not None else None
        product.listed_currency = currency

    def after_init_instance(self, instance: Product, new: bool, row: Any, **kwargs: Any) -> None:
        """Put beside the product what it has, so that the look shows it and tells what changes."""
        try:
            currency = self.read("currency", row)
        except ValueError:  # said of its cell
            currency = None
        if currency is None and len(self._currencies) == 1:
            currency = self._currencies[0]
        if new:
            instance.unit = self._units[0] if len(self._units) == 1 else None
            instance.category = self._categories[0] if len(self._categories) == 1 else None
        self._put_beside(instance, currency)
        super().after_init_instance(instance, new, row, **kwargs)

    def import_instance(self, instance: Product, row: Any, **kwargs: Any) -> None:
        """The product, then what stands beside it."""
        currency = instance.listed_currency
        super().import_instance(instance, row, **kwargs)
        instance.listed_currency = currency
        self._new_codes = self._codes_of(row, instance)
        instance.listed_barcodes = ", ".join(filter(None, [instance.listed_barcodes, *self._new_codes]))
        if instance.item_tax_group_id is None:
            known = get_text_list(self._tax_groups, "or")
            raise ValidationError({"item_tax_group": f"How is it taxed? Enter {known}."})
        if not text_of(row.get("price")):
            return
        if currency is None:
            known = get_text_list([one.code for one in self._currencies], "or")
            raise ValidationError({"currency": f"In which currency is the price? Enter {known}."})
        price = TradeAgreement(amount=instance.listed_price, currency=currency)
        if faults := dict(faults_of(price)):
            raise ValidationError({"price": list(faults.values())})

    def _codes_of(self, row: Any, product: Product) -> Sequence[str]:
        """The codes of the row that the product has not yet. Raises ValidationError for another product's."""
        found: dict[str, str] = {}
        for text in re.split(r"[,;\n]", text_of(row.get("barcode"))):
            code = "".join(text.split())
            key = lookup_key(code)
            holder = self._holders.get(key)
            if holder is not None and holder != product.number:
                other = self.by_number.get(holder.lower()) or Product.objects.get(number=holder)
                words = f"{code} stands for “{other.name}” ({other.number}). Take it off there first."
                raise ValidationError({"barcode": words})
            if code and holder is None:
                found.setdefault(key, code)
        codes = list(found.values())
        for code in codes:
            Barcode(code=code, key=lookup_key(code)).clean_fields(exclude={"product", "variant", "key"})
        return codes

    def save_instance(self, instance: Product, is_create: bool, row: Any, **kwargs: Any) -> None:
        """A product that only something beside it is new of stays as it is."""
        cells = zip(self.import_fields, self._values, self._values_of(instance), strict=True)
        if is_create or any(was != now and field.column_name not in BESIDE for field, was, now in cells):
            super().save_instance(instance, is_create, row, **kwargs)
        else:
            self.after_save_instance(instance, row, **kwargs)

    def after_save_instance(self, instance: Product, row: Any, **kwargs: Any) -> None:
        """Note what stands beside the product; it is written when all products are."""
        super().after_save_instance(instance, row, **kwargs)
        for code in self._new_codes:
            barcode = Barcode(code=code, key=lookup_key(code), product=instance)
            self._new_barcodes.append(barcode)
            self._codes[instance.number].append(code)
            self._holders[barcode.key] = instance.number
        price = self._price_of(instance, instance.listed_currency)
        if instance.listed_price is None or (price is not None and price.amount == instance.listed_price):
            return
        if price is None:
            price = TradeAgreement(
                product=instance, unit=instance.unit, currency=instance.listed_currency, **FOR_ALL
            )
            # a later row may say another
            self._prices[instance.number, price.currency_id, price.unit_id] = price
            self._new_prices.append(price)
        elif price.pk is not None:
            self._changed_prices[price.pk] = price
        price.amount = instance.listed_price

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Write what stands beside the products."""
        super().after_import(dataset, result, **kwargs)
        if kwargs.get("dry_run", True):
            return
        for row in (*self._new_barcodes, *self._new_prices):
            row.product = row.product  # whose key is known by now
        _write(create_in_bulk, Barcode, self._new_barcodes)
        _write(create_in_bulk, TradeAgreement, self._new_prices)
        _write(update_in_bulk, TradeAgreement, list(self._changed_prices.values()))

    def export(self, queryset: QuerySet | None = None, **kwargs: Any) -> Any:
        """The products of the list with what they have beside themselves."""
        self._read_beside()
        return super().export(queryset, **kwargs)

    def export_resource(self, instance: Product, *args: Any, **kwargs: Any) -> Any:
        """One of them, with its price in the first currency in which it has one."""
        priced = (one for one in self._currencies if self._price_of(instance, one) is not None)
        self._put_beside(instance, next(priced, None))
        return super().export_resource(instance, *args, **kwargs)

    def _has_to_be_something(self, field: Any) -> bool:
        kept = (*BESIDE, "unit", "item_tax_group")  # an empty cell leaves what there is
        return field.column_name in kept or super()._has_to_be_something(field)


def _write(
    write: Callable[[type[Model], Sequence[Any]], None], model: type[Model], rows: Sequence[Any]
) -> None:
    for start in range(0, len(rows), AT_ONCE):
        write(model, rows[start : start + AT_ONCE])
