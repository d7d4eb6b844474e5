"""Documents that the station's threads may decode from the first moment on. The agent is installed without the rest."""

from typing import TypeVar

import msgspec

T = TypeVar("T", bound=type[msgspec.Struct])


def prepared(kind: T) -> T:
    """Class decorator: have msgspec look at the fields while one thread imports them.

    Two that decode a type first at once would crash the process (msgspec 0.22).
    """
    msgspec.json.Decoder(kind)
    return kind
