"""Who stands at which register: everything that one request needs to know, in one round trip."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from uuid import UUID

import msgspec

from channels_app.identifiers import uuid7
from channels_app.statements import run_statement
from pos.cart.model import Cart, Outcome, unpack_cart, unpack_outcome
from pos.config import RegisterConfig, StorePriceBook, WorkerView, known_config
from pos.errors import NoOpenShift, NotActivated, NotSignedOn, RegisterUnknown, WaitingForData
from pos.services.new_data import at_station, register_config
from pos.services.reading import Wanted

_COLUMNS = """
       d.id, d.register_id, w.id, w.worker_id,
       s.epoch, s.sequence, s.receipt, s.shift_sequence, s.last_hash, s.shift, s.business_date,
       c.version, c.updated_at,
       CASE WHEN c.version = %(known_version)s AND c.updated_at = %(known_at)s THEN NULL ELSE c.document END,
       a.fingerprint, a.document, a.outcome, v.version, v.applied_at, u.station_id
"""
_JOINS = """
  LEFT JOIN pos_registerstate s ON s.register_id = d.register_id
  LEFT JOIN pos_storedcart c ON c.register_id = d.register_id
  LEFT JOIN pos_answeredrequest a ON a.register_id = d.register_id AND a.request_id = %(request)s
  LEFT JOIN channels_app_dataversion v ON true
  LEFT JOIN hq_stationchoice u ON u.register_id = d.register_id AND u.left_at IS NULL
"""
_BY_TOKENS = f"""
SELECT {_COLUMNS}
  FROM pos_registerdevice d
  LEFT JOIN pos_signon w ON w.device_id = d.id AND w.token_hash = %(worker)s AND w.ended_at IS NULL
  {_JOINS}
 WHERE d.token_hash = %(device)s AND d.revoked_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM hq_device r WHERE r.id = d.id AND r.status = 'revoked')
"""
_BY_IDS = f"""
SELECT {_COLUMNS}
  FROM (SELECT NULL::uuid AS id, %(register)s::bigint AS register_id) d
  CROSS JOIN (SELECT NULL::uuid AS id, %(worker)s::bigint AS worker_id) w
  {_JOINS}
"""
_ENSURE = """
WITH state AS (
    INSERT INTO pos_registerstate (id, register_id, epoch, sequence, receipt, shift_sequence, last_hash)
    VALUES (%(state)s, %(register)s, coalesce((SELECT epoch FROM hq_register WHERE id = %(register)s), 1), 0, 0, 0, '')
    ON CONFLICT (register_id) DO NOTHING)
INSERT INTO pos_storedcart (id, register_id, version, document, updated_at)
VALUES (%(cart)s, %(register)s, 0, %(document)s, %(at)s) ON CONFLICT (register_id) DO NOTHING
RETURNING register_id
"""


@dataclass(frozen=True, slots=True)
class RegisterStanding:
    """Where the register stands: its counters, the end of its journal, its open shift."""

    epoch: int = 1
    sequence: int = 0
    receipt: int = 0
    shift_sequence: int = 0
    last_hash: str = ""
    shift: UUID | None = None
    business_date: date | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that this request got the first time."""

    fingerprint: str
    cart: Cart
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Till:
    """A register as one request finds it. `worker` is None when nobody is signed on."""

    register: RegisterConfig
    standing: RegisterStanding
    cart: Cart
    worker: WorkerView | None
    answered: Answered | None
    data_version: int
    data_as_of: datetime
    device_id: UUID | None = None
    sign_on_id: UUID | None = None

    @property
    def book(self) -> StorePriceBook:
        return self.register.book

    def require_worker(self) -> WorkerView:
        """Who is signed on; raises NotSignedOn."""
        if self.worker is None:
            raise NotSignedOn()
        return self.worker

    def require_shift(self) -> UUID:
        """The open shift; raises NoOpenShift."""
        if self.standing.shift is None:
            raise NoOpenShift()
        return self.standing.shift


NEVER = datetime(1, 1, 1, tzinfo=UTC)
Sells = Callable[[], Sequence[Wanted]]


