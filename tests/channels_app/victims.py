"""Processes that tests kill: a parent that has everything loaded forks a child that works; killed, it forks another.

Run as `python -m tests.channels_app.victims KIND PORT`; each line on its standard input starts a child, whose
number it answers.
"""

import errno
import os
import signal
import sys
import time
from datetime import timedelta
from socketserver import ThreadingMixIn
from typing import NoReturn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

from config.embedded.children import die_with_parent


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


def set_up() -> None:
    """Load Django with the settings of a test, without touching the database."""
    import django
    from django.conf import settings

    django.setup()
    for name in ("PACKAGE_SIGNING_KEY", "PACKAGE_VERIFY_KEY", "EXCHANGE_CREDENTIAL", "HEADQUARTERS_URL"):
        setattr(settings, name, os.environ[name])

    import httpx

    from channels_app import channel_client, tasks
    from channels_app.services import build, contact, push
    from channels_app.urls_headquarters import urlpatterns  # noqa: F401  # loaded before the fork

    if patience := os.environ.get("PATIENCE"):
        channel_client.TIMEOUT = contact.TIMEOUT = httpx.Timeout(float(patience))
    tasks.soon = lambda task, *arguments: None  # the loops below look by themselves
    build._GRACE = push._SILENCE = timedelta(seconds=1)


def serve(port: int) -> NoReturn:
    from django.core.wsgi import get_wsgi_application

    with _listening(port, get_wsgi_application()) as server:
        server.serve_forever()
    raise SystemExit


def _listening(port: int, application: WSGIApplication) -> WSGIServer:
    """A server on the port, which whoever was killed a moment ago may hold for another moment."""
    for _ in range(500):
        try:
            return make_server("127.0.0.1", port, application, Server, Quiet)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            time.sleep(0.01)
    raise SystemExit(f"Port {port} stays taken.")


def headquarters_work() -> None:
    from channels_app.models import ChannelDatabase
    from channels_app.services.build import Order, build_packages, fail_abandoned
    from channels_app.services.push import due_packages, push_package

    fail_abandoned()
    build_packages(Order(list(ChannelDatabase.objects.values_list("pk", flat=True)), ["9999"]))
    for package in due_packages():
        push_package(package)


def scale_unit_work() -> None:
    from channels_app import tasks

    tasks.apply_waiting_packages()
    tasks.upload()


def work(kind: str, port: int) -> NoReturn:
    if kind.endswith("web"):
        serve(port)
    step = headquarters_work if kind == "headquarters_worker" else scale_unit_work
    while True:
        try:
            step()
        except Exception as error:  # the other side was killed at this very moment
            print(kind, repr(error)[:300], file=sys.stderr, flush=True)
        time.sleep(0.01)


def main(kind: str, port: int) -> None:
    set_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    end_with_us = die_with_parent(signal.SIGKILL)
    print("ready", flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            end_with_us()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(kind, port)
        print(child, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
