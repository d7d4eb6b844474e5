"""Start everything that the embedded mode needs, and keep it running."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.embedded.__main__ import options
from config.embedded.state import here
from config.embedded.up import main


class Command(BaseCommand):
    help = "Start the databases, headquarters, the scale unit, the station and the device lab."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        options(parser)

    def handle(self, *args: Any, **chosen: Any) -> None:
        raise SystemExit(main(here(), chosen["port"], chosen["host"], own=chosen["own"]))
