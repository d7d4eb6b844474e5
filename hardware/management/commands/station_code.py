"""``manage.py station_code``: a pairing code for a station, on the screen or in a file for the agent."""

import os
from datetime import timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.roles import Role, current_role
from hardware.models import StationCredential
from hardware.services.pairing import CODE_LIVES_FOR, issue_code
from hq.models import HardwareStation


class Command(BaseCommand):
    help = "Issue a pairing code for a hardware station; run it on the scale unit that the station will connect to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--station", help="number of the station; without it: every station of this scale unit"
        )
        parser.add_argument(
            "--write", metavar="FILE", help="write the codes to this file, one station per line"
        )
        parser.add_argument("--minutes", type=int, default=int(CODE_LIVES_FOR.total_seconds() // 60))

    def handle(self, *args, **options) -> None:
        if current_role() is not Role.SCALE_UNIT:
            raise CommandError(
                "Pairing codes are issued where stations connect: run this with ROLE=scale_unit."
            )
        stations = HardwareStation.objects.filter(is_active=True).order_by("number")
        if options["station"]:
            stations = stations.filter(number=options["station"])
        found = list(stations)
        if not found:
            raise CommandError("There is no such station here. Has its package been applied?")
        if not options["minutes"] > 0:
            raise CommandError("A code must be valid for at least one minute.")
        lives_for = timedelta(minutes=options["minutes"])
        lines = [
            f"{issue_code(station=station, lives_for=lives_for)} {station.number} {station.name}"
            for station in found
        ]
        if options["write"]:
            write_privately(Path(options["write"]), "\n".join(lines) + "\n")
        else:
            self.stdout.write("\n".join(lines))
        paired = StationCredential.objects.filter(revoked_at=None, is_next=False, station__in=found).count()
        if paired:
            self.stderr.write(
                f"{paired} of these are paired already; a new pairing takes the place of the old one."
            )


def write_privately(path: Path, text: str) -> None:
    """Whole or not at all, and nobody else's to read."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
