"""Compare channel databases with headquarters, table by table."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase
from channels_app.roles import is_headquarters
from channels_app.services.compare import compare


class Command(BaseCommand):
    help = "Compare channel databases with headquarters by a checksum of each table. Runs in headquarters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", action="append", help="by name; default all that are active")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Databases are compared from headquarters: run this with ROLE=headquarters.")
        databases = ChannelDatabase.objects.filter(is_active=True).select_related("scale_unit")
        if options["database"]:
            databases = databases.filter(name__in=options["database"])
            if missing := set(options["database"]) - {database.name for database in databases}:
                raise CommandError(f"There is no active channel database {', '.join(sorted(missing))}.")
        wrong, unseen = 0, []
        for database in databases:
            try:
                wrong += self._compare(database)
            except DomainError as error:
                unseen.append(str(error))
        if wrong:
            unseen.append(f"{wrong} tables differ. 'distribute --full' sends everything again.")
        if unseen:
            raise CommandError("\n".join(unseen))

    def _compare(self, database: ChannelDatabase) -> int:
        wrong = 0
        for difference in compare(database):
            found = difference.found.rows if difference.found else 0
            if difference.is_equal:
                words = "equal"
            elif difference.is_pending:
                words = "changed since its last package"
            else:
                words = "DIFFERENT"
                wrong += 1
            self.stdout.write(
                f"{database.name}  {difference.table}: {words} ({difference.wanted.rows} here, {found} there)"
            )
        return wrong
