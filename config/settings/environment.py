"""How settings read the environment; what is missing or wrong is said in one sentence."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROLES = ("headquarters", "scale_unit", "lab")


def text(name: str, default: str | None = None, *, meaning: str = "") -> str:
    """The variable's value; without a default it must be set, and the refusal says what it is for."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is None:
        about = f" ({meaning})" if meaning else ""
        raise ImproperlyConfigured(f"Set {name} in the environment{about}: it has no default in production.")
    return default


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off; anything else is refused."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list, comma-separated in the environment."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()] or list(default)


def networks(name: str, default: tuple[str, ...]) -> list[str]:
    """Address ranges, comma-separated in the environment."""
    found = words(name, default)
    for text in found:
        try:
            ip_network(text)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} must be address ranges such as 10.20.0.0/16, not {text!r}: {error}."
            ) from error
    return found


def role(default: str | None = None) -> str:
    """What this process is: headquarters, scale_unit or lab."""
    value = text("ROLE", default, meaning="headquarters, scale_unit or lab")
    if value not in ROLES:
        raise ImproperlyConfigured(f"ROLE must be one of {', '.join(ROLES)}, not {value!r}.")
    return value


def database(url: str, *, pool_size: int = 0) -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; a pool when `pool_size` is positive.

    The pool has a short timeout: it would otherwise hide "database does not exist" behind 30 seconds.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    # Django's default, no threshold, would keep psycopg from preparing even what asks for it; Django's own statements
    # are bound on the client and never prepared.
    options: dict[str, Any] = {"connect_timeout": 5, "prepare_threshold": 5}
    for pair in filter(None, parts.query.split("&")):
        key, _, value = pair.partition("=")
        options[key] = unquote(value)
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
    return {
        "ENGINE": "config.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def data_dir(default: Path | None = None) -> Path:
    """Where this process keeps what is not in its database: media, package files, its schedule's state."""
    return Path(
        text("DATA_DIR", str(default) if default else None, meaning="a folder this process may write")
    )
