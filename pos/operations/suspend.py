"""Hold a sale and take it up again, at any register of the store."""

from uuid import UUID

import msgspec

from channels_app.identifiers import uuid7
from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import NothingToPay
from pos.cart.model import Cart, Notice, pack_cart, unpack_cart
from pos.errors import CartNotEmpty, SuspendedGone
from pos.models import SuspendedCart
from pos.operations import Command, Context, Step, operation
from pos.services.writing import Write

_SUSPEND = """
    INSERT INTO pos_suspendedcart
        (id, store_id, register_id, worker_id, document, label, total, currency, line_count, suspended_at)
    SELECT %(suspended_id)s, %(suspended_store)s, %(suspended_register)s, %(suspended_worker)s,
           %(suspended_document)s, %(suspended_label)s, %(suspended_total)s, %(suspended_currency)s,
           %(suspended_lines)s, %(suspended_at)s
      FROM guard RETURNING 1
"""
_RECALL = "DELETE FROM pos_suspendedcart s USING held WHERE s.id = %(recalled)s RETURNING s.id"


class Suspend(Command, frozen=True, tag="suspend"):
    label: str = ""


class Recall(Command, frozen=True, tag="recall"):
    suspended: UUID


@operation(
    number=503, code="suspend", name="Hold", permission=Permission.SUSPEND, command=Suspend, reads_prices=True
)
def suspend(cart: Cart, command: Suspend, context: Context) -> Step:
    """Put the sale aside; the register is free for the next customer."""
    if not cart.live_lines:
        raise NothingToPay()
    commands.refuse_when_paying(cart, "hold the sale")
    store = context.till.register.store
    write = Write(
        name="suspended",
        sql=_SUSPEND,
        parameters={
            "suspended_id": uuid7(),
            "suspended_store": store.id,
            "suspended_register": context.till.register.id,
            "suspended_worker": context.worker.id,
            "suspended_document": pack_cart(cart),
            "suspended_label": command.label.strip()[:80],
            "suspended_total": cart.total,
            "suspended_currency": cart.currency,
            "suspended_lines": len(cart.live_lines),
            "suspended_at": context.at,
        },
    )
    return Step(
        commands.fresh(cart, str(uuid7())),
        notice=Notice("info", "suspended", "The sale is on hold."),
        writes=(write,),
    )


@operation(number=504, code="recall", name="Recall", permission=Permission.SUSPEND, command=Recall)
def recall(cart: Cart, command: Recall, context: Context) -> Step:
    """Take a held sale up again, with today's prices; whoever is second is told that it is gone."""
    if not cart.is_empty:
        raise CartNotEmpty(what="recall another")
    row = SuspendedCart.objects.filter(pk=command.suspended, store=context.till.register.store.id).first()
    if row is None:
        raise SuspendedGone(field="suspended")
    held = unpack_cart(bytes(row.document))
    again = msgspec.structs.replace(held, register=cart.register, version=cart.version + 1, undo=())
    write = Write(
        name="recalled", sql=_RECALL, parameters={"recalled": row.pk}, must_write=True, refusal=SuspendedGone
    )
    notice = Notice("info", "recalled", "The sale is back in the cart.", detail={"total": f"{held.total:f}"})
    return Step(again, notice=notice, writes=(write,))
