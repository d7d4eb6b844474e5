"""Run distribution jobs now."""

import time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.models import ChannelDatabase, Package
from channels_app.registry import JOBS
from channels_app.roles import is_headquarters
from channels_app.services.preview import preview
from channels_app.services.push import push_package
from channels_app.services.schedules import run_jobs
from channels_app.states import LIVE, PackageState
from channels_app.trail import note_from_shell


class Command(BaseCommand):
    help = "Build packages for channel databases that lack something, and send them. Runs in headquarters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--job", action="append", choices=list(JOBS), help="default 9999; may be repeated"
        )
        parser.add_argument("--database", action="append", help="by name; default all that are active")
        parser.add_argument("--group", help="of channel databases, by name")
        parser.add_argument(
            "--preview", action="store_true", help="say what would be sent, old beside new; send nothing"
        )
        parser.add_argument("--full", action="store_true", help="all rows, whatever the database has")
        parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="until it is applied")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Packages are built in headquarters: run this with ROLE=headquarters.")
        databases = ChannelDatabase.objects.filter(is_active=True)
        if names := options["database"]:
            databases = databases.filter(name__in=names)
            if missing := set(names) - set(databases.values_list("name", flat=True)):
                raise CommandError(f"There is no active channel database {', '.join(sorted(missing))}.")
        if options["group"]:
            databases = databases.filter(groups__name=options["group"])
            if not databases:
                raise CommandError(f"There is no active channel database in a group {options['group']}.")
        if options["preview"]:
            self._preview(list(databases.values_list("pk", flat=True)), options["job"] or ["9999"])
            return
        packages = run_jobs(
            options["job"] or ["9999"], list(databases.values_list("pk", flat=True)), full=options["full"]
        )
        if not packages:
            self.stdout.write(
                "Nothing to send: every channel database has what it needs, or gets it already."
            )
            return
        for package in packages:
            note_from_shell(package.database, "Sent everything" if options["full"] else "Sent what it lacks")
            self.stdout.write(f"{package}: {_counted(package.rows, 'row')}, {package.bytes} bytes")
            if package.database.delivery == ChannelDatabase.Delivery.PUSH:
                push_package(package.pk)
        self._wait(packages, options["wait"])

    def _preview(self, databases: list[UUID], jobs: list[str]) -> None:
        found = preview(databases, jobs)
        if not found.tables:
            self.stdout.write(
                f"Nothing would be sent to any of {_counted(found.looked_at, 'channel database')}."
            )
            return
        databases = _counted(len(found.databases), "channel database")
        self.stdout.write(f"To {_counted(found.stores, 'store')} in {databases}:")
        for one in found.tables:
            self.stdout.write(
                f"  {one.table.label}: {_counted(one.rows, 'row')}, {one.gone} gone,"
                f" for {_counted(one.stores, 'store')}"
                + (f", all rows for {_counted(one.all_rows_for, 'database')}" if one.all_rows_for else "")
            )
            for example in one.examples:
                changes = ", ".join(f"{c.name} {c.before} → {c.after}" for c in example.changes)
                self.stdout.write(f"    {example.label}: {'new' if example.is_new else changes}")

    def _wait(self, packages: list[Package], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        waiting = {package.pk for package in packages}
        while waiting:
            for package in Package.objects.filter(pk__in=waiting).exclude(state__in=LIVE):
                self.stdout.write(
                    f"{package}: {package.get_state_display().lower()} {package.error}".rstrip()
                )
                waiting.discard(package.pk)
                if package.state != PackageState.APPLIED:
                    raise CommandError("Not everything was applied.")
            if waiting and time.monotonic() > deadline:
                if seconds:
                    raise CommandError(f"{len(waiting)} packages are still on their way.")
                return
            time.sleep(0.2)


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
