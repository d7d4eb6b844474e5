"""A cashier who sells through the REST API and repeats every request, under its id, until it is answered."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

AGAIN_AFTER = 0.03  # seconds
PATIENCE = 120.0
BREATH = 0.15  # the longest pause between two customers
ZERO = Decimal(0)


class WrongAnswer(AssertionError):
    """The till said something that it must not say."""


@dataclass(frozen=True)
class Sold:
    """A sale as the cashier was told of it."""

    retail_transaction: UUID
    receipt: str
    total: Decimal
    lines: int


@dataclass
class Request:
    """What is on its way now; `is_conclusion` when it settles the sale."""

    id: str
    is_conclusion: bool
    begun: float = field(default_factory=time.monotonic)


class Cashier(threading.Thread):
    """Sells until told to stop. `problem` says what went wrong, if anything did."""

    def __init__(self, address: str, register: str, staff_id: str, pin: str, *, seed: int) -> None:
        super().__init__(name=f"cashier {register}", daemon=True)
        self.register, self.staff_id, self.pin = register, staff_id, pin
        self.http = httpx.Client(base_url=f"{address}/api/v1/", timeout=15, trust_env=False)
        self.dice = random.Random(seed)
        self.sold: list[Sold] = []
        self.voided = 0
        self.repeats = 0
        self.in_flight: Request | None = None
        self.concluding = threading.Event()
        self.enough = threading.Event()
        self.problem = ""
        self.seconds: list[float] = []  # of conclusions that were answered at once
        self.drawer = ZERO
        self._returnable: list[tuple[str, int]] = []

    # -- the line to the till

    def ask(self, method: str, path: str, /, **content: Any) -> Any:
        """One request, sent again until the till answers; raises WrongAnswer for a refusal."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.http.request(method, path, json=content or None)
                if answer.status_code < 500:
                    break
            except httpx.HTTPError as error:
                answer = error
            if time.monotonic() > deadline:
                raise WrongAnswer(f"{method} {path} had no answer in {PATIENCE:.0f} s: {answer}")
            self.repeats += 1
            time.sleep(AGAIN_AFTER)
        if answer.status_code >= 300:
            raise WrongAnswer(f"{method} {path} {content}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def do(self, path: str, /, *, concludes: bool = False, **content: Any) -> Any:
        """A request with an id. Now and then it is sent once more, though it was answered: the answer is the same."""
        request = str(uuid4())
        content = {"request_id": request, **content}
        self.in_flight = Request(request, concludes)
        if concludes:
            self.concluding.set()
        began, repeats = time.monotonic(), self.repeats
        answer = self.ask("POST", path, **content)
        if concludes and repeats == self.repeats:
            self.seconds.append(time.monotonic() - began)
        self.in_flight = None
        if self.dice.random() < 0.05 and self.ask("POST", path, **content) != answer:
            raise WrongAnswer(f"The second answer to {path} differs.")
        return answer

    def command(self, *commands: dict[str, Any]) -> dict[str, Any]:
        return self.do("cart/commands/", commands=list(commands))

    # -- the day

    def open(self, starting_float: Decimal = Decimal("100.00")) -> None:
        """Become the register, sign on, open the shift, and learn what is sold here."""
        who = {"staff_id": self.staff_id, "pin": self.pin}
        token = self.ask("POST", "activate/", register_number=self.register, **who)
        self.http.headers["Authorization"] = f"Device {token['device_token']}"
        self.http.headers["Tillhouse-Worker"] = self.ask("POST", "sign-on/", **who)["worker_token"]
        methods = self.ask("GET", "register/")["payment_methods"]
        self.cash = next(method["method"] for method in methods if method["kind"] == "cash")
        self.card = next(method["method"] for method in methods if method["kind"] == "card")
        self.do("shift/open/", starting_float=str(starting_float))
        self.drawer = starting_float
        found = [
            tile for word in ("bag", "tea", "box", "heart") for tile in self.ask("GET", f"products/?q={word}")
        ]
        self.shelf = sorted(
            {
                tile["number"]
                for tile in found
                if tile["price"] and not tile["is_weighed"] and tile["unit"] != "kg"
            }
        )

    def run(self) -> None:
        try:
            while not self.enough.wait(self.dice.uniform(0, BREATH)):
                self._sell()
        except Exception as error:  # told to whoever watches, at the next check
            self.problem = f"{self.name}: {type(error).__name__}: {error}"

    def close(self) -> None:
        """Close the shift with what must be in the drawer by the cashier's own account."""
        said = self.do("shift/close/", counted={self.cash: {"amount": str(self.drawer)}})["message"]
        if "The count is right" not in said:
            raise WrongAnswer(f"{self.name} counted {self.drawer}: {said}")

    def _sell(self) -> None:
        what = self.dice.random()
        if what < 0.1 and self._returnable:
            receipt, line = self._returnable.pop()
            back = {"operation": "return_by_receipt", "receipt": receipt, "reason": "NOT-WANTED"}
            cart = self.command({**back, "lines": [{"line": line, "quantity": "1"}]})
        else:
            cart = self._scan()
        if what > 0.93:
            self.command({"operation": "void_sale", "reason": "CHANGED-MIND"})
            self.voided += 1
            return
        if 0.86 < what < 0.93:
            cart = self._put_aside_and_take_up()
        self._pay(cart)

    def _scan(self) -> dict[str, Any]:
        cart: dict[str, Any] = {}
        for _ in range(self.dice.randint(1, 5)):
            item = {"operation": "product_sale", "code": self.dice.choice(self.shelf)}
            if self.dice.random() < 0.2:
                item["quantity"] = str(self.dice.randint(2, 9))
            cart = self.command(item)
        if len(cart["lines"]) > 1 and self.dice.random() < 0.2:
            cart = self.command({"operation": "void_line", "line": cart["lines"][0]["id"]})
            if self.dice.random() < 0.5:
                cart = self.command({"operation": "undo"})
        return cart

    def _put_aside_and_take_up(self) -> dict[str, Any]:
        label = str(uuid4())
        self.command({"operation": "suspend", "label": label})
        held = [row for row in self.ask("GET", "suspended/") if row["label"] == label]
        if len(held) != 1:
            raise WrongAnswer(f"{len(held)} sales on hold are named {label}.")
        return self.command({"operation": "recall", "suspended": held[0]["id"]})

    def _pay(self, cart: dict[str, Any]) -> None:
        due, way = Decimal(cart["due"]), self.dice.random()
        if due > 1 and way < 0.15:
            self.do("cart/tenders/", method=self.card, amount="0.50", stand_alone=True)
            way = 0.5
        if due > 0 and way < 0.5:
            handed = str((due // 10 + 1) * 10)
            done = self.do("cart/tenders/", concludes=True, method=self.cash, amount=handed)
        else:
            method = self.cash if way < 0.8 else self.card
            done = self.do("cart/conclude/", concludes=True, method=method, stand_alone=method == self.card)
        self._remember(cart, done)

    def _remember(self, cart: dict[str, Any], done: dict[str, Any]) -> None:
        sale = done["sale"]
        if sale is None or done["lines"] or not sale["receipt_number"]:
            raise WrongAnswer(f"A payment of all that was due left {done}")
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for tender in sale["tenders"]:
            paid[tender["method"]] += Decimal(tender["amount"])
        if sum(paid.values()) != Decimal(sale["total"]):
            raise WrongAnswer(f"{paid} does not pay {sale['total']}.")
        self.drawer += paid[self.cash]
        total, lines = Decimal(sale["total"]), len(cart["lines"])
        self.sold.append(Sold(UUID(sale["retail_transaction"]), sale["receipt_number"], total, lines))
        live = [number for number, line in enumerate(cart["lines"], 1) if not line["is_voided"]]
        if total > 0 and live and len(self._returnable) < 20:
            self._returnable.append((sale["receipt_number"], live[0]))
