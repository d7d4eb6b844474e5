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
    RequestReused,
    UnknownCode,
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
    UnknownCode: "Unknown code",
    AmbiguousCode: "More than one article",
    NotForSale: "Not for sale",
    NoPrice: "No price",
}


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
        tone="danger", code=error.code, text=str(error), field=error.field or "",
        detail={name: str(value) for name, value in error.details.items()},
    )


def stopping_title(error: DomainError) -> str:
    """The title of the strip for a refusal that must stop the scanning; empty for one that need not."""
    return next((title for kind, title in STOPS.items() if isinstance(error, kind)), "")
