"""A company from before a permission has it where a new company would."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from channels_app.roles import applying_package
from hq.models import PermissionGroup

pytestmark = pytest.mark.django_db
NAME = "0010_whoever_sells_may_choose_a_station"


def migrate() -> None:
    """The migration's step, on models as they were when it was written."""
    apps = MigrationLoader(connection).project_state(("hq", NAME)).apps
    import_module(f"hq.migrations.{NAME}").give_permission(apps, None)


def groups() -> dict[str, list[str]]:
    """Each group's permissions by its name."""
    return dict(PermissionGroup.objects.values_list("name", "permissions"))


def test_whoever_sells_may_choose_another_station_and_the_history_says_since_when(headquarters: Any) -> None:
    cashier = PermissionGroup.objects.create(name="Cashier", permissions=["sell", "reprint"])
    PermissionGroup.objects.create(name="Stock room", permissions=["activate"])
    PermissionGroup.objects.bulk_create([PermissionGroup(name="Lead", permissions=["sell"])])
    for _ in range(2):
        migrate()
        assert groups() == {
            "Cashier": ["sell", "reprint", "choose_station"],
            "Lead": ["sell", "choose_station"],
            "Stock room": ["activate"],
        }
    assert [(kept.history_type, kept.permissions) for kept in cashier.history.all()] == [
        ("~", ["sell", "reprint", "choose_station"]),
        ("+", ["sell", "reprint"]),
    ]
    assert PermissionGroup.objects.get(name="Lead").history.count() == 2
    assert "new" in cashier.history.first().history_change_reason


def test_a_channel_database_waits_for_the_package(scale_unit: Any) -> None:
    with applying_package():
        PermissionGroup.objects.create(name="Cashier", permissions=["sell"])
    migrate()
    assert groups() == {"Cashier": ["sell"]}
