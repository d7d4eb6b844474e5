"""A channel database beside headquarters', and the settings of either side, in one process."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connections

from bench.services import new_databases
from channels_app.models import ExchangeState
from channels_app.services.preparation import prepare_tables
from channels_app.signatures import new_keys
from config.embedded.services import PostgresServer


@dataclass
class Sides:
    """Headquarters is the default; `channel` plays the scale unit."""

    headquarters: Any
    scale_unit: Any

    @contextmanager
    def channel(self) -> Iterator[Any]:
        connections["default"], settings.ROLE = self.scale_unit, "scale_unit"
        try:
            yield self.scale_unit
        finally:
            connections["default"], settings.ROLE = self.headquarters, "headquarters"

    def url(self, name: str = "channel") -> str:
        """Where one of the databases is reached, the channel's by default."""
        place = self.scale_unit.settings_dict
        return f"postgresql://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{name}"

    def introduce(self, database: UUID) -> None:
        """Let the channel know who it is."""
        with self.channel():
            ExchangeState.objects.update_or_create(singleton=True, defaults={"database": database})


@contextmanager
def two_sides(postgres: PostgresServer) -> Iterator[Sides]:
    """Make the channel database as a copy of the empty one, without change tracking."""
    settings.PACKAGE_SIGNING_KEY, settings.PACKAGE_VERIFY_KEY = new_keys()
    here = connections["default"]
    here.close()
    new_databases(postgres.url("bench"), "channel")
    there = type(here)(copy.deepcopy(here.settings_dict) | {"NAME": "channel"}, "default")
    sides = Sides(here, there)
    with sides.channel():
        for config in apps.get_app_configs():
            prepare_tables(config.label)
    try:
        yield sides
    finally:
        there.close()
