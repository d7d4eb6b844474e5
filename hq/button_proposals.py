"""Buttons proposed for a screen layout: an app above knows what sells, and registers how it proposes here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from hq.button_operations import SELLS_PRODUCT
from hq.models import Button, ButtonGrid, ScreenLayout

MOST_ON_A_TAB = 20  # what a till on a tablet shows without scrolling


@dataclass(frozen=True)
class ProposedTab:
    """A tab's name, and the products that shall be on it by primary key, the first ones first."""

    name: str
    products: Sequence[int]


@dataclass(frozen=True)
class NewButtons:
    """A proposed tab as it would be: its buttons, those that are there already first, and how many are new."""

    name: str
    buttons: Sequence[Button]
    added: int


Propose = Callable[[ScreenLayout], Iterable[ProposedTab]]
_proposers: list[Propose] = []


def provide(propose: Propose) -> None:
    """Register a function that proposes tabs for a layout."""
    if propose not in _proposers:
        _proposers.append(propose)


def new_buttons(layout: ScreenLayout) -> list[NewButtons]:
    """What is proposed for the layout and not there yet: unsaved buttons behind those of the tab of that name."""
    there: dict[str, list[Button]] = {}
    for button in Button.objects.filter(grid__layout=layout).select_related("grid"):
        there.setdefault(button.grid.name, []).append(button)
    tabs: dict[str, ProposedTab] = {}
    for propose in _proposers:
        for tab in propose(layout):
            tabs.setdefault(tab.name, tab)  # of several of one name the first
    found = []
    for tab in tabs.values():
        own = there.get(tab.name, [])
        placed = {button.product_id for button in own}
        added = [pk for pk in tab.products if pk not in placed][: max(MOST_ON_A_TAB - len(own), 0)]
        if added:
            fresh = [Button(operation=SELLS_PRODUCT, product_id=pk) for pk in added]
            found.append(NewButtons(tab.name, [*own, *fresh], len(added)))
    return found


@transaction.atomic
def add_buttons(layout: ScreenLayout, names: Iterable[str]) -> int:
    """Add what is proposed for these tabs, and the tabs that are not there; return the number of new buttons."""
    ScreenLayout.objects.select_for_update().get(pk=layout.pk)  # two people at once: each button once
    wanted, total = set(names), 0
    for tab in new_buttons(layout):
        if tab.name not in wanted:
            continue
        last = layout.grids.aggregate(last=Max("position"))["last"] or 0
        grid, _ = ButtonGrid.objects.get_or_create(
            layout=layout, name=tab.name, defaults={"position": last + 1}
        )
        behind = max((button.position for button in tab.buttons if button.pk), default=0)
        for place, button in enumerate(tab.buttons[-tab.added :], start=behind + 1):
            button.grid, button.position = grid, place
            button.save()
        total += tab.added
    return total