def nothing() -> Sequence[Wanted]:
    """Of a request that sells no article."""
    return ()


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def till_by_tokens(
    *, device: str, worker: str = "", request_id: UUID | None = None, sells: Sells = nothing
) -> Till:
    """The register of an activated browser, and who is signed on at it.

    `sells` says what the request is about to sell: where new data must be read, that is read with it.

    Raises NotActivated for an unknown or revoked device, WaitingForData before the first package, and
    RegisterUnknown when the data received does not hold the register.
    """
    device_hash = token_hash(device)
    kept = _kept_carts.get(_register_of.get(device_hash, 0))
    rows = run_statement(
        _BY_TOKENS,
        {
            "device": device_hash,
            "worker": token_hash(worker) if worker else "",
            "request": request_id or uuid7(),  # of one type always, so that it is one statement to prepare
            **_known(kept),
        },
    )
    if not rows:
        raise NotActivated()
    till = _till(rows[0], kept, sells)
    _register_of[device_hash] = till.register.id
    return till


def till_by_ids(
    *, register_id: int, worker_id: int | None, request_id: UUID | None = None, sells: Sells = nothing
) -> Till:
    """The register with that id and a worker of its store: for the station, the shell and the replay."""
    kept = _kept_carts.get(register_id)
    rows = run_statement(
        _BY_IDS,
        {
            "register": register_id,
            "worker": worker_id,
            "request": request_id or uuid7(),  # of one type always, so that it is one statement to prepare
            **_known(kept),
        },
    )
    return _till(rows[0], kept, sells)


def ensure_standing(*, register_id: int, currency: str, at: datetime) -> None:
    """Give a register its counters and its empty cart, if it has none yet."""
    from pos.cart.model import pack_cart

    cart = Cart(id=str(uuid7()), register=register_id, currency=currency)
    run_statement(
        _ENSURE,
        {
            "state": uuid7(),
            "cart": uuid7(),
            "register": register_id,
            "document": pack_cart(cart),
            "at": at,
        },
    )


# Carts as they were last written by this process: the same version of the same row need not be read again.
_lock = Lock()
KeptCart = tuple[int, datetime, Cart]
_kept_carts: dict[int, KeptCart] = {}
_register_of: dict[str, int] = {}


def keep_cart(register_id: int, cart: Cart, written_at: datetime) -> None:
    """Remember a cart that was just committed."""
    with _lock:
        _kept_carts[register_id] = (cart.version, written_at, cart)


def forget() -> None:
    """Drop all that is kept; for tests."""
    with _lock:
        _kept_carts.clear()
        _register_of.clear()


def _known(kept: KeptCart | None) -> dict[str, object]:
    return {"known_version": kept[0] if kept else -1, "known_at": kept[1] if kept else NEVER}


def _till(row: tuple, kept: KeptCart | None, sells: Sells) -> Till:
    (
        device_id,
        register_id,
        sign_on_id,
        worker_id,
        epoch,
        sequence,
        receipt,
        shift_sequence,
        last_hash,
        shift,
        business_date,
        version,
        updated_at,
        document,
        fingerprint,
        answer,
        outcome,
        data_version,
        applied_at,
        chosen_station,
    ) = row
    if data_version is None:
        raise WaitingForData(
            detail="Nothing has arrived yet: job 9999 brings it, and this page goes on by itself."
        )
    cart = _cart(register_id, version, updated_at, document, kept)
    config = known_config(register_id, data_version) or register_config(
        register_id, data_version, wanted=sells(), products=cart.priced_products
    )
    if config is None:
        raise RegisterUnknown()
    if chosen_station is not None:
        config = at_station(config, chosen_station)
    symbol = config.store.currency_symbol
    if version is None or cart.currency_symbol != symbol:
        currency = cart.currency or config.currency.code
        cart = msgspec.structs.replace(cart, currency=currency, currency_symbol=symbol)
    standing = (
        RegisterStanding(
            epoch,
            sequence,
            receipt,
            shift_sequence,
            last_hash,
            shift,
            business_date,
        )
        if epoch is not None
        else RegisterStanding()
    )
    return Till(
        register=config,
        standing=standing,
        worker=config.workers.get(worker_id) if worker_id else None,
        cart=cart,
        data_version=config.data_version,
        data_as_of=applied_at,
        device_id=device_id,
        sign_on_id=sign_on_id,
        answered=Answered(fingerprint, unpack_cart(answer), unpack_outcome(outcome)) if fingerprint else None,
    )


def _cart(
    register_id: int,
    version: int | None,
    updated_at: datetime | None,
    document: bytes | None,
    kept: KeptCart | None,
) -> Cart:
    if version is None:
        return Cart(id="", register=register_id, currency="")
    if document is None:
        assert kept is not None  # the statement left the document out because it is this one
        return kept[2]
    cart = unpack_cart(document)
    keep_cart(register_id, cart, updated_at)  # type: ignore[arg-type]
    return cart
