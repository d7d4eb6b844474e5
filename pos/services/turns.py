"""Two hands on one register: the quicker one goes first, and the other holds the cart before it looks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction

from channels_app.statements import run_statement
from pos.errors import CartChangedElsewhere
from pos.services.session import Till, till_by_ids

Answer = TypeVar("Answer")

_HOLD = "SELECT version FROM pos_storedcart WHERE register_id = %(register)s FOR UPDATE"
_COUNTING = 0x7111_0011  # advisory lock class: the tills of a store count what they share one after another
_ALONE = "SELECT pg_advisory_xact_lock(%(kind)s::int, %(store)s::int)"


def in_turn(till: Till, request_id: UUID, attempt: Callable[[Till], Answer]) -> Answer:
    """What `attempt` answers from the till as it is; made once more when other hands were faster.

    The first attempt holds nothing and costs one statement. Who loses waits for the cart's row in line with the
    others, and works from what is there then: nobody can be faster a second time, however many hands there are.
    """
    try:
        return attempt(till)
    except CartChangedElsewhere:
        worker = till.require_worker()
    with transaction.atomic():
        run_statement(_HOLD, {"register": till.register.id})
        return attempt(till_by_ids(register_id=till.register.id, worker_id=worker.id, request_id=request_id))


def alone_in_store(store: int) -> None:
    """Wait for the store's other tills that count what they share; what they wrote is seen, and they wait for this one.

    It holds until the step is written, so it needs the transaction of a second attempt: the first one ends here, with
    CartChangedElsewhere.
    """
    if not connection.in_atomic_block:
        raise CartChangedElsewhere()
    run_statement(_ALONE, {"kind": _COUNTING, "store": store}, prepare=False)
