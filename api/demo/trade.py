"""What the demo company sold on the days before today: made up, the same every time, through the till's services.

Baskets follow the sources: an article is picked as often as it stood on their invoices. Hours and numbers of
customers are invented. Today is left to whoever opens the first till.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from api.demo.build.data import rows
from api.replay.past import PastRegister
from channels_app.errors import DomainError
from hq.models import Register, WorkerStore
from pos.errors import NotForSale, UnknownCode
from pos.operations import Command
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.services.lookup import find_code
from pos.services.run_command import run_command

FLOAT = Decimal(100)
GROCERY_WEIGHT = 120  # a loaf is bought more often than any one gift
# How busy each hour from opening is, and how busy each day of the week is, Monday first.
OPENS_AT, CLOSES_AT = 9, time(19, 30)
HOURS = (3, 5, 7, 10, 9, 7, 6, 7, 8, 4)
WEEKDAYS = (0.8, 0.85, 0.9, 1.0, 1.15, 1.4, 0.75)
CASH_SHARE = 0.35


class NobodyWorksHere(DomainError):
    code = "nobody_works_here"
    message = "Nobody works at {store}: add a worker and distribute job 1060."


@dataclass(frozen=True)
class Basket:
    """One customer: when she paid, what she took, how."""

    number: int
    at: time
    codes: tuple[tuple[str, int], ...]
    method: str


class Shelves:
    """The articles of the excerpt, each as likely as it sold."""

    @cached_property
    def _weighed(self) -> tuple[Sequence[str], Sequence[int]]:
        gifts = [
            (row["number"], int(row["invoices"]))
            for row in rows("articles")
            if row["department"] != "Services" and Decimal(row["price"] or 0) > 0
        ]
        food = [(row["gtin"], GROCERY_WEIGHT) for row in rows("groceries")]
        codes, weights = zip(*gifts, *food, strict=True)
        return codes, list(accumulate(weights))

    def pick(self, dice: random.Random, count: int) -> list[str]:
        codes, weights = self._weighed
        return dice.choices(codes, cum_weights=weights, k=count)


def baskets(store: str, day: date, customers: int, shelves: Shelves) -> Iterator[Basket]:
    """The customers of a store on one day, in the order in which they paid; the same every time."""
    dice = random.Random(f"{store}/{day}")  # noqa: S311  # for show
    count = round(customers * WEEKDAYS[day.weekday()] * dice.uniform(0.85, 1.15))
    moments = sorted((dice.choices(range(len(HOURS)), HOURS)[0], dice.randrange(3600)) for _ in range(count))
    for number, (hour, second) in enumerate(moments, start=1):
        codes = shelves.pick(dice, dice.choices((1, 2, 3, 4, 6), (5, 6, 4, 2, 1))[0])
        yield Basket(
            number,
            time(OPENS_AT + hour, second // 60, second % 60),
            tuple((code, dice.choices((1, 2, 3), (12, 2, 1))[0]) for code in codes),
            "CASH" if dice.random() < CASH_SHARE else "CARD",
        )


def sell_before_today(
    *, today: date, days: int, customers: int, tell: Callable[[str], None] = lambda words: None
) -> int:
    """Play the last `days` days at the last register of each store of this channel; the number of sales made.

    `customers` is how many a store has on an ordinary day. What is in the journal already is not sold again.
    A register at which somebody works is left alone.
    """
    shelves, made = Shelves(), 0
    for register in _last_registers():
        try:
            past = PastRegister(register_id=register.pk, worker_id=_manager(register))
        except DomainError as error:
            tell(f"{register.store}: {error}")
            continue
        sold = sum(
            _play_day(past, today - timedelta(days=back), customers, shelves) for back in range(days, 0, -1)
        )
        tell(f"{register.store}: {sold} sales of {days} days")
        made += sold
    return made


def _last_registers() -> list[Register]:
    """Each store's register with the highest number: the others are the newcomer's."""
    active = Register.objects.filter(is_active=True).select_related("store").order_by("store_id", "number")
    return list({register.store_id: register for register in active}.values())


def _manager(register: Register) -> int:
    """Who stands at the till: the worker with the highest staff ID, the store's manager in the demo company."""
    workers = WorkerStore.objects.filter(store=register.store, worker__is_active=True)
    worker = workers.order_by("worker__staff_id").values_list("worker_id", flat=True).last()
    if worker is None:
        raise NobodyWorksHere(store=register.store)
    return worker


def _play_day(past: PastRegister, day: date, customers: int, shelves: Shelves) -> int:
    store = past.till.register.store
    done, made = past.answered(), 0
    for basket in baskets(store.number, day, customers, shelves):
        request_id = past.request_id("basket", day, basket.number)
        sales = [] if request_id in done else list(_on_sale(past, basket))
        if sales:
            at = datetime.combine(day, basket.at, store.zone).astimezone(UTC)
            past.be_on_day(day, at, FLOAT)
            past.till = past.read(request_id)
            payment = Pay(method=basket.method)
            run_command(till=past.till, request_id=request_id, commands=[*sales, payment], at=at)
            made += 1
    past.close_shift(datetime.combine(day, CLOSES_AT, store.zone).astimezone(UTC))
    return made


def _on_sale(past: PastRegister, basket: Basket) -> Iterator[Command]:
    """What of the basket this store sells: not every store has a food hall."""
    for code, quantity in basket.codes:
        with suppress(UnknownCode, NotForSale):
            find_code(past.till.register, code)
            yield ProductSale(code=code, quantity=Decimal(quantity))
