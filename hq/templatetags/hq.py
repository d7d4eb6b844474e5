"""Template tags of the back office."""

from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from hq import cells, navigation
from hq.models import ReceiptProfile, Store
from hq.panels import Tone

register = template.Library()
register.filter("ago", cells.ago)
register.filter("plain", cells.plain)
register.filter("age", cells.age)


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
    return cells.counted(number, one, many) if one else f"{number:,}"


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
        tone,
        arrow,
        f"{abs(percent):,}",
        word,
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


@register.filter
def add_url(options: Any) -> str:
    """The address of a model's page for a new row, empty where it has none."""
    try:
        return reverse(f"admin:{options.app_label}_{options.model_name}_add")
    except (NoReverseMatch, AttributeError):
        return ""


@register.simple_tag(takes_context=True)
def trail(context: Any) -> SafeString:
    """Where one is: the section of the sidebar, the list, the row; the last one is this page."""
    parts: list[tuple[str, str]] = []
    options = context.get("opts")
    if options is not None:
        section = navigation.section_of(options.model)
        if section and section.value:
            parts.append(("", section.value))
        parts.append((_list_url(options), navigation.title_of(options.model)))
        row = context.get("original") or context.get("object")
        if row is not None and not isinstance(row, str):
            parts.append((cells.page_of(row), str(row)))
        elif context.get("add"):
            parts.append(("", f"New {options.verbose_name}"))
        elif context.get("title") in {"Import", "Export"}:
            parts.append(("", context["title"]))
        step = "History" if "history_list" in context or "action_list" in context else context.get("step")
        if step:
            parts.append(("", step))
    else:
        parts.append(("", str(context.get("title") or "")))
    *above, (_, here) = parts
    way = format_html_join(
        "",
        '<{} class="th-top__part"{}>{}</{}>',
        (
            ("a", format_html(' href="{}"', url), name, "a") if url else ("span", "", name, "span")
            for url, name in above
        ),
    )
    return format_html('{}<span class="th-top__here">{}</span>', way, here)


def _list_url(options: Any) -> str:
    try:
        return reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    except NoReverseMatch:
        return ""


@register.filter
def keeps_history(options: Any) -> bool:
    """Whether earlier states of a model's rows are kept."""
    return hasattr(options, "simple_history_manager_attribute")
