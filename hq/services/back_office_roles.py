"""The back office's built-in roles: Django groups whose permissions this release lays down.

They are brought up to date by every `migrate`. Whoever wants another cut makes a group of their own.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission

ADMINISTRATOR = "Administrator"
OPERATIONS = "Operations"
MERCHANDISER = "Merchandiser"
ORDER_DESK = "Order desk"
VIEWER = "Viewer"

_COMPANY = {"hq", "hardware", "channels_app"}
_GOODS = {"catalog", "pricing", "customers", "inventory"}
_RECORDS = {"pos", "shifts", "orders"}
_OURS = _COMPANY | _GOODS | _RECORDS
_PEOPLE = {"user", "group", "permission", "accessattempt", "accesslog", "accessfailurelog"}


def _is_ours(permission: Permission) -> bool:
    return permission.content_type.app_label in _OURS and permission.content_type.model not in _PEOPLE


def _views(permission: Permission) -> bool:
    return _is_ours(permission) and permission.codename.startswith("view_")


def _operates(permission: Permission) -> bool:
    company = permission.content_type.app_label in _COMPANY
    hours = permission.content_type.model == "timecorrection"
    return _views(permission) or (_is_ours(permission) and (company or hours))


def _merchandises(permission: Permission) -> bool:
    layout = permission.content_type.model in {"screenlayout", "buttongrid", "button"}
    goods = permission.content_type.app_label in _GOODS
    return _views(permission) or (_is_ours(permission) and (goods or layout))


def _takes_orders(permission: Permission) -> bool:
    caller = permission.content_type.model == "customer" and permission.codename.startswith(
        ("add_", "change_")
    )
    orders = permission.content_type.app_label == "orders"
    return _views(permission) or (_is_ours(permission) and (orders or caller))


ROLES: dict[str, Callable[[Permission], bool]] = {
    ADMINISTRATOR: lambda permission: True,
    OPERATIONS: _operates,
    MERCHANDISER: _merchandises,
    ORDER_DESK: _takes_orders,
    VIEWER: _views,
}


def is_built_in(group: Any) -> bool:
    """Whether a group is one of the roles of this release."""
    return group is not None and group.name in ROLES


def bring_up_to_date() -> None:
    """Give every built-in role exactly the permissions of this release."""
    permissions = list(Permission.objects.select_related("content_type"))
    for name, holds in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([permission for permission in permissions if holds(permission)])
