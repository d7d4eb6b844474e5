"""What the back office's own pages read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from hq.models import Currency, LegalEntity, Register, ScreenLayout, Store, Worker


@dataclass(frozen=True)
class FirstStep:
    """One step from an empty company to a store that can be filled with registers."""

    title: str
    detail: str
    url: str
    is_done: bool


_FIRST_STEPS: Sequence[tuple[type[Any], str, str]] = (
    (Currency, "Add the currency", "What your stores sell in, with its notes and coins."),
    (LegalEntity, "Add the company", "Its name, country and tax number, as printed on receipts."),
    (ScreenLayout, "Make a screen layout", "The tabs and buttons of the tills."),
    (Store, "Open the first store", "Where it is, and what its registers share."),
    (Register, "Add a register", "The till that a browser will be activated as."),
    (Worker, "Add a worker", "Who signs on there, with a staff ID and a PIN."),
)


def first_steps(request: HttpRequest) -> list[FirstStep]:
    """The way from nothing to a store, while it is not walked to its end; afterwards nothing."""
    steps = []
    for model, title, detail in _FIRST_STEPS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_add"
        steps.append(FirstStep(title, detail, reverse(name), model._default_manager.exists()))
    return [] if all(step.is_done for step in steps) else steps
