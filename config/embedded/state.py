"""What the embedded mode remembers in `.data/`: ports, secrets, and where each part keeps its own.

.data/secrets/<name>      made once, mode 0600
.data/ports.json          the internal ports of PostgreSQL and Valkey
.data/own-company         there where the company is the owner's own
.data/headquarters/       DATA_DIR of headquarters (media, packages); .data/scale_unit/ likewise
.data/log/<process>.log   what each process said
"""

import base64
import contextlib
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.embedded.services import PostgresServer, ValkeyServer, free_port

ROOT = Path(__file__).resolve().parents[2]
REDIS_DATABASES = {"headquarters": 0, "scale_unit": 1, "lab": 2}


@dataclass(frozen=True)
class State:
    """The folder of one embedded installation."""

    folder: Path

    def secret(self, name: str) -> str:
        """The secret of that name, made at its first use and kept in a file that only its owner reads."""
        return self._kept(name, secrets.token_urlsafe(48))

    def signing_key(self) -> str:
        """The private Ed25519 key that headquarters signs packages with, base64."""
        return self._kept(
            "package_signing_key", base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
        )

    def verify_key(self) -> str:
        """Its public half, base64: what a scale unit checks packages with."""
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.signing_key()))
        return base64.b64encode(private.public_key().public_bytes_raw()).decode()

    def _kept(self, name: str, new: str) -> str:
        path = self.folder / "secrets" / name
        with contextlib.suppress(FileNotFoundError):
            return path.read_text()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all, and once: of two that both found none, the second takes the first's.
        handle, half = tempfile.mkstemp(dir=path.parent, prefix=".")  # mkstemp makes it 0600
        with open(handle, "w") as file:
            file.write(new)
        with contextlib.suppress(FileExistsError):
            os.link(half, path)
        Path(half).unlink()
        return path.read_text()

    @property
    def own(self) -> Path:
        """The mark of a folder that holds somebody's own company, and not the demo company."""
        return self.folder / "own-company"

    @property
    def is_own(self) -> bool:
        """Whether the folder is marked so."""
        return self.own.exists()

    def ports(self) -> dict[str, int]:
        """The internal ports: {"postgres": …, "valkey": …}, chosen once."""
        path = self.folder / "ports.json"
        if not path.exists():
            self.choose_ports({})
        return json.loads(path.read_text())

    def choose_ports(self, keep: dict[str, int]) -> dict[str, int]:
        """Choose free ports for those not in `keep`, and remember all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = {name: keep.get(name) or free_port() for name in ("postgres", "valkey")}
        half = self.folder / f".ports.{os.getpid()}"
        half.write_text(json.dumps(ports))
        half.rename(self.folder / "ports.json")
        return ports

    def remember_address(self, port: int, host: str) -> None:
        """Keep where this run is served, for commands in a second terminal."""
        (self.folder / "address.json").write_text(json.dumps({"port": port, "host": host}))

    def address(self) -> tuple[int, str]:
        """Port and host of the last run."""
        with contextlib.suppress(FileNotFoundError):
            known = json.loads((self.folder / "address.json").read_text())
            return known["port"], known["host"]
        return 8000, "127.0.0.1"

    def postgres(self) -> PostgresServer:
        return PostgresServer(self.folder, self.ports()["postgres"], self.secret("postgres_password"))

    def valkey(self) -> ValkeyServer:
        return ValkeyServer(self.folder, self.ports()["valkey"], self.secret("valkey_password"))


def migrations_mark() -> str:
    """Changes whenever a migration of ours or of a package may have changed."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def here() -> State:
    """The embedded installation of this clone, or the one that TILLHOUSE_DATA names."""
    return State(Path(os.environ.get("TILLHOUSE_DATA") or ROOT / ".data"))
