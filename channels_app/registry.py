"""What is distributed: each app says in its `distribution.py` which of its tables go down and which come up.

    carry("1040", Barcode)                                    goes wherever its product goes
    carry("1090", Register, **of_stores("store"))             only to the database of its store
    collect("P-0001", "sale.concluded", StockMovement, by="source")

A row that goes down needs what it refers to: a table whose foreign keys point at a table that is cut to
the stores of a database is cut in the same way, without saying so.
"""

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import ForeignKey, Model, Q, QuerySet

from channels_app.kinds import ChannelRecord, MasterData, kind_of

Values = Mapping[str, Sequence]
"""The values of the facets of one channel database: {"store": [1, 2], "currency": ["GBP"], …}."""
Pairs = Callable[[], Iterable[tuple[int, object]]]
Find = Callable[[Sequence[str]], QuerySet]

EVERYTHING = "9999"
EVERY_TOPIC = "*"
JOBS: dict[str, str] = {
    "1010": "Customers",
    "1020": "Prices and discounts",
    "1040": "Products and assortments",
    "1050": "Loyalty",
    "1060": "Staff",
    "1070": "Channel configuration",
    "1080": "Tax",
    "1090": "Registers",
    "1110": "Global configuration",
    EVERYTHING: "All jobs",
    "P-0001": "Channel transactions",
}


def is_upload(job: str) -> bool:
    """Whether a job carries records up: its number starts with a P."""
    return job.startswith("P-")


@dataclass(frozen=True)
class Enters:
    """A change in `source` that lets rows of another table enter or leave a database.

    `column` of the source holds the key of the row concerned; where it is empty, or when no column is named,
    any row may be concerned and the whole table is sent.
    """

    source: type[Model]
    column: str | None = None


@dataclass(frozen=True)
class Carried:
    """One table that goes down, and which of its rows go to which database."""

    job: str
    model: type[Model]
    within: Callable[[Values], Q] | None = None
    facets: tuple[str, ...] = ()
    moved_by: tuple[str, ...] = ()
    enters: tuple[Enters, ...] = ()
    forward_only: bool = False

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @property
    def columns(self) -> tuple[str, ...]:
        return columns_of(self.model)

    @property
    def key(self) -> str:
        return self.model._meta.pk.column

    @property
    def key_type(self) -> str:
        return key_type_of(self.model)

    @property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Foreign keys to other tables that go down."""
        return tuple(
            f
            for f in self.model._meta.concrete_fields
            if isinstance(f, ForeignKey)
            and f.related_model is not self.model
            and kind_of(f.related_model) is MasterData
        )


@dataclass(frozen=True)
class Collected:
    """Records that come up with the events of a topic."""

    job: str
    topic: str
    model: type[Model]
    rows: Find
    replaces: bool = False


@dataclass(frozen=True)
class Forgotten:
    """Records that a channel forgets once headquarters has them and they are old: `by` leads to their moment."""

    model: type[Model]
    by: str


@dataclass
class _Registry:
    facets: dict[str, Pairs] = field(default_factory=dict)
    carried: dict[type[Model], Carried] = field(default_factory=dict)
    collected: list[Collected] = field(default_factory=list)
    forgotten: list[Forgotten] = field(default_factory=list)


_registry = _Registry()


def facet(name: str, pairs: Pairs) -> None:
    """Declare a quality of stores that rows are cut by, as pairs of a store's key and a value."""
    _registry.facets[name] = pairs


def carry(
    job: str,
    *models: type[Model],
    within: Callable[[Values], Q] | None = None,
    facets: Sequence[str] = (),
    moved_by: Sequence[str] = (),
    enters: Sequence[Enters] = (),
    forward_only: bool = False,
) -> None:
    """Carry tables down with a job.

    `within` tells from the values of `facets` which rows a database gets (without it: all whose references are
    there), and never looks at a clock; `moved_by` names columns of the table itself, beside foreign keys, that
    its own `within` or another table's looks at; `enters` names other tables that `within` looks at; what is
    `forward_only` is left out of rollbacks.
    """
    for model in models:
        if kind_of(model) is not MasterData or job not in JOBS or is_upload(job):
            raise ImproperlyConfigured(f"{model._meta.label} cannot be carried by job {job}.")
        if model in _registry.carried:
            raise ImproperlyConfigured(f"{model._meta.label} is carried by two jobs.")
        _registry.carried[model] = Carried(
            job, model, within, tuple(facets), tuple(moved_by), tuple(enters), forward_only
        )


def of_stores(path: str) -> dict:
    """Keyword arguments of `carry` for rows that belong to a store, by the lookup that leads to it."""
    return {"within": lambda values: Q(**{f"{path}__in": values["store"]}), "facets": ("store",)}


