"""The way from an empty company to its first sale: a few steps on the home page, which apps above add to."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from hq.models import Device


@dataclass(frozen=True)
class FirstStep:
    """One step: its place, its words, the page where it is done, and whether it is."""

    position: int
    title: str
    detail: str
    page: str  # a URL name
    is_done: Callable[[], bool]


@dataclass(frozen=True)
class ShownStep:
    """A step as the home page shows it; only the next one leads to its page."""

    title: str
    detail: str
    is_done: bool
    url: str


_steps: list[FirstStep] = []


def add_first_step(step: FirstStep) -> None:
    """Show a step on the home page of a company that has not sold yet."""
    if step not in _steps:
        _steps.append(step)


def first_steps() -> list[ShownStep]:
    """The steps in their order; none when all are done."""
    shown: list[ShownStep] = []
    for step in sorted(_steps, key=lambda step: step.position):
        is_next = all(before.is_done for before in shown)
        is_done = step.is_done()
        url = reverse(step.page) if is_next and not is_done else ""
        shown.append(ShownStep(step.title, step.detail, is_done, url))
    return [] if all(step.is_done for step in shown) else shown


add_first_step(
    FirstStep(
        30,
        "Make a browser the till",
        "A code on the register's page activates it; then whoever runs it signs on with the PIN.",
        "admin:hq_register_changelist",
        Device.objects.exists,
    )
)
