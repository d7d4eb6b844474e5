"""The groceries: hand-picked from Open Food Facts, with their worldwide codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

PICKS = Path(__file__).parent / "groceries.txt"


class UnusablePick(ValueError):
    """A picked code is not in the source, is no worldwide key, or is picked twice."""


def groceries(source: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the picked groceries in order; brand and net content are the source's, where it has them."""
    known = {row["gtin"]: row for row in source}
    rows: dict[str, dict[str, str]] = {}
    category = tax_class = ""
    for line in PICKS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            category, tax_class = line.strip("[]").split("; ")
        elif line and not line.startswith("#"):
            gtin, price, name = line.split(" ", 2)
            if gtin not in known or gtin in rows or not is_worldwide(gtin):
                raise UnusablePick(line)
            rows[gtin] = {
                "gtin": gtin,
                "name": name[:1].upper() + name[1:],
                "category": category,
                "tax_class": tax_class,
                "price": str(Decimal(price)),
                "brand": (known[gtin].get("brand") or "").split(",")[0].strip(),
                "net_content": known[gtin].get("net_content") or "",
                "net_unit": known[gtin].get("net_unit") or "",
            }
    return list(rows.values())


def is_worldwide(gtin: str) -> bool:
    """Say whether a code is a valid GTIN-8, -12 or -13 outside what GS1 leaves to shops and coupons."""
    if not gtin.isdigit() or len(gtin) not in (8, 12, 13) or check_digit(gtin[:-1]) != gtin[-1]:
        return False
    if len(gtin) == 8:
        return gtin[0] not in "02"
    prefix = gtin.zfill(13)[:2]
    return prefix not in ("02", "04", "05", "98", "99") and not prefix.startswith("2")


def check_digit(digits: str) -> str:
    """The GS1 check digit for the digits before it."""
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
