"""What the till's journal says on headquarters' home page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from hq import panels
from hq.panels import Question
from pos.chart import line_chart
from pos.sales_figures import WEEK, sales_today

MOST_STORES = 8


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
