"""One valid row each, at headquarters: a company, its stores and registers, its people and goods."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.models import Assortment, AssortmentLine, AssortmentStore, Category, ItemTaxGroup, Product, Unit
from channels_app.identifiers import uuid7
from channels_app.models import ChannelDatabase, ScaleUnit, StorePlacement
from hq import models as hq
from hq.permissions import Permission
from pricing.models import (
    ItemTaxGroupCode,
    PriceGroup,
    SalesTaxGroupCode,
    StorePriceGroup,
    TaxCode,
    TaxRate,
    TradeAgreement,
)

_numbers = count(1)
PIN = "4711"


def a_currency(code: str = "GBP", symbol: str = "£") -> hq.Currency:
    """A currency with two coins."""
    currency, made = hq.Currency.objects.get_or_create(code=code, defaults={"name": code, "symbol": symbol})
    if made:
        for value in ("1", "0.50"):
            hq.Denomination.objects.create(currency=currency, value=Decimal(value), kind="coin")
    return currency


def a_legal_entity(code: str = "UK", **fields: Any) -> hq.LegalEntity:
    """A company with a tax number."""
    defaults = {
        "name": f"{code} Trading Ltd",
        "country": "GB",
        "tax_number": "GB123",
        "currency": a_currency(),
    }
    return hq.LegalEntity.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def a_layout(name: str = "Standard") -> hq.ScreenLayout:
    """A layout with one tab and one button."""
    layout, made = hq.ScreenLayout.objects.get_or_create(name=name)
    if made:
        grid = hq.ButtonGrid.objects.create(layout=layout, name="Favourites")
        hq.Button.objects.create(grid=grid, operation=103, label="Return")
    return layout


def a_store(**fields: Any) -> hq.Store:
    """A store with an address, shared profiles and nothing else."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "number": f"{number:03}",
        "name": f"Store {number}",
        "country": "GB",
        "address": "1 High Street",
        "time_zone": "Europe/London",
    }
    makers = {
        "legal_entity": a_legal_entity,
        "currency": a_currency,
        "sales_tax_group": lambda: hq.SalesTaxGroup.objects.get_or_create(
            code="UK", defaults={"name": "Britain"}
        )[0],
        "functionality_profile": lambda: hq.FunctionalityProfile.objects.get_or_create(name="Standard")[0],
        "receipt_profile": lambda: hq.ReceiptProfile.objects.get_or_create(name="Standard")[0],
        "visual_profile": lambda: hq.VisualProfile.objects.get_or_create(name="Standard")[0],
        "screen_layout": a_layout,
    }
    made = {name: make() for name, make in makers.items() if name not in fields}
    return hq.Store.objects.create(**{**defaults, **made, **fields})


def a_station(store: hq.Store, **fields: Any) -> hq.HardwareStation:
    """A station with a printer."""
    profile, made = hq.HardwareProfile.objects.get_or_create(name="Counter")
    if made:
        hq.HardwareDevice.objects.create(
            profile=profile, name="printer", kind="printer", driver="escpos_network"
        )
    defaults = {"number": f"S{next(_numbers)}", "name": "Counter", "hardware_profile": profile}
    return hq.HardwareStation.objects.create(store=store, **{**defaults, **fields})


def a_register(store: hq.Store | None = None, **fields: Any) -> hq.Register:
    """A register in use."""
    number = next(_numbers)
    defaults = {"number": f"R{number}", "name": f"Till {number}"}
    return hq.Register.objects.create(store=store or a_store(), **{**defaults, **fields})


def a_worker(store: hq.Store | None = None, permissions: list[str] | None = None, **fields: Any) -> hq.Worker:
    """A worker with a PIN, who may do everything (or `permissions`) in the store."""
    number = next(_numbers)
    worker = hq.Worker(
        **{"staff_id": f"{1000 + number}", "name": f"Ann {number}", "name_on_receipt": "Ann"} | fields
    )
    worker.set_pin(PIN)
    worker.save()
    if store is not None:
        group = hq.PermissionGroup.objects.create(
            name=f"Role {number}",
            permissions=Permission.values if permissions is None else permissions,
        )
        hq.WorkerStore.objects.create(worker=worker, store=store, permission_group=group)
    return worker


