"""Fixtures that every test may use."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from config.settings.roles import role_settings
from tests.emptying import Emptying

# How long one example takes says more about the machine's other work than about ours.
hypothesis_settings.register_profile("tillhouse", deadline=None)
hypothesis_settings.load_profile("tillhouse")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pricing-cases", metavar="DIR", help="run the worked examples of this folder instead of our own"
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the browser's driver keeps an event loop running in the main thread to the end."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests that commit leave behind what migrations laid down, and nothing else."""
    with django_db_blocker.unblock():
        emptying = Emptying()
    with patch.object(TransactionTestCase, "_fixture_teardown", lambda case: emptying()):
        yield


@pytest.fixture
def headquarters(settings: Any) -> Any:
    """The process plays headquarters: its URLs, middleware, cookies and guard."""
    return _play("headquarters", settings)


@pytest.fixture
def scale_unit(settings: Any) -> Any:
    """The process plays a scale unit: its URLs, middleware, cookies and guard."""
    return _play("scale_unit", settings)


def _play(role: str, settings: Any) -> Any:
    for name, value in role_settings(role).items():
        setattr(settings, name, value)
    return settings


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test left in Redis does not reach the next."""
    yield
    cache.clear()
