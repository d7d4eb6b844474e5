"""Message types that threads may decode from the first moment on."""

from typing import TypeVar

import msgspec

T = TypeVar("T", bound=type[msgspec.Struct])


def prepared(kind: T) -> T:
    """Class decorator of a message that is decoded: have msgspec look at its fields now, while it is imported.

    It does so at the first decoding otherwise, and a second thread that decodes the same type meanwhile reads what
    is not there yet: the process dies of it (segmentation fault, msgspec 0.22). An import has one thread.
    """
    msgspec.json.Decoder(kind)
    return kind
