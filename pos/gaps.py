"""Numbers that are missing at headquarters: each register counts its records, so a hole can be seen and explained."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from channels_app.models import QuarantinedRecord
from hq.models import Register
from pos.models import RetailTransaction


@dataclass(frozen=True)
class NumberGap:
    """Records `first` to `last` of a register's epoch that headquarters lacks, between two that it has.

    `before` and `after` are when the neighbours were concluded; `quarantined` are those of the missing ones that
    wait in quarantine.
    """

    register: Register
    epoch: int
    first: int
    last: int
    before: datetime | None
    after: datetime
    quarantined: Sequence[QuarantinedRecord] = ()

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    @property
    def is_explained(self) -> bool:
        """Whether all of them wait in quarantine."""
        return len(self.quarantined) == self.count


_GAPS = """
    SELECT register_id, epoch, coalesce(previous, 0) + 1, sequence - 1, before, concluded_at
      FROM (SELECT register_id, epoch, sequence, concluded_at,
                   lag(sequence) OVER numbers AS previous, lag(concluded_at) OVER numbers AS before
              FROM pos_retailtransaction WHERE business_date >= %(since)s
            WINDOW numbers AS (PARTITION BY register_id, epoch ORDER BY sequence)) counted
     WHERE sequence <> coalesce(previous, 0) + 1 AND (previous IS NOT NULL OR %(from_the_beginning)s)
     ORDER BY concluded_at DESC
"""


def number_gaps(*, since: date | None = None) -> list[NumberGap]:
    """The holes in all registers' numbers, the newest first: all, or those between records of the days from `since` on.

    Records come up in the register's order, so what is missing before one that is here did not come, or waits in
    quarantine.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, {"since": since or date.min, "from_the_beginning": since is None})
        found = cursor.fetchall()
    registers = Register.objects.select_related("store").in_bulk({row[0] for row in found})
    aside = _quarantined() if found else {}
    return [
        NumberGap(
            registers[register], epoch, first, last, before, after,
            [record for number, record in aside.get((register, epoch), {}).items() if number in range(first, last + 1)],
        )
        for register, epoch, first, last, before, after in found
        if register in registers
    ]  # fmt: skip


def _quarantined() -> dict[tuple[int, int], dict[int, QuarantinedRecord]]:
    """The journal records in quarantine: by register and epoch, then by number."""
    table = RetailTransaction._meta.db_table
    found: dict[tuple[int, int], dict[int, QuarantinedRecord]] = defaultdict(dict)
    for record in QuarantinedRecord.objects.filter(resolved_at=None, rows__has_key=table):
        for row in record.rows[table]:
            if {"register_id", "epoch", "sequence"} <= row.keys():
                found[row["register_id"], row["epoch"]][row["sequence"]] = record
    return found
