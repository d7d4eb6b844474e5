"""What the till asks of the hardware station, as a port: the hardware app provides the answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec


class DeviceView(msgspec.Struct, frozen=True):
    """One device as the cashier sees it: `state` is ok, warning, down or unknown; `words` say it.

    `open_since` is of a drawer that stands open, `paper_low` of a printer that still prints.
    """

    name: str
    kind: str
    state: str
    words: str
    paper_low: bool = False
    open_since: datetime | None = None


class JobView(msgspec.Struct, frozen=True):
    """One job of a register: waiting, sent, done, failed, unknown or cancelled."""

    id: UUID
    kind: str
    state: str
    words: str
    title: str
    created_at: datetime
    can_reprint: bool = False
    source: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.state in ("waiting", "sent")


class PrinterView(msgspec.Struct, frozen=True):
    """A printer that a register's papers can come out of: its own (`is_first`), a second one, or another register's."""

    device: str
    name: str
    words: str
    is_first: bool = False


class StationOption(msgspec.Struct, frozen=True):
    """A station of the register's store: whether it can be used now, and what it drives for this register.

    `is_own` is the register's own by its configuration, `is_used` the one that serves it now.
    """

    id: int
    name: str
    connected: bool
    words: str
    is_own: bool
    is_used: bool


class StationChosen(msgspec.Struct, frozen=True):
    """A register goes from one station of its store to another; `own` is the one of its configuration.

    `brings` says that prints which nobody has taken yet go along; what was taken stays where it is.
    """

    register_id: int
    own: int | None
    old: int | None
    new: int
    brings: bool
    worker_id: int
    at: datetime


class StationView(msgspec.Struct, frozen=True):
    """The station that serves a register: whether it is connected, its devices, and the jobs that wait for it.

    `own_name` is set while the register uses another station than its own, and `own_is_back` when it need not any
    more. `untaken` counts prints that the station has not taken yet, `elsewhere` jobs that are still open at others.
    """

    name: str = ""
    connected: bool = False
    words: str = "No station: this register prints nothing."
    devices: tuple[DeviceView, ...] = ()
    waiting: int = 0
    unknown: int = 0
    untaken: int = 0
    elsewhere: int = 0
    own_name: str = ""
    own_is_back: bool = False


class PaymentView(msgspec.Struct, frozen=True):
    """What the card terminal says of one payment, refund or reversal.

    `state` is waiting (nothing is charged yet), asking (only the terminal knows, and it is being asked), approved,
    refused (nothing was charged; `words` say why), cancelled, or lost (nobody can say any more: a person decides).
    `answer` is what the terminal gave: masked card, authorisation, its own receipt number, the amount in the
    currency's smallest unit. `station_id` is the station whose terminal it is.
    """

    state: str
    words: str
    answer: dict = {}
    station_id: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "asking")


class JobRequest(msgspec.Struct, frozen=True):
    """A job that a business fact asks for in its own transaction: the fact's `print_jobs` is a list of these.

    `document` is the receipt as JSON for `print` (see docs/hardware.md), `{"connector": 1}` for `drawer`.
    `expires_in` counts seconds: after that it is no longer started. A smaller `priority` goes first. With `register`,
    the register's number, the job itself can go to a station that is connected here; else the station fetches it.
    """

    id: UUID
    station_id: int
    register_id: int
    kind: str
    document: dict
    title: str = ""
    source: str = ""
    priority: int = 5
    expires_in: int | None = None
    register: str = ""


class JobStatement(msgspec.Struct, frozen=True):
    """A statement about one job that whoever asked for it writes together with what follows from it.

    It reads from `held`, as a `pos.services.writing.Write` that must write does.
    """

    sql: str
    parameters: dict[str, Any]

    @property
    def alone(self) -> str:
        """The statement where nothing else is written in the same one."""
        return f"WITH held AS (SELECT 1) {self.sql}"


class StationPort(Protocol):
    def view(self, register_id: int) -> StationView:
        """The state of the register's station and devices, cheap enough for every page."""
        ...

    def stations(self, register_id: int) -> Sequence[StationOption]:
        """The stations of the register's store, its own first."""
        ...

    def chosen(self, choice: StationChosen) -> None:
        """Ring the stations between which a register has just moved; losing the ring loses nothing."""
        ...

    def jobs(self, register_id: int, limit: int = 20) -> Sequence[JobView]:
        """The register's last jobs, the newest first."""
        ...

    def send(
        self,
        *,
        register_id: int,
        kind: str,
        document: dict,
        title: str,
        request_id: UUID,
        device: str = "",
    ) -> UUID | None:
        """Queue one job outside of a sale (a report, a copy, opening the drawer); the same request queues once.

        `device` is a printer as `printers` names it; empty for the register's own. Returns the job's id, or None where
        the register has no station.
        """
        ...

    def reprint(self, *, register_id: int, job_id: UUID, request_id: UUID, device: str = "") -> UUID | None:
        """Print a job of this register again, marked COPY; an original that has not begun is called back.

        `device` is another printer of the station, as `printers` names it.
        """
        ...

    def confirm(self, *, register_id: int, job_id: UUID) -> bool:
        """Somebody has seen the paper of a print whose outcome was unknown; False when it is known by now."""
        ...

    def shops_copies(self, register_id: int) -> Sequence[JobView]:
        """Card payments of the last day that stand in no journal, and of which the terminal has a slip for the shop."""
        ...

    def print_shops_copy(self, *, register_id: int, job_id: UUID, request_id: UUID) -> UUID | None:
        """Print the terminal's slip for the shop of one of ``shops_copies``; the same request prints once."""
        ...

    def printers(self, register_id: int) -> Sequence[PrinterView]:
        """The printers that are ready now, the register's own first, then second ones, then other registers'."""
        ...

    def receipt_job(self, source: UUID) -> JobView | None:
        """How the receipt of that sale stands; None when none was asked for."""
        ...

    def announce(self, asked: Sequence[JobRequest]) -> None:
        """A fact has just committed these jobs: their stations hear of them; losing that loses nothing."""
        ...

    def payment(self, intent: UUID) -> PaymentView | None:
        """What the terminal has said of a payment; None when no job of that id is known."""
        ...

    def decision(self, intent: UUID, *, charged: bool, words: str) -> JobStatement | None:
        """How a person ends a payment of which nobody can say any more how it ended; None when no job is known."""
        ...

    def ask(self, job: JobRequest) -> UUID:
        """Save one job with the id that it has and ring its station after the commit; the same id is one job."""
        ...

    def cancel(self, *, register_id: int, job_id: UUID) -> bool:
        """Call a job back. True when it will certainly not be done; otherwise the station says how it ended."""
        ...

    def show(self, *, station_id: int, register: str, rows: Sequence[str], version: int) -> None:
        """Show two rows on the display of the register with that number; a tab parts left from right.

        Nothing waits for it. Rows of an older version of the cart that come late are not shown.
        """
        ...