def collect(
    job: str,
    topics: str | Sequence[str],
    model: type[Model],
    *,
    by: str = "pk",
    rows: Find | None = None,
    replaces: bool = False,
) -> None:
    """Collect records with the events of some topics, or of every topic.

    Those whose `by` is among the events' subjects, or those that `rows` finds for them. With `replaces` a record
    that headquarters has already is overwritten by the newer one; otherwise records only grow in number.
    """
    if kind_of(model) is not ChannelRecord or job not in JOBS or not is_upload(job):
        raise ImproperlyConfigured(f"{model._meta.label} cannot be collected by job {job}.")
    find = rows or (lambda subjects: model._base_manager.filter(**{f"{by}__in": subjects}))
    for topic in [topics] if isinstance(topics, str) else topics:
        _registry.collected.append(Collected(job, topic, model, find, replaces))


def forget(model: type[Model], *, by: str) -> None:
    """Let a channel delete its own copy of records that headquarters has acknowledged and that are older than the
    setting RECORDS_KEPT; `by` is the lookup of the moment that counts. An empty moment is never old.
    """
    if model not in {entry.model for entry in _registry.collected}:
        raise ImproperlyConfigured(f"{model._meta.label} is collected by no job: it cannot be forgotten.")
    _registry.forgotten.append(Forgotten(model, by))


@lru_cache(maxsize=1)
def _discover() -> _Registry:
    """Read every app's `distribution.py`, once."""
    for config in apps.get_app_configs():
        if importlib.util.find_spec(f"{config.name}.distribution"):
            import_module(f"{config.name}.distribution")
    return _registry


def facets() -> Mapping[str, Pairs]:
    """The facets by name, beside `store` itself."""
    return _discover().facets


@lru_cache(maxsize=1)
def carried() -> tuple[Carried, ...]:
    """All tables that go down, those referred to before those that refer to them."""
    found = _discover().carried
    return tuple(found[model] for model in in_referential_order(found))


@lru_cache(maxsize=1)
def carried_by_name() -> Mapping[str, Carried]:
    return {table.name: table for table in carried()}


def carried_of(model: type[Model]) -> Carried:
    """The entry of a model that goes down."""
    return _discover().carried[model]


def tables_of(jobs: Iterable[str]) -> tuple[Carried, ...]:
    """The tables of some jobs, in referential order; job 9999 has all."""
    wanted = set(jobs)
    return tuple(t for t in carried() if EVERYTHING in wanted or t.job in wanted)


def is_cut(table: Carried) -> bool:
    """Whether different databases get different rows of a table."""
    return table.within is not None or bool(effective_facets(table))


@lru_cache(maxsize=256)
def effective_facets(table: Carried) -> tuple[str, ...]:
    """The facets that decide about a table's rows: its own and those of what it refers to."""
    names = set(table.facets)
    for key in table.foreign_keys:
        names |= set(effective_facets(carried_of(key.related_model)))
    return tuple(sorted(names))


def followed_keys(table: Carried) -> Iterator[ForeignKey]:
    """The foreign keys to tables that are cut: a row goes only where these go."""
    for key in table.foreign_keys:
        if is_cut(carried_of(key.related_model)):
            yield key


@lru_cache(maxsize=256)
def neighbours(table: Carried) -> frozenset[str]:
    """Names of the tables that a table refers to or that refer to it."""
    referred = {key.related_model._meta.db_table for key in table.foreign_keys}
    referring = {t.name for t in carried() if any(k.related_model is table.model for k in t.foreign_keys)}
    return frozenset(referred | referring)


def collected() -> tuple[Collected, ...]:
    """What comes up, and with the events of which topic."""
    return tuple(_discover().collected)


def collected_with(topic: str) -> tuple[Collected, ...]:
    """What comes up with an event of one topic."""
    return tuple(c for c in collected() if c.topic in (EVERY_TOPIC, topic))


def forgotten() -> tuple[Forgotten, ...]:
    """What a channel may forget, those that refer to others before those referred to."""
    found = {entry.model: entry for entry in _discover().forgotten}
    return tuple(found[model] for model in reversed(in_referential_order(found)))


@lru_cache(maxsize=1)
def collected_models() -> tuple[type[Model], ...]:
    """All models that come up, those referred to before those that refer to them."""
    return in_referential_order(dict.fromkeys(c.model for c in collected()))


def in_referential_order(models: Iterable[type[Model]]) -> tuple[type[Model], ...]:
    """Some models, each after those that its foreign keys point at. Raises when they refer in a circle."""
    wanted = set(models)
    done: dict[type[Model], None] = {}

    def visit(model: type[Model], path: tuple[type[Model], ...]) -> None:
        if model in path:
            raise ImproperlyConfigured(f"{model._meta.label} refers to itself by way of other tables.")
        for f in model._meta.concrete_fields:
            is_enforced = isinstance(f, ForeignKey) and f.db_constraint
            if is_enforced and f.related_model in wanted - {model} - done.keys():
                visit(f.related_model, (*path, model))
        done[model] = None

    for model in sorted(wanted, key=lambda m: m._meta.db_table):
        if model not in done:
            visit(model, ())
    return tuple(done)


def columns_of(model: type[Model]) -> tuple[str, ...]:
    """A table's columns in their own order; what the database computes by itself is left out."""
    return tuple(f.column for f in model._meta.concrete_fields if not getattr(f, "generated", False))


def key_type_of(model: type[Model]) -> str:
    """The type of a table's key, without the identity that headquarters gives it."""
    return model._meta.pk.rel_db_type(connection)
