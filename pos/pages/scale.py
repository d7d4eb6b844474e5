"""The scale: watched while a sheet asks for a weight. What it shows comes over the socket, never by asking."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect

from hq.station_port import station
from pos.pages.access import TillRequest, for_seller
from pos.services.session import Till
from pricing.engine.money import Currency

WATCH_SECONDS = 90
MOST_PRICE = 999_999  # six digits is what a scale that computes prices can be told
NOT_THERE = "The scale cannot be reached. Type the weight by hand."


@for_seller
def weigh(request: TillRequest, till: Till) -> HttpResponse:
    """Begin to watch the scale; it is watched until the sheet is closed or for a minute and a half."""
    if request.method != "POST":
        return redirect("pos:sell")
    register = till.register
    view = station().view(register.id)
    scale = next((device for device in view.devices if device.kind == "scale"), None)
    if not register.has_scale or not view.connected or scale is None or scale.state == "down":
        words = scale.words if scale is not None and view.connected and scale.words else NOT_THERE
        return _told({"state": "away", "words": words})
    job = station().send(
        register_id=register.id,
        kind="weigh",
        document={
            "seconds": WATCH_SECONDS,
            "watch": True,
            "price": _price(request.POST.get("price", ""), register.currency),
        },
        title="Weigh",
        request_id=_uuid(request.POST.get("request_id", "")) or uuid4(),
    )
    return _told({"state": "watched", "job": str(job)})


@for_seller
def stop(request: TillRequest, till: Till) -> HttpResponse:
    """The sheet is closed: the scale need not be watched any more."""
    job = _uuid(request.POST.get("job", ""))
    if request.method == "POST" and job is not None:
        station().cancel(register_id=till.register.id, job_id=job)
    return HttpResponse(status=204)


def _price(text: str, currency: Currency) -> int:
    """The price that the sheet shows, in the currency's smallest units; 0 for none, or one that no scale takes."""
    try:
        price = Decimal(text or "0")
    except InvalidOperation:
        return 0
    if not price.is_finite() or not 0 < price < MOST_PRICE:
        return 0
    units = int(currency.round(price) / currency.unit)
    return units if units <= MOST_PRICE else 0


def _told(data: dict[str, str]) -> HttpResponse:
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"till:weight": data})})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
