"""What a station keeps on its disk beside the journal: who it is, and the last profile it was given."""

import hashlib
import os
import secrets
from pathlib import Path

import msgspec

from hardware.agent.protocol import Profile


class Identity(msgspec.Struct, frozen=True):
    """Server and key of a station. ``station`` is empty until a code has been accepted."""

    server: str
    key: str
    station: int = 0
    name: str = ""

    @property
    def key_digest(self) -> str:
        """What the server may know of the key before it is used."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def is_paired(self) -> bool:
        return self.station != 0


class StateFolder:
    """One station's folder; files are written whole or not at all and are nobody else's to read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        if path.stat().st_mode & 0o077:  # of a disk that can only be read not even this can be set
            path.chmod(0o700)

    @property
    def journal(self) -> Path:
        return self.path / "journal.sqlite3"

    def identity(self, server: str) -> Identity:
        """Who this station is; a new key is made, and kept before it is ever sent."""
        known = self._read("station.json", Identity)
        if known is not None and (known.server == server or not server):
            return known
        fresh = Identity(server=server, key=secrets.token_urlsafe(32))
        self.keep_identity(fresh)
        return fresh

    def is_paired(self, server: str) -> bool:
        """Whether a code has been accepted here, by that server where one is named."""
        known = self._read("station.json", Identity)
        return known is not None and known.is_paired and server in ("", known.server)

    def keep_identity(self, identity: Identity) -> None:
        self._write("station.json", identity)

    def profile(self) -> Profile | None:
        """The last profile, so that devices are watched before the server answers."""
        return self._read("profile.json", Profile)

    def keep_profile(self, profile: Profile) -> None:
        self._write("profile.json", profile)

    def _read(self, name: str, shape: type):
        try:
            return msgspec.json.decode((self.path / name).read_bytes(), type=shape)
        except (OSError, msgspec.MsgspecError):
            return None

    def _write(self, name: str, value: msgspec.Struct) -> None:
        fresh = self.path / f".{name}.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(value), indent=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / name)
        _sync_folder(self.path)


def _sync_folder(path: Path) -> None:
    """After this a power cut does not bring the former file back."""
    if os.name == "nt":  # folders cannot be opened there, and NTFS has a journal of its own
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
