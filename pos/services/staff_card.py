"""Signing on with a staff card: a swipe at the station is kept for a moment, and the register's page takes it up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from channels_app.errors import DomainError
from hq.models import Worker
from hq.models.worker import card_digest
from pos.config import RegisterConfig, WorkerView
from pos.models import CardSwipe
from pos.services.session import Till
from pos.services.sign_on import begin_sign_on, refuse_while_locked

GOOD_FOR = timedelta(seconds=15)


class StaffCardRefused(DomainError):
    code = "staff_card_refused"
    message = "{why} Sign on with your ID and PIN, or ask a manager."


def worker_of_card(config: RegisterConfig, code: str) -> WorkerView | None:
    """Whose staff card that is; None for a card that is nobody's. Raises StaffCardRefused where it is not good here."""
    worker = Worker.objects.filter(card=card_digest(code)).first()
    if worker is None:
        return None
    view = config.workers.get(worker.pk)
    if view is None or not worker.is_active:
        raise StaffCardRefused(why=f"This staff card is not good in {config.store.name}.")
    return view


def note_swipe(config: RegisterConfig, code: str, swipe: UUID) -> WorkerView:
    """Keep that somebody's staff card was swiped at this register. Raises StaffCardRefused, LockedOut."""
    worker = worker_of_card(config, code)
    if worker is None:
        raise StaffCardRefused(why="This is no staff card in use.")
    refuse_while_locked(config, worker.staff_id)
    now = timezone.now()
    CardSwipe.objects.filter(swiped_at__lt=now - GOOD_FOR).delete()
    CardSwipe.objects.create(id=swipe, register_id=config.id, worker_id=worker.id, swiped_at=now)
    return worker


def sign_on_by_card(*, till: Till, swipe: UUID | None) -> str:
    """Sign on whoever has just swiped a card at this register's reader; each swipe is good once, for 15 seconds.

    Returns the sign-on's token. Raises StaffCardRefused, also where the store wants the PIN after the card.
    """
    if till.register.functions.staff_card_needs_pin:
        raise StaffCardRefused(why="Here the PIN follows the card.")
    with transaction.atomic():
        taken = CardSwipe.objects.select_for_update().filter(
            pk=swipe, register=till.register.id, swiped_at__gt=timezone.now() - GOOD_FOR
        )
        found = taken.first()
        worker = till.register.workers.get(found.worker_id) if found else None
        if found is None or worker is None:
            raise StaffCardRefused(why="That was a while ago: swipe the card again.")
        found.delete()
        return begin_sign_on(till, worker)
