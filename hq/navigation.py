"""The sidebar of headquarters: apps add their pages, sections come in the order in which people think.

An app says in its `admin.py` where its pages belong:

    navigation.add(Section.CATALOGUE, Entry.of(Product, icon="inventory_2", position=10))
    navigation.add(Section.DISTRIBUTION, Entry("Overview", "admin:distribution", icon="hub"))

A page is shown to whoever may view it; a section without pages is not shown at all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst


class Section(Enum):
    """The sections of the sidebar, in their order."""

    HOME = ""
    COMPANY = "Company"
    CATALOGUE = "Catalogue"
    PRICES = "Prices and taxes"
    CUSTOMERS = "Customers"
    DISTRIBUTION = "Distribution"
    SALES = "Sales"
    ADMINISTRATION = "Administration"


@dataclass(frozen=True)
class Entry:
    """One page of the sidebar.

    `url` is a URL name, `permission` a Django permission (none: everybody), `position` orders within the
    section, `badge` is called with the request and answers a short text or nothing, `searched` puts the model
    behind it into the search of everything, `parts` are models whose pages belong to this one.
    """

    title: str
    url: str
    icon: str = "chevron_right"
    permission: str = ""
    position: int = 100
    badge: Callable[[HttpRequest], str | None] | None = None
    model: type[Model] | None = field(default=None, compare=False)
    searched: bool = False
    tabs: tuple["Entry", ...] = ()
    parts: tuple[type[Model], ...] = ()

    @classmethod
    def of(
        cls,
        model: type[Model],
        *,
        icon: str = "",
        position: int = 100,
        title: str = "",
        searched: bool = False,
        badge: Callable[[HttpRequest], str | None] | None = None,
    ) -> "Entry":
        """The list page of a model, named after it and shown to whoever may view it."""
        options = model._meta
        return cls(
            title=title or capfirst(str(options.verbose_name_plural)),
            url=f"admin:{options.app_label}_{options.model_name}_changelist",
            icon=icon,
            position=position,
            badge=badge,
            model=model,
            searched=searched,
            permission=f"{options.app_label}.view_{options.model_name}",
        )

    def with_tabs(self, *tabs: "Entry") -> "Entry":
        """The same entry, leading to several lists that are shown as tabs of one page."""
        return replace(self, tabs=tabs)

    def with_parts(self, *parts: type[Model]) -> "Entry":
        """The same entry, under which the pages of these models stand too."""
        return replace(self, parts=parts)

    @property
    def models(self) -> tuple[type[Model] | None, ...]:
        """The models whose pages stand under this entry."""
        return (self.model, *(tab.model for tab in self.tabs), *self.parts)


_entries: dict[Section, list[Entry]] = {section: [] for section in Section}


def add(section: Section, *entries: Entry) -> None:
    """Put pages into a section of the sidebar; the same page twice counts once."""
    for entry in entries:
        if entry not in _entries[section]:
            _entries[section].append(entry)


def entries(section: Section) -> list[Entry]:
    """The pages of a section, in order."""
    return sorted(_entries[section], key=lambda entry: (entry.position, entry.title))


def _addresses(entry: Entry) -> list[str]:
    names = [f"admin:{part._meta.app_label}_{part._meta.model_name}_changelist" for part in entry.parts]
    return [reverse(name) for name in (*(tab.url for tab in entry.tabs), *names)]


def section_of(model: type[Model]) -> Section | None:
    """The section under which a model's list (or the tab that it is) stands."""
    for section, found in _entries.items():
        for entry in found:
            if model in entry.models:
                return section
    return None


def title_of(model: type[Model]) -> str:
    """What the list of a model is called: as its entry in the sidebar, or by its plural."""
    for found in _entries.values():
        for entry in found:
            if entry.model is model and not entry.tabs:
                return entry.title
    return capfirst(str(model._meta.verbose_name_plural))


def may_see(request: HttpRequest, entry: Entry) -> bool:
    """Whether the person may open the page (who may change a thing may see it)."""
    if not entry.permission:
        return True
    app, _, codename = entry.permission.partition(".")
    changing = f"{app}.{codename.replace('view_', 'change_', 1)}"
    return request.user.has_perm(entry.permission) or request.user.has_perm(changing)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar as Unfold wants it, with what this person may see."""
    groups = []
    here = _entry_of(request)
    for section in Section:
        seen = [entry for entry in entries(section) if may_see(request, entry)]
        items = [_item(request, entry, is_active=entry is here) for entry in seen]
        if items:
            separator = section is not Section.HOME
            groups.append({"title": section.value, "separator": separator, "items": items})
    return groups


def _entry_of(request: HttpRequest) -> Entry | None:
    """The entry under which this page stands: that with the longest address which the page's begins with."""
    home = reverse("admin:index")
    addresses = [
        (address, entry)
        for found in _entries.values()
        for entry in found
        for address in (reverse(entry.url), *_addresses(entry))
        if (request.path == home if address == home else request.path.startswith(address))
    ]
    return max(addresses, key=lambda pair: len(pair[0]), default=("", None))[1]


def _item(request: HttpRequest, entry: Entry, *, is_active: bool) -> dict[str, Any]:
    item = {"title": entry.title, "icon": entry.icon, "link": reverse(entry.url), "active": is_active}
    badge = entry.badge(request) if entry.badge else None
    if badge:
        item["badge"] = badge
    return item


def tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs above the lists of entries that have them, as Unfold wants them."""
    return [
        {
            "models": [tab.model._meta.label_lower for tab in entry.tabs if tab.model],
            "items": [
                {"title": tab.title, "link": reverse(tab.url), "permission": partial(may_see, entry=tab)}
                for tab in entry.tabs
            ],
        }
        for found in _entries.values()
        for entry in found
        if entry.tabs
    ]


def searched_models(request: HttpRequest) -> list[str]:
    """The models that the search of everything looks through."""
    return [
        entry.model._meta.label
        for found in _entries.values()
        for entry in found
        if entry.searched and entry.model is not None and apps.is_installed(entry.model._meta.app_config.name)
    ]
