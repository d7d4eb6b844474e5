"""Shifts in the back office: who answered for which money, what was counted, to read and never to change."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from hq import navigation
from hq.admin.base import RecordInline, RecordPage
from hq.cells import NOTHING, ago, decimals_of, money, money_of, status
from hq.models import PaymentMethod
from hq.navigation import Entry, Section
from hq.panels import Tone
from shifts import time_admin  # noqa: F401  # its pages register themselves
from shifts.models import CashMovement, Shift, ShiftTotal, TenderDeclaration
from shifts.selectors import shift_figures
from shifts.states import ShiftStatus


class ByMethod(RecordInline):
    """Rows of a way of paying, by its name; by its code where headquarters has it no more."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = PaymentMethod.objects.filter(code=OuterRef("method")).values("name")[:1]
        return super().get_queryset(request).annotate(method_name=Subquery(names))

    @display(description="Way of paying")
    def method_shown(self, obj: Any) -> str:
        return obj.method_name or obj.method


class ShiftTotalInline(ByMethod):
    model = ShiftTotal
    fields = ["method_shown", "count", "amount_shown"]
    readonly_fields = fields
    verbose_name_plural = "taken, by way of paying"

    @display(description="Amount")
    def amount_shown(self, obj: ShiftTotal) -> SafeString:
        return money_of(obj, obj.amount)


class CashMovementInline(ByMethod):
    model = CashMovement
    fields = ["kind", "method_shown", "amount_shown", "reason", "worker", "happened_at"]
    readonly_fields = fields
    verbose_name_plural = "cash in and out without a sale"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CashMovement]:
        return super().get_queryset(request).select_related("worker")

    @display(description="Amount")
    def amount_shown(self, obj: CashMovement) -> SafeString:
        return money_of(obj, obj.amount)


class TenderDeclarationInline(ByMethod):
    model = TenderDeclaration
    fields = ["method_shown", "expected_shown", "counted_shown", "over_short_shown"]
    readonly_fields = fields
    verbose_name_plural = "counted at the close"

    @display(description="Expected")
    def expected_shown(self, obj: TenderDeclaration) -> SafeString:
        return money_of(obj, obj.expected)

    @display(description="Counted")
    def counted_shown(self, obj: TenderDeclaration) -> SafeString:
        return money_of(obj, obj.counted)

    @display(description="Over or short")
    def over_short_shown(self, obj: TenderDeclaration) -> SafeString:
        return over_short(obj, obj.over_short)


def _figure(shift: Any, amount: Decimal | None) -> SafeString:
    return money(amount, decimals=decimals_of(shift, amount))


def over_short(row: Any, difference: Any) -> SafeString:
    """A difference of the count as a status: it tallies, or by how much it is over or short."""
    if difference is None:
        return NOTHING
    if not difference:
        return status(Tone.GOOD, "Tallies")
    word = "over" if difference > 0 else "short"
    return status(
        Tone.ASKS if difference > 0 else Tone.WRONG,
        format_html("{} {}", money_of(row, abs(difference)), word),
    )


@admin.register(Shift)
class ShiftAdmin(RecordPage):
    list_display = [
        "number",
        "state_shown",
        "store",
        "register_shown",
        "opened_by",
        "opened_shown",
        "closed_shown",
        "difference_shown",
    ]
    list_filter = ["status", "store", "register", "business_date"]
    search_fields = ["number"]
    date_hierarchy = "business_date"
    inlines = [ShiftTotalInline, CashMovementInline, TenderDeclarationInline]
    empty_hint = "A shift begins when a cashier opens it at a till. It shows here within seconds."
    fieldsets = [
        (None, {"fields": ["number", "state_shown", ("store", "register"), "business_date"]}),
        ("Opened and closed", {"fields": [("opened_by", "opened_at"), ("closed_by", "closed_at")]}),
        ("Sold, by tax", {"fields": ["sold_shown"]}),
    ]
    readonly_fields = ["state_shown", "sold_shown"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shift]:
        return (
            super()
            .get_queryset(request)
            .select_related("store", "register__store", "opened_by", "closed_by")
            .annotate(difference=Sum(F("declarations__counted") - F("declarations__expected")))
        )

    @display(description="State", ordering="status")
    def state_shown(self, obj: Shift) -> SafeString:
        is_open = obj.status == ShiftStatus.OPEN
        return status(Tone.GOOD if is_open else Tone.CALM, obj.get_status_display())

    @display(description="As the X and Z reports say it")
    def sold_shown(self, obj: Shift) -> SafeString | str:
        """Net, tax and gross by tax and rate, and the sums that they make."""
        figures = shift_figures(obj.pk)
        rows = [(tax.words, tax.net, tax.tax, tax.gross) for tax in figures.taxes]
        rows.append(("Together", figures.net, figures.tax, figures.net + figures.tax))
        if figures.rounding:
            rows.append(("Cash rounding", None, None, figures.rounding))
        if not figures.sales_count + figures.returns_count:
            return NOTHING
        shown = [(words, *(_figure(obj, amount) for amount in amounts)) for words, *amounts in rows]
        return render_to_string("shifts/hq/sold.html", {"rows": shown})

    @display(description="Register", ordering="register__number")
    def register_shown(self, obj: Shift) -> str:
        return obj.register.name

    @display(description="Opened", ordering="opened_at")
    def opened_shown(self, obj: Shift) -> SafeString | str:
        return ago(obj.opened_at)

    @display(description="Closed", ordering="closed_at")
    def closed_shown(self, obj: Shift) -> SafeString | str:
        return ago(obj.closed_at, never="–")

    @display(description="Over or short", ordering="difference")
    def difference_shown(self, obj: Any) -> SafeString:
        return over_short(obj, obj.difference) if obj.status == ShiftStatus.CLOSED else NOTHING


navigation.add(Section.SALES, Entry.of(Shift, icon="work_history", position=20))
