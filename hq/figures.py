"""Numbers as people type them, at headquarters and at the till."""

import re
from decimal import Decimal
from typing import Any

from django import forms

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


class FigureField(forms.DecimalField):
    """A number that is keyed in, with a point or a comma before its decimals, or with commas between thousands.

    What can be read in both ways (1,500) is refused.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_digits", 14)
        options.setdefault("decimal_places", 4)
        super().__init__(**options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs say int
        return super().to_python(self._plain(value.strip()) if isinstance(value, str) else value)

    def _plain(self, text: str) -> str:
        if not _THOUSANDS.fullmatch(text):
            return text.replace(",", ".")
        if text.count(",") == 1 and "." not in text:
            raise forms.ValidationError(
                f"{self.label or 'Figure'}: {text} can be read in two ways. "
                f"Write {text.replace(',', '')} or {text.replace(',', '.')}.",
                code="ambiguous",
            )
        return text.replace(",", "")
