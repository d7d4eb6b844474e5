"""Baskets whose offers compete for the same units, priced by us and by an integer program."""

from __future__ import annotations

import time
from random import Random

import highspy

from bench.pricing.ours import AT, EUR
from pricing.engine.basket import price_basket
from pricing.engine.model import Basket
from tests.pricing.oracle import program_of
from tests.pricing.random_offers import Item, random_basket
from tests.pricing.shop import basket, book


def compare(count: int, seed: int) -> list[tuple[float, float, float]]:
    """CPU seconds of us for the whole basket, of HiGHS to take its program and run it, and to run it; in turn.

    That the program had to be made of the basket is not counted, nor the solver, which could be used again.

    Only baskets count whose offers do compete: those for which two offers over several units share an article, and
    that hold enough units for some application (else the program is empty, and HiGHS has nothing to do).
    """
    rng = Random(seed)
    found: list[tuple[float, float, float]] = []
    while len(found) < count:
        items, offers = random_basket(rng, most_items=7, most_offers=6)
        several = [one for one in offers if one.kind != "simple"]
        names = [{name for line in one.lines for name in line.products} for one in several]
        if not any(a & b for n, a in enumerate(names) for b in names[n + 1 :]):
            continue
        program = program_of(items, offers)
        if not program.num_col_:
            continue
        shelf = book({name: str(cents / 100) for name, cents, _ in items}, offers)
        price_basket(_basket(items, more=1), shelf)  # the articles and offers are known, as in a shop
        made = _basket(items)
        begun = time.process_time()
        price_basket(made, shelf)
        ours = time.process_time() - begun
        found.append((ours, *_highs(program)))
    return found


def _basket(items: list[Item], more: int = 0) -> Basket:
    """A basket of the items, or one with so many more units of each: what comes of its lines is nothing known then."""
    return basket(*((name, str(units + more)) for name, _, units in items), at=AT, currency=EUR)


def _highs(program: highspy.HighsLp) -> tuple[float, float]:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    begun = time.process_time()
    solver.passModel(program)
    taken = time.process_time()
    solver.run()
    done = time.process_time()
    return done - begun, done - taken
