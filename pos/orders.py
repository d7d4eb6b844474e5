"""What headquarters may ask of the tills of a scale unit."""

from __future__ import annotations

from typing import Any

from channels_app.errors import DomainError
from channels_app.orders import carries_out
from hq.models import Register
from pos.cart.model import unpack_cart
from pos.models import RegisterState, StoredCart, SuspendedCart


class StoreNotNamed(DomainError):
    code = "store_not_named"
    message = "open-work wants a store by its key."


@carries_out("open-work")
def open_work(said: dict[str, Any]) -> dict[str, Any]:
    """What would stay behind if the store sold elsewhere from now on, in words: shifts, sales, sales on hold."""
    store = said.get("store")
    if not isinstance(store, int):
        raise StoreNotNamed(field="store")
    registers = dict(Register.objects.filter(store=store).values_list("pk", "name"))
    found = [
        f"an open shift at {registers[register]}"
        for register in RegisterState.objects.filter(register__in=registers)
        .exclude(shift=None)
        .order_by("register")
        .values_list("register", flat=True)
    ]
    found += [
        f"an open sale at {registers[cart.register_id]}"
        for cart in StoredCart.objects.filter(register__in=registers).order_by("register")
        if not unpack_cart(bytes(cart.document)).is_empty
    ]
    on_hold = SuspendedCart.objects.filter(store=store).count()
    if on_hold:
        found.append(f"{on_hold} sale{'s' if on_hold > 1 else ''} on hold")
    return {"open": found}
