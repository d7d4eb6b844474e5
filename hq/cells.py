"""What stands in the cells of lists: status as word and dot, moments as "4 min ago", amounts, links."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hq.currency_sign import before_figure
from hq.panels import Tone

NOTHING = format_html('<span class="th-faint" aria-label="none">{}</span>', "–")


def status(tone: Tone, word: str, *, hint: str = "", url: str = "") -> SafeString:
    """A state as a dot and a word: never colour alone. With a URL it leads to where it is explained."""
    dot = format_html(
        '<span class="th-status th-status--{}" title="{}"><span class="th-status__dot"></span>{}</span>',
        tone.css,
        hint,
        word,
    )
    return format_html('<a class="th-status-link" href="{}">{}</a>', url, dot) if url else dot


def on_off(is_on: bool, on: str = "Active", off: str = "Off") -> SafeString:
    """Active in green or off in grey."""
    return status(Tone.GOOD, on) if is_on else status(Tone.CALM, off)


def ago(moment: datetime | None, *, never: str = "never", now: datetime | None = None) -> SafeString | str:
    """A moment as people say it ("4 min ago"), with the exact time on hover."""
    if moment is None:
        return format_html('<span class="th-faint">{}</span>', never)
    return _time(moment, spoken_age(moment, now or timezone.now()))


def age(moment: datetime | None) -> SafeString | str:
    """How old something is, as short as a narrow column wants it: "4 min"."""
    return (
        NOTHING if moment is None else _time(moment, spoken_age(moment, timezone.now()).removesuffix(" ago"))
    )


def _time(moment: datetime, words: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        date_format(timezone.localtime(moment), "j M Y, H:i:s e"),
        words,
    )


def spoken_age(moment: datetime, now: datetime) -> str:
    """How long ago `moment` was, in one rounded word pair; a moment ahead is said with "in"."""
    seconds = int((now - moment).total_seconds())
    form = "{} ago" if seconds >= 0 else "in {}"
    seconds = abs(seconds)
    if seconds < 10:
        return "just now"
    for limit, divisor, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return form.format(f"{seconds // divisor} {unit}")
    days = seconds // 86_400
    if days < 60:
        return form.format("1 day" if days == 1 else f"{days} days")
    return form.format(f"{days // 30} months" if days < 730 else f"{days // 365} years")


def money(amount: Decimal | None, currency: str = "", *, symbol: str = "", decimals: int = 2) -> SafeString:
    """An amount in tabular figures with a real minus; the currency stands smaller before the figures."""
    if amount is None:
        return NOTHING
    sign = "−" if amount < 0 else ""
    return format_html(
        '<span class="th-money">{}<span class="th-money__unit">{}</span>{}</span>',
        sign,
        before_figure(symbol, currency),
        f"{abs(amount):,.{decimals}f}",
    )


def money_of(row: Any, amount: Decimal | None) -> SafeString:
    """An amount of a record, with the symbol of its currency, or its code where headquarters no longer knows it.

    It has the currency's decimals, or as many as it needs.
    """
    return money(amount, row.currency, symbol=row.symbol or "", decimals=decimals_of(row, amount))


def decimals_of(row: Any, amount: Decimal | None) -> int:
    """In how many decimals an amount of a record is written: its currency's, or as many as it needs."""
    least = 2 if row.decimals is None else row.decimals
    return least if amount is None else max(least, -int(amount.normalize().as_tuple().exponent))


def plain(number: Decimal | None) -> str:
    """A number without trailing zeros, grouped in thousands: 2.500 is 2.5."""
    if number is None:
        return "–"
    text = f"{abs(number):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if number < 0 else text


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 register", "12 registers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def list_link(viewname: str, query: str, text: str) -> SafeString:
    """A link to a list of the back office, filtered by `query`."""
    return format_html('<a class="th-link" href="{}?{}">{}</a>', reverse(viewname), query, text)


def page_of(obj: Any) -> str:
    """The address of a row's page in the back office, empty where it has none."""
    options = obj._meta
    try:
        return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[obj.pk])
    except NoReverseMatch:
        return ""


def object_link(obj: Any, words: str = "") -> SafeString:
    """A link to the page of a row, named by the row or by `words`; a dash for none."""
    if obj is None:
        return NOTHING
    return format_html('<a class="th-link" href="{}">{}</a>', page_of(obj), words or obj)
