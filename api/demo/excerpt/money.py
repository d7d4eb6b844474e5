"""VAT rates with their history, and currencies with their notes and coins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

COUNTRIES = ("GB", "IE")
CURRENCIES = {"GBP": "£", "EUR": "€"}
# Rates entered by hand: the sources know the history of the standard rates only.
BY_HAND = [
    ("GB", "zero", "0", ""),
    ("GB", "reduced", "5", "1997-09-01"),
    ("IE", "zero", "0", ""),
    ("IE", "reduced1", "9", "2011-07-01"),
    ("IE", "reduced2", "13.5", "2003-01-01"),
]


Rows = Iterable[Mapping[str, str]]


def vat_rates(history: Rows, current: Rows) -> list[dict[str, str]]:
    """Return the rates of both countries with their first day and the first day they no longer held.

    Standard rates come from the dated history, corrected by the current file where that knows of later
    changes (Ireland's 21 % from September 2020 to February 2021). Its reduced rates must agree with BY_HAND.
    """
    rows = []
    current = list(current)
    for country in COUNTRIES:
        standard = {
            row["start_date"]: Decimal(row["rate"]) * 100
            for row in history
            if country in row["territory_codes"].split() and row["rate_type"] == "standard"
        }
        first = max(standard)
        for row in current:
            if row["country"] == country and row["rate_name"] == "standard" and row["effective_from"] > first:
                standard[row["effective_from"]] = Decimal(row["rate_percent"])
        starts = sorted(standard)
        for start, end in zip(starts, [*starts[1:], ""], strict=True):
            rows.append(_rate(country, "standard", standard[start], start, end, "vat-rates data sets"))
    latest = {(r["country"], r["rate_name"]): Decimal(r["rate_percent"]) for r in reversed(current)}
    for country, name, percent, start in BY_HAND:
        if latest.get((country, name), Decimal(percent)) != Decimal(percent):
            raise ValueError(f"{country} {name} is {latest[country, name]} % in the source, not {percent} %.")
        rows.append(_rate(country, name, Decimal(percent), start, "", "by hand"))
    return rows


def _rate(country: str, name: str, percent: Decimal, start: str, end: str, source: str) -> dict[str, str]:
    return {
        "country": country,
        "rate": name,
        "percent": f"{percent.normalize():f}",
        "starts_on": start,
        "ends_on": end,
        "source": source,
    }


def currencies(source: Rows) -> list[dict[str, str]]:
    """Return the company's currencies with their denominations, separated by |."""
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "symbol": CURRENCIES[row["code"]],
            "decimals": row["iso_minor_unit"],
            "notes": row["notes"],
            "coins": row["coins"],
        }
        for row in source
        if row["code"] in CURRENCIES
    ]
