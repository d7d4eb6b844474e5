"""Register a scale unit at headquarters, or tell headquarters where it is reached now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from channels_app.errors import DomainError
from channels_app.models import ScaleUnit, StorePlacement
from channels_app.roles import is_headquarters
from channels_app.services.scale_units import default_schedules, place_stores, register_scale_unit
from hq.models import Store


class Command(BaseCommand):
    help = (
        "Register a scale unit with the stores that have none yet, or change its address. "
        "A new one gets the credential in EXCHANGE_CREDENTIAL, or a fresh one, which is printed once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="such as main")
        parser.add_argument("address", help="where headquarters reaches it, such as https://tills.example")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Scale units are registered in headquarters: run this with ROLE=headquarters.")
        try:
            self._settle(options["name"], options["address"].rstrip("/"))
        except DomainError as error:
            raise CommandError(str(error)) from error

    @transaction.atomic
    def _settle(self, name: str, address: str) -> None:
        unit = ScaleUnit.objects.select_related("channel_database").filter(name=name).first()
        if unit is None:
            given = settings.EXCHANGE_CREDENTIAL
            made = register_scale_unit(name=name, base_url=address, credential=given or None)
            unit = made.unit
            default_schedules()
            if not given:
                self.stdout.write(f"EXCHANGE_CREDENTIAL={made.credential}")
        elif unit.base_url != address:
            ScaleUnit.objects.filter(pk=unit.pk).update(base_url=address)
        placed = StorePlacement.objects.values("store")
        place_stores(
            unit.channel_database, Store.objects.exclude(pk__in=placed).values_list("number", flat=True)
        )
        self.stdout.write(f"Scale unit {name} is reached at {address}.")
