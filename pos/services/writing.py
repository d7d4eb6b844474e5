"""Writing a command's effect: one statement, whatever belongs to it, all or nothing.

The statement holds the cart's row, looks at its version, and writes only if nobody was faster. The journal
record, the answer that the request got, and what other apps post with the fact are parts of the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import DataError, IntegrityError

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from channels_app.postings import Posting, postings_for
from channels_app.statements import run_statement
from hq.station_port import JobRequest
from pos.cart.model import Cart, Outcome, pack_cart, pack_outcome
from pos.errors import CartChangedElsewhere
from pos.services.session import RegisterStanding, keep_cart

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Write:
    """A further statement that belongs to the step.

    It reads from `guard`, which is empty when the step lost; or, where the step hangs on it (`must_write`), from
    `held`, and the step is refused with `refusal` when it finds nothing to write.
    """

    name: str
    sql: str
    parameters: Mapping[str, Any]
    must_write: bool = False
    refusal: type[DomainError] = CartChangedElsewhere


@dataclass(frozen=True)
class Journal:
    """A journal record with the rows and events that go with it. `fact` is handed to the postings of `topic`."""

    topic: str
    fact: Any
    record: Mapping[str, Any]
    standing: RegisterStanding
    expected_sequence: int
    lines: Sequence[Mapping[str, Any]] = ()
    tenders: Sequence[Mapping[str, Any]] = ()
    event: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What an open sale asks of devices, for instance of a card terminal."""

    print_jobs: Sequence[JobRequest]


_HELD = """
held AS MATERIALIZED (
    SELECT register_id FROM pos_storedcart WHERE register_id = %(register)s AND version = %(version)s FOR UPDATE)"""
_STATE = """
state AS (
    UPDATE pos_registerstate s
       SET sequence = %(sequence)s, receipt = %(receipt)s, shift_sequence = %(shift_sequence)s,
           last_hash = %(last_hash)s, shift = %(shift)s, business_date = %(business_date)s
      FROM held h WHERE s.register_id = h.register_id AND s.sequence = %(expected_sequence)s{required}
    RETURNING s.register_id)"""
_GUARD = """
guard AS (
    UPDATE pos_storedcart c SET version = %(new_version)s, document = %(document)s, updated_at = %(at)s
      FROM {source} h WHERE c.register_id = h.register_id{required}
    RETURNING c.register_id)"""
_ANSWER = """
answer AS (
    INSERT INTO pos_answeredrequest (id, register_id, request_id, fingerprint, document, outcome, answered_at)
    SELECT %(answer_id)s, register_id, %(request)s, %(fingerprint)s, %(document)s, %(outcome)s, %(at)s FROM guard)"""
_RECORD_COLUMNS = """id uuid, kind text, store_id bigint, register_id bigint, worker_id bigint, shift uuid,
    epoch integer, sequence bigint, receipt_number text, business_date date, concluded_at timestamptz, currency text,
    customer_account text, item_count numeric, net numeric, discount numeric, tax numeric, total numeric,
    request_id uuid, document text, previous_hash text, hash text"""
_LINE_COLUMNS = """id uuid, retail_transaction_id uuid, line integer, product_id bigint, variant_id bigint,
    product_number text, name text, barcode text, quantity numeric, unit text, list_price numeric, unit_price numeric,
    price_source text, discount numeric, net numeric, tax numeric, total numeric, detail jsonb, reason text,
    returned_line uuid"""
_TENDER_COLUMNS = """id uuid, retail_transaction_id uuid, line integer, method text, kind text, amount numeric,
    tendered numeric, change numeric, currency text, detail jsonb"""


def _insert(name: str, table: str, columns: str) -> str:
    names = ", ".join(column.split()[0] for column in columns.replace("\n", " ").split(","))
    picked = ", ".join(f"r.{column.strip()}" for column in names.split(","))
    return f"""
{name} AS (
    INSERT INTO {table} ({names})
    SELECT {picked} FROM json_to_recordset(%({name})s::json) AS r({columns}), guard)"""


_OUTBOX = """
outbox AS (
    INSERT INTO channels_app_outboxevent (id, topic, subject, schema_version, payload, happened_at)
    SELECT %(event_id)s, %(topic)s, %(subject)s, 1, %(event)s::jsonb, %(at)s FROM guard)"""


