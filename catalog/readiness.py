"""What a register needs of the catalogue: something to sell."""

from collections.abc import Mapping, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import AssortmentStore, Product
from hq.models import Register
from hq.services.readiness import Gap, check


@check("assortment", "Goods to sell", position=50)
def goods_to_sell(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """An assortment with something in it, in force today."""
    today = timezone.localdate()
    running = Q(assortment__starts_on=None) | Q(assortment__starts_on__lte=today)
    running &= Q(assortment__ends_on=None) | Q(assortment__ends_on__gt=today)
    offering = set(
        AssortmentStore.objects.filter(running, assortment__lines__is_excluded=False).values_list(
            "store_id", flat=True
        )
    )
    if not Product.objects.filter(is_blocked=False).exists():
        offering = set()
    return {
        register.pk: Gap(
            f"{register.store.name} offers nothing. Give it an assortment with products or categories in it.",
            url=reverse("admin:hq_store_change", args=[register.store_id]) + "#assortments",
            action="Add",
        )
        for register in registers
        if register.store_id not in offering
    }
