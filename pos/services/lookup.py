"""From a scanned code to an article with its prices, in one round trip and then from memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from threading import Lock

import msgspec
from django.utils import timezone

from catalog.barcodes import BarcodeError, Layout, Measured, decode, quantity_from_price
from catalog.gs1 import is_element_string, marked, parse
from catalog.models import BarcodeMask
from channels_app.errors import DomainError
from pos.cart.model import Article, SoldUnit
from pos.config import RegisterConfig
from pos.errors import AmbiguousCode, NotForSale, UnknownCode
from pos.services.reading import ArticleRow, Goods, Wanted, read_goods
from pricing.book import StorePriceBook
from pricing.engine.tax_codes import Exemption

MOST_CODES = 20_000
TWO_DAYS = timedelta(days=2)  # somewhere on earth it still is the day before
IN_STORE = "2"  # what a store labels itself begins so, after zeros


class Found(msgspec.Struct, frozen=True):
    """An article with what the engine and the till need of it. `quantity` is what its code stands for.

    `price` is that of all of it, as its label says. `label_of` is the product's number on a GS1 label, which alone is
    kept with the sale, and `weight` what such a label says beside its price.
    """

    article: Article
    categories: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    quantity: Decimal
    price_entry: str
    price: Decimal | None = None
    is_measured: bool = False
    label_of: str = ""
    weight: Decimal | None = None
    exemptions: tuple[Exemption, ...] = ()

    @property
    def is_weight_by_price(self) -> bool:
        """Whether its label has the price of a weight: see `as_weight`."""
        return self.price is not None and self.article.is_weighed


_lock = Lock()
# By store, version of the data and the store's day: what an assortment offers is another thing on the next day.
_codes: dict[tuple[int, int, date], dict[Wanted, Found]] = {}


def find_code(config: RegisterConfig, code: str) -> Found:
    """The article that a scanned or typed code stands for.

    A worldwide number is found with and without its leading zeros; an article number as it is written, else
    without regard to case when only one is meant. A code that carries a weight or a price is taken apart by the
    store's masks. What is no code of an article may be a GS1 label whose scanner does not say so.
    Raises UnknownCode, AmbiguousCode or NotForSale.
    """
    code = code.strip()
    found = _known(config).get(Wanted(code=code))
    if found is not None:
        return found
    return _as_read(code, config.layouts, lambda wanted: _find(config, wanted, code))


def read_code(code: str, *, book: StorePriceBook, store: int, layouts: Sequence[Layout]) -> Found:
    """The same from the database as it is now, for a store that need not have a register here."""

    def find(wanted: Wanted) -> Found:
        return _best(book, read_goods(store=store, wanted=[wanted], **book.parameters).articles, code)

    return _as_read(code, layouts, find)


def _as_read(code: str, layouts: Sequence[Layout], find: Callable[[Wanted], Found]) -> Found:
    parts = _measured(layouts, code)
    try:
        return _with_value(find(Wanted(code=parts.item if parts else code)), parts)
    except UnknownCode:
        label = marked(code)
        if label is not None:
            with suppress(UnknownCode):
                return _as_read(label, layouts, find)
        raise


def as_weight(found: Found, each: Decimal) -> Found:
    """What `is_weight_by_price`, as the weight that this is the price of: stocks are kept by weight.

    That is the weight on the label, else what the price pays for at ``each``, the price of one unit in the store
    (OCA pos_price_to_weight). The price becomes that of one unit, to four decimals, so that what is to be paid is what
    the label says; where it would not be, or there is no such weight, it stays one unit at the label's price.
    """
    whole = found.price
    assert whole is not None
    weight = found.weight or (quantity_from_price(whole, each) if each > 0 else Decimal(0))
    weight = round(weight, found.article.unit_decimals)
    if not weight:
        return found
    price = round(whole / weight, 4)
    if (price * weight).quantize(whole) != whole:
        return found
    return msgspec.structs.replace(found, quantity=weight, price=price)


def find_product(config: RegisterConfig, product: int, variant: int | None = None) -> Found:
    """The article with that id: what a button or a search result stands for."""
    return _find(config, Wanted(product=product, variant=variant), f"product {product}")


def wanted_of(code: str, product: int | None, variant: int | None = None) -> Wanted | None:
    """What `find_product` or `find_code` will look up for a request; None where there is nothing to look up by."""
    if product is not None:
        fits = all(abs(number) < 2**63 for number in (product, variant or 0))
        return Wanted(product=product, variant=variant) if fits else None
    code = code.strip()
    return Wanted(code=code) if code and "\0" not in code else None


def possible_articles(wanted: Wanted) -> list[Wanted]:
    """What a code may stand for that may carry a weight or a price, while the store's layouts are not known yet."""
    code = wanted.code.lstrip("0")
    if not code.isdigit() or not code.startswith(IN_STORE) or not 12 <= len(wanted.code) <= 14:
        return []
    return [Wanted(code=code[start : start + digits]) for start in range(1, 5) for digits in range(4, 7)]


def make_known(config: RegisterConfig, wanted: Iterable[Wanted], products: Iterable[int]) -> None:
    """Read in one go what a step will look up, if anything of it is not known yet: articles, and prices of products.

    What is not for sale stays unknown, so that whoever looks it up is told why.
    """
    known, book = _known(config), config.book
    asked = [found for found in (_plain(config, one) for one in wanted) if found not in known]
    unpriced = {product for product in products if not book.knows(str(product))}
    if asked or unpriced:
        keep_goods(config, asked, _read(config, asked, unpriced))