def write_step(
    *,
    cart: Cart,
    expected_version: int,
    at: datetime,
    outcome: Outcome,
    request_id: UUID,
    fingerprint: str,
    writes: Sequence[Write] = (),
    journal: Journal | None = None,
    jobs: Sequence[JobRequest] = (),
) -> None:
    """Commit a step, with its journal record or the `jobs` that it asks of devices.

    Raises CartChangedElsewhere when another step was faster; nothing is written then.

    The answer kept for the request is `cart` with `outcome`; `cart.version` must be above `expected_version`.
    """
    postings = postings_for(journal.topic) if journal else postings_for("device.asked") if jobs else ()
    sql = _statement(
        journal is not None, tuple((write.name, write.sql, write.must_write) for write in writes), postings
    )
    parameters: dict[str, Any] = {
        "register": cart.register,
        "version": expected_version,
        "new_version": cart.version,
        "document": pack_cart(cart),
        "at": at,
        "answer_id": uuid7(),
        "request": request_id,
        "fingerprint": fingerprint,
        "outcome": pack_outcome(outcome),
    }
    for write in writes:
        parameters.update(write.parameters)
    if journal is not None:
        parameters.update(_journal_parameters(journal, request_id))
    parameters.update(_posting_parameters(postings, journal.fact if journal else Asked(jobs)))
    try:
        rows = run_statement(sql, parameters)
    except IntegrityError as error:
        if "request_answered_once" in str(error):
            raise CartChangedElsewhere() from error
        raise
    except DataError as error:
        if isinstance(error.__cause__, psycopg.errors.DivisionByZero) and writes:
            raise writes[0].refusal() from error
        raise
    held, written, *others = rows[0]
    for write, count in zip([write for write in writes if write.must_write], others, strict=True):
        if held and not count:
            raise write.refusal()
    if not written:
        raise CartChangedElsewhere()
    keep_cart(cart.register, cart, at)


def _posting_parameters(postings: Sequence[Posting], fact: Any) -> dict[str, Any]:
    return {f"posting_{posting.name}": encode_json(posting.rows(fact)) for posting in postings}


def _journal_parameters(journal: Journal, request_id: UUID) -> dict[str, Any]:
    standing = journal.standing
    return {
        "sequence": standing.sequence,
        "receipt": standing.receipt,
        "shift_sequence": standing.shift_sequence,
        "last_hash": standing.last_hash,
        "shift": standing.shift,
        "business_date": standing.business_date,
        "expected_sequence": journal.expected_sequence,
        "journal": encode_json([{**journal.record, "request_id": request_id}]),
        "lines": encode_json(journal.lines),
        "tenders": encode_json(journal.tenders),
        "event_id": uuid7(),
        "topic": journal.topic,
        "subject": str(journal.record["id"]),
        "event": encode_json(journal.event),
    }


def encode_json(value: Any) -> str:
    return _encode(value).decode()


@lru_cache(maxsize=64)
def _statement(
    with_journal: bool, writes: tuple[tuple[str, str, bool], ...], postings: tuple[Posting, ...]
) -> str:
    """The text of the statement for this set of parts; a few texts in all, each prepared once per connection."""
    required = [name for name, _, must_write in writes if must_write]
    needs = "".join(f" AND EXISTS (SELECT 1 FROM {name})" for name in required)
    parts = [_HELD, *(f"{name} AS ({sql})" for name, sql, must_write in writes if must_write)]
    if with_journal:
        parts += [
            _STATE.format(required=needs),
            _GUARD.format(source="state", required=""),
            _insert("journal", "pos_retailtransaction", _RECORD_COLUMNS),
            _insert("lines", "pos_salesline", _LINE_COLUMNS),
            _insert("tenders", "pos_tenderline", _TENDER_COLUMNS),
            _OUTBOX,
        ]
    else:
        parts.append(_GUARD.format(source="held", required=needs))
    parts.append(_ANSWER)
    parts += [f"{name} AS ({sql})" for name, sql, must_write in writes if not must_write]
    for posting in postings:
        rows = f"json_to_recordset(%(posting_{posting.name})s::json) AS r({posting.columns})"
        statement = posting.statement.format(rows="@ROWS@", guard="guard")
        statement = statement.replace("@ROWS@ r", rows).replace("@ROWS@", rows)
        parts.append(f"posting_{posting.name} AS ({statement})")
    counts = ", ".join(
        [
            "(SELECT count(*) FROM held)",
            "(SELECT count(*) FROM guard)",
            *(f"(SELECT count(*) FROM {name})" for name in required),
        ]
    )
    return "WITH " + ",".join(parts) + f"\nSELECT {counts}"
