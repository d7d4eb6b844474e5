"""What floats over the page for a moment: why a price is what it is, and how the register stands."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from msgspec.structs import replace

from channels_app.selectors import freshness
from channels_app.services.upload import unsent_events
from hq.permissions import Permission
from hq.station_port import station
from pos.boundary import as_notice
from pos.cart.errors import UnknownLine
from pos.cart.snapshot import AddedChargeView, snapshot
from pos.journal_document import added_up
from pos.pages.access import TillRequest, for_seller
from pos.pages.context import fragment_context
from pos.pages.explain import Named, discounts_of, others_of, prices_of, remarks_of
from pos.pages.show import show_message, show_sheet
from pos.services.card import unsettled
from pos.services.session import Till
from pricing.engine.explain import sentence
from pricing.engine.tax_values import tax_left_off


@for_seller
def price(request: TillRequest, till: Till, line: str) -> HttpResponse:
    """Why this line costs what it costs."""
    found, priced = till.cart.line(line), till.cart.priced_line(line)
    if found is None or priced is None:
        return show_message(request, till, as_notice(UnknownLine()), status=422)
    named = Named.at(till.register, priced)
    return show_sheet(
        request,
        till,
        "pos/sheets/_price.html",
        line=found,
        priced=priced,
        tax_off=tax_left_off(priced.amount, priced.total, priced.taxes),
        # `prices` are those on the tiles, where the sheet stands on a page
        price_steps=prices_of(priced, named),
        discounts=discounts_of(priced, named),
        remarks=remarks_of(priced, till.cart.money),
        others=others_of(priced, till.cart.money),
        basket=[sentence(reason, till.cart.money) for reason in till.cart.priced.explanation],
    )


@for_seller
def charges(request: TillRequest, till: Till) -> HttpResponse:
    """What the sale costs beside its goods; what a rule added may be given another amount."""
    return show_sheet(request, till, "pos/sheets/_charges.html", charges=_whole(snapshot(till.cart).charges))


def _whole(charges: Sequence[AddedChargeView]) -> list[AddedChargeView]:
    """The charges, those that are shared over lines as one each."""
    found: dict[str, AddedChargeView] = {}
    for charge in charges:
        key = charge.shared or charge.id
        known = found.get(key)
        if known is not None:
            discounts = added_up((*known.discounts, *charge.discounts))
            amount, tax_off = known.amount + charge.amount, known.tax_off + charge.tax_off
            charge = replace(known, amount=amount, tax_off=tax_off, discounts=discounts)
        found[key] = charge
    return list(found.values())


@for_seller
def status(request: TillRequest, till: Till) -> HttpResponse:
    """The connection, the data, the devices and the prints of this register; only what it says, where it is open."""
    said = {
        "station": station().view(till.register.id),
        "has_stations": len(station().stations(till.register.id)) > 1,
        "jobs": station().jobs(till.register.id, 8),
        "data": freshness(),
        "unsent": unsent_events()[0],
        "card_payments": unsettled(till.register.id),
        "shops_copies": station().shops_copies(till.register.id),
        "may_settle": bool(till.worker and till.worker.may(Permission.OVERRIDE)),
    }
    if request.htmx.target == "status":
        context = fragment_context(till, snapshot(till.cart)) | said
        return render(request, "pos/sheets/_status_body.html", context)
    return show_sheet(request, till, "pos/sheets/_status.html", **said)
