"""What a back-office group may do, as a table that people can read: things down, see / add / change / delete across.

Rows that are edited on the page of another (barcodes with their product) follow that page's right to change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from hq import navigation
from hq.admin.base import Page, RecordPage
from hq.admin.forms import Form
from hq.navigation import Section

ACTIONS = {"view": "See", "add": "Add", "change": "Change", "delete": "Delete"}


@dataclass(frozen=True)
class Thing:
    """A page of the back office and the models whose rows are edited on it alone."""

    section: str
    title: str
    model: type[Model]
    children: tuple[type[Model], ...]
    actions: tuple[str, ...] = tuple(ACTIONS)

    @property
    def key(self) -> str:
        """Its name in the form."""
        return str(self.model._meta.label_lower)


def things() -> list[Thing]:
    """All pages in the sidebar's order, then those that stand in none of its sections."""
    pages = {model: page for model, page in admin.site._registry.items() if isinstance(page, Page)}
    order = list(Section)
    found = []
    for model, page in pages.items():
        section = navigation.section_of(model)
        children = tuple(inline.model for inline in page.get_inlines(None, None) if inline.model not in pages)
        place = order.index(section) if section else len(order)
        title = navigation.title_of(model)
        actions = ("view",) if isinstance(page, RecordPage) else tuple(ACTIONS)
        thing = Thing(section.value if section else "Other", title, model, children, actions)
        found.append((place, title, thing))
    return [thing for _, _, thing in sorted(found, key=lambda row: row[:2])]


def rights_of(group: Group | None) -> set[str]:
    """The group's rights as "model:action"."""
    if group is None or group.pk is None:
        return set()
    rows = group.permissions.values_list("content_type__app_label", "content_type__model", "codename")
    return {f"{app}.{model}:{codename.partition('_')[0]}" for app, model, codename in rows}


def permissions_for(chosen: Iterable[str]) -> list[Permission]:
    """The permissions that stand for rights of the table, those of children included."""
    wanted: set[tuple[type[Model], str]] = set()
    by_key = {thing.key: thing for thing in things()}
    for right in chosen:
        key, _, action = right.partition(":")
        thing = by_key[key]
        wanted.add((thing.model, action))
        wanted |= {(child, "view") for child in thing.children}
        if action == "change":
            wanted |= {(child, each) for child in thing.children for each in ACTIONS}
    types = ContentType.objects.get_for_models(*{model for model, _ in wanted})
    codes = {(types[model].pk, f"{action}_{model._meta.model_name}") for model, action in wanted}
    rows = Permission.objects.filter(content_type__in=types.values())
    return [row for row in rows if (row.content_type_id, row.codename) in codes]


def table(held: Iterable[str], *, name: str = "") -> SafeString:
    """The table of rights: with boxes to tick under a form field's name, or with marks."""
    held = set(held)
    sections: dict[str, list[Mapping[str, Any]]] = {}
    for thing in things():
        rights = [
            (
                action,
                f"{thing.key}:{action}" if action in thing.actions else "",
                f"{thing.key}:{action}" in held,
            )
            for action in ACTIONS
        ]
        sections.setdefault(thing.section, []).append({"title": thing.title, "rights": rights})
    context = {"sections": sections.items(), "actions": ACTIONS.items(), "name": name}
    return render_to_string("hq/rights/_table.html", context)


class RightsTable(forms.Widget):
    """The table as a form's widget."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return table(value or (), name=name)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name))


class GroupForm(Form):
    """A group with its rights."""

    rights = forms.MultipleChoiceField(
        required=False,
        widget=RightsTable,
        label="May",
        help_text="Who may change a thing may also see it.",
    )

    class Meta:
        model = Group
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rights" in self.fields:
            self.fields["rights"].choices = [
                (f"{thing.key}:{action}", "") for thing in things() for action in thing.actions
            ]
            self.initial["rights"] = sorted(rights_of(self.instance))

    def save(self, commit: bool = True) -> Group:
        group: Group = super().save(commit=commit)
        self.chosen = permissions_for(self.cleaned_data.get("rights", ()))
        return group
