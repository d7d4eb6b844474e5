"""A proxy between Django and PostgreSQL that counts round trips where they happen: on the wire."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from typing import Any


class CountingProxy:
    """Forwards a TCP port; `trips` is how often a client spoke after it had been answered (or at first).

    What is sent in one go, or piece by piece without an answer in between, is one trip: that is what a line with
    a delay would be paid for.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.trips = 0
        self.connections = 0
        self.closed = 0  # of these, closed on both sides
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    @contextlib.contextmanager
    def counted(self) -> Iterator[Trips]:
        """How many trips the block makes."""
        found = Trips()
        before = self.trips
        yield found
        found.count = self.trips - before

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            self._forward(client)
        finally:
            self.closed += 1

    def _forward(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server, selectors.DefaultSelector() as waiting:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting.register(end, selectors.EVENT_READ)
            answered = True
            while True:
                for key, _ in waiting.select():
                    end: Any = key.fileobj
                    try:
                        data = end.recv(1 << 16)
                    except OSError:
                        return
                    if not data:
                        return
                    if end is client:
                        self.trips += answered
                        answered = False
                        server.sendall(data)
                    else:
                        answered = True
                        client.sendall(data)


class Trips:
    """The count, known when the block has ended."""

    count = -1
