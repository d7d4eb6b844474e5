"""Sales in a channel, as rows: what the till leaves behind, without the till."""

from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from channels_app.identifiers import uuid7
from channels_app.models import OutboxEvent
from hq.models import Register
from inventory.models import StockMovement
from pos.models import RetailTransaction, SalesLine, TenderLine
from shifts.models import Shift, ShiftTotal


def an_open_shift(register: Register) -> Shift:
    """An open shift of a register."""
    return Shift.objects.create(
        store=register.store, register=register, number=f"{register.number}-1", business_date="2026-11-21",
        currency="GBP", opened_at=timezone.now(), opened_by_id=1,
    )  # fmt: skip


def a_sale(shift: Shift, sequence: int, total: str = "9.99", receipt: str = "") -> RetailTransaction:
    """A sale with a line, a tender, its stock movement, the shift's total, and the event that tells of it."""
    now, amount = timezone.now(), Decimal(total)
    sale = RetailTransaction.objects.create(
        kind="sale", store_id=shift.store_id, register_id=shift.register_id, worker_id=1, shift=shift.pk, epoch=1,
        sequence=sequence, receipt_number=receipt or f"{shift.number}-{sequence}", business_date="2026-11-21",
        concluded_at=now, currency="GBP", total=amount, request_id=uuid7(), document="{}", previous_hash="", hash="",
    )  # fmt: skip
    SalesLine.objects.create(
        retail_transaction=sale, line=1, product_id=1, product_number="P000", name="Product", quantity=1, unit="pcs",
        list_price=amount, unit_price=amount, price_source="base", net=amount, tax=0, total=amount,
        detail={"discounts": [], "note": "1.10"},
    )  # fmt: skip
    TenderLine.objects.create(
        retail_transaction=sale,
        line=1,
        method="CASH",
        kind="cash",
        amount=amount,
        tendered=amount,
        currency="GBP",
    )
    StockMovement.objects.create(
        store_id=shift.store_id,
        product_id=1,
        quantity=-1,
        unit="pcs",
        debit="x",
        credit="y",
        source=sale.pk,
        moved_at=now,
    )
    held, _ = ShiftTotal.objects.get_or_create(shift=shift, method="CASH", currency="GBP")
    ShiftTotal.objects.filter(pk=held.pk).update(amount=held.amount + amount, count=held.count + 1)
    tell("sale.concluded", sale.pk)
    return sale


def tell(topic: str, subject: UUID) -> OutboxEvent:
    """An event in the outbox."""
    return OutboxEvent.objects.create(topic=topic, subject=str(subject), happened_at=timezone.now())
