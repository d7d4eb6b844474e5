"""Check a package: its signature, its checksums, and that its parts unpack to what it declares."""

import tempfile
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app import package_format
from channels_app.contents import content
from channels_app.errors import DomainError
from channels_app.models import Package
from channels_app.roles import is_headquarters
from channels_app.services.receive import trusted_keys
from channels_app.signatures import public_key_of


class Command(BaseCommand):
    help = "Check a package file, or (in headquarters) a package by its number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("package", help="a file, or the number of a package")
        parser.add_argument("--save", metavar="FILE", help="also write the package to a file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _opened(options["package"], options["save"]) as file:
                manifest = check(file, _keys())
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{manifest.kind} package {manifest.package}\nfor {manifest.database}, jobs {', '.join(manifest.jobs)}, "
            f"version {manifest.previous or 0} → {manifest.version}, signed with key {manifest.key}"
        )
        for table in manifest.tables:
            gone = f", {table.gone.rows} gone" if table.gone else ""
            self.stdout.write(
                f"  {table.table}: {table.mode}, {table.rows.rows if table.rows else 0} rows{gone}"
            )
        self.stdout.write("The package is whole and its signature is good.")


def check(file: BinaryIO, keys: list[str]) -> package_format.Manifest:
    """Read a package to its end. Raises BrokenPackage, ForeignPackage, OtherFormat."""
    manifest = package_format.read_manifest(file, keys)
    for part in manifest.parts():
        for _ in package_format.unpacked(file, part):
            continue
    if file.read(1):
        raise package_format.BrokenPackage(why="there is more in it than it declares.")
    return manifest


def _keys() -> list[str]:
    return [public_key_of(settings.PACKAGE_SIGNING_KEY)] if is_headquarters() else trusted_keys()


def _opened(said: str, save: str | None) -> BinaryIO:
    if Path(said).exists():
        return open(said, "rb")  # the caller closes it
    try:
        package = Package.objects.get(pk=UUID(said)) if is_headquarters() else None
    except (ValueError, Package.DoesNotExist):
        package = None
    if package is None:
        raise CommandError(f"There is neither a file nor a package {said}.")
    file = open(save, "w+b") if save else tempfile.TemporaryFile()  # noqa: SIM115
    for chunk in content(package):
        file.write(chunk)
    file.seek(0)
    return file
