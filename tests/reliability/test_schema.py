"""The API against its own description: schemathesis makes messages from it, good and bad; none is an error of ours.

Its pytest plugin is off (it costs every start a second and a half), so it is called as a library.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as example_settings

from tests.scenarios.store import a_shop
from tests.scenarios.till_client import a_till

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("scale_unit"),
    pytest.mark.timeout(300),
]
MESSAGES = 12  # for each operation, good and bad
NOT_CALLED = {"/api/v1/sign-off/"}  # would end what all the others need


def operations() -> list[Any]:
    """Every operation of the API's description."""
    import schemathesis

    raw = Client().get("/api/schema/", headers={"Accept": "application/json"}).json()
    described = schemathesis.openapi.from_dict(raw)
    described.app = WSGIHandler()
    return [found.ok() for found in described.get_all_operations()]


def test_no_message_of_the_schema_is_an_error_of_ours(settings: Any) -> None:
    from schemathesis import GenerationMode

    settings.HEADQUARTERS_URL, settings.EXCHANGE_CREDENTIAL = "http://127.0.0.1:9", "nobody listens there"
    client = a_till(a_shop())
    called = 0
    for operation in operations():
        if operation.path in NOT_CALLED:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @example_settings(
                max_examples=MESSAGES,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def send(case: Any) -> None:
                nonlocal called
                answer = case.call(headers=client.headers)
                called += 1
                # 503 is an ordinary answer where headquarters, which is not there, would have to be asked
                assert answer.status_code < 500 or answer.status_code == 503, (
                    f"{case.method} {case.path} {case.body} {case.query}: {answer.status_code} {answer.text[:300]}"
                )

            send()
    assert called > 100
