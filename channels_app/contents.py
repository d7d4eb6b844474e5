"""The bytes of a package: its header, then its parts, read from where they are kept; from any byte to any byte."""

from collections.abc import Iterator

from channels_app.files import package_storage
from channels_app.models import Package
from channels_app.package_format import CHUNK, Manifest, read_own_manifest
from channels_app.registry import carried_by_name


def manifest_of(package: Package) -> Manifest:
    """What a built package says of itself."""
    return read_own_manifest(bytes(package.header))


def marks_after(manifest: Manifest) -> dict[str, dict]:
    """What is known of a channel database's tables once it has applied a package."""
    return {
        t.table: {"version": t.version, "since": t.since or t.version, "scope": t.scope, "schema": t.schema}
        for t in manifest.tables
    }


def rows_by_table(package: Package) -> dict[str, int]:
    """How many rows of each table a package brings or takes away, by the table's name for people."""
    labels = {name: table.label for name, table in carried_by_name().items()}
    return {
        labels.get(one.table, one.table): (one.rows.rows if one.rows else 0)
        + (one.gone.rows if one.gone else 0)
        for one in manifest_of(package).tables
    }


def content(package: Package, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a package from `start` up to, and without, `end`."""
    end = package.bytes if end is None else end
    header = bytes(package.header)
    if start < len(header):
        yield header[start:end]
    position = len(header)
    files = dict(package.parts.values_list("checksum", "file"))
    for part in manifest_of(package).parts():
        if position < end and position + part.bytes > start:
            yield from _stretch(
                files[part.checksum], max(0, start - position), min(part.bytes, end - position)
            )
        position += part.bytes


def _stretch(name: str, start: int, end: int) -> Iterator[bytes]:
    with package_storage().open(name) as file:
        file.seek(start)
        left = end - start
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
