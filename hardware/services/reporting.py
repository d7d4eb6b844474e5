"""A scale unit tells headquarters how its stations stand: digests first, and then only what is news there.

Nothing is remembered of what was told before: headquarters compares, so whatever was lost is told again.
"""

import hashlib
import logging
from typing import Any

import msgspec
from django.core.cache import cache

from channels_app.errors import DomainError
from channels_app.services.contact import ask_headquarters
from hardware.services.standings import standings
from hardware.standing import Reports, Wanted

log = logging.getLogger(__name__)

AT_LEAST_EVERY = 25  # seconds: so that headquarters knows how old what it knows is
AT_ONCE = 100
_TOLD = "hardware.reporting.told"


def report_stations() -> int:
    """Tell headquarters what is news, or that nothing is; how many standings it wanted. It may be away."""
    here = standings()
    digests = {station: standing.digest for station, standing in here.items()}
    summary = hashlib.sha256(msgspec.json.encode(sorted(digests.items()))).hexdigest()
    if cache.get(_TOLD) == summary:
        return 0
    try:
        wanted = [station for station in _tell(Reports(digests=digests)).want if station in here]
        for first in range(0, len(wanted), AT_ONCE):
            batch = wanted[first : first + AT_ONCE]
            _tell(Reports(standings={station: here[station] for station in batch}))
    except DomainError as error:
        log.info("Headquarters did not hear of the stations: %s", error)
        return 0
    cache.set(_TOLD, summary, AT_LEAST_EVERY)
    return len(wanted)


def _tell(reports: Reports) -> Wanted:
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    response = ask_headquarters("POST", "stations/", content=msgspec.json.encode(reports), headers=headers)
    return msgspec.json.decode(response.content, type=Wanted)