def a_product(**fields: Any) -> Product:
    """An article sold by the piece."""
    number = next(_numbers)
    defaults: dict[str, Any] = {"number": f"A{number}", "name": f"Article {number}"}
    if "unit" not in fields:
        defaults["unit"] = Unit.objects.get_or_create(code="pcs", defaults={"name": "Piece"})[0]
    if "item_tax_group" not in fields:
        defaults["item_tax_group"] = ItemTaxGroup.objects.get_or_create(
            code="STD", defaults={"name": "Standard"}
        )[0]
    return Product.objects.create(**{**defaults, **fields})


def a_price(product: Product, amount: str = "2.95", **fields: Any) -> TradeAgreement:
    """A price for everybody, in pounds, since ever."""
    defaults = {"unit": product.unit, "currency": a_currency()}
    return TradeAgreement.objects.create(product=product, amount=Decimal(amount), **{**defaults, **fields})


def a_tax_code(store: hq.Store, product: Product, percent: str = "20") -> TaxCode:
    """A tax code with a rate since ever, charged in the store on the product's kind of goods."""
    code, made = TaxCode.objects.get_or_create(code=f"VAT{percent}", defaults={"name": f"VAT {percent} %"})
    if made:
        TaxRate.objects.create(tax_code=code, percent=Decimal(percent))
    SalesTaxGroupCode.objects.get_or_create(group=store.sales_tax_group, tax_code=code)
    ItemTaxGroupCode.objects.get_or_create(group=product.item_tax_group, tax_code=code)
    return code


def a_placement(store: hq.Store, *, applied: bool = True) -> StorePlacement:
    """A place in the cloud's channel database, which has applied a package."""
    unit, _ = ScaleUnit.objects.get_or_create(
        name="cloud",
        defaults={"base_url": "http://cloud.test", "credential_hash": "0" * 64},
    )
    database, _ = ChannelDatabase.objects.get_or_create(scale_unit=unit, defaults={"name": "Cloud"})
    database.applied_version, database.applied_at = (1, timezone.now()) if applied else (None, None)
    database.last_contact_at = timezone.now()
    database.save()
    return StorePlacement.objects.create(store=store, channel_database=database)


def a_ready_register() -> hq.Register:
    """A register that lacks nothing."""
    store = a_store()
    register = a_register(store, station=a_station(store))
    a_placement(store)
    cash, _ = hq.PaymentMethod.objects.get_or_create(code="CASH", defaults={"name": "Cash", "kind": "cash"})
    hq.StorePaymentMethod.objects.create(
        store=store,
        method=cash,
        opens_drawer=True,
        gives_change=True,
        is_counted=True,
    )
    a_worker(store)
    category, _ = Category.objects.get_or_create(code="all", defaults={"name": "Everything"})
    product = a_product(category=category)
    assortment = Assortment.objects.create(name=f"Goods of {store.name}")
    AssortmentLine.objects.create(assortment=assortment, category=category)
    AssortmentStore.objects.create(assortment=assortment, store=store)
    group, _ = PriceGroup.objects.get_or_create(code="UK", defaults={"name": "United Kingdom"})
    StorePriceGroup.objects.create(store=store, price_group=group)
    a_price(product, price_group=group)
    a_tax_code(store, product)
    hq.Device.objects.create(id=uuid7(), register=register, description="Chromium on a till")
    return register


def a_user(*, groups: list[str] | None = None, **fields: Any) -> hq.User:
    """Somebody of the back office: an administrator with all rights, or a member of built-in groups."""
    number = next(_numbers)
    defaults = {"username": f"user{number}", "is_staff": True, "is_superuser": groups is None}
    user = hq.User.objects.create_user(password="a long enough password", **{**defaults, **fields})
    user.groups.set(Group.objects.filter(name__in=groups or []))
    return user
