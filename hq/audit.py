"""Who changed what: the histories of all master data and what was done in distribution, the newest first."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Field, ForeignKey, Model, OuterRef, QuerySet, Subquery, Value
from django.urls import NoReverseMatch, reverse
from django.utils.formats import localize
from django.utils.text import Truncator, capfirst

from hq.models import User
from hq.models.history import BASELINE

_FLAGS = {"+": ADDITION, "~": CHANGE, "-": DELETION}
KINDS = {"+": "Added", "~": "Changed", "-": "Deleted"}
_SHOWN_CHANGES = 6


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change of one row: when, by whom (None: the system), what, and the fields it touched."""

    at: datetime
    by: User | None
    kind: str
    thing: str
    name: str
    url: str
    reason: str
    changes: tuple[Change, ...] = ()
    more: int = 0
    own_verb: str = ""

    @property
    def verb(self) -> str:
        """Added, Changed or Deleted; a model may have a word of its own for what is added (`audit_verb`)."""
        return self.own_verb if self.own_verb and self.kind == "+" else KINDS[self.kind]


def audited_models() -> list[type[Model]]:
    """The models whose changes are kept, by their name."""
    found = [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]
    return sorted(found, key=lambda model: str(model._meta.verbose_name))


def noted_models() -> list[type[Model]]:
    """The models of which no states are kept, only who did what: the machinery of distribution."""
    found = [m for m in admin.site._registry if m._meta.app_label == "channels_app"]
    return sorted(found, key=lambda model: str(model._meta.verbose_name))


def _history(model: type[Model]) -> Any:
    return model.history.model  # type: ignore[attr-defined]


def _index(
    models: Iterable[type[Model]], *, by: int | None, kind: str, before: datetime | None
) -> QuerySet[Any]:
    """One query over all histories: which rows come next."""
    parts = []
    for model in models:
        rows = _history(model).objects.order_by().exclude(history_change_reason=BASELINE)
        if by is not None:
            rows = rows.filter(history_user_id=by)
        if kind:
            rows = rows.filter(history_type=kind)
        if before is not None:
            rows = rows.filter(history_date__lt=before)
        label = Value(model._meta.label, output_field=CharField())
        parts.append(rows.values_list(label, "history_id", "history_date"))
    first, *others = parts
    return first.union(*others, all=True) if others else first


def entries(
    *,
    models: Sequence[type[Model]] | None = None,
    by: int | None = None,
    kind: str = "",
    before: datetime | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The last `limit` changes, the newest first: of all models or some, of everybody or one user.

    One query finds them, and two for each model among them fill them in.
    """
    chosen = list(models or [*audited_models(), *noted_models()])
    kept = [model for model in chosen if hasattr(model._meta, "simple_history_manager_attribute")]
    noted = _noted([m for m in chosen if m not in kept], by=by, kind=kind, before=before, limit=limit)
    if not kept:
        return noted
    found = list(
        _index(kept, by=by, kind=kind, before=before).order_by("-history_date", "-history_id")[:limit]
    )
    by_label: dict[str, list[int]] = {}
    for label, history_id, _at in found:
        by_label.setdefault(label, []).append(history_id)
    filled = {label: _filled(apps.get_model(label), ids) for label, ids in by_label.items()}
    shown = [filled[label][history_id] for label, history_id, _at in found if history_id in filled[label]]
    return sorted([*shown, *noted], key=lambda entry: entry.at, reverse=True)[:limit]


def _noted(
    models: Sequence[type[Model]], *, by: int | None, kind: str, before: datetime | None, limit: int
) -> list[Entry]:
    """What people did with rows of which no states are kept, from the admin's own log."""
    types = ContentType.objects.get_for_models(*models) if models else {}
    rows = LogEntry.objects.filter(content_type__in=types.values()).select_related("user", "content_type")
    if by is not None:
        rows = rows.filter(user=by)
    if kind:
        rows = rows.filter(action_flag=_FLAGS[kind])
    if before is not None:
        rows = rows.filter(action_time__lt=before)
    return [_noted_entry(row) for row in rows.order_by("-action_time", "-pk")[:limit]]


def _noted_entry(row: LogEntry) -> Entry:
    model = row.content_type.model_class()
    thing = capfirst(str(model._meta.verbose_name)) if model else "Something"
    url = ""
    if model and not row.is_deletion():
        with suppress(NoReverseMatch):
            url = reverse(
                f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.object_id]
            )
    kind = next(kind for kind, flag in _FLAGS.items() if flag == row.action_flag)
    said = row.get_change_message()
    return Entry(row.action_time, row.user, kind, thing, row.object_repr, url, said)


def _filled(model: type[Model], ids: Sequence[int]) -> dict[int, Entry]:
    history, key = _history(model), model._meta.pk.attname  # type: ignore[union-attr]
    loaded = history.objects.select_related("history_user", *_named_by(model))
    earlier = history.objects.filter(**{key: OuterRef(key)}, history_id__lt=OuterRef("history_id"))
    rows = list(
        loaded.filter(history_id__in=ids).annotate(
            earlier_id=Subquery(earlier.order_by("-history_id").values("history_id")[:1])
        )
    )
    before = loaded.in_bulk([row.earlier_id for row in rows if row.earlier_id])
    return {row.history_id: _entry(model, row, before.get(row.earlier_id)) for row in rows}


def _foreign_keys(model: type[Model]) -> list[ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def _named_by(model: type[Model]) -> list[str]:
    """The relations that the names of a model's rows are made of, and of what these are named by."""
    found = []
    for field in _foreign_keys(model):
        found.append(field.name)
        found += [
            f"{field.name}__{inner.name}"
            for inner in _foreign_keys(field.related_model)
            if inner.name in {"store", "layout", "product", "register"}
        ]
    return found


def _entry(model: type[Model], row: Any, before: Any) -> Entry:
    changes = _changes(model, before, row) if row.history_type == "~" and before is not None else []
    return Entry(
        at=row.history_date,
        by=row.history_user,
        kind=row.history_type,
        thing=capfirst(str(model._meta.verbose_name)),
        name=_name(model, row),
        url=_url(model, row),
        reason=row.history_change_reason or "",
        changes=tuple(changes[:_SHOWN_CHANGES]),
        more=max(0, len(changes) - _SHOWN_CHANGES),
        own_verb=getattr(model, "audit_verb", ""),
    )


def _name(model: type[Model], row: Any) -> str:
    """What the row is called, from what is loaded already."""
    instance = row.instance
    for field in _foreign_keys(model):
        if getattr(row, field.attname, None) is not None:
            setattr(instance, field.name, getattr(row, field.name))
    return str(instance)


def _url(model: type[Model], row: Any) -> str:
    options = model._meta
    if row.history_type == "-":
        return ""
    try:
        pk = getattr(row, options.pk.attname)  # type: ignore[union-attr]
        return reverse(f"admin:{options.app_label}_{options.model_name}_history", args=[pk])
    except NoReverseMatch:  # rows that are edited on the page of their parent
        return ""


def _changes(model: type[Model], before: Any, after: Any) -> list[Change]:
    found = []
    for field in type(after).tracked_fields:
        if getattr(before, field.attname) != getattr(after, field.attname):
            label = capfirst(str(field.verbose_name))
            found.append(Change(label, _shown(field, before), _shown(field, after)))
    return found


def _shown(field: Field, row: Any) -> str:
    value = getattr(row, field.attname)
    if value in (None, "", [], {}):
        return "empty"
    if isinstance(field, ForeignKey):
        return str(getattr(row, field.name) or f"#{value}")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    elif isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    return Truncator(localize(value) if not isinstance(value, str) else value).chars(80)
