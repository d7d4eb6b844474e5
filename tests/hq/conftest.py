"""Headquarters with somebody signed in to its back office."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.company import a_user


@pytest.fixture(autouse=True)
def _at_headquarters(headquarters: Any, db: Any) -> None:
    """Every test here plays headquarters."""


@pytest.fixture
def back_office() -> Client:
    """A browser in which an administrator is signed in."""
    client = Client()
    client.force_login(
        a_user(username="ada", first_name="Ada"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client
