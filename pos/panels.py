"""What the till's journal says on headquarters' home page."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hq import panels
from hq.cells import counted
from hq.panels import Notice, Question, Tone
from pos.chart import line_chart
from pos.gaps import number_gaps
from pos.sales_figures import WEEK, sales_today

MOST_STORES = 8
MOST_GAPS = 3
LOOK_BACK = timedelta(days=30)


@panels.card(
    Question.SELLS,
    template="pos/hq/sales_today.html",
    permission="pos.view_retailtransaction",
    position=10,
)
def sales(request: HttpRequest) -> dict[str, Any]:
    """Today by hour against the same weekday last week, and by store; one chart for each currency."""
    now = timezone.now()
    figures = sales_today(now)
    return {
        "figures": [(figure, line_chart(figure.hours), figure.stores[:MOST_STORES]) for figure in figures],
        "sold_nothing": not any(figure.count for figure in figures),
        "weekday": timezone.localtime(now - WEEK).strftime("%A"),
        "today": now,
        "till_address": settings.SCALE_UNIT_URL,
    }


@panels.notices(Question.NEEDS, permission="pos.view_retailtransaction")
def missing_numbers(request: HttpRequest) -> Iterator[Notice]:
    """Numbers of registers that did not come up, though later ones did, and that no quarantine explains."""
    since = timezone.localdate() - LOOK_BACK
    gaps = [gap for gap in number_gaps(since=since) if not gap.is_explained]
    for gap in gaps[:MOST_GAPS]:
        yield Notice(
            title=f"{counted(gap.count, 'record')} of {gap.register.name} missing", tone=Tone.WRONG,
            words="missing", url=reverse("admin:journal-gaps"),
            detail=f"Number {gap.first} of epoch {gap.epoch} did not come up from {gap.register.store.name}.",
        )  # fmt: skip
