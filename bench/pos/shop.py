"""A store for the benches: keys on the screen as in a real one, and a register that somebody is signed on at."""

from __future__ import annotations

from channels_app.roles import applying_package
from hq.models import Button, ButtonGrid, Register
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from tests.scenarios.store import PIN, Shop, a_shop, new_data_version

KEYS = 24


def a_shop_with_keys(number: str) -> Shop:
    """A store with a grid of keys; its shift is open."""
    shop = a_shop(number=number)
    products = [shop.products[code] for code in ("85123A", "22961", "MILK")]
    with applying_package():
        grid = ButtonGrid.objects.create(layout=shop.store.screen_layout, name=f"Keys {number}")
        for position in range(KEYS):
            Button.objects.create(
                grid=grid, position=position, operation=100, product=products[position % len(products)]
            )
    new_data_version()
    return shop


def tokens_of(shop: Shop, register: Register | None = None) -> tuple[str, str]:
    """Device and worker of a browser at a register (else the store's first), with the manager signed on."""
    manager = shop.manager.staff_id
    number = (register or shop.register).number
    device = activate_by_manager(register_number=number, staff_id=manager, pin=PIN, description="bench")
    return device, sign_on(till=till_by_tokens(device=device), staff_id=manager, pin=PIN)
