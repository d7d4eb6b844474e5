"""Comparing a channel database with headquarters, table by table."""

from dataclasses import dataclass

from channels_app.channel_client import ChannelClient
from channels_app.checksums import Checksum, checksum_in_scope
from channels_app.marks import one_moment
from channels_app.models import ChannelDatabase
from channels_app.plan import Planner
from channels_app.registry import carried


@dataclass(frozen=True)
class Difference:
    """One table: what headquarters says the channel should have, what it has, and what is on its way anyway."""

    table: str
    wanted: Checksum
    found: Checksum | None
    is_pending: bool

    @property
    def is_equal(self) -> bool:
        return self.found == self.wanted


def compare(database: ChannelDatabase) -> list[Difference]:
    """Every table's checksum here and there. A table that changed since the last package is pending, not wrong.

    Raises Unavailable when the scale unit cannot be reached.
    """
    tables = {table.name: list(table.columns) for table in carried()}
    answer = ChannelClient(database.scale_unit).checksums(tables)["tables"]
    found = {name: Checksum(**said) for name, said in answer.items()}
    with one_moment() as moment:
        planner = Planner(moment, [ChannelDatabase.objects.get(pk=database.pk)])
        plan = planner.plan(planner.databases[0], ["9999"])
        pending = {t.table.name for t in plan.tables}
        return [
            Difference(t.name, checksum_in_scope(t, plan.scope), found.get(t.name), t.name in pending)
            for t in carried()
        ]
