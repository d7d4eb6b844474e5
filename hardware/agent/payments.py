"""The card terminal's worker: a payment is charged once, or it is known that it was not.

Before the terminal hears of a payment, the journal has its amount and the number of the terminal's last
transaction. Whatever happens then, the terminal is asked: a new number with this amount is this payment, the old
number means that it was not booked. Since a terminal may go on by itself after its line was lost, what it is still
doing is aborted first, and "not booked" is believed when it has said so twice with a pause between. Until that is
known, the terminal does nothing else. A terminal that tells of no transaction is believed only where it has told of
one before, ever: some never do, whatever they have booked, and what they did a person reads in their journal. One
that says another number of itself than its predecessor at that address is another terminal, of which nothing is known.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from hardware.agent.drivers.base import DeviceError, DeviceRefused, DeviceUnavailable, Health, OutcomeUnknown
from hardware.agent.drivers.zvt import PAYMENT_SECONDS, REVERSED_BEFORE, UNREADABLE, CannotRepeat, Unreadable
from hardware.agent.protocol import Acknowledge, Device, Job, Outcome
from hardware.agent.worker import Cancelled, JobWorker, Station

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SURE_SECONDS = 2.0
SURE_UNHEARD_SECONDS = PAYMENT_SECONDS  # after an abort to which it said nothing: a card may still be shown
WELL_SECONDS = 30.0
UNREADABLE_TIMES = 3
NOT_BOOKED = "Not charged: the terminal has no such payment."
ANOTHER = "The terminal's last transaction is another one. Look into its journal before you charge again."
TELLS_NOTHING = "The terminal does not tell what it did. Look into its journal before you charge again."
ASKING = "The outcome is unknown. The terminal is being asked."


class TerminalWorker(JobWorker):
    """For card terminals."""

    def __init__(self, device: Device, station: Station, drawers: Any = ()) -> None:
        super().__init__(device, station, drawers)
        mine = [
            outcome
            for outcome in station.journal.unknown_with_data()
            if outcome.data.get("asks", {}).get("device") == device.id
        ]
        self._to_ask: deque[Outcome] = deque(mine)
        self._asked_times = 0
        self._ask_at = 0.0
        self._not_booked_since: float | None = None
        self._is_stopped = True  # whether the terminal has heard that it is to stop

    def _turn(self) -> None:
        if not self._to_ask:
            super()._turn()
        elif self._stopping.wait(max(self._ask_at - time.monotonic(), 0)):
            return
        else:
            self._ask_terminal()

    def _poll_seconds(self) -> float:
        """A terminal that is well is left in peace: each question is a registration."""
        is_well = self.health is not None and self.health.state == "ready"
        return WELL_SECONDS if is_well else super()._poll_seconds()

    def _perform(self, job: Job, begin: Callable[[], None]) -> tuple[str, dict]:
        if job.kind != "payment":
            raise DeviceRefused(f"{self.device.title or self.device.id} cannot do this kind of job.")
        do, amount = job.document.get("do", "pay"), job.document.get("amount", 0)
        if do == "end_of_day":
            return self._end_of_day(job, begin)
        if not isinstance(amount, int) or isinstance(amount, bool) or not (amount > 0 or do == "reverse"):
            raise DeviceRefused("A payment needs an amount in whole cents, above zero.")
        driver = self.driver()
        if (currency := job.document.get("currency", driver.currency)) != driver.currency:
            raise DeviceRefused(
                f"The sale is in {currency}, and the terminal is set up for {driver.currency}."
            )
        facts = {
            "device": self.device.id,
            "address": self.device.address,
            "do": do,
            "amount": amount,
            "trace": self._mark_before(driver),
            "terminal": driver.terminal,
        }
        begin = partial(begin, {"asks": facts})
        tell = partial(self._tell_progress, job)
        options = {"begin": begin, "tell": tell, "is_cancelled": lambda: job.id in self._cancelled}
        try:
            match do:
                case "pay":
                    result = driver.pay(amount, **options)
                case "refund":
                    result = driver.refund(amount, **options)
                case "reverse":
                    result = driver.reverse(int(job.document.get("receipt", 0)), begin=begin, tell=tell)
                case _:
                    raise DeviceRefused(f"A terminal cannot do {do}.")
        finally:
            driver.close()
        if do == "reverse" and result.status == REVERSED_BEFORE:  # by hand, or by one that nobody heard of
            return result.words, result.slips()
        if not result.approved and job.id in self._cancelled:
            raise Cancelled(result.words, result.slips())
        if not result.approved:
            raise DeviceRefused(result.words, result.slips())
        self.station.journal.note_answered(self._known_as(driver))
        return result.words, result.as_data()

    def _known_as(self, driver: Any) -> str:
        """What is remembered of a terminal is remembered of it, not of whatever is put in its place."""
        return f"{self.device.address} {driver.terminal}".strip()

    def _mark_before(self, driver: Any) -> int | None:
        """The mark of the terminal's last transaction, 0 for none; None where that it tells of none says nothing."""
        driver.ask_who()
        journal, name = self.station.journal, self._known_as(driver)
        if mark := driver.last_mark():
            journal.note_repeats(name)
            return mark
        return 0 if journal.repeats(name) and not journal.has_answered(name) else None

    def _end_of_day(self, job: Job, begin: Callable[[], None]) -> tuple[str, dict]:
        """Close the terminal's day. It may be done again, so an end that was not heard is only said."""
        driver = self.driver()
        self._mark_before(driver)  # the last chance to learn whether it tells of what it booked
        begin()
        try:
            result = driver.end_of_day(partial(self._tell_progress, job))
        except DeviceUnavailable as error:
            raise OutcomeUnknown(f"{error} Close the day again to be sure.") from error
        finally:
            driver.close()
        if not result.approved:
            raise DeviceRefused(result.words)
        self.station.journal.forget_answered(self._known_as(driver))
        return result.words, {"report": result.lines}

    def _tell_progress(self, job: Job, words: str) -> None:
        self.station.send(Acknowledge(job=job.id, step="started", words=words))

    def _owe(self, job: Job) -> None:
        """What a printer owes is asked for by the printer's worker; a payment is in ``_to_ask``."""

    def _finish(self, job: Job, outcome: Outcome) -> None:
        """Keep the end of a job; where it is unknown, from now on the terminal is asked, whatever went wrong."""
        if outcome.result == "unknown":  # keep the facts by which it can be found out
            facts = self.station.journal.data_of(job.id)
            outcome = Outcome(job=job.id, result="unknown", detail=outcome.detail or ASKING, data=facts)
            if "asks" in facts:
                self._to_ask.append(outcome)
                self._asked_times, self._ask_at = 0, time.monotonic() + ASK_AGAIN_SECONDS[0]
        super()._finish(job, outcome)

    def _ask_terminal(self) -> None:
        asked = self._to_ask[0]
        try:
            outcome = self._found_out(asked)
        except DeviceError as error:
            self.say(getattr(error, "health", None) or Health("absent", str(error)))
            self.drop_driver()
            self._not_booked_since = None
            pause = ASK_AGAIN_SECONDS[min(self._asked_times, len(ASK_AGAIN_SECONDS) - 1)]
            self._asked_times, self._ask_at = self._asked_times + 1, time.monotonic() + pause
            return
        if outcome.detail == NOT_BOOKED and not self._is_sure():
            self._ask_at = time.monotonic() + (SURE_SECONDS if self._is_stopped else ASK_AGAIN_SECONDS[-1])
            return
        self._to_ask.popleft()
        self._asked_times, self._not_booked_since = 0, None
        log.info("Payment %s: %s", asked.job, outcome.detail)
        self.station.journal.finish(outcome)
        self.station.send(outcome)

    def _is_sure(self) -> bool:
        """True when the terminal has said for long enough that it has no such payment."""
        if self._not_booked_since is None:
            self._not_booked_since = time.monotonic()
            return False
        long_enough = SURE_SECONDS if self._is_stopped else SURE_UNHEARD_SECONDS
        return time.monotonic() - self._not_booked_since >= long_enough

    def _found_out(self, asked: Outcome) -> Outcome:
        """What the terminal says about a payment; raises DeviceError while it cannot be asked."""
        facts = asked.data["asks"]
        if (begun_at := facts.get("address", self.device.address)) != self.device.address:
            return _begun_elsewhere(asked, begun_at)
        driver = self.driver()
        try:
            if self._not_booked_since is None:
                self._is_stopped = driver.abort()
            if (begun_at := facts.get("terminal")) and begun_at != driver.ask_who():
                return _begun_elsewhere(asked, begun_at)
            last = driver.last_result()
        except CannotRepeat:
            if facts["trace"]:  # it has told before, so it will tell again
                raise
            return Outcome(job=asked.job, result="unknown", detail=TELLS_NOTHING, data={})
        except Unreadable:
            if self._asked_times < UNREADABLE_TIMES:
                raise
            return Outcome(job=asked.job, result="unknown", detail=UNREADABLE, data={})
        finally:
            driver.close()
        if last is not None and last.mark is None:  # the one before this payment would look the same
            return Outcome(job=asked.job, result="unknown", detail=TELLS_NOTHING, data={})
        if last is None and facts["trace"] is None:  # perhaps it never tells of any
            return Outcome(job=asked.job, result="unknown", detail=TELLS_NOTHING, data={})
        if (last.mark or 0 if last else 0) == facts["trace"]:
            return Outcome(job=asked.job, result="failed", detail=NOT_BOOKED)
        if last is None:  # it has forgotten what it had
            return Outcome(job=asked.job, result="unknown", detail=ANOTHER, data={})
        # some terminals take back by themselves what they could not tell us of, which has the same amount
        if facts["do"] != "reverse" and (last.amount != facts["amount"] or last.undoes):
            return Outcome(job=asked.job, result="unknown", detail=ANOTHER, data={})
        if last.approved:
            return Outcome(job=asked.job, result="done", detail=last.words, data=last.as_data())
        return Outcome(job=asked.job, result="failed", detail=last.words, data=last.slips())


def _begun_elsewhere(asked: Outcome, begun_at: str) -> Outcome:
    """Another terminal stands here now, or the profile names another: what this one says is about its own."""
    words = f"It was begun at the terminal {begun_at}. Look into its journal before you charge again."
    return Outcome(job=asked.job, result="unknown", detail=words, data={})
