"""What a channel database has of a few rows, read from the packages that it has applied."""

import re
from collections.abc import Iterator, Mapping, Sequence

from channels_app import package_format
from channels_app.contents import manifest_of
from channels_app.files import package_storage
from channels_app.models import ChannelDatabase, Package
from channels_app.registry import Carried
from channels_app.states import PackageState

LARGEST = 500_000_000  # unpacked bytes of a part that is searched; of a larger one nothing is said
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}

Row = Mapping[str, str | None]


def former_rows(database: ChannelDatabase, table: Carried, keys: Sequence[str]) -> dict[str, Row | None]:
    """The rows with these keys as the database has them, each value as COPY writes it; None for one that it lacks.

    Looks through its packages from the newest to the last full one. Keys of which nothing can be said are left out.
    """
    found: dict[str, Row | None] = {}
    applied = Package.objects.filter(database=database, state=PackageState.APPLIED).order_by("-version")
    for package in applied.iterator(chunk_size=20):
        entries = [e for e in manifest_of(package).tables if e.table == table.name]
        for entry in entries:
            files = dict(package.parts.values_list("checksum", "file"))
            wanted = [key for key in keys if key not in found]
            if not _look(entry, files, wanted, found):
                return found
            if entry.mode == package_format.FULL:
                return found | {key: None for key in keys if key not in found}
        if len(found) == len(keys):
            return found
    return found


def _look(
    entry: package_format.Table, files: Mapping[str, str], wanted: Sequence[str], found: dict[str, Row | None]
) -> bool:
    """Add what one package says of the wanted keys; whether it could be read."""
    if not wanted:
        return True
    for part, is_gone in ((entry.rows, False), (entry.gone, True)):
        if part is None:
            continue
        if part.raw_bytes > LARGEST:
            return False
        try:
            lines = list(_lines_with(files[part.checksum], part, wanted, 0 if is_gone else _place(entry)))
        except (OSError, KeyError, package_format.BrokenPackage):  # it is not kept any more
            return False
        for line in lines:
            values = read_line(line)
            if is_gone:
                found[str(values[0])] = None
            else:
                row = dict(zip(entry.columns, values, strict=True))
                found[str(row[entry.key])] = row
    return True


def _place(entry: package_format.Table) -> int:
    return entry.columns.index(entry.key)


def _lines_with(file: str, part: package_format.Part, keys: Sequence[str], place: int) -> Iterator[str]:
    """The lines of a part whose value at `place` is one of the keys."""
    before = r"(?:[^\t\n]*\t)" + f"{{{place}}}"
    either = "|".join(re.escape(key) for key in keys)
    pattern = re.compile(rf"^{before}(?:{either})(?:\t[^\n]*)?$".encode(), re.MULTILINE)
    rest = b""
    with package_storage().open(file) as stream:
        for chunk in package_format.unpacked(stream, part):
            block, _, rest = (rest + chunk).rpartition(b"\n")
            for match in pattern.finditer(block):
                yield match.group().decode()
    if match := pattern.match(rest):
        yield match.group().decode()


def read_line(line: str) -> list[str | None]:
    """The values of a line of COPY's text format."""
    return [_read(value) for value in line.split("\t")]


def _read(value: str) -> str | None:
    if value == r"\N":
        return None
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), value, flags=re.DOTALL)
