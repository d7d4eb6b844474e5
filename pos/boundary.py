"""Where a refusal becomes an answer: one shape for the API, one for the screen. Nothing else renders a DomainError."""

from __future__ import annotations

from typing import Any

from channels_app.errors import DomainError, NotAllowed, Unavailable
from pos.cart.model import Notice
from pos.errors import (
    AmbiguousCode,
    CartChangedElsewhere,
    LockedOut,
    NoPrice,
    NotActivated,
    NotForSale,
    NotSignedOn,
    PriceNeeded,
    RequestReused,
    UnknownCode,
    WeightNeeded,
)

REFUSED = 422
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotActivated, 401),
    (NotSignedOn, 401),
    (LockedOut, 429),
    (NotAllowed, 403),
    (CartChangedElsewhere, 409),
    (RequestReused, 409),
    (Unavailable, 503),
)
# A scan that could not be sold stops the work: the cashier must see it before the next item goes by.
STOPS = {
    UnknownCode.code: "Unknown code",
    AmbiguousCode.code: "More than one article",
    NotForSale.code: "Not for sale",
    NoPrice.code: "No price",
}
# What must be asked before it can be sold, by the field that answers.
WEIGH, ASK = "pos/sheets/_weigh.html", "pos/sheets/_ask.html"
ASKS = {WeightNeeded.code: "quantity", PriceNeeded.code: "price"}


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), REFUSED)


def as_json(error: DomainError) -> dict[str, Any]:
    """A refusal for programs: a stable code, the sentence, the field at fault and the details as text."""
    return {
        "code": error.code,
        "message": str(error),
        "field": error.field or "",
        "details": {name: str(value) for name, value in error.details.items()},
    }


def as_notice(error: DomainError) -> Notice:
    """A refusal for the cashier."""
    return Notice(
        tone="danger",
        code=error.code,
        text=str(error),
        field=error.field or "",
        detail={name: str(value) for name, value in error.details.items()},
    )


def scan_stopped(notice: Notice, item: dict[str, Any], *, has_scale: bool = False) -> dict[str, Any]:
    """What the page shows when an item could not be added: a sheet that asks, or the strip that stops the work.

    `item` has the code or the product that was asked for, and the quantity if one was given. Empty for a refusal
    that needs neither.
    """
    if notice.code in ASKS:
        return {
            "sheet": WEIGH if has_scale and notice.code == WeightNeeded.code else ASK,
            "item": item,
            "field": ASKS[notice.code],
            "lead": notice.text,
            "name": notice.detail.get("name", ""),
            "unit": notice.detail.get("unit", ""),
            "unit_price": notice.detail.get("price", ""),
        }
    title = STOPS.get(notice.code)
    if title is None:
        return {}
    return {"strip": {"tone": "danger", "title": title, "code": item.get("code", ""), "text": notice.text}}
