"""What headquarters may ask of a scale unit: a registry. Each app carries out its own in a module `orders.py`.

The mirror image of `questions`: there scale units ask headquarters.
"""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

Order = Callable[[dict], dict]
_orders: dict[str, Order] = {}


def carries_out(name: str) -> Callable[[Order], Order]:
    """Register the function that carries out an order.

    It gets what headquarters said, gives a JSON-ready answer, and raises DomainError to refuse.
    """

    def register(order: Order) -> Order:
        if name in _orders and _orders[name] is not order:
            raise ImproperlyConfigured(f"The order {name} is carried out twice.")
        _orders[name] = order
        return order

    return register


@lru_cache(maxsize=1)
def _all() -> dict[str, Order]:
    for config in apps.get_app_configs():
        if importlib.util.find_spec(f"{config.name}.orders"):
            import_module(f"{config.name}.orders")
    return _orders


def order_named(name: str) -> Order | None:
    """The function that carries out an order, None when nobody does."""
    return _all().get(name)