class NoStation:
    """The answer where the hardware app is not installed: nothing prints, and the till says so."""

    def view(self, register_id: int) -> StationView:
        return StationView()

    def stations(self, register_id: int) -> Sequence[StationOption]:
        return ()

    def chosen(self, choice: StationChosen) -> None:
        return None

    def jobs(self, register_id: int, limit: int = 20) -> Sequence[JobView]:
        return ()

    def send(
        self,
        *,
        register_id: int,
        kind: str,
        document: dict,
        title: str,
        request_id: UUID,
        device: str = "",
    ) -> UUID | None:
        return None

    def reprint(self, *, register_id: int, job_id: UUID, request_id: UUID, device: str = "") -> UUID | None:
        return None

    def confirm(self, *, register_id: int, job_id: UUID) -> bool:
        return False

    def shops_copies(self, register_id: int) -> Sequence[JobView]:
        return ()

    def print_shops_copy(self, *, register_id: int, job_id: UUID, request_id: UUID) -> UUID | None:
        return None

    def printers(self, register_id: int) -> Sequence[PrinterView]:
        return ()

    def receipt_job(self, source: UUID) -> JobView | None:
        return None

    def announce(self, asked: Sequence[JobRequest]) -> None:
        return None

    def payment(self, intent: UUID) -> PaymentView | None:
        return None

    def decision(self, intent: UUID, *, charged: bool, words: str) -> JobStatement | None:
        return None

    def ask(self, job: JobRequest) -> UUID:
        return job.id

    def cancel(self, *, register_id: int, job_id: UUID) -> bool:
        return False

    def show(self, *, station_id: int, register: str, rows: Sequence[str], version: int) -> None:
        return None


_port: StationPort = NoStation()


def provide(port: StationPort) -> None:
    """Install the implementation; called once when the hardware app is ready."""
    global _port
    _port = port


def station() -> StationPort:
    """The station as the till may ask it."""
    return _port
