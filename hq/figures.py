"""Numbers as people type them, at headquarters and at the till."""

import re
from decimal import Decimal
from typing import Any

from django import forms

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d*")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")


class TwoReadings(ValueError):
    """A number that can be read in two ways; its words say both."""


def plain_figure(text: str) -> str:
    """A number as people write it, with a point before its decimals and nothing between thousands: 1.234,50 is 1234.50.

    Raises TwoReadings for 1,500.
    """
    text = _SPACES.sub("", text.strip())
    if _POINTS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if not _THOUSANDS.fullmatch(text):
        return text.replace(",", ".")
    if text.count(",") == 1 and "." not in text:
        raise TwoReadings(
            f"{text} can be read in two ways. Write {text.replace(',', '')} or {text.replace(',', '.')}."
        )
    return text.replace(",", "")


class FigureField(forms.DecimalField):
    """A number that is keyed in, as `plain_figure` reads it; what can be read in two ways (1,500) is refused."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 4)
        super().__init__(**options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs say int
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            text = plain_figure(value)
        except TwoReadings as error:
            raise forms.ValidationError(f"{self.label or 'Figure'}: {error}", code="ambiguous") from error
        return super().to_python(text)
