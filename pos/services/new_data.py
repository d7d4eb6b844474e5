"""A version of the data that this process has not read yet: one statement brings what a store's registers need."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock

import msgspec

from catalog.barcodes import Layout
from hq.currency_sign import before_figure
from pos.config import GridView, RegisterConfig, StoreConfig, Visual, keep_configs, known_config
from pos.services.lookup import keep_goods, possible_articles
from pos.services.reading import ButtonRow, Everything, StoreRow, Wanted, kinds_at, read_everything
from pricing.book import StorePriceBook
from pricing.engine.model import TaxContext
from pricing.engine.money import Currency

MOST_ELSEWHERE = 1000
_elsewhere: dict[tuple[int, int, int], tuple[RegisterConfig, RegisterConfig]] = {}
_reading = Lock()  # one thread reads a new version, the others wait for it instead of reading it, too


def register_config(
    register_id: int,
    data_version: int,
    *,
    wanted: Sequence[Wanted] = (),
    products: Collection[int] = (),
) -> RegisterConfig | None:
    """The register's configuration at that version, or at a newer one that has arrived meanwhile.

    Where it must be read, the articles `wanted` and the prices of `products` are read with it. None when this
    database does not have the register (yet).
    """
    with _reading:
        known = known_config(register_id, data_version)
        if known is not None:
            return known
        wanted = [*wanted, *(guess for one in wanted for guess in possible_articles(one))]
        read = read_everything(register=register_id, wanted=wanted, products=products)
        configs = {config.id: config for config in _configs(read)}
        keep_configs(configs.values())
        found = configs.get(register_id)
        if found is not None:
            keep_goods(found, wanted, read)
        return found


def at_station(config: RegisterConfig, station_id: int) -> RegisterConfig:
    """The register with the station that its cashier has chosen; as it is where that one cannot be used any more."""
    if station_id == config.station_id:
        return config
    key = (config.id, config.data_version, station_id)
    known = _elsewhere.get(key)
    if known is None or known[0] is not config:
        kinds = kinds_at(station=station_id, store=config.store.id, number=config.number)
        moved = config
        if kinds is not None:
            moved = msgspec.structs.replace(
                config,
                station_id=station_id,
                drawer_station_id=station_id if "drawer" in kinds else config.drawer_station_id,
                display_station_id=station_id if "display" in kinds else config.display_station_id,
                has_terminal=config.has_terminal
                or "terminal" in kinds,  # else a card would count as taken, unasked
                has_scale="scale" in kinds,
            )
        if len(_elsewhere) >= MOST_ELSEWHERE:
            _elsewhere.clear()
        _elsewhere[key] = known = (config, moved)
    return known[1]


@dataclass(frozen=True)
class SellingStore:
    """A store as it sells: what all of its registers share."""

    store: StoreConfig
    book: StorePriceBook
    layouts: tuple[Layout, ...]


def selling_store(store_id: int, *, with_drafts: bool = False) -> SellingStore:
    """A store that need not have a register here, by the data as they stand now; drafts of offers on demand."""
    read = read_everything(store=store_id, with_drafts=with_drafts)
    return _selling(read.store[0], read)


def _selling(row: StoreRow, read: Everything) -> SellingStore:
    return SellingStore(
        _store(row), _book(row, read), tuple(Layout((mask[0],), *mask[1:]) for mask in read.masks)
    )


def _configs(read: Everything) -> Iterator[RegisterConfig]:
    """A configuration for each register of the store; what they share is one object."""
    for row in read.store:
        here = _selling(row, read)
        grids, settings = _grids(read), read.rules.settings
        workers = {worker.id: worker for worker in read.workers}
        for register in read.registers:
            yield RegisterConfig(
                id=register.id,
                number=register.number,
                name=register.name,
                data_version=read.version or 0,
                store=here.store,
                station_id=register.station,
                drawer_station_id=register.station,
                display_station_id=register.station if "display" in register.devices else None,
                has_terminal="terminal" in register.devices,
                has_scale="scale" in register.devices,
                receipt=row.receipt,
                functions=row.functions,
                visual=Visual(register.theme, register.accent_hue, register.left_handed),
                grids=grids,
                tender_rules=read.tender_rules,
                reasons=read.reasons,
                workers=workers,
                denominations=read.denominations,
                layouts=here.layouts,
                settings=settings,
                book=here.book,
            )


def _store(row: StoreRow) -> StoreConfig:
    return StoreConfig(
        id=row.id,
        number=row.number,
        name=row.name,
        address=row.address,
        phone=row.phone,
        tax_number=row.tax_number,
        legal_entity=row.legal_entity,
        country=row.country,
        time_zone=row.time_zone,
        prices_include_tax=row.prices_include_tax,
        currency=Currency(
            code=row.currency,
            unit=Decimal(1).scaleb(-row.currency_decimals),
            cash_unit=row.cash_unit.normalize(),
        ),
        currency_symbol=before_figure(row.currency_symbol, row.currency),
        tax=TaxContext(sales_tax_group=str(row.sales_tax_group)),
    )


def _book(row: StoreRow, read: Everything) -> StorePriceBook:
    book = StorePriceBook(
        version=read.version or 0,
        currency=row.currency,
        time_zone=row.time_zone,
        rules=read.rules,
    )
    book.fill(offers=read.offers)
    return book


def _grids(read: Everything) -> tuple[GridView, ...]:
    buttons: dict[tuple[int, str], list[ButtonRow]] = {}
    for button in read.buttons:
        buttons.setdefault((button.grid, button.grid_name), []).append(button)
    return tuple(GridView(grid, name, tuple(found)) for (grid, name), found in buttons.items())
