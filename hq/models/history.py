"""Who changed what: every row of master data keeps its earlier states, at headquarters."""

from collections.abc import Sequence

from simple_history.models import HistoricalRecords

from channels_app.kinds import HeadquartersOnly


def keep_history(*, without: Sequence[str] = ()) -> HistoricalRecords:
    """Keep each state of a row with who made it and when; fields in `without` (secrets) are left out.

    The history stays at headquarters: it is never part of a package, and `SIMPLE_HISTORY_ENABLED` is off
    where packages are applied.
    """
    return HistoricalRecords(bases=[HeadquartersOnly], excluded_fields=list(without))
