"""What a register needs to know of the company, loaded once per version of the data and kept in the process."""

from __future__ import annotations

from decimal import Decimal
from threading import Lock
from zoneinfo import ZoneInfo

import msgspec

from catalog.models import Product
from hq.models import Button, Denomination, ReasonCode, Register, Store, StorePaymentMethod, WorkerStore
from pos.cart.payment import TenderRule
from pricing.book import StorePriceBook
from pricing.engine.model import PriceGroup, PricingSettings, TaxContext
from pricing.engine.money import Currency
from pricing.models import StorePriceGroup


class StoreConfig(msgspec.Struct, frozen=True):
    """A store, as it is printed on receipts and as it prices."""

    id: int
    number: str
    name: str
    address: str
    phone: str
    tax_number: str
    legal_entity: str
    country: str
    time_zone: str
    prices_include_tax: bool
    currency: Currency
    currency_symbol: str
    tax: TaxContext

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class ReceiptConfig(msgspec.Struct, frozen=True):
    columns: int
    header: str
    footer: str
    digital_receipt_address: str


class Functions(msgspec.Struct, frozen=True):
    """The functionality profile: what the till does and asks."""

    merge_lines: bool
    max_quantity: Decimal
    max_pin_attempts: int
    lockout_minutes: int
    sign_off_after_minutes: int
    print_receipt: bool
    blind_close: bool
    suspend_hours: int


class Visual(msgspec.Struct, frozen=True):
    theme: str
    accent_hue: int
    left_handed: bool


class ButtonView(msgspec.Struct, frozen=True):
    id: int
    label: str
    operation: int
    product: int | None
    parameters: dict
    hue: int | None
    image: str
    number: str


class GridView(msgspec.Struct, frozen=True):
    id: int
    name: str
    buttons: tuple[ButtonView, ...]


class ReasonView(msgspec.Struct, frozen=True):
    code: str
    use: str
    text: str


class WorkerView(msgspec.Struct, frozen=True):
    """A worker in this store, with what the permission group there allows."""

    id: int
    staff_id: str
    name: str
    name_on_receipt: str
    permissions: frozenset[str]
    max_line_discount_percent: Decimal
    max_total_discount_percent: Decimal

    def may(self, permission: str) -> bool:
        return permission in self.permissions


class RegisterConfig(msgspec.Struct, frozen=True):
    """A register with its store, profiles, layout, ways of paying and people, at one version of the data."""

    id: int
    number: str
    name: str
    data_version: int
    store: StoreConfig
    station_id: int | None
    receipt: ReceiptConfig
    functions: Functions
    visual: Visual
    grids: tuple[GridView, ...]
    tender_rules: tuple[TenderRule, ...]
    reasons: tuple[ReasonView, ...]
    workers: dict[int, WorkerView]
    denominations: tuple[tuple[Decimal, str], ...]
    settings: PricingSettings

    @property
    def currency(self) -> Currency:
        return self.store.currency

    @property
    def notes(self) -> tuple[Decimal, ...]:
        """Values of the notes of the currency."""
        return tuple(value for value, kind in self.denominations if kind == Denomination.Kind.NOTE)

    def tender_rule(self, method: str) -> TenderRule | None:
        return next((rule for rule in self.tender_rules if rule.method == method), None)

    def reasons_for(self, use: str) -> tuple[ReasonView, ...]:
        return tuple(reason for reason in self.reasons if reason.use == use)


_lock = Lock()
_configs: dict[tuple[int, int], RegisterConfig] = {}
_books: dict[tuple[int, int], StorePriceBook] = {}


def register_config(register_id: int, data_version: int) -> RegisterConfig | None:
    """The register's configuration at that version; None when this database does not have the register (yet)."""
    key = (register_id, data_version)
    found = _configs.get(key)
    if found is None:
        found = _load(register_id, data_version)
        if found is not None:
            _keep(_configs, key, found)
    return found


def price_book(config: RegisterConfig) -> StorePriceBook:
    """The price book of the register's store at the configuration's version."""
    key = (config.store.id, config.data_version)
    found = _books.get(key)
    if found is None:
        found = StorePriceBook(
            version=config.data_version,
            currency=config.currency.code,
            time_zone=config.store.time_zone,
            price_groups=store_price_groups(config.store.id),
        )
        _keep(_books, key, found)
    return found


def forget() -> None:
    """Drop all that is kept; for tests, which change rows behind the version's back."""
    with _lock:
        _configs.clear()
        _books.clear()


def _keep(kept: dict, key: tuple[int, int], value: object) -> None:
    with _lock:
        for old in [known for known in kept if known[1] < key[1] - 1]:
            del kept[old]
        kept[key] = value


