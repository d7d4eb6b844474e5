"""Tell headquarters where a scale unit is reached."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.models import ScaleUnit
from channels_app.roles import is_headquarters


class Command(BaseCommand):
    help = "Change the address at which headquarters reaches a scale unit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="of the scale unit, as headquarters knows it")
        parser.add_argument("address", help="such as https://tills.example")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError(
                "Addresses of scale units are kept in headquarters: run this with ROLE=headquarters."
            )
        if not ScaleUnit.objects.filter(name=options["name"]).update(base_url=options["address"]):
            raise CommandError(f"Headquarters knows no scale unit {options['name']!r}.")
        self.stdout.write(f"{options['name']} is reached at {options['address']}.")
