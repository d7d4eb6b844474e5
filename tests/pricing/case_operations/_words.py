"""The words that cases have for one thing, where SCHEMA.md leaves the input of an operation to its document."""

from collections.abc import Mapping
from typing import Any


def told(given: Mapping[str, Any], *names: str, default: Any = None) -> Any:
    """What the case says under the first of these names that it has."""
    return next((given[name] for name in names if given.get(name) is not None), default)
