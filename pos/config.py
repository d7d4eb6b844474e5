"""What a register needs to know of the company, read once per version of the data and kept in the process."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from threading import Lock
from zoneinfo import ZoneInfo

import msgspec

from catalog.barcodes import Layout
from hq.models import Denomination
from pos.cart.payment import TenderRule
from pricing.book import StorePriceBook
from pricing.engine.model import PricingSettings, TaxContext
from pricing.engine.money import Currency, as_money


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

    def money(self, amount: Decimal) -> str:
        """An amount in the store's currency as people write it: −£1.00."""
        return as_money(amount, self.currency_symbol, self.currency.decimals)


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
    staff_card_needs_pin: bool = True


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
    """A register with its store, profiles, layout, ways of paying, people and prices, at one version of the data.

    `layouts` says how in-store codes with a weight or a price are made up. `station_id` is the station that is used
    now, `drawer_station_id` the one on which the register's own drawer hangs, `display_station_id`
    the one that drives a customer display for it.
    """

    id: int
    number: str
    name: str
    data_version: int
    store: StoreConfig
    station_id: int | None
    drawer_station_id: int | None
    display_station_id: int | None
    has_terminal: bool
    has_scale: bool
    receipt: ReceiptConfig
    functions: Functions
    visual: Visual
    grids: tuple[GridView, ...]
    tender_rules: tuple[TenderRule, ...]
    reasons: tuple[ReasonView, ...]
    workers: dict[int, WorkerView]
    denominations: tuple[tuple[Decimal, str], ...]
    layouts: tuple[Layout, ...]
    settings: PricingSettings
    book: StorePriceBook

    @property
    def currency(self) -> Currency:
        return self.store.currency

    @property
    def notes(self) -> tuple[Decimal, ...]:
        """Values of the notes of the currency."""
        return tuple(value for value, kind in self.denominations if kind == Denomination.Kind.NOTE)

    @property
    def most_change(self) -> Decimal | None:
        """More change than this for cash is a slip of the finger: two notes too many of the largest kind."""
        return 2 * max(self.notes) if self.notes else None

    def tender_rule(self, method: str) -> TenderRule | None:
        return next((rule for rule in self.tender_rules if rule.method == method), None)

    def tender_rule_of(self, kind: str) -> TenderRule | None:
        """The first way of paying of that kind: cash, card, …"""
        return next((rule for rule in self.tender_rules if rule.kind == kind), None)

    def reasons_for(self, use: str) -> tuple[ReasonView, ...]:
        return tuple(reason for reason in self.reasons if reason.use == use)


_lock = Lock()
_configs: dict[tuple[int, int], RegisterConfig] = {}


def known_config(register_id: int, data_version: int) -> RegisterConfig | None:
    """The register's configuration at that version, if this process has read it."""
    return _configs.get((register_id, data_version))


def keep_configs(configs: Iterable[RegisterConfig]) -> None:
    """Remember configurations of one version; those before the last are let go."""
    with _lock:
        for config in configs:
            _configs[config.id, config.data_version] = config
        newest = max((version for _, version in _configs), default=0)
        for key in [key for key in _configs if key[1] < newest - 1]:
            del _configs[key]


def forget() -> None:
    """Drop all that is kept; for tests, which change rows behind the version's back."""
    with _lock:
        _configs.clear()
