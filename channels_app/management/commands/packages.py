"""List packages, and do with one what its page does."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, Package
from channels_app.roles import is_headquarters
from channels_app.services.packages import build_again, cancel, skip
from channels_app.services.rollback import undo_version
from channels_app.states import PackageState
from channels_app.tasks import send_soon
from channels_app.trail import note_from_shell

_DONE = {
    "retry": "Had it built again",
    "rebuild": "Had it built in full",
    "cancel": "Cancelled it",
    "skip": "Skipped it",
}


class Command(BaseCommand):
    help = "List the last packages, the newest first, or act on one of them. Runs in headquarters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", help="by name")
        parser.add_argument("--state", choices=PackageState.values)
        parser.add_argument("--last", type=int, default=20)
        verbs = parser.add_mutually_exclusive_group()
        for verb, words in (
            ("retry", "build what its channel database lacks now, and send it"),
            ("rebuild", "build all rows of its jobs, and send them"),
            ("cancel", "call it off"),
            ("skip", "leave it out until something else changes"),
        ):
            verbs.add_argument(f"--{verb}", metavar="PACKAGE", type=UUID, help=words)
        verbs.add_argument(
            "--take-back",
            metavar="VERSION",
            type=int,
            help="undo a version's prices in every channel database",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_headquarters():
            raise CommandError("Packages are kept in headquarters: run this with ROLE=headquarters.")
        try:
            if options["take_back"]:
                self._take_back(options["take_back"], options["database"])
                return
            for verb in ("retry", "rebuild", "cancel", "skip"):
                if options[verb]:
                    self._act(verb, options[verb])
                    return
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._list(options)

    def _act(self, verb: str, number: UUID) -> None:
        package = Package.objects.select_related("database").filter(pk=number).first()
        if package is None:
            raise CommandError(f"There is no package {number}.")
        if verb in ("cancel", "skip"):
            done = cancel(package) if verb == "cancel" else skip(package)
        else:
            done = build_again(package, full=verb == "rebuild")
            send_soon([done])
        note_from_shell(package, _DONE[verb])
        self.stdout.write(f"{done.pk}  {done}: {done.get_state_display().lower()}")

    def _take_back(self, version: int, database: str | None) -> None:
        chosen = Package.objects.filter(version=version, state=PackageState.APPLIED)
        if database:
            chosen = chosen.filter(database__name=database)
        packages, refusals = undo_version(list(chosen.values_list("database", flat=True)), version)
        send_soon(packages)
        for refusal in refusals:
            self.stderr.write(str(refusal))
        for package in packages:
            note_from_shell(package.database, f"Took it back to version {package.rolled_back_to}")
            self.stdout.write(f"{package.database.name} goes back to version {package.rolled_back_to}.")
        if not packages:
            raise CommandError(f"No channel database has applied version {version} and can be taken back.")

    def _list(self, options: dict[str, Any]) -> None:
        packages = Package.objects.select_related("database")
        if options["database"]:
            if not ChannelDatabase.objects.filter(name=options["database"]).exists():
                raise CommandError(f"There is no channel database {options['database']}.")
            packages = packages.filter(database__name=options["database"])
        if options["state"]:
            packages = packages.filter(state=options["state"])
        for p in packages[: options["last"]]:
            took = "" if p.apply_seconds is None else f", applied in {p.apply_seconds:.2f} s"
            self.stdout.write(
                f"{p.pk}  {p.started_at:%Y-%m-%d %H:%M:%S}  {p.database.name}  {'+'.join(p.jobs)}  {p.kind}  "
                f"{p.previous_version or 0} → {p.version}  {p.state}  {p.rows} rows, {p.bytes} bytes{took}"
                f"{'  ' + p.error if p.error else ''}"
            )
