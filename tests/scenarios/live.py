"""The process's own ASGI application under uvicorn, in a thread: HTTP and websockets on one port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from channels.layers import channel_layers
from django.core.wsgi import get_wsgi_application


@contextmanager
def live_server() -> Iterator[str]:
    """The server's host and port while it runs; the role is the one that the settings have now."""
    from config.asgi import application_of

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        application_of(get_wsgi_application()),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    new_channel_layer()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


def new_channel_layer() -> None:
    """One for a server in this process: its locks belong to its loop, also those that a stopped server left held."""
    channel_layers.backends.clear()


def until(done: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("It did not happen in time.")
        time.sleep(0.02)
