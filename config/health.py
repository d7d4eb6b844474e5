"""GET /healthz: the state of each part, 200 when this role can do its work, else 503."""

import functools
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from channels_app.models import DataVersion
from config import heartbeat
from hardware.models import StationStatus

logger = logging.getLogger(__name__)

Part = dict[str, object]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Each part with `ok`, and words that say what is wrong; `required` parts decide about the status."""
    parts = {name: check() for name, check in checks(settings.ROLE).items()}
    ready = all(part["ok"] for part in parts.values() if part.get("required", True))
    body = {"status": "ready" if ready else "not ready", "role": settings.ROLE, "parts": parts}
    answer = JsonResponse(body, status=200 if ready else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django would log each 503 as an error
    return answer


def checks(role: str) -> dict[str, Callable[[], Part]]:
    """The parts that a process in `role` depends on, by name; those that ask the database after it."""
    everywhere = {
        "database": database,
        "migrations": migrations,
        "redis": redis,
        "worker": worker,
        "beat": beat,
    }
    return {
        "lab": {},
        "headquarters": everywhere,
        "scale_unit": everywhere | {"data": data, "stations": stations},
    }[role]


def database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return _bad("The database does not answer.", error)
    return {"ok": True}


def migrations() -> Part:
    """Whether the database has every migration of this release. Once it has, it keeps it: asked no more."""
    if _migrated.cache_info().currsize:
        return {"ok": True}
    try:
        return {"ok": _migrated()}
    except (_NotMigrated, DatabaseError) as error:
        return _bad("The database lacks migrations of this release: run manage.py migrate.", error)


class _NotMigrated(Exception):
    pass


@functools.cache
def _migrated() -> bool:
    loader = MigrationLoader(connection)
    missing = loader.disk_migrations.keys() - loader.applied_migrations.keys()
    if missing:
        raise _NotMigrated(f"{len(missing)} missing")  # raised, so that the cache keeps only the good answer
    return True


def redis() -> Part:
    try:
        heartbeat.ages()
    except RedisError as error:
        return _bad("Redis does not answer.", error)
    return {"ok": True}


def worker() -> Part:
    return _alive("worker", "The worker has done nothing lately: is it running?")


def beat() -> Part:
    return _alive("beat", "The scheduler has sent nothing lately: is it running?")


def data() -> Part:
    """Whether a package with the company has been applied: without one there is nothing to sell."""
    try:
        held = DataVersion.objects.first()
    except DatabaseError as error:
        return _bad("What has been applied cannot be read.", error)
    if held is None:
        return _bad("No data yet: this scale unit waits for its first package from headquarters.")
    return {"ok": True, "version": held.version, "applied_at": held.applied_at.isoformat()}


def stations() -> Part:
    """How many stations are connected. Not required: a till sells without one, and says so."""
    try:
        connected = StationStatus.objects.filter(connection__isnull=False).count()
    except DatabaseError as error:
        return _bad("Stations cannot be read.", error) | {"required": False}
    return {"ok": True, "connected": connected, "required": False}


def _alive(part: str, words: str) -> Part:
    try:
        age = heartbeat.ages()[part]
    except RedisError as error:
        return _bad("Redis does not answer.", error)
    if age is None:
        return _bad(words)
    return {"ok": True, "seconds_ago": round(age, 1)}


def _bad(words: str, error: Exception | None = None) -> Part:
    if error is not None:
        logger.warning("health: %s (%s)", words, type(error).__name__)
    return {"ok": False, "words": words}
