"""What the engine may ask of headquarters in the middle of its work. "Unavailable" is an ordinary answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from channels_app.errors import DomainError, Unavailable
from channels_app.prepared import prepared
from customers.services.adding import CustomerNotAdded
from pos.errors import ActivationRefused, CouponNotHere, OrderElsewhere, OrderNotHere

DEADLINE = httpx.Timeout(4.0, connect=1.5)
Shape = TypeVar("Shape")


@prepared
class Activation(msgspec.Struct, frozen=True):
    """A register that headquarters has given to this browser."""

    device: UUID
    register: int
    register_name: str
    store_name: str


@prepared
class CouponHeld(msgspec.Struct, frozen=True):
    """The uses of a coupon over all stores beside this sale, and whether one is held for the sale."""

    held: bool
    total: int
    customer: int


@prepared
class AddedCustomer(msgspec.Struct, frozen=True):
    """A customer who is new at headquarters; the stores have the account with their next package."""

    account: str
    name: str


@prepared
class WaitingOrder(msgspec.Struct, frozen=True):
    """An order that the order desk has released to a store, and the register that has called it up, with its name."""

    number: str
    customer: str
    phone: str
    total: Decimal
    line_count: int
    taken_at: datetime
    note: str = ""
    register: int | None = None
    at_register: str = ""


@prepared
class OrderedLine(msgspec.Struct, frozen=True):
    """So much of what a code stands for; a price where the caller was told one that was keyed in."""

    code: str
    quantity: Decimal
    price: Decimal | None = None


@prepared
class CalledUp(msgspec.Struct, frozen=True):
    """An order with all that is in it, and the moment whose prices it has; it goes to an address where one is given.

    `earlier` are sales that called it up before, of which headquarters has heard nothing yet.
    """

    number: str
    lines: tuple[OrderedLine, ...]
    customer: str
    customer_name: str
    priced_at: datetime
    total: Decimal
    coupons: tuple[str, ...] = ()
    affiliation: str = ""
    mode: str = ""
    recipient: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    note: str = ""
    earlier: tuple[UUID, ...] = ()


@prepared
class WaitingOrders(msgspec.Struct, frozen=True):
    """The orders that wait in a store."""

    orders: tuple[WaitingOrder, ...] = ()


class Headquarters(Protocol):
    def activate(self, *, code: str, device: UUID, description: str) -> Activation:
        """Use up a one-time code. Raises ActivationRefused, or Unavailable when headquarters cannot be reached."""
        ...

    def hold_coupon(self, *, code: str, sale: UUID, store: int, customer: str) -> CouponHeld:
        """Have one use of a limited coupon held for an open sale. Raises CouponNotHere, or Unavailable."""
        ...

    def free_coupon(self, *, code: str, sale: UUID, store: int) -> None:
        """Give the use back that was held for an open sale. Raises CouponNotHere, or Unavailable."""
        ...

    def add_customer(
        self, *, request: UUID, store: int, worker: str, name: str, phone: str, email: str
    ) -> AddedCustomer:
        """Have a new customer; the same request again gives the same one. Raises CustomerNotAdded, or Unavailable."""
        ...

    def waiting_orders(self, *, store: int, text: str) -> tuple[WaitingOrder, ...]:
        """The orders that wait in the store, or those of a number or caller. Raises Unavailable."""
        ...

    def call_up_order(self, *, number: str, store: int, sale: UUID, register: int, again: bool) -> CalledUp:
        """Have an order for an open sale. Raises OrderNotHere, OrderElsewhere, or Unavailable."""
        ...

    def give_order_back(self, *, number: str, store: int, sale: UUID) -> None:
        """Say that nothing came of calling an order up for a sale. Raises Unavailable."""
        ...


class HttpHeadquarters:
    """Headquarters over its exchange API, with a short deadline."""

    def activate(self, *, code: str, device: UUID, description: str) -> Activation:
        """Use up a one-time code."""

        def refused(answer: dict) -> DomainError:
            return ActivationRefused(why=answer.get("message", "Headquarters refused."), field="code")

        said = {"code": code, "device": str(device), "description": description}
        return _ask("activate/", said, Activation, refused)

    def hold_coupon(self, *, code: str, sale: UUID, store: int, customer: str) -> CouponHeld:
        """Have one use of a limited coupon held for an open sale."""
        said = {"code": code, "sale": str(sale), "store": store, "customer": customer}
        return _ask("coupon/", said, CouponHeld, partial(_not_held, code))

    def free_coupon(self, *, code: str, sale: UUID, store: int) -> None:
        """Give the use back that was held for an open sale."""
        said = {"code": code, "sale": str(sale), "store": store}
        _ask("coupon-off/", said, dict, partial(_not_held, code))

    def add_customer(
        self, *, request: UUID, store: int, worker: str, name: str, phone: str, email: str
    ) -> AddedCustomer:
        """Have a new customer."""
        said = {"request": str(request), "store": store, "worker": worker}
        said |= {"name": name, "phone": phone, "email": email}
        return _ask("customer/", said, AddedCustomer, _not_added)

    def waiting_orders(self, *, store: int, text: str) -> tuple[WaitingOrder, ...]:
        """The orders that wait in the store, or those of a number or caller."""
        return _ask("orders/", {"store": store, "text": text}, WaitingOrders, _not_answered).orders

    def call_up_order(self, *, number: str, store: int, sale: UUID, register: int, again: bool) -> CalledUp:
        """Have an order for an open sale."""
        said = {"number": number, "store": store, "sale": str(sale), "register": register, "again": again}
        return _ask("order/", said, CalledUp, partial(_not_called_up, number))

    def give_order_back(self, *, number: str, store: int, sale: UUID) -> None:
        """Say that nothing came of calling an order up for a sale."""
        _ask("order-off/", {"number": number, "store": store, "sale": str(sale)}, dict, _not_answered)


def _not_answered(answer: dict) -> DomainError:
    return Unavailable(what="Headquarters")


def _not_called_up(number: str, answer: dict) -> DomainError:
    said = {name: str(value) for name, value in (answer.get("details") or {}).items()}
    if answer.get("code") == OrderNotHere.code:
        return OrderNotHere(number=number, why=said.get("why", ""), field="number")
    if answer.get("code") == OrderElsewhere.code:
        return OrderElsewhere(
            number=number, register=said.get("register", "another register"), field="number"
        )
    return Unavailable(what="Headquarters")


def _not_added(answer: dict) -> DomainError:
    if answer.get("code") == CustomerNotAdded.code:
        return CustomerNotAdded(why=answer["message"], field=answer.get("field"))
    return Unavailable(what="Headquarters")


def _not_held(code: str, answer: dict) -> DomainError:
    if answer.get("code") == CouponNotHere.code:
        return CouponNotHere(coupon=code, field="code")
    # Headquarters is of another version, or does not know our credential.
    return Unavailable(what="Headquarters")


def _ask(path: str, said: dict, shape: type[Shape], refused: Callable[[dict], DomainError]) -> Shape:
    """The answer to a question; a refusal as ``refused`` words it. Raises Unavailable."""
    try:
        response = httpx.post(
            f"{settings.HEADQUARTERS_URL.rstrip('/')}/exchange/{path}",
            json=said,
            timeout=DEADLINE,
            headers={"Authorization": f"Bearer {settings.EXCHANGE_CREDENTIAL}"},
        )
        answer = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(what="Headquarters") from error
    if response.is_server_error:
        raise Unavailable(what="Headquarters")
    if response.is_error:
        raise refused(answer)
    return msgspec.convert(answer, shape, strict=False)


_headquarters: Headquarters = HttpHeadquarters()


def headquarters() -> Headquarters:
    """Headquarters as this process reaches it."""
    return _headquarters
