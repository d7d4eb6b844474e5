"""Missing numbers in the back office: holes in the registers' journals, by store, day and reason."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from hq import navigation
from hq.admin.distribution.trace import as_csv
from hq.models import Store
from hq.navigation import Entry, Section
from hq.pages import add_page
from pos.gaps import NumberGap, number_gaps

SHOWN = 200


def missing_numbers(request: HttpRequest) -> HttpResponse:
    """Numbers that are missing in the registers' journals, as filtered; all of them in the export."""
    if not request.user.has_perm("pos.view_retailtransaction"):
        raise PermissionDenied
    gaps = number_gaps()
    found = _chosen(request, gaps)
    if "csv" in request.GET:
        return _as_csv(found)
    context = {
        "title": "Missing numbers",
        "gaps": found[:SHOWN],
        "found": len(found),
        "total": len(gaps),
        "chosen": request.GET.dict(),
        "stores": Store.objects.order_by("name"),
    }
    return render(request, "pos/hq/gaps.html", {**admin.site.each_context(request), **context})


def _chosen(request: HttpRequest, gaps: Sequence[NumberGap]) -> list[NumberGap]:
    """The gaps of one store, noticed since a day, with or without an explanation; nonsense filters nothing."""
    store, why, first = (request.GET.get(name, "") for name in ("store", "why", "first"))
    since = _date(first)
    return [
        gap
        for gap in gaps
        if (not store or str(gap.register.store_id) == store)
        and (not why or gap.is_explained == (why == "quarantine"))
        and (since is None or timezone.localdate(gap.after) >= since)
    ]


def _date(said: str) -> date | None:
    try:
        return parse_date(said)
    except ValueError:
        return None


def _as_csv(gaps: Sequence[NumberGap]) -> HttpResponse:
    head = ["store", "register", "epoch", "first", "last", "records", "sold after", "sold before", "why"]
    rows: list[list[Any]] = [
        [
            gap.register.store.name, gap.register.name, gap.epoch, gap.first, gap.last, gap.count,
            gap.before and gap.before.isoformat(), gap.after.isoformat(),
            "; ".join(record.reason for record in gap.quarantined) or "not explained",
        ]
        for gap in gaps
    ]  # fmt: skip
    return as_csv([head, *rows], f"missing-numbers-{timezone.localtime():%Y-%m-%d-%H%M}")


add_page("distribution/missing/", missing_numbers, "journal-gaps")
navigation.add(
    Section.DISTRIBUTION,
    Entry(
        "Missing numbers",
        "admin:journal-gaps",
        icon="format_list_numbered",
        position=50,
        permission="pos.view_retailtransaction",
    ),
)
