"""Long lists: rows are written a thousand at a time, each with its history."""

from typing import Any

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from hq.admin.exchange import Sheet
from hq.models.history import keep_baselines


class BulkSheet(Sheet):
    """A sheet of rows that say all by themselves, so that none has to be in the database before the next is read.

    Its `Meta` sets `use_bulk`. What is wrong with a row is found by its checks; nothing is left for the database.
    """

    writes_to_look = False

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Nothing waits yet."""
        self._waiting: set[int] = set()  # by identity: two rows may speak of one thing
        super().before_import(dataset, **kwargs)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Let it wait to be written, once."""
        if id(instance) in self._waiting:
            self.after_save_instance(instance, row, **kwargs)
            return
        self._waiting.add(id(instance))
        super().save_instance(instance, is_create, row, **kwargs)

    def bulk_create(self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any) -> None:
        """Write the new rows that wait."""
        rows = self._taken(self.create_instances)
        if rows and not dry_run:
            bulk_create_with_history(rows, self._meta.model)

    def bulk_update(self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any) -> None:
        """Write the changed rows that wait."""
        rows = self._taken(self.update_instances)
        if rows and not dry_run:
            model, found_by = self._meta.model, {self._meta.model._meta.pk.name, *self.get_import_id_fields()}
            keep_baselines(model, [row.pk for row in rows])
            fields = [field.name for field in model._meta.concrete_fields if field.name not in found_by]
            bulk_update_with_history(rows, model, fields)

    def _taken(self, waiting: list[Any]) -> list[Any]:
        rows = list(waiting)
        waiting.clear()
        self._waiting -= {id(row) for row in rows}
        return rows
