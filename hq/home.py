"""Headquarters' own lines on the home page: registers that cannot sell yet."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse

from hq import panels
from hq.models import Register, Store
from hq.panels import Notice, Question, Tone
from hq.services.readiness import Checklist, checklists

MOST_STORES = 5


@panels.notices(Question.NEEDS, permission="hq.view_register")
def registers_not_ready(request: HttpRequest) -> Iterator[Notice]:
    """Each store with registers that cannot sell, and what they wait for."""
    registers = Register.objects.filter(is_active=True).select_related("store").order_by("store__number")
    found = checklists(registers)
    waiting: dict[Store, list[Checklist]] = {}
    total: dict[Store, int] = {}
    for register in registers:
        total[register.store] = total.get(register.store, 0) + 1
        if not found[register.pk].is_ready:
            waiting.setdefault(register.store, []).append(found[register.pk])
    for store, lists in list(waiting.items())[:MOST_STORES]:
        steps = dict.fromkeys(step.title for checklist in lists for step in checklist.blocking)
        yield Notice(
            title=_words(store, len(lists), total[store]),
            tone=Tone.ASKS,
            words="not ready",
            detail=f"Open: {', '.join(steps)}.",
            action="See what",
            url=f"{reverse('admin:readiness')}?store={store.pk}",
        )
    if len(waiting) > MOST_STORES:
        yield Notice(
            title=f"{len(waiting) - MOST_STORES} more stores have registers that are not ready",
            tone=Tone.ASKS,
            words="not ready",
            url=reverse("admin:readiness"),
            action="See all",
        )


def _words(store: Store, waiting: int, total: int) -> str:
    if waiting == total == 1:
        return f"{store.name}: its register is not ready"
    if waiting == total:
        return f"{store.name}: none of its {total} registers is ready"
    return f"{store.name}: {waiting} of {total} registers {'is' if waiting == 1 else 'are'} not ready"
