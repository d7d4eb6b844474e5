"""How a newcomer gets in: the text, kept in a file because codes and passwords can be read only once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from api.demo import company
from hq.models import Device, Register, Store
from hq.services.activation import LIFETIME, issue_activation_code

# The embedded mode is one person's own machine: there the codes may wait until they are wanted.
EMBEDDED_LIFETIME = timedelta(days=365)


def welcome_path() -> Path:
    """Where the text is kept, in the data folder of headquarters."""
    return Path(settings.DATA_DIR) / "welcome.txt"


def welcome_text() -> str:
    """The text as it was last written; empty before."""
    path = welcome_path()
    return path.read_text(encoding="utf-8") if path.exists() else ""


def write_welcome(*, password: str, pins: Mapping[str, str]) -> str:
    """Give every register without a browser a fresh activation code, write the text down and return it.

    The file holds secrets: only its owner may read it.
    """
    text = "\n".join([*_back_office(password), "", *_workers(pins), "", *_registers(), ""])
    path = welcome_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
    return text


def _back_office(password: str) -> list[str]:
    names = " or ".join(username for username, *_ in company.BACK_OFFICE)
    return [f"Back office    {names}, password {password}"]


def _workers(pins: Mapping[str, str]) -> list[str]:
    lines = ["At the tills   (ID, name, role; PIN)"]
    for plan in company.STORES:
        lines.append(f"  {plan.name}")
        lines += [
            f"    {worker.staff_id}  {worker.name:<16} {worker.role:<14} PIN {pins[worker.role]}"
            for worker in company.WORKERS
            if worker.store == plan.number
        ]
    return lines


def _registers() -> list[str]:
    lifetime = EMBEDDED_LIFETIME if getattr(settings, "EMBEDDED", False) else LIFETIME
    active = set(Device.objects.filter(status=Device.Status.ACTIVE).values_list("register_id", flat=True))
    lines = ["Activation     open Cloud POS in a browser and give it one of these codes"]
    stores = Store.objects.filter(number__in=[plan.number for plan in company.STORES])
    for register in Register.objects.filter(store__in=stores, is_active=True).select_related("store"):
        if register.pk in active:
            code = "activated"
        else:
            code = issue_activation_code(register=register, by=None, lifetime=lifetime).code
        lines.append(f"    {register.store.name:<16} {register.name:<12} {code}")
    return lines
