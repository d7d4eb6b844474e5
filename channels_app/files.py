"""Where package files lie: any storage that Django knows; a folder of this process's own by default."""

from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages


def package_storage() -> Storage:
    """Headquarters' storage of built parts: the one that STORAGES calls `packages`, or a folder."""
    try:
        return storages["packages"]
    except InvalidStorageError:
        return _folder(Path(settings.DATA_DIR) / "packages")


@lru_cache(maxsize=4)
def _folder(location: Path) -> FileSystemStorage:
    return FileSystemStorage(location=location)


def received_file(package: UUID) -> Path:
    """Where a scale unit keeps a package that it received. Its web and worker processes share this folder."""
    folder = Path(settings.DATA_DIR) / "received"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{package}.package"


def work_folder() -> Path:
    """Where parts are written before they are complete."""
    folder = Path(settings.DATA_DIR) / "building"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
