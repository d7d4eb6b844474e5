"""Run one more scale unit beside `make run`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.embedded.state import here
from config.embedded.unit import Unit, main


class Command(BaseCommand):
    help = (
        "Make, register and run one more scale unit beside 'make run', until Ctrl-C. Again: go on, or update."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="small letters, digits and hyphens, such as harbour")
        parser.add_argument("--port", type=int, required=True, help="where its Cloud POS is served")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--stores",
            default="",
            help="numbers with commas of stores that move to it; 'free': those without a place",
        )

    def handle(self, *args: Any, **chosen: Any) -> None:
        raise SystemExit(main(Unit(here(), chosen["name"], chosen["port"], chosen["host"], chosen["stores"])))