def _load(register_id: int, data_version: int) -> RegisterConfig | None:
    register = (
        Register.objects.select_related(
            "visual_profile",
            "store__legal_entity",
            "store__currency",
            "store__functionality_profile",
            "store__receipt_profile",
            "store__visual_profile",
            "store__screen_layout",
        )
        .filter(pk=register_id, is_active=True)
        .first()
    )
    if register is None:
        return None
    store = register.store
    functions, receipt, visual = store.functionality_profile, store.receipt_profile, register.visual_profile
    visual = visual or store.visual_profile
    return RegisterConfig(
        id=register.pk,
        number=register.number,
        name=register.name,
        data_version=data_version,
        store=store_config(store),
        station_id=register.station_id,
        receipt=ReceiptConfig(
            receipt.columns, receipt.header, receipt.footer, receipt.digital_receipt_address
        ),
        functions=Functions(
            merge_lines=functions.merge_lines,
            max_quantity=Decimal(functions.max_quantity),
            max_pin_attempts=functions.max_pin_attempts,
            lockout_minutes=functions.lockout_minutes,
            sign_off_after_minutes=functions.sign_off_after_minutes,
            print_receipt=functions.print_receipt,
            blind_close=functions.blind_close,
            suspend_hours=functions.suspend_hours,
        ),
        visual=Visual(visual.theme, visual.accent_hue, visual.left_handed),
        grids=_grids(store.screen_layout_id),
        tender_rules=_tender_rules(store.pk),
        reasons=tuple(
            ReasonView(reason.code, reason.use, reason.text) for reason in ReasonCode.objects.all()
        ),
        workers=_workers(store.pk),
        denominations=tuple(
            (denomination.value, denomination.kind)
            for denomination in Denomination.objects.filter(currency=store.currency_id).order_by("-value")
        ),
        settings=PricingSettings(),
    )


def store_config(store: Store) -> StoreConfig:
    """The store as it prices."""
    currency = store.currency
    return StoreConfig(
        id=store.pk,
        number=store.number,
        name=store.name,
        address=store.address,
        phone=store.phone,
        tax_number=store.tax_number or store.legal_entity.tax_number,
        legal_entity=store.legal_entity.name,
        country=store.country,
        time_zone=store.time_zone,
        prices_include_tax=store.prices_include_tax,
        currency=Currency(
            code=currency.code,
            unit=Decimal(1).scaleb(-currency.decimals),
            cash_unit=currency.cash_unit.normalize(),
        ),
        currency_symbol=currency.symbol,
        tax=TaxContext(sales_tax_group=str(store.sales_tax_group_id)),
    )


def store_price_groups(store_id: int) -> tuple[PriceGroup, ...]:
    """The price groups in force in a store."""
    rows = (
        StorePriceGroup.objects.filter(store=store_id).select_related("price_group").order_by("price_group")
    )
    return tuple(PriceGroup(id=str(row.price_group_id), priority=row.price_group.priority) for row in rows)


def _grids(layout_id: int) -> tuple[GridView, ...]:
    buttons: dict[int, list[ButtonView]] = {}
    names: dict[int, str] = {}
    rows = (
        Button.objects.filter(grid__layout=layout_id)
        .select_related("grid", "product")
        .order_by("grid__position", "grid", "position", "pk")
    )
    for button in rows:
        names[button.grid_id] = button.grid.name
        product: Product | None = button.product
        buttons.setdefault(button.grid_id, []).append(
            ButtonView(
                id=button.pk,
                label=button.label or (product.name if product else ""),
                operation=button.operation,
                product=button.product_id,
                parameters=button.parameters,
                hue=button.hue,
                image=product.image if product else "",
                number=product.number if product else "",
            )
        )
    return tuple(GridView(grid, names[grid], tuple(found)) for grid, found in buttons.items())


def _tender_rules(store_id: int) -> tuple[TenderRule, ...]:
    rows = (
        StorePaymentMethod.objects.filter(store=store_id).select_related("method").order_by("position", "pk")
    )
    return tuple(
        TenderRule(
            method=row.method.code,
            kind=row.method.kind,
            name=row.method.name,
            opens_drawer=row.opens_drawer,
            gives_change=row.gives_change,
            is_counted=row.is_counted,
            max_amount=row.max_amount,
            position=row.position,
        )
        for row in rows
    )


def _workers(store_id: int) -> dict[int, WorkerView]:
    rows = (
        WorkerStore.objects.filter(store=store_id, worker__is_active=True)
        .select_related("worker", "permission_group")
        .order_by("worker__name")
    )
    return {
        row.worker_id: WorkerView(
            id=row.worker_id,
            staff_id=row.worker.staff_id,
            name=row.worker.name,
            name_on_receipt=row.worker.name_on_receipt,
            permissions=frozenset(row.permission_group.permissions),
            max_line_discount_percent=row.permission_group.max_line_discount_percent,
            max_total_discount_percent=row.permission_group.max_total_discount_percent,
        )
        for row in rows
    }
