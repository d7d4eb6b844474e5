"""A till on a scale unit, and headquarters behind a socket that it asks in the middle of a sale."""

from __future__ import annotations

from typing import Any

from channels_app.models import ChannelDatabase, StorePlacement
from channels_app.services.upload import upload
from hq.models import Store
from tests.channels_app.company import a_store
from tests.channels_app.two_sides import Sides
from tests.scenarios.store import a_shop


class AskingTill:
    """The till's store is known at headquarters, too, and is served by the scale unit that asks."""

    def __init__(self, sides: Sides, database: ChannelDatabase, url: str) -> None:
        self.sides = sides
        self.url = url
        with sides.scale_unit():
            self.till = a_shop()
        self.store = self.till.store.pk
        if not Store.objects.filter(pk=self.store).exists():
            a_store("S9", pk=self.store)
        StorePlacement.objects.update_or_create(store_id=self.store, defaults={"channel_database": database})
        self.far = Store.objects.exclude(placement__channel_database=database).get()

    def run(self, *commands: Any, url: str = "", **more: Any) -> Any:
        """What the cashier does."""
        with self.sides.scale_unit(HEADQUARTERS_URL=url or self.url):
            return self.till.run(*commands, **more)

    def sales_come_up(self) -> None:
        """What the scale unit has concluded arrives at headquarters."""
        with self.sides.scale_unit():
            assert upload()
