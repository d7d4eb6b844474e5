"""Start everything that the embedded mode needs, and keep it running."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.embedded.state import here
from config.embedded.up import main


class Command(BaseCommand):
    help = "Start the databases, headquarters, the scale unit, the station and the device lab."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(main(here(), options["port"], options["host"]))
