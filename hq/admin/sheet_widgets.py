"""What a cell of a sheet says and how it is written: numbers, days, yes or no, and rows by a name of their own."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import sanitize_separators
from import_export import widgets
from import_export.widgets import DateWidget, ForeignKeyWidget, TimeWidget

from hq.admin.sheet_files import text_of
from hq.figures import TwoReadings, plain_figure


class Named(ForeignKeyWidget):
    """A reference by a name of its own, in capitals or small letters; an unknown one is refused with what there is.

    Where two names differ in nothing else, the one that is written so is meant.
    """

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        """The row that is named, or None for an empty cell."""
        text = text_of(value)
        if not text:
            return None
        known_rows = self._cache()
        found = known_rows.get(text) or known_rows.get(text.casefold())
        if found is None:
            name = self.model._meta.verbose_name
            known = sorted({str(getattr(obj, self.field)) for obj in known_rows.values()})
            hint = f" There is {', '.join(known[:8])}." if 0 < len(known) <= 20 else ""
            raise ValueError(f"No {name} has the {self.field} “{text}”.{hint}")
        return found

    def _cache(self) -> dict[str, Model]:
        if not hasattr(self, "_known"):
            rows = {str(getattr(row, self.field)): row for row in self.model._default_manager.all()}
            self._known = {name.casefold(): row for name, row in rows.items()} | rows
        return self._known


class DecimalWidget(widgets.DecimalWidget):
    """A number without the zeros of its column: 12.7500 is 12.75. It is read as people write it: 12,75."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        number = super().clean(plain_figure(value) if isinstance(value, str) else value, row, **kwargs)
        if number is not None and not number.is_finite():  # NaN, Infinity
            raise ValueError(value)
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None:
            return ""
        plain = f"{Decimal(value).normalize():f}"  # a default may be 0
        return Decimal(plain) if kwargs.get("force_native_type") else plain


class PercentWidget(DecimalWidget):
    """A percentage, with its sign or without: 20% is 20, also where a workbook keeps 0.2 and shows 20%."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        return super().clean(value.removesuffix("%") if isinstance(value, str) else value, row, **kwargs)


class IntegerWidget(widgets.IntegerWidget):
    """A whole number; another is refused and not cut: 1.5 uses of a coupon are neither one nor two."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        number = super().clean(value, row, **kwargs)
        if number is not None and Decimal(sanitize_separators(value)) != number:
            raise ValueError(value)
        return number


class DayWidget(DateWidget):
    """A day, the year first, also where a spreadsheet has made a moment of it.

    What has the year last is refused: 5/6/2027 is a day of May to some and of June to others.
    """

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        return super().clean(value.date() if isinstance(value, datetime) else value, row, **kwargs)


class DateTimeWidget(widgets.DateTimeWidget):
    """A moment, its day written as `DayWidget` has it."""

    def __init__(self) -> None:
        super().__init__()
        self.formats = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A part of a second is text also in a workbook, whose moments have none: the row would not be found by it."""
        if isinstance(value, datetime) and value.microsecond:
            return f"{timezone.localtime(value):{self.formats[1]}}"
        return super().render(value, obj, **kwargs)


class BooleanWidget(widgets.BooleanWidget):
    """Yes or no; another word is refused, since it may mean either."""

    WORDS: Mapping[str, bool] = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
    }

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        text = text_of(value).casefold()
        if text and text not in self.WORDS:
            raise ValueError(f"“{value}” cannot be read here: enter 1 or 0, or leave it empty.")
        return self.WORDS.get(text)


# How a cell is written whose words cannot be read.
_WRITTEN: Mapping[type[widgets.Widget], str] = {
    DateTimeWidget: "it as 2026-11-27 14:30",
    DayWidget: "it as 2026-11-27",
    TimeWidget: "it as 14:30",
    DecimalWidget: "a number such as 12.50",
    PercentWidget: "a percentage such as 12.5",
    IntegerWidget: "a whole number",
}


UNREADABLE = (ValueError, ArithmeticError, TypeError, ValidationError)  # what widgets raise


def how_to_write(widget: widgets.Widget, value: Any, error: Exception) -> Exception:
    """Instead of a widget's error: how a cell is written that it cannot read."""
    how = _WRITTEN.get(type(widget))
    return (
        error
        if how is None or isinstance(error, TwoReadings)
        else ValueError(f"“{value}” cannot be read here: write {how}.")
    )


def read_cell(widget: widgets.Widget, value: Any, row: Any = None) -> Any:
    """What a cell says to its widget. Raises ValueError with how to write what cannot be read."""
    try:
        return widget.clean(value, row)
    except UNREADABLE as error:
        raise how_to_write(widget, value, error) from error
