"""A store that can sell, as a package would have brought it: the smallest complete company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from catalog import models as catalog
from channels_app.identifiers import uuid7
from channels_app.models import DataVersion
from channels_app.roles import applying_package
from hq import models as hq
from hq.permissions import Permission
from pos import config
from pos.cart.snapshot import Snapshot
from pos.operations import Command
from pos.services import lookup, session
from pos.services.run_command import Approval, run_command
from pos.services.session import Till, ensure_standing, till_by_ids
from pricing import models as pricing
from shifts.services import open_shift

EVERYTHING = [str(permission) for permission in Permission]
CASHIER = [
    Permission.SELL,
    Permission.VOID_LINE,
    Permission.SUSPEND,
    Permission.OPEN_SHIFT,
    Permission.CLOSE_SHIFT,
]
PIN = "4711"


@dataclass
class Shop:
    """The scenario's store and what a test needs to work in it."""

    store: hq.Store
    register: hq.Register
    cashier: hq.Worker
    manager: hq.Worker
    products: dict[str, catalog.Product] = field(default_factory=dict)

    def till(
        self,
        *,
        worker: hq.Worker | None = None,
        register: hq.Register | None = None,
        request: UUID | None = None,
    ) -> Till:
        """The register as a request finds it."""
        return till_by_ids(
            register_id=(register or self.register).pk,
            worker_id=(worker or self.cashier).pk,
            request_id=request,
        )

    def run(
        self,
        *commands: Command,
        request: UUID | None = None,
        worker: hq.Worker | None = None,
        register: hq.Register | None = None,
        approved: bool = False,
        at: datetime | None = None,
    ) -> Snapshot:
        """Send commands as the cashier (or another worker) would."""
        request = request or uuid4()
        till = self.till(worker=worker, register=register, request=request)
        approval = Approval(till.register.workers[self.manager.pk]) if approved else None
        return run_command(till=till, request_id=request, commands=commands, approval=approval, at=at)

    def open_shift(self, starting_float: str = "100.00", *, register: hq.Register | None = None) -> None:
        """Open a shift as the manager."""
        open_shift(
            till=self.till(worker=self.manager, register=register),
            starting_float=Decimal(starting_float),
            request_id=uuid4(),
        )


def a_shop(
    *,
    number: str = "01",
    currency: str = "GBP",
    registers: int = 1,
    with_station: bool = True,
    with_shift: bool = True,
    prices_include_tax: bool = True,
) -> Shop:
    """A store with registers, a cashier, a manager, five articles at VAT 20 % and 0 %, cash and card."""
    with applying_package():
        shop = a_stocked_store(number, currency, registers, with_station, prices_include_tax)
    new_data_version()
    for register in shop.store.registers.all():
        ensure_standing(register_id=register.pk, currency=currency, at=timezone.now())
    if with_shift:
        shop.open_shift()
    return shop


def a_stocked_store(
    number: str = "01",
    currency: str = "GBP",
    registers: int = 1,
    with_station: bool = True,
    prices_include_tax: bool = True,
) -> Shop:
    """The same as master data alone, as headquarters has it."""
    forget_everything()
    shop = _company(number, currency, registers, with_station, prices_include_tax)
    _articles(shop, currency)
    return shop


def new_data_version() -> int:
    """A package has been applied: whatever was cached of the former version is old."""
    row = DataVersion.objects.first()
    version = (row.version if row else 0) + 1
    DataVersion.objects.update_or_create(
        singleton=True,
        defaults={"version": version, "package": uuid7(), "applied_at": timezone.now()},
    )
    return version


def forget_everything() -> None:
    """What this process keeps of a database that another test has emptied."""
    config.forget()
    lookup.forget()
    session.forget()


