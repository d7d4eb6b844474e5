"""Change tracking: one row for each row of master data that a transaction touched, written by triggers."""

from django.db import models

from channels_app.kinds import HeadquartersOnly


class TransactionIdField(models.Field):
    """PostgreSQL's 64-bit transaction id: it grows for the life of a cluster and never wraps."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def get_prep_value(self, value: object) -> str | None:
        return None if value is None else str(value)

    def from_db_value(self, value: object, expression: object, connection: object) -> int | None:
        return None if value is None else int(str(value))


class SnapshotField(models.Field):
    """Which transactions were finished at one moment (pg_snapshot): `xmin:xmax:running`."""

    def db_type(self, connection: object) -> str:
        return "pg_snapshot"

    def from_db_value(self, value: object, expression: object, connection: object) -> str | None:
        return None if value is None else str(value)


class Change(HeadquartersOnly):
    """A row that was touched. What is in it now is read when a package is built.

    A transaction with a smaller id may commit later than one with a greater: a reader asks which changes
    its last snapshot did not see, never which came after the last it saw.
    """

    class Operation(models.TextChoices):
        INSERTED = "I", "Inserted"
        UPDATED = "U", "Updated"
        MOVED = "M", "Updated so that it may belong elsewhere"
        DELETED = "D", "Deleted"
        TRUNCATED = "T", "Everything deleted"

    id = models.BigAutoField(primary_key=True)
    xid = TransactionIdField()
    table = models.CharField(max_length=63)
    key = models.CharField(max_length=200)
    operation = models.CharField(max_length=1, choices=Operation)
    links = models.JSONField(null=True, help_text="Keys of other tables' rows that it concerns, by column.")

    class Meta:
        indexes = [models.Index(fields=["xid"], name="change_by_transaction")]

    def __str__(self) -> str:
        return f"{self.operation} {self.table} {self.key}"


class ForgottenChanges(HeadquartersOnly):
    """Up to which transaction changes have been forgotten: marks from before need full packages."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    before = TransactionIdField(help_text="Changes of transactions before this one are gone.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="one_forgotten_changes_row"),
        ]

    def __str__(self) -> str:
        return f"before {self.before}"
