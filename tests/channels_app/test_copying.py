"""COPY … TO in pieces: all rows in order, the database's errors, and a connection that stays of use."""

from __future__ import annotations

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from channels_app.copying import copied

pytestmark = pytest.mark.django_db

NUMBERS = "SELECT n, repeat('x', 20) FROM generate_series(1, 5000) AS n"


def test_pieces_hold_all_rows_in_order() -> None:
    pieces = list(copied(NUMBERS, 4000))
    assert len(pieces) > 10
    assert all(len(piece) < 4100 for piece, _ in pieces)
    assert sum(rows for _, rows in pieces) == 5000
    assert b"".join(piece for piece, _ in pieces) == b"".join(
        b"%d\t" % n + b"x" * 20 + b"\n" for n in range(1, 5001)
    )


def test_nothing_is_no_piece() -> None:
    assert list(copied("SELECT 1 WHERE false", 4000)) == []


def test_a_row_larger_than_a_piece_is_whole() -> None:
    [(piece, rows)] = copied("SELECT repeat('é', 300000)", 4000)
    assert (len(piece), rows) == (600_001, 1)


def test_a_wrong_query_is_refused_at_once() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        next(copied("SELECT nothing_of_that_name", 4000))
    _is_of_use()


def test_an_error_among_the_rows_is_raised_where_it_comes() -> None:
    with pytest.raises(DataError), transaction.atomic():
        for _ in copied("SELECT 1 / (4000 - n) FROM generate_series(1, 5000) AS n", 1000):
            continue
    _is_of_use()


def test_who_stops_early_leaves_a_connection_of_use() -> None:
    class FullDisk(Exception):
        pass

    with pytest.raises(FullDisk), transaction.atomic():
        for _ in copied("SELECT n FROM generate_series(1, 100000000) AS n", 4000):
            raise FullDisk
    _is_of_use()


def _is_of_use() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
