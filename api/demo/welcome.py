"""How a newcomer gets in: the text, kept in a file because codes and passwords can be read only once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from api import usual
from api.demo import company
from hq.models import ActivationCode, Device, Register
from hq.services.activation import LIFETIME, code_hash, issue_activation_code

# The embedded mode is one person's own machine: there the codes may wait until they are wanted.
EMBEDDED_LIFETIME = timedelta(days=365)
A_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
SPENT = "(spent)"


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
    users = [username for username, *_ in company.BACK_OFFICE]
    text = "\n".join([_back_office(users, password), "", *_stores(pins), ""])
    _keep(text)
    return text


def write_first_user(username: str, password: str) -> None:
    """Write down who signs in at the headquarters of a company of one's own, and where it begins."""
    _keep(f"{_back_office([username], password)}\n{'':18}its home page leads to the first sale\n")


def strike_out_spent() -> None:
    """Put "(spent)" in the place of each code in the text that a browser has used or another code has replaced."""
    before = text = welcome_text()
    codes = {code_hash(code): code for code in A_CODE.findall(text)}
    if not codes:
        return
    spent = Q(used_at__isnull=False) | Q(expires_at__lte=timezone.now())
    for each in ActivationCode.objects.filter(spent, code_hash__in=codes):
        code = codes[each.code_hash]
        text = text.replace(code, SPENT.ljust(len(code)))
    if text != before:
        _keep(text)


def _keep(text: str) -> None:
    path = welcome_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _back_office(usernames: Iterable[str], password: str) -> str:
    return f"Back office       {' or '.join(usernames)}, password {password}"


def _stores(pins: Mapping[str, str]) -> list[str]:
    """A line for each store: who signs on there, and the codes that make a browser one of its registers."""
    codes = _codes()
    lines = [
        _row(
            "At the tills",
            list(usual.ROLES),
            ["activation codes of registers 1, 2, 3, each for one browser"],
        )
    ]
    for plan in company.STORES:
        workers = [worker for worker in company.WORKERS if worker.store == plan.number]
        names = [
            f"{worker.staff_id} {worker.name.split()[0]}"
            for role in usual.ROLES
            for worker in workers
            if worker.role == role
        ]
        lines.append(_row(f"  {plan.name}", names, codes[plan.number]))
    return [*lines, _row("  PIN", [pins[role] for role in usual.ROLES], [])]


def _row(name: str, people: Iterable[str], codes: Iterable[str]) -> str:
    return f"{name:<18}{''.join(f'{person:<15}' for person in people)}{'  '.join(codes)}".rstrip()


def _codes() -> dict[str, list[str]]:
    """A fresh code for every register of the demo stores that no browser is yet, by store."""
    lifetime = EMBEDDED_LIFETIME if getattr(settings, "EMBEDDED", False) else LIFETIME
    active = set(Device.objects.filter(status=Device.Status.ACTIVE).values_list("register_id", flat=True))
    codes: dict[str, list[str]] = {plan.number: [] for plan in company.STORES}
    registers = Register.objects.filter(store__number__in=codes, is_active=True).select_related("store")
    for register in registers.order_by("number"):
        code = (
            SPENT
            if register.pk in active
            else issue_activation_code(register=register, by=None, lifetime=lifetime).code
        )
        codes[register.store.number].append(code)
    return codes
