"""How the till writes amounts, quantities, times and icons."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

import lucide
from django import template
from django.templatetags.tz import do_timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from pos.cart.snapshot import LineView, Snapshot
from pos.config import StoreConfig
from pricing.engine.money import decimals_of

register = template.Library()

MINUS = "−"
_PERCENT = re.compile(r"(?<=\d) %")
# What people call coins by, where the hundredths of a currency have a sign.
HUNDREDTHS = {"GBP": "p", "EUR": "c", "USD": "¢", "CAD": "¢", "AUD": "c", "NZD": "c"}


def figure(amount: Decimal, decimals: int) -> str:
    """An amount with its decimals, groups of three and a real minus."""
    text = f"{abs(amount):,.{decimals}f}"
    return f"{MINUS}{text}" if amount < 0 else text


@register.simple_tag(takes_context=True)
def money(context: template.Context, amount: Decimal | None) -> SafeString:
    """An amount in the store's currency, its symbol smaller than the figure."""
    store: StoreConfig = context["register"].store
    return money_of(store, amount)


def money_of(store: StoreConfig, amount: Decimal | None) -> SafeString:
    """An amount of that store as HTML; the price of one may be finer than what is paid, and is written as it is."""
    if amount is None:
        return mark_safe("")
    sign = MINUS if amount < 0 else ""
    # Nothing in a figure needs escaping, and a page has many.
    return mark_safe(  # noqa: S308
        f'<span class="money">{sign}<span class="money__symbol">{_escaped(store.currency_symbol)}</span>'
        f"{figure(abs(amount), decimals_of(amount, store.currency.decimals))}</span>"
    )


_escaped = cache(escape)


@register.simple_tag(takes_context=True)
def money_whole(context: template.Context, amount: Decimal) -> SafeString:
    """An amount as a note says it: decimals only where it has some."""
    store: StoreConfig = context["register"].store
    return format_html(
        '<span class="money"><span class="money__symbol">{}</span>{}</span>',
        store.currency_symbol,
        denomination(amount, store),
    )


@register.simple_tag(takes_context=True)
def money_off(context: template.Context, amount: Decimal) -> SafeString:
    """What was taken off, as a negative amount."""
    return money(context, -amount)


@register.simple_tag(takes_context=True)
def money_text(context: template.Context, amount: Decimal) -> str:
    """An amount as plain words, for labels that are read aloud."""
    store: StoreConfig = context["register"].store
    text = figure(amount, decimals_of(amount, store.currency.decimals))
    return (
        f"{MINUS}{store.currency_symbol}{text[1:]}"
        if text.startswith(MINUS)
        else f"{store.currency_symbol}{text}"
    )


@register.filter
def quantity(value: Decimal) -> str:
    """A quantity without needless zeros."""
    text = f"{abs(value).normalize():f}"
    return f"{MINUS}{text}" if value < 0 else text


@register.filter(is_safe=True)
def unbroken(words: str) -> str:
    """A percentage stays on one line with its sign: 20 %."""
    return _PERCENT.sub("\N{NO-BREAK SPACE}%", words)


@register.filter
def line_quantity(line: LineView) -> str:
    """A line's quantity in its unit's decimals."""
    return figure(line.quantity, line.unit_decimals) if line.unit_decimals else quantity(line.quantity)


@register.simple_tag
def items(cart: Snapshot) -> str:
    """How much is in the cart: pieces, or lines where something is sold by weight."""
    return pieces(cart.item_count) or _counted(Decimal(cart.line_count), "line")


@register.filter
def pieces(count: Decimal) -> str:
    """So many items; empty where something was sold by weight, whose kilograms are no items."""
    return _counted(count, "item") if count == count.to_integral_value() else ""


def _counted(count: Decimal, word: str) -> str:
    return f"{quantity(count)} {word}" if abs(count) == 1 else f"{quantity(count)} {word}s"


@register.filter
def denomination(value: Decimal, store: StoreConfig) -> str:
    """A note's or coin's value: decimals only where it has some."""
    return figure(value, 0 if value == value.to_integral_value() else store.currency.decimals)


@register.simple_tag(takes_context=True)
def piece(context: template.Context, value: Decimal) -> str:
    """A note or coin as people call it: £20, and 50p where the hundredths have a sign of their own."""
    store: StoreConfig = context["register"].store
    sign = HUNDREDTHS.get(store.currency.code)
    if sign and value < 1:
        return f"{quantity(value * 100)}{sign}"
    return f"{store.currency_symbol}{denomination(value, store)}"


@register.filter
def plain(value: Decimal | None) -> str:
    """A number for an input field: a point, no groups, no needless zeros."""
    return "" if value is None else f"{value:f}"


@register.filter
def local(value: datetime | None, store: StoreConfig) -> datetime | None:
    """An instant on the store's clock, and the `date` filter leaves it there."""
    return do_timezone(value, store.zone) if value else None


@register.filter
def clock(value: datetime) -> str:
    """The time of an instant on the clock of its own zone."""
    return f"{value:%H:%M}"


@register.filter
def hours(length: timedelta | None) -> str:
    """A length of time as a time sheet says it: 7 h 05."""
    if length is None:
        return "–"
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02}"


@register.filter
def initials(name: str) -> str:
    """Two letters that stand for a person."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """The value under that key, or nothing."""
    return mapping.get(key)


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """A lucide icon, drawn inline; decorative unless it has a label."""
    return _icon(str(name), int(size), str(label))


@lru_cache(maxsize=512)
def _icon(name: str, size: int, label: str) -> SafeString:
    meaning = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return mark_safe(  # noqa: S308  # drawn from the package's own files
        lucide._render_icon(
            name, size, stroke_width="1.75", focusable="false", **{"class": "icon"}, **meaning
        )
    )


@register.simple_tag
def request_id() -> SafeString:
    """The hidden id of a form's request; scripts put in a new one per tap."""
    return format_html('<input type="hidden" name="request_id" value="{}">', uuid4())
