"""What belongs to a row of a sheet besides its own columns, in one cell each, with `;` between its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db.models import Model

from hq.admin.sheet import Field, Named, Sheet, say_what_to_enter, text_of

SEPARATOR = ";"


def split(text: str) -> list[str]:
    """The parts of a cell."""
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def joined(parts: Iterable[str]) -> str:
    """A cell of these parts."""
    return f"{SEPARATOR} ".join(parts)


def read_parts(text: str, form: re.Pattern[str], otherwise: str) -> Iterator[tuple[Any, ...]]:
    """What each part of a cell says by its form. Raises ValueError with `otherwise`."""
    for part in split(text):
        said = form.fullmatch(part)
        if said is None:
            raise ValueError(f"“{part}” {otherwise}")
        yield said.groups()


class Cell(Protocol):
    """How rows of one relation stand in a cell."""

    relation: str
    to: Sequence[str]  # the references of its rows, which are sound

    def own(self, rows: Iterable[Any]) -> list[Any]:
        """Those of the relation's rows that stand in this cell."""

    def write(self, rows: Iterable[Any]) -> str:
        """The cell of these rows."""

    def read(self, text: str, named: dict[str, Named]) -> list[Any]:
        """The rows that a cell says; `named` keeps what there is for the next row. Raises ValueError."""


class Rows:
    """A cell in which all rows of its relation stand."""

    to: Sequence[str] = ()

    def own(self, rows: Iterable[Any]) -> list[Any]:
        return list(rows)


class Names:
    """Rows that name something by its code, such as stores: 001; 002.

    Of a relation whose rows name this or that, the cell has those that name this and nothing of `unless`. `also` says
    what a row names with it.
    """

    def __init__(
        self,
        rows: type[Model],
        relation: str,
        to: str,
        code: str,
        *,
        unless: Sequence[str] = (),
        also: Callable[[Any], dict[str, Any]] | None = None,
    ) -> None:
        self.relation, self.to = relation, [to]
        self._rows, self._name, self._code, self._unless, self._also = rows, to, code, unless, also
        self._model = rows._meta.get_field(to).related_model

    def own(self, rows: Iterable[Any]) -> list[Any]:
        return [
            row
            for row in rows
            if getattr(row, f"{self._name}_id") is not None
            and all(getattr(row, f"{other}_id") is None for other in self._unless)
        ]

    def write(self, rows: Iterable[Any]) -> str:
        """The codes in their order."""
        return joined(sorted(str(getattr(getattr(row, self._name), self._code)) for row in rows))

    def read(self, text: str, named: dict[str, Named]) -> list[Any]:
        """What a cell names, each once. Raises ValueError."""
        there_is = named.setdefault(self._name, Named(self._model, self._code))
        found = {one.pk: one for part in split(text) if (one := there_is.clean(part))}
        return [
            self._rows(**{self._name: one}, **(self._also(one) if self._also else {}))
            for one in found.values()
        ]


class Cells:
    """The cells of an owner, by their columns; its rows say in `owner` whose they are."""

    def __init__(self, owner: str, cells: Mapping[str, Cell]) -> None:
        self._owner, self._cells = owner, cells
        self.prefetched = sorted(
            {f"{cell.relation}__{name}" for cell in cells.values() for name in cell.to}
            | {cell.relation for cell in cells.values() if not cell.to}
        )

    def said_of(self, one: Any) -> dict[str, str]:
        """The cells of an owner as they were when they were first asked for, and what `note` added."""
        if not hasattr(one, "_said"):
            one._said = {
                column: cell.write(cell.own(getattr(one, cell.relation).all()) if one.pk else [])
                for column, cell in self._cells.items()
            }
        said: dict[str, str] = one._said
        return said

    def read(
        self, row: Any, already: Mapping[str, str], named: dict[str, Named]
    ) -> tuple[dict[str, list[Any]], dict[str, str]]:
        """What the cells of a row say, by column, and what is wrong with the others.

        Empty ones say nothing, nor do those that say what the owner has already.
        """
        found: dict[str, list[Any]] = {}
        errors: dict[str, str] = {}
        for column, cell in self._cells.items():
            text = text_of(row.get(column))
            if text in ("", already.get(column)):
                continue
            try:
                found[column] = cell.read(text, named)
                for one in found[column]:
                    one.clean_fields(exclude=[self._owner, *cell.to])
            except ValidationError as error:
                say_what_to_enter(error, type(one))
                errors[column] = " ".join(error.messages)
            except ValueError as error:
                errors[column] = str(error)
        return found, errors

    def note(self, one: Any, found: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """What of it is new to the owner, which says it from now on."""
        said = self.said_of(one)
        texts = {column: self._cells[column].write(rows) for column, rows in found.items()}
        one._said = said | texts
        return {column: found[column] for column, text in texts.items() if said[column] != text}

    def write(self, one: Any, found: Mapping[str, list[Any]]) -> None:
        """Give an owner what these cells say, each as a whole."""
        for column, rows in found.items():
            cell = self._cells[column]
            manager = getattr(one, cell.relation)
            manager.filter(pk__in=[row.pk for row in cell.own(manager.all())]).delete()
            for row in rows:
                setattr(row, self._owner, one)
            manager.bulk_create(rows)


class CellField(Field):
    """A cell of what belongs to a row, or to what the row names in `of`."""

    def __init__(self, cells: Cells, column: str, of: str | None = None) -> None:
        super().__init__(of or "pk", column, readonly=True)
        self._cells, self._of = cells, of

    def get_value(self, instance: Any) -> str:
        if self._of is None:
            return self._cells.said_of(instance)[self.column_name]
        if getattr(instance, f"{self._of}_id") is None:
            return ""
        return self._cells.said_of(getattr(instance, self._of))[self.column_name]


class CellSheet(Sheet):
    """A sheet of rows that are known by `import_id_fields`, with cells of what belongs to them."""

    cells: Cells
    twins: str  # what is said where two rows are there already by the same name

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related(*self.cells.prefetched)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self._named: dict[str, Named] = {}

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """The row that is there by that name. Raises ValidationError where two are."""
        try:
            said = {name: self.read(name, row) for name in self.get_import_id_fields()}
        except ValueError:
            return None  # said of its column
        found = list(self.get_queryset().filter(**said)[:2])
        if len(found) > 1:
            raise ValidationError({self.get_import_id_fields()[-1]: self.twins})
        return found[0] if found else None

    def keeps_constraints(self, instance: Any) -> bool:
        """What the database would refuse is looked at before, with the cells."""
        return True

    def take_cells(self, instance: Any, row: Any) -> tuple[dict[str, list[Any]], dict[str, str]]:
        """What the row's cells say anew, kept until the row is saved, and what is wrong with the others."""
        found, errors = self.cells.read(row, self.cells.said_of(instance), self._named)
        self._found = self.cells.note(instance, found)
        return self._found, errors

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Give it what the row's cells say."""
        self.cells.write(instance, self._found)
