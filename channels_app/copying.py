"""COPY … TO in large pieces: psycopg's own loop waits anew for each row, which costs more than the row itself."""

from collections.abc import Generator, Iterator

import psycopg
from django.db import connection
from psycopg.errors import QueryCanceled, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Ready, Wait


def copied(query: str, size: int) -> Iterator[tuple[bytearray, int]]:
    """The rows of a complete query as COPY text: pieces of `size` bytes and a little more, each with its rows' number.

    Raises what the database says. Who stops before the end ends the statement, and with it the transaction.
    """
    connection.ensure_connection()
    link: psycopg.Connection = connection.connection
    is_through = False
    with connection.wrap_database_errors:
        began = link.pgconn.exec_(f"COPY ({query}) TO STDOUT".encode())
        if began.status != ExecStatus.COPY_OUT:
            raise error_from_result(began)
        try:
            while not is_through:
                piece, rows, is_through = link.wait(_piece(link.pgconn, size))
                if rows:
                    yield piece, rows
        except GeneratorExit:
            _leave(link, size)
            raise


def _piece(pgconn: PGconn, size: int) -> Generator[Wait, Ready, tuple[bytearray, int, bool]]:
    """The next rows, how many they are, and whether they were the last ones."""
    piece, rows = bytearray(), 0
    while len(piece) < size:
        length, row = pgconn.get_copy_data(1)
        if length > 0:
            piece += row
            rows += 1
        elif length < 0:
            _finish(pgconn)
            return piece, rows, True
        else:
            yield Wait.R
            pgconn.consume_input()
    return piece, rows, False


def _finish(pgconn: PGconn) -> None:
    # All of them are fetched first: before that the connection takes nothing else.
    for result in list(iter(pgconn.get_result, None)):
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)


def _leave(link: psycopg.Connection, size: int) -> None:
    """Have the server stop, and read what it has sent meanwhile: the connection stays of use."""
    link.cancel_safe()
    try:
        while not link.wait(_piece(link.pgconn, size))[-1]:
            continue
    except QueryCanceled:
        return
