"""Opening the drawer without a sale."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from hq.permissions import Permission
from pos.cart.model import Notice, Outcome
from pos.models import RetailTransaction
from pos.services.documents import Fact, drawer_job, journal_of, plain_document
from pos.services.record import write_record
from pos.services.run_command import Approval
from pos.services.session import Till
from pos.services.writing import Journal


def open_drawer(
    *,
    till: Till,
    request_id: UUID,
    reason: str = "",
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Open the drawer now, and say in the journal who did and why. Raises NotAllowed, NoOpenShift."""
    at = at or timezone.now()

    def make(till: Till) -> tuple[Journal, Notice]:
        till.require_shift()
        standing = replace(till.standing, sequence=till.standing.sequence + 1)
        document = plain_document(
            till,
            standing,
            RetailTransaction.Kind.OPEN_DRAWER,
            at,
            reason=reason.strip()[:120],
            approved_by=approval.manager.staff_id if approval else "",
        )
        station_id = till.register.drawer_station_id
        jobs = (drawer_job(till.register, station_id, document.id),) if station_id else ()
        if not jobs:
            words = "This register has no station: open the drawer with its key."
            notice = Notice("info", "no_station", words)
        elif station_id != till.register.station_id:
            words = "The drawer opens if this register's own station is there. Else use its key."
            notice = Notice("info", "drawer_asked", words)
        else:
            notice = Notice("info", "drawer_opened", "The drawer opens.")
        return journal_of(till, "drawer.opened", document, standing, Fact(document, jobs)), notice

    return write_record(
        till=till,
        request_id=request_id,
        asked=reason,
        permission=Permission.OPEN_DRAWER,
        what="Opening the drawer",
        approval=approval,
        make=make,
        at=at,
    )
