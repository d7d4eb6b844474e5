"""The guard: what a role may read and write. What works beside headquarters must work without it."""

from typing import Any

from django.db import models

from channels_app.kinds import ChannelRecord, HeadquartersOnly, MasterData, kind_of
from channels_app.roles import Role, RoleViolation, current_role, is_applying_package, is_receiving_upload


class RoleRouter:
    """A database router that routes nowhere and refuses what the role must not touch."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        if current_role() is Role.SCALE_UNIT and kind_of(model) is HeadquartersOnly:
            raise _violation(model, "read", "it lives in headquarters only.")
        return None

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        kind, role = kind_of(model), current_role()
        if role is Role.SCALE_UNIT:
            if kind is HeadquartersOnly:
                raise _violation(model, "written", "it lives in headquarters only.")
            if kind is MasterData and not is_applying_package():
                raise _violation(model, "written", "master data changes only when a package is applied.")
        if role is Role.HEADQUARTERS and kind is ChannelRecord and not is_receiving_upload():
            raise _violation(model, "written", "a channel's records arrive in uploads.")
        return None

    def allow_relation(self, obj1: models.Model, obj2: models.Model, **hints: Any) -> bool:
        return True


def _violation(model: type[models.Model], action: str, why: str) -> RoleViolation:
    return RoleViolation(model=model._meta.label, action=action, role=current_role().value, why=why)
