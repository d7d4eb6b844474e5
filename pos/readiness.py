"""What the till asks of a register before it can sell."""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef
from django.urls import reverse

from hq.models import Device, Register
from hq.services.readiness import Gap, check
from pos.models import RetailTransaction


@check("browser", "Browser activated", position=100)
def browser_activated(registers: Sequence[Register]) -> Mapping[int, Gap]:
    """At least one browser acts as this register.

    One that a manager activated at the till is known by its journal records only: headquarters was not asked.
    """
    devices = Device.objects.filter(register=OuterRef("pk"))
    records = RetailTransaction.objects.filter(register=OuterRef("pk"))
    lacking = Register.objects.filter(
        ~Exists(devices.filter(status=Device.Status.ACTIVE)), Exists(devices) | ~Exists(records)
    )
    without = set(lacking.values_list("pk", flat=True))
    return {
        register.pk: Gap(
            "No browser acts as this register yet. Make a code here and key it in at the till.",
            url=reverse("admin:hq_register_activate", args=[register.pk]),
            action="Activate",
        )
        for register in registers
        if register.pk in without
    }
