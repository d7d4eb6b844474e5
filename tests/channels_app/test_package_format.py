"""The format of packages, without a database: what is whole is read, everything else is refused."""

import hashlib
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app import package_format
from channels_app.package_format import (
    BrokenPackage,
    ForeignPackage,
    Manifest,
    OtherFormat,
    Part,
    PartWriter,
    Table,
)
from channels_app.signatures import new_keys

PRIVATE, PUBLIC = new_keys()
STRANGER, _ = new_keys()
ROWS = b"".join(b"%d\tProduct %d\t\\N\n" % (n, n) for n in range(5000))


def part_of(raw: bytes, rows: int = 1) -> tuple[Part, bytes]:
    out = bytearray()
    writer = PartWriter(out.extend)
    writer.add(raw)
    return writer.finish(rows), bytes(out)


def a_package(key: str | None = PRIVATE, **values: object) -> bytes:
    rows, body = part_of(ROWS, 5000)
    gone, more = part_of(b"1\n2\n", 2)
    table = Table(
        "catalog_product",
        "delta",
        ("id", "name", "image"),
        "id",
        "schema",
        "scope",
        7,
        6,
        rows=rows,
        gone=gone,
    )
    said = {
        "package": UUID(int=1), "database": UUID(int=2), "kind": "delta", "jobs": ("9999",), "version": 7,
        "previous": 6, "created_at": datetime(2026, 11, 21, tzinfo=UTC), "tables": (table,),
    }  # fmt: skip
    return package_format.header(Manifest(**said | values), key) + body + more


def read(package: bytes, trusted: list[str] | None = None) -> tuple[Manifest, bytes]:
    stream = io.BytesIO(package)
    manifest = package_format.read_manifest(stream, [PUBLIC] if trusted is None else trusted)
    unpacked = b"".join(b"".join(package_format.unpacked(stream, part)) for part in manifest.parts())
    if stream.read(1):
        raise BrokenPackage(why="there is more in it than it declares.")
    return manifest, unpacked


def test_what_was_written_is_read():
    manifest, rows = read(a_package())
    assert rows == ROWS + b"1\n2\n"
    assert (manifest.version, manifest.rows) == (7, 5002)
    assert manifest.body_size == sum(part.bytes for part in manifest.parts())


@given(chunks=st.lists(st.binary(max_size=2000), max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_part_gives_back_the_bytes_it_was_given(chunks: list[bytes]):
    out = bytearray()
    writer = PartWriter(out.extend)
    for chunk in chunks:
        writer.add(chunk)
    part = writer.finish(len(chunks))
    assert b"".join(package_format.unpacked(io.BytesIO(bytes(out) + b"the next part"), part)) == b"".join(
        chunks
    )


def test_a_package_that_ends_too_early_is_refused_wherever_it_ends():
    package = a_package()
    for end in {0, 1, 7, 8, 11, 12, 200, len(package) // 2, len(package) - 1, *range(0, len(package), 97)}:
        with pytest.raises(BrokenPackage):
            read(package[:end])


def test_a_flipped_bit_is_found_wherever_it_is():
    package = a_package()
    for place in {8, 9, 10, 11, *range(0, len(package), 41), len(package) - 1}:
        flipped = bytearray(package)
        flipped[place] ^= 1 << (place % 8)
        with pytest.raises((BrokenPackage, ForeignPackage)):
            read(bytes(flipped))


def test_more_than_was_declared_is_refused():
    with pytest.raises(BrokenPackage):
        read(a_package() + b"x")
    stream = io.BytesIO(a_package() + b"x")
    manifest = package_format.read_manifest(stream, [PUBLIC])
    with pytest.raises(BrokenPackage):
        package_format.check_body(stream, manifest)


@pytest.mark.parametrize("key", [STRANGER, None], ids=["signed by a stranger", "not signed"])
def test_what_headquarters_did_not_sign_is_refused(key: str | None):
    with pytest.raises(ForeignPackage):
        read(a_package(key))


def test_while_keys_are_changed_both_are_trusted():
    assert read(a_package(STRANGER), [PUBLIC, package_format.public_key_of(STRANGER)])[0].version == 7


def test_a_package_of_a_later_format_is_refused_with_the_remedy():
    with pytest.raises(OtherFormat, match="Update the older side"):
        read(a_package(format=2))


def test_a_signature_is_good_for_one_purpose_only():
    said = b"the same bytes"
    request = package_format.sign(PRIVATE, "request", said)
    assert not package_format.is_signed([PUBLIC], "package", said, request)


def test_a_part_that_unpacks_to_more_or_less_than_it_declares_is_refused():
    part, body = part_of(b"x" * 100_000)
    for raw_bytes in (99_999, 100_001):
        declared = Part(1, part.bytes, raw_bytes, part.checksum)
        with pytest.raises(BrokenPackage):
            list(package_format.unpacked(io.BytesIO(body), declared))


def test_a_frame_that_wants_too_much_memory_is_refused():
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    body = zstandard.ZstdCompressor(compression_params=parameters).compress(b"x" * (1 << 28))
    part = Part(1, len(body), 1 << 28, hashlib.sha256(body).hexdigest())
    with pytest.raises(BrokenPackage):
        list(package_format.unpacked(io.BytesIO(body), part))


READER = """
import hashlib, sys
from pathlib import Path
from channels_app.package_format import BrokenPackage, Part, unpacked
path = Path(sys.argv[1])
size, checksum = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
for declared in (1000, 10 << 30):
    read = 0
    with path.open("rb") as file:
        try:
            for chunk in unpacked(file, Part(1, size, declared, checksum)):
                read += len(chunk)
                if read > 1 << 30:
                    break
        except BrokenPackage:
            print("refused after", read)
print(next(int(line.split()[1]) >> 10 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def test_a_bomb_of_ten_gigabytes_is_refused_at_its_first_chunk_and_never_held_in_memory(tmp_path: Path):
    compressor = zstandard.ZstdCompressor(level=1).compressobj()
    zeros = bytes(1 << 24)
    with (tmp_path / "bomb").open("wb") as file:
        for _ in range(640):
            file.write(compressor.compress(zeros))
        file.write(compressor.flush())
    assert (tmp_path / "bomb").stat().st_size < 2_000_000
    told = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path / "bomb")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    refused, megabytes = told.stdout.splitlines()
    assert refused == "refused after 0"
    assert int(megabytes) < 80
