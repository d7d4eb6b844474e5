"""List packages."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.models import Package
from channels_app.roles import is_headquarters
from channels_app.states import PackageState


class Command(BaseCommand):
    help = "List the last packages, the newest first. Runs in headquarters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", help="by name")
        parser.add_argument("--state", choices=PackageState.values)
        parser.add_argument("--last", type=int, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Packages are listed in headquarters: run this with ROLE=headquarters.")
        packages = Package.objects.select_related("database")
        if options["database"]:
            packages = packages.filter(database__name=options["database"])
        if options["state"]:
            packages = packages.filter(state=options["state"])
        for p in packages[: options["last"]]:
            took = "" if p.apply_seconds is None else f", applied in {p.apply_seconds:.2f} s"
            self.stdout.write(
                f"{p.started_at:%Y-%m-%d %H:%M:%S}  {p.database.name}  {'+'.join(p.jobs)}  {p.kind}  "
                f"{p.previous_version or 0} → {p.version}  {p.state}  {p.rows} rows, {p.bytes} bytes{took}"
                f"{'  ' + p.error if p.error else ''}"
            )
