"""What scale units tell headquarters of their stations."""

import msgspec

from channels_app.exchange.wire import as_shape
from channels_app.models import ChannelDatabase
from channels_app.questions import answers
from hardware.services.reports import take_reports
from hardware.standing import Reports


@answers("stations")
def stations(database: ChannelDatabase, said: dict) -> dict:
    """Keep how the stations of this scale unit stand; say what is wanted of them."""
    reports = as_shape(said, Reports, strict=False)
    return msgspec.to_builtins(take_reports(database, reports))
