"""Long lists: rows are written a thousand at a time, each with its history."""

from typing import Any

from hq.admin.sheet import Sheet
from hq.models.bulk import create_in_bulk, update_in_bulk


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
            create_in_bulk(self._meta.model, rows)

    def bulk_update(self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any) -> None:
        """Write the changed rows that wait."""
        rows = self._taken(self.update_instances)
        if rows and not dry_run:
            update_in_bulk(self._meta.model, rows)

    def _taken(self, waiting: list[Any]) -> list[Any]:
        rows = list(waiting)
        waiting.clear()
        self._waiting -= {id(row) for row in rows}
        return rows
