"""Categories, products, barcodes, assortments, prices and opening stock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.utils.text import slugify

from api.demo import company
from api.demo.build.data import rows
from catalog.barcodes import lookup_key
from catalog.models import (
    Assortment,
    AssortmentLine,
    AssortmentStore,
    Barcode,
    Category,
    ItemTaxGroup,
    Product,
    Unit,
)
from customers.models import Customer, CustomerGroup, LoyaltyCard, LoyaltyTier
from hq.models import Store
from inventory.models import OpeningStock
from pricing.models import PriceGroup, StorePriceGroup, TradeAgreement

FOOD = "Groceries"
COUNTED_AT = datetime(2020, 1, 1, tzinfo=UTC)
EUROS_PER_POUND = Decimal("1.17")
PRICE_GROUPS = {"RETAIL-GB": ("Shelf prices in pounds", "GBP"), "RETAIL-IE": ("Shelf prices in euros", "EUR")}


class Good:
    """One row of the excerpt on its way to becoming a product."""

    product: Product

    def __init__(
        self,
        row: Mapping[str, str],
        *,
        number: str,
        price: str,
        department: str,
        barcode: str = "",
        unit: str = "pcs",
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.number, self.name, self.barcode, self.unit = number, row["name"], barcode, unit
        self.department, self.category, self.tax_class = department, row["category"], row["tax_class"]
        self.price = Decimal(price) if price else None
        self.is_service = department == "Services"
        self.zero_price_valid = int(row.get("given_away", 0)) > 0
        self.attributes = {name: value for name, value in (attributes or {}).items() if value}
        self.sold = int(row.get("invoices", 0))

    def price_in(self, currency: str) -> Decimal:
        """The shelf price of an article that has one.

        Euros are worked out from pounds: at the house rate, up to the next price that ends in 5 or 9 cents.
        """
        assert self.price is not None, "its price is keyed in at the till"
        if currency == "GBP":
            return self.price
        cents = int((self.price * EUROS_PER_POUND * 100).to_integral_value(ROUND_CEILING))
        while cents % 10 not in (5, 9):
            cents += 1
        return Decimal(cents) / 100

    def share(self, salt: str, most: int) -> int:
        """A number from 0 to most - 1 that is always the same for this article."""
        return int.from_bytes(hashlib.sha256(f"{salt}/{self.number}".encode()).digest()[:4]) % most


def read_goods() -> list[Good]:
    """Everything that the company sells, in the order in which it is written."""
    return [
        *(
            Good(row, number=row["number"], price=row["price"], department=row["department"])
            for row in rows("articles")
        ),
        *(
            Good(
                row, number=row["gtin"], price=row["price"], department=FOOD, barcode=row["gtin"],
                attributes={"brand": row["brand"], "content": _content(row)},
            )
            for row in rows("groceries")
        ),
        *(
            Good(
                row, number=row["plu"], price=row["price_per_kg"], department=FOOD, unit="kg",
                barcode=row["plu"].zfill(5),
            )
            for row in rows("weighed")
        ),
        *(
            Good(
                row, number=row["number"], price=row["price"], department=row["department"],
                barcode=row["barcode"],
            )
            for row in rows("house")
        ),
    ]  # fmt: skip


def make_products(
    goods: Iterable[Good], units: Mapping[str, Unit], taxes: Mapping[str, ItemTaxGroup]
) -> None:
    """Write the category tree, the products and their barcodes."""
    goods = list(goods)
    categories = _make_categories(goods)
    for good in goods:
        good.product = Product(
            number=good.number,
            name=good.name,
            unit=units[good.unit],
            item_tax_group=taxes[good.tax_class],
            category=categories[good.department, good.category],
            kind=Product.Kind.SERVICE if good.is_service else Product.Kind.ITEM,
            is_weighed=good.unit == "kg",
            zero_price_valid=good.zero_price_valid,
            price_entry=Product.PriceEntry.MANDATORY if good.price is None else Product.PriceEntry.NONE,
            is_returnable=good.tax_class != "VOUCHER",
            cost=_cost(good),
            attributes=good.attributes,
        )
    Product.objects.bulk_create([good.product for good in goods], batch_size=1000)
    Barcode.objects.bulk_create(
        Barcode(code=good.barcode, key=lookup_key(good.barcode), product=good.product)
        for good in goods
        if good.barcode
    )


def _make_categories(goods: Iterable[Good]) -> dict[tuple[str, str], Category]:
    shelves = sorted({(good.department, good.category) for good in goods})
    departments = {
        name: Category(code=slugify(name)[:40], name=name, position=place)
        for place, name in enumerate(sorted({department for department, _ in shelves}), start=1)
    }
    Category.objects.bulk_create(departments.values())
    categories = {
        (department, name): Category(
            code=slugify(f"{department} {name}")[:40],
            name=name,
            parent=departments[department],
            position=place,
        )
        for place, (department, name) in enumerate(shelves, start=1)
        if name != department
    }
    Category.objects.bulk_create(categories.values())
    return categories | {(name, name): node for name, node in departments.items()}


def make_assortments(stores: Mapping[str, Store]) -> None:
    """Write what is sold where: the food hall is not in every store, the rest is."""
    assortments = {name: Assortment(name=name) for name in (company.GIFT_ASSORTMENT, company.FOOD_ASSORTMENT)}
    Assortment.objects.bulk_create(assortments.values())
    AssortmentLine.objects.bulk_create(
        AssortmentLine(
            assortment=assortments[
                company.FOOD_ASSORTMENT if department.name == FOOD else company.GIFT_ASSORTMENT
            ],
            category=department,
        )
        for department in Category.objects.filter(parent=None).order_by("position")
    )
    AssortmentStore.objects.bulk_create(
        AssortmentStore(assortment=assortments[name], store=stores[plan.number])
        for plan in company.STORES
        for name in plan.assortments
    )


def make_prices(goods: Iterable[Good], stores: Mapping[str, Store]) -> None:
    """Write the shelf prices, in pounds as in the excerpt and in euros worked out from them."""
    groups = {code: PriceGroup(code=code, name=name) for code, (name, _) in PRICE_GROUPS.items()}
    PriceGroup.objects.bulk_create(groups.values())
    StorePriceGroup.objects.bulk_create(
        StorePriceGroup(store=stores[plan.number], price_group=groups[plan.price_group])
        for plan in company.STORES
    )
    priced = [good for good in goods if good.price is not None]
    TradeAgreement.objects.bulk_create(
        (
            TradeAgreement(
                product=good.product,
                price_group=groups[code],
                unit_id=good.unit,
                currency_id=currency,
                amount=good.price_in(currency),
            )
            for code, (_, currency) in PRICE_GROUPS.items()
            for good in priced
        ),
        batch_size=2000,
    )


def make_stock(goods: Iterable[Good], stores: Mapping[str, Store]) -> None:
    """Write what each store has of what it sells: more of what sells more, and always the same."""
    sells_food = {plan.number: company.FOOD_ASSORTMENT in plan.assortments for plan in company.STORES}
    OpeningStock.objects.bulk_create(
        (
            OpeningStock(
                store=store, product=good.product, quantity=_stock(good, number), counted_at=COUNTED_AT
            )
            for number, store in stores.items()
            for good in goods
            if not good.is_service and (good.department != FOOD or sells_food[number])
        ),
        batch_size=2000,
    )


def make_customers() -> None:
    """Write the customers that the invoices know by their number; names they have none."""
    trade = CustomerGroup.objects.create(code="TRADE", name="Trade customers")
    Customer.objects.bulk_create(
        (
            Customer(
                account=row["account"], name=f"Customer {row['account']}", country=row["country"], group=trade
            )
            for row in rows("customers")
        ),
        batch_size=2000,
    )
    member = LoyaltyTier.objects.create(code="MEMBER", name="Member")
    holder = Customer.objects.order_by("account").first()
    LoyaltyCard.objects.create(number=company.LOYALTY_CARD, customer=holder, tier=member)


def _content(row: Mapping[str, str]) -> str:
    if not row["net_content"]:
        return ""
    amount = Decimal(row["net_content"]).quantize(Decimal(1), ROUND_HALF_UP)
    return f"{amount} {row['net_unit']}"


def _cost(good: Good) -> Decimal | None:
    """What the article cost, invented: 40 to 60 % of its shelf price."""
    if good.price is None or good.is_service:
        return None
    return (good.price * (40 + good.share("cost", 21)) / 100).quantize(Decimal("0.0001"))


def _stock(good: Good, store: str) -> Decimal:
    if good.unit == "kg":
        return Decimal(10_000 + good.share(store, 30_000)) / 1000
    return Decimal(6 + good.share(store, 40) + good.sold // 10)
