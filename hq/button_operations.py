"""The till's operations as the layout editor needs them: their numbers and names.

The till's app owns the operations and registers them here, so that a button can only point at one that exists.
"""

from collections.abc import Callable, Iterable

SELLS_PRODUCT = 100

_providers: list[Callable[[], Iterable[tuple[int, str]]]] = []


def provide(provider: Callable[[], Iterable[tuple[int, str]]]) -> None:
    """Register a function that lists operations as (number, name)."""
    if provider not in _providers:
        _providers.append(provider)


def operations() -> dict[int, str]:
    """Name by number of every operation that a button can point at, the product sale first."""
    found = {number: name for provider in _providers for number, name in provider()}
    return dict(sorted(found.items(), key=lambda item: (item[0] != SELLS_PRODUCT, item[1])))


def operation_choices() -> list[tuple[int, str]]:
    """The operations as choices of a form."""
    return list(operations().items())


def operation_name(number: int) -> str:
    """The operation's name, or its number where nobody knows it."""
    return operations().get(number, f"Operation {number}")
