"""What pricing costs: beside django-oscar, beside an integer program, for a line more, and for offers elsewhere."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from bench.pricing.ours import WARM, Ours, baskets_of, book_of
from bench.pricing.overlap import compare
from bench.pricing.workers import Worker, oscar, ours
from bench.pricing.workload import build
from bench.report import QUICK, Report, median, most_memory, percentile
from pricing.engine.basket import price_added_line, price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import Discount, DiscountLine
from pricing.engine.items import context_of
from pricing.engine.price import BasePrice

READY = 30  # baskets that the references have ready, and price again and again
ROUNDS = 3
CELLS = [(lines, offers) for lines in (10, 50, 200) for offers in (10, 100, 1_000)]


@dataclass
class Pace:
    """Baskets so far, and their number a CPU second in each slice."""

    done: int = 0
    rates: list[float] = field(default_factory=list)

    def add(self, done: int, cpu: float) -> None:
        self.done += done
        self.rates.append(done / cpu)

    @property
    def rate(self) -> float:
        """The median: a slice in which the machine was taken away says nothing of a program."""
        return median(self.rates)


def beside_oscar(report: Report) -> None:
    """Baskets per CPU second, in turn with oscar in both degrees of kindness.

    The goal is against its code as shipped with everything that it asks for cached: its pace is that by which the
    goal was set (docs/performance.md). Ready-made conditions and benefits are told besides. All of it in several
    rounds of new processes: two of the same program differ by up to a tenth.
    """
    paces = {cell: (Pace(), Pace(), Pace()) for cell in CELLS}
    for _ in range(1 if QUICK else ROUNDS):
        with oscar() as cached, oscar() as kindest:
            for (lines, offers), found in paces.items():
                _one_round(lines, offers, found, cached, kindest)
    for (lines, offers), (own, first, second) in paces.items():
        name = f"{lines} lines, {offers} offers"
        report.row(f"{name}: oscar, all cached", own.rate, first.rate, unit="/s", goal=40, at_least=True)
        report.told(f"{name}: its conditions ready made, too", own.rate, second.rate, unit="/s")


def _one_round(
    lines: int, offers: int, paces: tuple[Pace, Pace, Pace], cached: Worker, kindest: Worker
) -> None:
    """Add slices of one process each to the paces: ours, beside both degrees of kindness."""
    slices, seconds = (1, 0.15) if QUICK else (2, 0.7)
    count = WARM + max(60, (6_000 if QUICK else 800_000) // lines)
    workload = build(lines=lines, offers=offers, baskets=count, seed=1)
    load = {"do": "load", **workload._asdict(), "baskets": workload.baskets[-READY:]}
    cached.ask({**load, "kindness": "cached"})
    kindest.ask({**load, "kindness": "everything"})
    own, first, second = paces
    with ours() as engine:
        engine.ask({"do": "load", **workload._asdict()})
        for _ in range(slices):
            own.add(**engine.ask({"do": "run", "seconds": seconds, "slices": slices}))
            for worker, pace in ((cached, first), (kindest, second)):
                answer = worker.ask({"do": "run", "seconds": seconds, "start": pace.done})
                pace.add(answer["done"], answer["cpu"])


def beside_highs(report: Report) -> None:
    """The exact answer for competing offers, as part of the CPU time of an integer program."""
    found = compare(60 if QUICK else 1_000, seed=1)
    parts = [ours / highs for ours, highs, _ in found if highs]
    alone = [ours / run for ours, _, run in found if run]
    ours, highs = median([one for one, _, _ in found]) * 1e3, median([one for _, one, _ in found]) * 1e3
    report.told("competing offers, median", ours, highs, unit="ms")
    report.limit("competing offers, part of HiGHS, p50", percentile(parts, 50), unit="", goal=0.15)
    report.limit("competing offers, part of HiGHS, p99", percentile(parts, 99), unit="", goal=1.0)
    report.figure("the same without handing the program over, p99", percentile(alone, 99), unit="")


def one_line_more(report: Report) -> None:
    """A 200-line cart and one line more, beside pricing all of it anew."""
    workload = build(lines=201, offers=100, baskets=15 if QUICK else 100, seed=3)
    engine = Ours(workload)
    added = whole = 0.0
    baskets = baskets_of(engine.rows)
    for basket in baskets:
        before = price_basket(replace(basket, lines=basket.lines[:-1]), engine.book)
        begun = time.process_time()
        price_added_line(before, basket, engine.book)
        added += time.process_time() - begun
        context = context_of(basket, engine.book)
        context.settled.clear()
        begun = time.process_time()
        price_basket(basket, engine.book)
        whole += time.process_time() - begun
    count = len(baskets)
    report.row(
        "one line more on 200", added / count * 1e3, whole / count * 1e3, unit="ms", goal=0.25, at_least=False
    )


def unrelated_offers(report: Report) -> None:
    """The same baskets with 100,000 offers on goods that nobody buys."""
    slices = 3 if QUICK else 8
    workload = build(lines=50, offers=100, baskets=WARM + slices * (100 if QUICK else 800), seed=4)
    plain = Ours(workload)
    crowded = Ours(workload)
    elsewhere = [
        Discount(
            f"x{n}", "simple", (DiscountLine(products=(f"q{n}",)),), method="percent_off", value=Decimal(10)
        )
        for n in range(100_000)
    ]
    crowded.book = book_of(workload, elsewhere)
    crowded.warm(workload)
    few, many = Pace(), Pace()
    gc.collect()
    gc.freeze()
    for _ in range(slices):
        few.add(*plain.run(0.3, slices))
        many.add(*crowded.run(0.3, slices))
    gc.unfreeze()
    report.row(
        "100,000 offers elsewhere", 1e3 / many.rate, 1e3 / few.rate, unit="ms", goal=1.05, at_least=False
    )


def memory(report: Report) -> None:
    """A process of its own that has sold each of 100,000 articles once."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.pricing", "memory"], check=True, capture_output=True, text=True
    )
    report.limit("memory after 100,000 articles", float(told.stdout.strip()), unit="MB", goal=300)


def sell_everything() -> None:
    """Sell 100,000 articles, and print the most memory this process ever had, in MB."""
    from tests.pricing.shop import basket

    prices = {f"p{number}": BasePrice(Decimal(number % 9_000 + 99) / 100) for number in range(100_000)}
    book = IndexedPriceBook(base_prices=prices)
    for number in range(0, 100_000, 50):
        price_basket(basket(*((f"p{n}", "1") for n in range(number, number + 50))), book)
    print(most_memory())


def main() -> int:
    """All rows; 0 when every goal is met."""
    report = Report()
    beside_highs(report)
    one_line_more(report)
    unrelated_offers(report)
    memory(report)
    beside_oscar(report)
    return report.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["memory"]:
        sell_everything()
    else:
        sys.exit(main())
