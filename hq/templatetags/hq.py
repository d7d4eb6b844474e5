"""Template tags of the back office."""

from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hq import cells
from hq.models import ReceiptProfile, Store
from hq.panels import Tone

register = template.Library()
register.filter("ago", cells.ago)
register.filter("plain", cells.plain)


@register.simple_tag(takes_context=True)
def render_card(context: Any, card: dict[str, Any]) -> SafeString:
    """A part of the home page, drawn by its own template with its own context."""
    return render_to_string(card["template"], card["context"], request=context["request"])


@register.simple_tag
def status(tone: str, word: str, hint: str = "") -> SafeString:
    """A state as dot and word; tone is calm, good, asks or wrong."""
    return cells.status(Tone[tone.upper()], word, hint=hint)


@register.filter
def counted(number: int, words: str) -> str:
    """A number with its word: `{{ 2|counted:"step,steps" }}` is "2 steps"."""
    one, _, many = words.partition(",")
    return cells.counted(number, one, many)


@register.filter
def hours(seconds: float) -> int:
    """Whole hours of a number of seconds."""
    return round(seconds / 3600)


@register.simple_tag
def amount(value: Decimal | None, currency: Any) -> SafeString:
    """An amount of a currency, its symbol smaller than the figure."""
    return cells.money(value, symbol=currency.symbol, decimals=currency.decimals)


@register.simple_tag
def change(percent: int) -> SafeString:
    """So many percent more or less: an arrow and a figure, with a word for those who see neither."""
    tone, arrow, word = ("calm", "=", "")
    if percent:
        tone, arrow, word = ("good", "▲", "more") if percent > 0 else ("less", "▼", "less")
    return format_html(
        '<span class="th-change th-change--{}"><span aria-hidden="true">{}</span> {} %'
        '<span class="th-sr"> {}</span></span>',
        tone, arrow, f"{abs(percent):,}", word,
    )


@register.filter
def short(number: Decimal) -> str:
    """A number for an axis: 1,250 as 1.25k."""
    if abs(number) >= 1_000_000:
        return f"{cells.plain(number / 1_000_000)}M"
    return f"{cells.plain(number / 1000)}k" if abs(number) >= 1000 else cells.plain(number)


@register.simple_tag
def receipt_words(profile: ReceiptProfile, store: Store | None) -> str:
    """The profile's words as they are centred on its paper, around a sample sale."""
    width = profile.columns
    lines = [(store.name if store else "Your store").center(width)]
    lines += [line.strip().center(width) for line in (store.address if store else "").splitlines()]
    lines += [line.strip().center(width) for line in profile.header.splitlines()]
    lines += ["-" * width, "Sample article".ljust(width - 6) + "  2.95", "-" * width]
    lines += ["TOTAL".ljust(width - 6) + "  2.95", ""]
    lines += [line.strip().center(width) for line in profile.footer.splitlines()]
    return "\n".join(lines)
