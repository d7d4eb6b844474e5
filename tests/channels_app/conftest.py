"""Two sides for every test of the exchange: headquarters with a small company, and one scale unit."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from config.embedded.services import free_port
from hq.models import User
from tests.channels_app import company
from tests.channels_app.processes import running
from tests.channels_app.two_sides import Sides, connected, make_channel_database


@pytest.fixture(scope="session")
def channel_database(django_db_setup: Any, django_db_blocker: Any) -> str:
    """The scale unit's database: made once a run."""
    name = "{}_channel".format(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        make_channel_database(name)
    return name


@pytest.fixture
def sides(transactional_db: None, channel_database: str, tmp_path: Path) -> Iterator[Sides]:
    """Headquarters (played from the start) and a scale unit, connected, both empty."""
    both = Sides(channel_database, tmp_path)
    try:
        both.empty_channel()
        with both.headquarters(), connected(both):
            yield both
    finally:
        both.close()


@pytest.fixture
def shop(sides: Sides) -> company.Company:
    """A small company with two stores; the first one sells from the scale unit."""
    return company.a_company()


@pytest.fixture(scope="module")
def kept() -> Iterator[SimpleNamespace]:
    """What is started once for the tests of a file."""
    with ExitStack() as stack:
        yield SimpleNamespace(url="", stack=stack)


@pytest.fixture
def headquarters_url(
    shop: company.Company, sides: Sides, kept: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Headquarters in a process of its own, for what tills ask it: nothing of that is kept there from test to test."""
    if not kept.url:
        ports = {"headquarters": free_port(), "scale_unit": free_port()}
        log = tmp_path_factory.mktemp("headquarters") / "log"
        kept.stack.enter_context(running(sides, log, ports, kinds=("headquarters_web",)))
        kept.url = f"http://127.0.0.1:{ports['headquarters']}"
    return kept.url


@pytest.fixture
def staff(shop: company.Company) -> Client:
    """Somebody signed in at headquarters who may do everything."""
    client = Client()
    user = User.objects.create_superuser("ops", password="x", email="ops@example.com")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
