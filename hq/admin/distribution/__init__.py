"""The back office's pages of channel data exchange. Importing this package registers them."""

from hq import navigation
from hq.admin.distribution import notices, packages, places, quarantine, schedules  # noqa: F401
from hq.navigation import Entry, Section

navigation.add(
    Section.DISTRIBUTION,
    Entry(
        "Overview",
        "admin:distribution",
        icon="hub",
        position=0,
        permission="channels_app.view_channeldatabase",
    ),
)