def _company(
    number: str, currency: str, registers: int, with_station: bool, prices_include_tax: bool
) -> Shop:
    money, _ = _one(
        hq.Currency,
        code=currency,
        defaults={"name": currency, "symbol": {"GBP": "£", "EUR": "€"}.get(currency, currency)},
    )
    hq.Denomination.objects.bulk_create(
        (
            hq.Denomination(currency=money, value=Decimal(value), kind=kind)
            for kind, values in (("note", "50 20 10 5"), ("coin", "2 1 0.50 0.20 0.10 0.05 0.02 0.01"))
            for value in values.split()
        ),
        ignore_conflicts=True,
    )
    entity, _ = _one(
        hq.LegalEntity,
        code="T",
        defaults={"name": "Tillhouse Trading Ltd", "country": "GB", "currency": money, "tax_number": "GB123"},
    )
    tax_group, _ = _one(hq.SalesTaxGroup, code="GB", defaults={"name": "United Kingdom"})
    layout, _ = _one(hq.ScreenLayout, name="Till")
    store = hq.Store.objects.create(
        number=number,
        name=f"Harbour Street {number}",
        legal_entity=entity,
        country="GB",
        address="12 Harbour Street\nLondon E1 4AB",
        time_zone="Europe/London",
        currency=money,
        prices_include_tax=prices_include_tax,
        sales_tax_group=tax_group,
        screen_layout=layout,
        functionality_profile=_one(hq.FunctionalityProfile, name="Standard")[0],
        receipt_profile=_one(
            hq.ReceiptProfile, name="Standard", defaults={"footer": "Thank you for shopping with us."}
        )[0],
        visual_profile=_one(hq.VisualProfile, name="Standard")[0],
    )
    station = None
    if with_station:
        profile, _ = _one(hq.HardwareProfile, name="Counter")
        station = hq.HardwareStation.objects.create(
            store=store,
            number=f"ST-{number}",
            name="Counter",
            hardware_profile=profile,
        )
    for index in range(1, registers + 1):
        hq.Register.objects.create(
            store=store, number=f"{number}-{index}", name=f"Till {index}", station=station
        )
    for position, (code, kind, change) in enumerate((("cash", "cash", True), ("card", "card", False)), 1):
        method, _ = _one(hq.PaymentMethod, code=code, defaults={"name": code.capitalize(), "kind": kind})
        hq.StorePaymentMethod.objects.create(
            store=store,
            method=method,
            position=position,
            opens_drawer=change,
            gives_change=change,
            is_counted=change,
        )
    return Shop(
        store=store,
        register=store.registers.order_by("number").first(),
        cashier=_worker(store, f"1{number}", "Ann Byrne", "Cashier", CASHIER),
        manager=_worker(store, f"9{number}", "Mo Patel", "Manager", EVERYTHING, limit=100),
    )


def _one(model: type, defaults: Mapping[str, Any] | None = None, **key: Any) -> tuple[Any, bool]:
    """``get_or_create`` without its savepoint: a thousand tests begin with a shop, and nobody else writes meanwhile."""
    found = model.objects.filter(**key).first()
    return (found, False) if found else (model.objects.create(**key, **(defaults or {})), True)


def _worker(
    store: hq.Store, staff_id: str, name: str, role: str, permissions: list, limit: int = 0
) -> hq.Worker:
    group, _ = _one(
        hq.PermissionGroup,
        name=role,
        defaults={
            "permissions": [str(permission) for permission in permissions],
            "max_line_discount_percent": limit,
            "max_total_discount_percent": limit,
        },
    )
    worker = hq.Worker(staff_id=staff_id, name=name, name_on_receipt=name.split()[0])
    worker.set_pin(PIN)
    worker.save()
    hq.WorkerStore.objects.create(worker=worker, store=store, permission_group=group)
    return worker


def _articles(shop: Shop, currency: str) -> None:
    pieces, _ = _one(catalog.Unit, code="pcs", defaults={"name": "Pieces"})
    kilos, _ = _one(catalog.Unit, code="kg", defaults={"name": "Kilograms", "decimals": 3})
    standard, _ = _one(catalog.ItemTaxGroup, code="STD", defaults={"name": "Standard"})
    zero, _ = _one(catalog.ItemTaxGroup, code="ZERO", defaults={"name": "Zero-rated"})
    for group, code, percent in ((standard, "VAT20", "20"), (zero, "VAT0", "0")):
        tax, created = _one(pricing.TaxCode, code=code, defaults={"name": f"VAT {percent} %"})
        if created:
            pricing.TaxRate.objects.create(tax_code=tax, percent=percent)
            pricing.SalesTaxGroupCode.objects.create(group=shop.store.sales_tax_group, tax_code=tax)
            pricing.ItemTaxGroupCode.objects.create(group=group, tax_code=tax)
    prices, _ = _one(pricing.PriceGroup, code="RETAIL", defaults={"name": "Retail"})
    pricing.StorePriceGroup.objects.create(store=shop.store, price_group=prices)
    category, _ = _one(catalog.Category, code="ALL", defaults={"name": "Everything"})
    assortment, _ = _one(catalog.Assortment, name="Everything")
    _one(catalog.AssortmentLine, assortment=assortment, category=category)
    catalog.AssortmentStore.objects.create(assortment=assortment, store=shop.store)
    rows = [
        ("85123A", "White hanging heart t-light holder", "2.95", pieces, standard, "5010000000000"),
        ("22961", "Jam making set printed", "1.45", pieces, standard, ""),
        ("MILK", "Whole milk 2 l", "1.65", pieces, zero, "5000128104517"),
        ("BANANA", "Bananas", "1.20", kilos, zero, ""),
        ("KEYED", "Anything from the box", "", pieces, standard, ""),
    ]
    for number, name, price, unit, tax_group, barcode in rows:
        product, created = _one(
            catalog.Product,
            number=number,
            defaults={
                "name": name,
                "unit": unit,
                "item_tax_group": tax_group,
                "category": category,
                "is_weighed": unit == kilos,
                "price_entry": "none" if price else "mandatory",
            },
        )
        shop.products[number] = product
        if not created:
            continue
        if price:
            pricing.TradeAgreement.objects.create(
                product=product,
                price_group=prices,
                unit=unit,
                currency_id=currency,
                amount=price,
                starts_at=datetime(2020, 1, 1, tzinfo=UTC),
            )
        if barcode:
            catalog.Barcode.objects.create(code=barcode, product=product)
