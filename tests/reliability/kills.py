"""The kill test: `make kill-test`, or `python -m tests.reliability.kills --web 200`.

A whole installation sells through its REST API while its processes are killed at random moments. After each restart
the channel's database is checked; at the end also headquarters, the paper and the drawers' money.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.reliability.cashier import Cashier, Request
from tests.reliability.system import System, a_system
from tests.reliability.truth import Truth, only_in_one, printing, sales

REGISTERS = (("1", "101"), ("1", "102"), ("3", "301"))
UPLOADING = 0x7111_0004  # the advisory lock of the upload
SETTLES_WITHIN = 180.0
STILL_AT_WORK = """SELECT 1 FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"""


@dataclass
class Result:
    """What was killed, where it struck, and what came of it."""

    hits: Counter[str] = field(default_factory=Counter)
    checks: int = 0
    sales: int = 0
    records: int = 0
    repeats: int = 0
    restarts: int = 0
    prints: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """The result in words."""
        hits = [f"{count:5} × {words}" for words, count in sorted(self.hits.items())]
        prints = ", ".join(f"{count} {state}" for state, count in sorted(self.prints.items()))
        return [
            *hits,
            f"{sum(self.hits.values())} kills in {self.seconds:.0f} s; {self.checks} checks, all held",
            f"{self.sales} sales, {self.records} journal records, {self.repeats} requests sent again",
            f"{self.restarts} workers ended by themselves and were started anew",
            f"prints: {prints}",
        ]


class Experiment:
    """Cashiers at three registers of one running system, and the hand that kills its processes."""

    def __init__(self, system: System, *, seed: int, say: Callable[[str], None] = print) -> None:
        self.system, self.say = system, say
        self.dice = random.Random(seed)
        self.truth, self.result = Truth(), Result()
        self.say(f"seed {seed}")
        managers = system.managers()
        self.cashiers = [
            Cashier(system.address, number, *managers[store], seed=seed + index)
            for index, (store, number) in enumerate(REGISTERS)
        ]

    def run(self, **kills: int) -> Result:
        """Kill each process as often as asked, in a random order, while the cashiers sell; then check everything."""
        began = time.monotonic()
        self.say("The company sells.")
        for cashier in self.cashiers:
            cashier.open()
        for cashier in self.cashiers:
            cashier.start()
        self._sell(3)
        plan = [name for name, count in kills.items() for _ in range(count)]
        self.dice.shuffle(plan)
        for index, name in enumerate(plan, 1):
            words = getattr(self, f"kill_{name}")()
            self.result.hits[words] += 1
            self._sell(1)
            self.check()
            if index % 10 == 0 or index == len(plan):
                self.say(
                    f"{index} of {len(plan)} kills, {sum(len(c.sold) for c in self.cashiers)} sales, all is well"
                )
        self._end()
        self.result.seconds = time.monotonic() - began
        return self.result

    # -- what is killed

    def kill_web(self) -> str:
        """The scale unit's web process, somewhere between sending a conclusion and its answer."""
        cashier = self.dice.choice(self.cashiers)
        asked = self._wait_for_conclusion(cashier)
        time.sleep(self.dice.uniform(0, 1.3) * self._usual_seconds())
        self.system.kill("scale_unit-web")
        is_answered = cashier.in_flight is not asked
        words = "answered" if is_answered else self._how_far(asked)
        self.system.start("scale_unit-web")
        return f"web process killed, the conclusion was {words}"

    def kill_postgres(self) -> str:
        """PostgreSQL itself, immediately (it recovers from its log), in the middle of a conclusion."""
        self._wait_for_conclusion(self.dice.choice(self.cashiers))
        time.sleep(self.dice.uniform(0, 1.3) * self._usual_seconds())
        self.system.kill("postgres", signal.SIGQUIT)
        self.system.start("postgres")
        return "PostgreSQL stopped immediately in a conclusion"

    def kill_station(self) -> str:
        """The hardware station while receipts are printed."""
        self._wait_for_conclusion(self.dice.choice(self.cashiers))
        time.sleep(self.dice.uniform(0, 0.4))
        self.system.kill("station")
        self._sell(1)
        self.system.start("station")
        return "hardware station killed near a print"

    def kill_uploader(self) -> str:
        """The scale unit's worker while it sends records up."""
        caught = self._wait_for_upload()
        time.sleep(self.dice.uniform(0, 0.08))
        self.system.kill("scale_unit-worker")
        self.system.start("scale_unit-worker")
        return f"scale unit's worker killed, {'uploading' if caught else 'between uploads'}"

    def kill_headquarters(self) -> str:
        """Headquarters' web process while it takes records."""
        caught = self._wait_for_upload()
        time.sleep(self.dice.uniform(0, 0.08))
        self.system.kill("headquarters-web")
        self.system.start("headquarters-web")
        return f"headquarters' web process killed, {'taking an upload' if caught else 'between uploads'}"

    def kill_applier(self) -> str:
        """The scale unit's worker while it applies a package with changed prices."""
        with self.system.connect("headquarters") as database:
            database.execute("UPDATE pricing_tradeagreement SET amount = amount + 0.01 WHERE id % 7 = 0")
        sending = threading.Thread(
            target=self.system.manage, args=("headquarters", "distribute"), daemon=True
        )
        sending.start()
        caught = self._wait_for("SELECT 1 FROM channels_app_receivedpackage WHERE state <> 'applied'", 40)
        time.sleep(self.dice.uniform(0, 0.3))
        self.system.kill("scale_unit-worker")
        self.system.start("scale_unit-worker")
        sending.join(60)
        return f"scale unit's worker killed, {'a package in hand' if caught else 'a package just applied'}"

    def kill_valkey(self) -> str:
        """Valkey, which carries wake-ups and never the only copy of anything; also before all have found it again."""
        self._wait_for_conclusion(self.dice.choice(self.cashiers))
        times = self.dice.randint(1, 3)
        for is_last in [False] * (times - 1) + [True]:
            self.system.kill("valkey")
            self._sell(1)
            self.system.start("valkey")
            if not is_last:
                time.sleep(self.dice.uniform(0, 5))
        return f"Valkey killed, {times} within seconds" if times > 1 else "Valkey killed"

    # -- how it is checked

    def check(self) -> None:
        """Everything that must hold at any moment, beside what the cashiers were told so far."""
        self.result.restarts += self.system.tend()
        for cashier in self.cashiers:
            assert not cashier.problem, cashier.problem
        told = [
            (sale.retail_transaction, sale.receipt, sale.total)
            for c in self.cashiers
            for sale in list(c.sold)
        ]
        with self.system.connect("scale_unit") as database:
            self.truth.check(database, told)
        self.result.checks += 1

    def _end(self) -> None:
        """Let the cashiers close their shifts, then wait until headquarters and the printers have everything."""
        for cashier in self.cashiers:
            cashier.enough.set()
        for cashier in self.cashiers:
            cashier.join(150)
            assert not cashier.problem, cashier.problem
            cashier.close()
        self.check()
        told = {sale.retail_transaction: sale.receipt for c in self.cashiers for sale in c.sold}
        with (
            self.system.connect("scale_unit") as channel,
            self.system.connect("headquarters") as headquarters,
        ):
            assert sales(channel) == told, "The journal has other sales than the cashiers were told of."
            self._until(lambda: only_in_one(channel, headquarters), "Headquarters has other records")
            self._until(lambda: self._prints(channel), "The printers made something else")
        self.say(self.system.manage("scale_unit", "verify_journal").strip())
        self.system.manage("headquarters", "compare")
        self.result.sales, self.result.records = len(told), self.truth.records
        self.result.repeats = sum(cashier.repeats for cashier in self.cashiers)

    def _prints(self, channel: psycopg.Connection) -> object:
        self.result.prints, wrong = printing(channel, self.system.lab.everything())
        return wrong

    def _until(self, what_is_wrong: Callable[[], object], words: str) -> None:
        deadline = time.monotonic() + SETTLES_WITHIN
        while wrong := what_is_wrong():
            assert time.monotonic() < deadline, f"{words}: {wrong}"
            self.result.restarts += self.system.tend()
            time.sleep(0.5)

    # -- moments

    def _sell(self, count: int) -> None:
        """Return when every cashier has sold so many more (or has found something wrong)."""
        wanted = {cashier: len(cashier.sold) + count for cashier in self.cashiers}
        while any(len(cashier.sold) < number for cashier, number in wanted.items()):
            for cashier in self.cashiers:
                assert not cashier.problem, cashier.problem
            time.sleep(0.01)

    def _wait_for_conclusion(self, cashier: Cashier) -> Request:
        """The next request of that cashier that settles a sale, in the moment in which it is sent."""
        while True:
            cashier.concluding.clear()
            while not cashier.concluding.wait(1):
                assert not cashier.problem, cashier.problem
            asked = cashier.in_flight
            if asked is not None and asked.is_conclusion:
                return asked

    def _usual_seconds(self) -> float:
        """How long a conclusion takes at the moment, by the last that were answered at once."""
        return statistics.median([s for cashier in self.cashiers for s in cashier.seconds[-10:]] or [0.02])

    def _how_far(self, asked: Request) -> str:
        """Whether an unanswered request is in the database, once the dead process's connections are gone."""
        with self.system.connect("scale_unit") as database:
            while database.execute(STILL_AT_WORK).fetchone():
                time.sleep(0.005)
            found = database.execute(
                "SELECT 1 FROM pos_answeredrequest WHERE request_id = %s", [asked.id]
            ).fetchone()
        return "committed but not answered" if found else "not committed"

    def _wait_for_upload(self) -> bool:
        return self._wait_for(
            f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = {UPLOADING}", 12
        )

    def _wait_for(self, query: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self.system.connect("scale_unit") as database:
            while time.monotonic() < deadline:
                if database.execute(query).fetchone():  # type: ignore[arg-type]
                    return True
                time.sleep(0.002)
        return False


def main() -> int:
    """Run the long form and print its result; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = {
        "web": 200,
        "postgres": 12,
        "station": 15,
        "uploader": 15,
        "headquarters": 12,
        "applier": 8,
        "valkey": 4,
    }
    for name, count in default.items():
        parser.add_argument(f"--{name}", type=int, default=count, help=f"how often (default {count})")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--folder", type=Path, help="keep the installation there; default a temporary folder")
    options = vars(parser.parse_args())
    seed, folder = options.pop("seed"), options.pop("folder")
    with a_system(folder) as system:
        result = Experiment(system, seed=seed, say=lambda words: print(words, flush=True)).run(**options)
    print("\n".join(result.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
