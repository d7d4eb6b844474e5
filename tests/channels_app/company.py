"""A small company to distribute: two stores, a dozen products, prices, people. Made at headquarters."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import models as catalog
from channels_app.models import ChannelDatabase
from channels_app.services.scale_units import register_scale_unit
from hq import models as hq
from pricing import models as pricing
from tests.channels_app.two_sides import CREDENTIAL


@dataclass
class Company:
    """What tests speak of."""

    database: ChannelDatabase
    near: hq.Store
    far: hq.Store
    products: list[catalog.Product]
    assortment: catalog.Assortment
    price_group: pricing.PriceGroup

    def price_of(self, product: catalog.Product) -> pricing.TradeAgreement:
        return pricing.TradeAgreement.objects.get(product=product)


def a_store(number: str, **values: Any) -> hq.Store:
    """A store with what it needs around it."""
    currency, _ = hq.Currency.objects.get_or_create(code="GBP", defaults={"name": "Pound", "symbol": "£"})
    entity, _ = hq.LegalEntity.objects.get_or_create(
        code="TH", defaults={"name": "Tillhouse", "country": "GB", "currency": currency}
    )
    defaults = {
        "name": f"Store {number}",
        "legal_entity": entity,
        "country": "GB",
        "address": "High Street",
        "time_zone": "Europe/London",
        "currency": currency,
        "sales_tax_group": hq.SalesTaxGroup.objects.get_or_create(code="UK", defaults={"name": "UK"})[0],
        "functionality_profile": hq.FunctionalityProfile.objects.get_or_create(name="Standard")[0],
        "receipt_profile": hq.ReceiptProfile.objects.get_or_create(name="Standard")[0],
        "visual_profile": hq.VisualProfile.objects.get_or_create(name="Standard")[0],
        "screen_layout": hq.ScreenLayout.objects.get_or_create(name="Standard")[0],
    }
    return hq.Store.objects.create(number=number, **defaults | values)


def a_product(number: str, **values: Any) -> catalog.Product:
    """A product that can be sold."""
    unit, _ = catalog.Unit.objects.get_or_create(code="pcs", defaults={"name": "Pieces"})
    tax, _ = catalog.ItemTaxGroup.objects.get_or_create(code="full", defaults={"name": "Full rate"})
    return catalog.Product.objects.create(
        **{"number": number, "name": f"Product {number}", "unit": unit, "item_tax_group": tax} | values
    )


def a_company(products: int = 12) -> Company:
    """Two stores; the near one sells from the scale unit of these tests, the far one from none."""
    near, far = a_store("S1"), a_store("S2")
    category = catalog.Category.objects.create(code="all", name="All")
    assortment = catalog.Assortment.objects.create(name="Everything")
    catalog.AssortmentLine.objects.create(assortment=assortment, category=category)
    catalog.AssortmentStore.objects.create(assortment=assortment, store=near)
    group = pricing.PriceGroup.objects.create(code="UK", name="UK")
    pricing.StorePriceGroup.objects.create(store=near, price_group=group)
    made = []
    for number in range(products):
        product = a_product(f"P{number:03}", category=category)
        catalog.Barcode.objects.create(product=product, code=f"590000{number:06}")
        pricing.TradeAgreement.objects.create(
            product=product,
            price_group=group,
            unit=product.unit,
            currency=near.currency,
            amount=Decimal(number + 1),
        )
        made.append(product)
    for store in (near, far):
        hq.Register.objects.create(store=store, number=f"{store.number}-1", name="Till 1")
    worker = hq.Worker.objects.create(staff_id="1000", name="Ann", name_on_receipt="Ann", pin="x")
    role = hq.PermissionGroup.objects.create(name="Cashier")
    hq.WorkerStore.objects.create(worker=worker, store=near, permission_group=role)
    registered = register_scale_unit(
        name="main", base_url="http://scale-unit.test", stores=["S1"], credential=CREDENTIAL
    )
    return Company(registered.unit.channel_database, near, far, made, assortment, group)
