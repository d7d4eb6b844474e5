"""Headquarters and a scale unit in one process: each with a database, settings and HTTP server of its own.

What one side asks the other goes through real requests to the other's views, without a socket.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test import override_settings
from django.urls import clear_url_caches, set_urlconf
from psycopg import sql

from channels_app import channel_client, tasks
from channels_app.changes import remove_tracking
from channels_app.models import ChannelDatabase, Package
from channels_app.registry import carried
from channels_app.services import contact
from channels_app.services.build import Order, build_packages
from channels_app.services.compare import compare
from channels_app.services.contact import keep_in_touch
from channels_app.services.push import push_package
from channels_app.signatures import new_keys
from channels_app.states import PackageState
from config.settings.roles import role_settings
from tests.emptying import empty

CREDENTIAL = "a credential that only tests use"


class Sides:
    """Both sides. What is not said to happen at the scale unit happens at headquarters."""

    def __init__(self, channel_database: str, folder: Any) -> None:
        private, public = new_keys()
        self._settings = {
            role: {
                **role_settings(role),
                "DATA_DIR": folder / role,
                "HEADQUARTERS_URL": "http://headquarters.test",
                "PACKAGE_SIGNING_KEY": private,
                "PACKAGE_VERIFY_KEY": public,
                "EXCHANGE_CREDENTIAL": CREDENTIAL,
                "ALLOWED_HOSTS": ["*"],
                "SIMPLE_HISTORY_ENABLED": role == "headquarters",
            }
            for role in ("headquarters", "scale_unit")
        }
        self._headquarters = connections["default"]
        self._channel = self._connection_to(channel_database)
        self.queue: list[tuple[str, Any, tuple]] = []
        self.lines = {"headquarters": Line(self, "headquarters"), "scale_unit": Line(self, "scale_unit")}

    def _connection_to(self, database: str) -> Any:
        return type(self._headquarters)(
            copy.deepcopy(self._headquarters.settings_dict) | {"NAME": database}, "default"
        )

    @contextmanager
    def at(self, role: str, **more: Any) -> Iterator[None]:
        """Play one side."""
        former = connections["default"]
        connections["default"] = self._headquarters if role == "headquarters" else self._channel
        try:
            with override_settings(**self._settings[role] | more):
                clear_url_caches()
                set_urlconf(None)
                yield
        finally:
            connections["default"] = former
            clear_url_caches()
            set_urlconf(None)

    def scale_unit(self, **more: Any) -> Any:
        return self.at("scale_unit", **more)

    def headquarters(self, **more: Any) -> Any:
        return self.at("headquarters", **more)

    def soon(self, task: Any, *arguments: Any) -> None:
        """What both sides' `tasks.soon` does in tests: the work waits for `work`."""
        self.queue.append((settings.ROLE, task, arguments))

    def work(self, rounds: int = 50) -> None:
        """Let the workers of both sides do what was sent to them."""
        while self.queue and rounds:
            role, task, arguments = self.queue.pop(0)
            with self.at(role):
                task(*arguments)
            rounds -= 1

    def empty_channel(self) -> None:
        """Empty every table of the scale unit that migrations do not fill."""
        with self.scale_unit(), connections["default"].cursor() as cursor:
            tables = connections["default"].introspection.table_names(cursor)
            empty(cursor, {*tables} - {"django_migrations", "django_content_type", "auth_permission"})

    def introduce(self) -> None:
        """Let the scale unit ask who it is, and nothing else happen."""
        with self.scale_unit():
            keep_in_touch(now=True)
        self.queue.clear()

    def distribute(self, *jobs: str, full: bool = False) -> list[Package]:
        """One round for every database: build, push, apply, report. Each package must end as applied."""
        self.introduce()
        databases = list(ChannelDatabase.objects.values_list("pk", flat=True))
        built = build_packages(Order(databases, jobs or ["9999"], full=full))
        for package in built:
            push_package(package.pk)
        self.work()
        for package in built:
            package.refresh_from_db()
            assert package.state == PackageState.APPLIED, package.error
        return built

    def differences(self) -> list[str]:
        """The tables in which the first channel database differs from what it should have."""
        database = ChannelDatabase.objects.select_related("scale_unit").first()
        return [d.table for d in compare(database) if not d.is_equal]

    def close(self) -> None:
        self._channel.close()


class Line(httpx.BaseTransport):
    """What reaches a role's web server; `fault` may break it."""

    def __init__(self, sides: Sides, role: str) -> None:
        self._sides, self._role = sides, role
        self.fault: Any = None
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        fault = self.fault(request) if self.fault else None
        if isinstance(fault, httpx.Response):
            return fault
        request.read()
        with self._sides.at(self._role):
            response = httpx.WSGITransport(app=WSGIHandler()).handle_request(request)
            content = b"".join(response.stream)  # type: ignore[arg-type]
        answer = httpx.Response(response.status_code, headers=response.headers, content=content)
        return fault(answer) if fault else answer


@contextmanager
def connected(sides: Sides) -> Iterator[None]:
    """Let each side's HTTP client reach the other side, and keep connections open between requests."""
    former = channel_client._http, contact._http, tasks.soon
    clients = {role: httpx.Client(transport=line) for role, line in sides.lines.items()}
    channel_client._http = lambda: clients["scale_unit"]  # type: ignore[assignment]
    contact._http = lambda: clients["headquarters"]  # type: ignore[assignment]
    tasks.soon = sides.soon  # type: ignore[assignment]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        channel_client._http, contact._http, tasks.soon = former
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def make_channel_database(name: str) -> None:
    """A copy of the test database that no connection holds, without change tracking."""
    connections["default"].close()
    parameters = connections["default"].get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None), parameters.pop("context", None)
    template = connections["default"].settings_dict["NAME"]
    with psycopg.connect(
        **{k: parameters[k] for k in ("host", "port", "user", "password", "dbname")}, autocommit=True
    ) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    sides = Sides(name, Path())
    try:
        with sides.scale_unit():
            remove_tracking(carried())
    finally:
        sides.close()
