"""The demo company, made once for all tests of a module and taken back afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from api import usual
from api.demo.make import make_company
from config.settings.roles import role_settings

PINS = {usual.CASHIER: "1111", usual.SHIFT_LEAD: "2222", usual.MANAGER: "3333"}


@pytest.fixture(scope="module")
def demo_company(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Each test of the module runs in a savepoint of the transaction in which the company was made."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**role_settings("headquarters")):
            make_company(password="a-long-password", pins=PINS)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)
