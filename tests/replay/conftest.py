"""A scale unit that has the demo company, and the odd invoices already played in it."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from api.replay.past import past_request_id
from config.settings.roles import role_settings
from hq.models import Register
from pos.models import RetailTransaction
from tests.demo.fixtures import demo_company
from tests.scenarios.store import forget_everything, new_data_version

__all__ = ["demo_company"]
HERE = Path(__file__).parent
ODD, INVENTED = HERE / "odd_invoices.csv", HERE / "invented_invoices.csv"
Replay = Callable[..., str]


def record(number: str) -> RetailTransaction:
    """The journal record of an invoice."""
    register = Register.objects.get(number="103")
    return RetailTransaction.objects.get(request_id=past_request_id(register.pk, "invoice", number))


def run(*arguments: Any) -> str:
    """Run the command and return what it said."""
    out = StringIO()
    call_command("replay", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def channel(demo_company: None, django_db_blocker: Any) -> None:
    """The company is here as a package would have brought it."""
    with django_db_blocker.unblock(), override_settings(**role_settings("scale_unit")):
        new_data_version()


@pytest.fixture
def replay(channel: None, db: None, scale_unit: Any) -> Replay:
    """The command in a scale unit that has sold nothing yet."""
    forget_everything()
    return run


@pytest.fixture(scope="module")
def played(channel: None, django_db_blocker: Any) -> Iterator[str]:
    """The odd invoices are in the journal; what the command said."""
    with django_db_blocker.unblock(), override_settings(**role_settings("scale_unit")), transaction.atomic():
        forget_everything()
        said = run(ODD)
        with django_db_blocker.block():
            yield said
        transaction.set_rollback(True)
