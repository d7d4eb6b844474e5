"""Which role this process plays, and what that allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from django.conf import settings

from channels_app.errors import DomainError


class Role(StrEnum):
    HEADQUARTERS = "headquarters"
    SCALE_UNIT = "scale_unit"
    LAB = "lab"


class RoleViolation(DomainError):
    """A programming error that would not survive in a store: raised, never caught."""

    code = "role_violation"
    message = "{model} may not be {action} in role {role}: {why}"


_applying: ContextVar[bool] = ContextVar("applying_package", default=False)
_receiving: ContextVar[bool] = ContextVar("receiving_upload", default=False)


def current_role() -> Role:
    """The role of this process, from the setting `ROLE`."""
    return Role(settings.ROLE)


def is_headquarters() -> bool:
    return current_role() is Role.HEADQUARTERS


@contextmanager
def applying_package() -> Iterator[None]:
    """Inside, master data may be written in a scale unit: it is what a package says."""
    token = _applying.set(True)
    try:
        yield
    finally:
        _applying.reset(token)


def is_applying_package() -> bool:
    return _applying.get()


@contextmanager
def receiving_upload() -> Iterator[None]:
    """Inside, channel records may be written in headquarters: they are copies of a channel's."""
    token = _receiving.set(True)
    try:
        yield
    finally:
        _receiving.reset(token)


def is_receiving_upload() -> bool:
    return _receiving.get()
