"""Figures of a shift: what should be in the drawer, and what the X and Z reports say."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
from django.db.models import Count, Q, Sum

from hq.models import Currency
from pos.models import RetailTransaction, SalesLine
from pricing.engine.money import currency
from shifts.models import CashMovement, Shift, ShiftTotal, TenderDeclaration
from shifts.taxes import TaxFigure, tax_figures

ZERO = Decimal(0)
AT_ONCE = 200  # records of a shift that are in memory together


class TenderFigure(msgspec.Struct, frozen=True):
    """One way of paying in a shift: what came in by sales and by hand, what is expected, what was counted."""

    method: str
    currency: str
    sales: Decimal
    count: int
    moved: Decimal
    counted: Decimal | None = None

    @property
    def expected(self) -> Decimal:
        return self.sales + self.moved

    @property
    def over_short(self) -> Decimal | None:
        return None if self.counted is None else self.counted - self.expected


class ShiftFigures(msgspec.Struct, frozen=True):
    """What happened in a shift. Sales and returns are with tax and what was rounded to coins; returns are negative."""

    sales_count: int
    sales: Decimal
    returns_count: int
    returns: Decimal
    net: Decimal
    tax: Decimal
    rounding: Decimal
    discount: Decimal
    items: Decimal
    voided_sales: int
    voided_lines: int
    drawer_openings: int
    tenders: tuple[TenderFigure, ...]
    movements: tuple[tuple[str, Decimal], ...]
    taxes: tuple[TaxFigure, ...]

    @property
    def total(self) -> Decimal:
        return self.sales + self.returns


def expected_tenders(shift_id: UUID) -> dict[str, TenderFigure]:
    """What each way of paying should amount to now, by method, in the currency's own decimals."""
    code, unit = _currency_of(shift_id)
    totals = {row.method: row for row in ShiftTotal.objects.filter(shift=shift_id)}
    moved = {
        row["method"]: row["sum"]
        for row in CashMovement.objects.filter(shift=shift_id).values("method").annotate(sum=Sum("amount"))
    }
    counted = {row.method: row for row in TenderDeclaration.objects.filter(shift=shift_id)}
    figures = {}
    for method in sorted({*totals, *moved, *counted}):
        total = totals.get(method)
        figures[method] = TenderFigure(
            method=method,
            currency=total.currency if total else code,
            sales=(total.amount if total else ZERO).quantize(unit),
            count=total.count if total else 0,
            moved=moved.get(method, ZERO).quantize(unit),
            counted=counted[method].counted.quantize(unit) if method in counted else None,
        )
    return figures


def shift_figures(shift_id: UUID) -> ShiftFigures:
    """The figures of an X report (shift open) or a Z report (shift closed)."""
    kinds = RetailTransaction.Kind
    of_shift = Q(shift=shift_id)
    sale = Q(kind=kinds.SALE)
    sums = RetailTransaction.objects.filter(of_shift).aggregate(
        sales_count=Count("pk", filter=sale & Q(total__gte=0)),
        sales=Sum("total", filter=sale & Q(total__gte=0)),
        returns_count=Count("pk", filter=sale & Q(total__lt=0)),
        returns=Sum("total", filter=sale & Q(total__lt=0)),
        net=Sum("net", filter=sale),
        tax=Sum("tax", filter=sale),
        discount=Sum("discount", filter=sale),
        items=Sum("item_count", filter=sale),
        voided_sales=Count("pk", filter=Q(kind=kinds.VOIDED)),
        drawer_openings=Count("pk", filter=Q(kind=kinds.OPEN_DRAWER)),
    )
    voided_lines = SalesLine.objects.filter(
        retail_transaction__shift=shift_id,
        price_source="voided",
    ).count()
    movements = (
        CashMovement.objects.filter(shift=shift_id)
        .values("kind")
        .annotate(sum=Sum("amount"))
        .order_by("kind")
    )
    names = dict(CashMovement.Kind.choices)
    _, unit = _currency_of(shift_id)
    counts = {key: value for key, value in sums.items() if isinstance(value, int)}
    items = sums.pop("items") or ZERO
    amounts = {key: (value or ZERO).quantize(unit) for key, value in sums.items() if key not in counts}
    amounts["rounding"] = amounts["sales"] + amounts["returns"] - amounts["net"] - amounts["tax"]
    return ShiftFigures(
        **counts,
        **amounts,
        items=items,
        voided_lines=voided_lines,
        tenders=tuple(expected_tenders(shift_id).values()),
        movements=tuple((str(names[row["kind"]]), row["sum"].quantize(unit)) for row in movements),
        taxes=taxes_sold(shift_id),
    )


def taxes_sold(shift_id: UUID) -> tuple[TaxFigure, ...]:
    """Net, tax and gross of what the shift has sold so far, by tax and rate: read from its journal when asked for."""
    sales = RetailTransaction.objects.filter(shift=shift_id, kind=RetailTransaction.Kind.SALE)
    return tax_figures(sales.values_list("document", flat=True).iterator(chunk_size=AT_ONCE))


def _currency_of(shift_id: UUID) -> tuple[str, Decimal]:
    """The shift's currency and its smallest unit; the usual one where the currency is no longer in use."""
    code = Shift.objects.values_list("currency", flat=True).get(pk=shift_id)
    decimals = Currency.objects.filter(pk=code).values_list("decimals", flat=True).first()
    return code, currency(code).unit if decimals is None else Decimal(1).scaleb(-decimals)