def keep_goods(config: RegisterConfig, wanted: Sequence[Wanted], goods: Goods) -> None:
    """Remember articles and prices that were read for this store and version."""
    for product, agreements in goods.prices:
        config.book.remember(str(product), agreements)
    for place, rows in groupby(goods.articles, key=attrgetter("place")):
        with suppress(DomainError):
            _keep(config, wanted[place], _best(config.book, list(rows), ""))


def forget() -> None:
    """Drop all that is kept; for tests."""
    with _lock:
        _codes.clear()


def _find(config: RegisterConfig, wanted: Wanted, scanned: str) -> Found:
    found = _known(config).get(wanted)
    if found is None:
        found = _best(config.book, _read(config, [wanted]).articles, scanned)
        _keep(config, wanted, found)
    return found


def _known(config: RegisterConfig) -> dict[Wanted, Found]:
    key = (config.store.id, config.data_version, timezone.localdate(timezone=config.store.zone))
    found = _codes.get(key)
    if found is None:
        with _lock:
            for old in [other for other in _codes if other[1] < key[1] - 1 or other[2] < key[2] - TWO_DAYS]:
                del _codes[old]
            found = _codes.setdefault(key, {})
    return found


def _keep(config: RegisterConfig, wanted: Wanted, found: Found) -> None:
    known = _known(config)
    with _lock:
        if len(known) >= MOST_CODES:
            known.clear()
        known[wanted] = found


def _read(config: RegisterConfig, wanted: Sequence[Wanted], products: Collection[int] = ()) -> Goods:
    book = config.book
    return read_goods(store=config.store.id, wanted=wanted, products=products, **book.parameters)


def _best(book: StorePriceBook, rows: Sequence[ArticleRow], scanned: str) -> Found:
    """The article that fits best, if it is one and for sale here; its prices are remembered."""
    if not rows:
        raise UnknownCode(scanned=scanned[:60], field="code")
    row = rows[0]
    if any(other.rank == row.rank and other.product != row.product for other in rows):
        raise AmbiguousCode(scanned=scanned, field="code")
    words = " ".join(filter(None, [row.name, row.colour, row.size, row.style, row.configuration]))
    if row.is_blocked:
        raise NotForSale(name=words, why="headquarters has blocked it.", field="code")
    if not row.in_assortment:
        raise NotForSale(name=words, why="it is not in this store's assortment.", field="code")
    book.remember(str(row.product), row.agreements)
    return Found(
        article=Article(
            product=row.product,
            variant=row.variant,
            number=row.number,
            name=words,
            unit=row.unit,
            unit_decimals=row.unit_decimals,
            category=row.category or "",
            item_tax_group=row.item_tax_group,
            is_weighed=row.is_weighed,
            is_returnable=row.is_returnable,
            zero_price_valid=row.zero_price_valid,
            image=row.image,
            units=(SoldUnit(row.unit, row.unit_name, row.unit_decimals), *row.units) if row.units else (),
        ),
        categories=tuple(map(str, row.categories)),
        attributes=tuple(sorted((name, str(value)) for name, value in (row.attributes or {}).items())),
        quantity=row.quantity,
        price_entry=row.price_entry,
        exemptions=row.exemptions,
    )


def _plain(config: RegisterConfig, wanted: Wanted) -> Wanted:
    """What is looked up: for a code that carries a value, the article's digits in it."""
    if not wanted.code:
        return wanted
    code = wanted.code.strip()
    parts = _measured(config.layouts, code)
    return Wanted(code=parts.item if parts else code)


def _measured(layouts: Sequence[Layout], code: str) -> Measured | None:
    try:
        if is_element_string(code):
            return _read_elements(code)
        return decode(code, layouts, verify=False) if layouts else None
    except BarcodeError:
        return None


def _read_elements(code: str) -> Measured | None:
    """What a GS1-128, DataBar or DataMatrix says; None where it names no product.

    The label's price counts before its weight, which stands beside: it is what the customer has read.
    """
    label = parse(code)
    if label.gtin is None:
        return None
    price, currency = label.price or (None, None)
    if price is not None and currency is None:
        kind, value = "price", price
    elif label.weight is not None:
        kind, value = "weight", label.weight
    else:
        kind, value = "count", Decimal(label.count or 1)
    return Measured(
        code=code, item=label.gtin, base_code=label.gtin, kind=kind, value=value, weight=label.weight
    )


def _with_value(found: Found, parts: Measured | None) -> Found:
    """The article with the weight, the price or the number of pieces that its label carries."""
    if parts is None:
        return found
    is_label = is_element_string(parts.code)
    if is_label:
        found = msgspec.structs.replace(found, label_of=parts.item)
    if parts.kind == "count":
        return msgspec.structs.replace(found, quantity=found.quantity * parts.value)
    if not found.article.is_weighed and is_label and parts.kind == "weight":
        return found  # sold by the piece; how heavy it is, is said beside
    if parts.kind == BarcodeMask.Carries.PRICE:
        return msgspec.structs.replace(
            found, price=parts.value, weight=parts.weight, quantity=Decimal(1), is_measured=True
        )
    return msgspec.structs.replace(found, quantity=parts.value, is_measured=True)
