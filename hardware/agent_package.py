"""The station program as a file to install: any computer in a store gets it from the server that it will dial."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

AGENT = Path(__file__).with_name("agent")
PACKAGE_PATH = "/stations/tillhouse-station.zip"  # below the address of a scale unit
FOLDER = "tillhouse-station"
NO_PART = {"__pycache__", "build"}


@cache
def agent_package() -> bytes:
    """A zip of the package's source, the same bytes in each process: `pipx install` takes it by its address."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for path in sorted(AGENT.rglob("*")):
            inside = path.relative_to(AGENT)
            if path.suffix in {".py", ".toml"} and not NO_PART.intersection(inside.parts):
                name = zipfile.ZipInfo(f"{FOLDER}/{inside.as_posix()}")  # of no date
                package.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return file.getvalue()
