"""Scale units from a shell: registered, looked at, given another address, credential or store."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import ADDITION
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, ScaleUnit
from channels_app.roles import is_headquarters
from channels_app.selectors import database_rows, freshness
from channels_app.services import scale_units
from channels_app.services.moves import move_stores
from channels_app.trail import note_from_shell


class Command(BaseCommand):
    help = (
        "Register scale units and see how they are. Runs in headquarters; 'status' in a scale unit as well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        register = verbs.add_parser("register", help="a new one; one that is known gets the address")
        register.add_argument("name")
        register.add_argument("address", help="where headquarters reaches it, such as http://10.0.0.5:8001")
        register.add_argument("--kind", choices=ScaleUnit.Kind.values, default=ScaleUnit.Kind.CLOUD)
        register.add_argument(
            "--delivery", choices=ChannelDatabase.Delivery.values, default=ChannelDatabase.Delivery.PUSH
        )
        register.add_argument(
            "--stores", default="", help="numbers with commas; 'free' takes those without a place"
        )
        verbs.add_parser("status", help="of all, or of this one")
        for verb, words in (("rotate", "give it a new credential"), ("revoke", "take its credential away")):
            verbs.add_parser(verb, help=words).add_argument("name")
        move = verbs.add_parser("move", help="have a store sell from it from now on")
        move.add_argument("name")
        move.add_argument("stores", help="numbers with commas")
        move.add_argument(
            "--anyway", action="store_true", help="also with open shifts and sales, which stay behind"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] != "status" and not is_headquarters():
            raise CommandError("Scale units are kept in headquarters: run this with ROLE=headquarters.")
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    @transaction.atomic
    def _register(self, options: dict) -> None:
        name, address = options["name"], options["address"].rstrip("/")
        given = getattr(settings, "EXCHANGE_CREDENTIAL", "")
        if given and scale_units.is_taken(given):  # it has it already, or it is another's: each needs its own
            given = ""
        said = []
        unit = ScaleUnit.objects.select_related("channel_database").filter(name=name).first()
        if unit is None:
            made = scale_units.register_scale_unit(
                name=name, base_url=address, kind=options["kind"], delivery=options["delivery"],
                credential=given or None,
            )  # fmt: skip
            unit = made.unit
            note_from_shell(unit, "Added", flag=ADDITION)
            scale_units.default_schedules()
            if not given:
                said.append(f"EXCHANGE_CREDENTIAL={made.credential}")
        else:
            if unit.base_url != address:
                scale_units.change_address(unit, address)
                note_from_shell(unit, f"Gave it the address {address}")
            if given:
                scale_units.rotate_credential(unit, given)
                note_from_shell(unit, "Gave it a new credential")
                said.append(f"Scale unit {name} has the credential of this environment from now on.")
        self._give(unit, options)
        self.stdout.write("\n".join([*said, f"Scale unit {name} is reached at {address}."]))

    def _rotate(self, options: dict) -> None:
        unit = _unit(options["name"])
        made = scale_units.rotate_credential(unit)
        note_from_shell(unit, "Gave it a new credential")
        self.stdout.write(f"EXCHANGE_CREDENTIAL={made.credential}")
        self.stderr.write("The former credential is good until this one is used for the first time.")

    def _revoke(self, options: dict) -> None:
        unit = _unit(options["name"])
        scale_units.revoke_credential(unit)
        note_from_shell(unit, "Took its credential away")
        self.stdout.write(f"{options['name']} is a stranger now. 'rotate' gives it a new credential.")

    def _move(self, options: dict) -> None:
        self._give(_unit(options["name"]), options)
        self.stdout.write(f"From its next package on {options['name']} has the stores {options['stores']}.")

    def _give(self, unit: ScaleUnit, options: dict) -> None:
        stores = _stores(options["stores"])
        if stores:
            move_stores(unit.channel_database, stores, anyway=options.get("anyway", False))
            note_from_shell(unit, f"Gave it the stores {', '.join(stores)}")

    def _status(self, options: dict) -> None:
        if not is_headquarters():
            held = freshness()
            self.stdout.write(held.words)
            return
        for row in database_rows():
            seen = (
                f"{(timezone.now() - row.last_contact_at).total_seconds():.0f} s ago"
                if row.last_contact_at
                else "never"
            )
            self.stdout.write(
                f"{row.name}: {row.state}; version {row.version or '–'}; heard of {seen}; "
                f"stores {', '.join(row.stores) or 'none'}; not sent up: {row.unsent}"
            )


def _unit(name: str) -> ScaleUnit:
    unit = ScaleUnit.objects.select_related("channel_database").filter(name=name).first()
    if unit is None:
        raise CommandError(f"There is no scale unit {name}.")
    return unit


def _stores(said: str) -> list[str]:
    if said == "free":
        store = apps.get_model("hq", "Store")
        return list(store.objects.filter(placement=None).values_list("number", flat=True))
    return [number.strip() for number in said.split(",") if number.strip()]
