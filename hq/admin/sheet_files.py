"""Spreadsheet files as people's programs write them. What cannot be read as a whole is refused with the remedy."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
from import_export.formats import base_formats
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Dataset = base_formats.tablib.Dataset
NAMELESS = "column "  # and its letter: a column that holds something but has no name
_WIDEST = 40
_NOT_UTF8 = "Its letters are not UTF-8. Save it as “CSV UTF-8”, or as XLSX."
_NO_WORKBOOK = (
    "This is no XLSX file that can be read. Save the list as an Excel workbook (.xlsx) without a password, or as CSV, "
    "and choose that format."
)


# What a spreadsheet program takes for a formula, but for apostrophes before it; numbers with a sign are none.
_FORMULA = re.compile(r"'*[=+\-@\t\r].", re.DOTALL)
_NUMBER = re.compile(r"[+-][\d.,]*\d")
# Styles that may show a number times a hundred: two of the program's own, or one that somebody wrote.
_PERCENT_STYLE = re.compile(rb'numFmtId="(9|10)"|formatCode="[^"]*%')
_LITERAL = re.compile(r'"[^"]*"|\\.')  # of a number's format: what is shown as it stands


class UnreadableFile(Exception):
    """A file that cannot be read as a whole: a sentence with the remedy."""


def text_of(cell: Any) -> str:
    """What a cell says as text, without blanks around it; nothing for an empty one."""
    return "" if cell is None else str(cell).strip()


def guarded(cell: Any) -> Any:
    """A cell of a text file: what looks like a formula stands behind an apostrophe, which reading takes away."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else cell


def _unguarded(cell: Any) -> Any:
    is_guarded = isinstance(cell, str) and cell.startswith("'") and _FORMULA.match(cell)
    return cell[1:] if is_guarded else cell


class CSV(base_formats.CSV):
    """Text with commas, or with semicolons or tabs, as spreadsheet programs of other countries write it."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> str:
        """Text with commas, without formulas."""
        dataset.add_formatter(None, guarded)
        return str(super().export_data(dataset, **kwargs))

    def create_dataset(self, in_stream: bytes | str, **kwargs: Any) -> Dataset:
        """The rows of the file. Raises UnreadableFile."""
        raw = in_stream.encode() if isinstance(in_stream, str) else in_stream
        if raw.startswith(b"PK\x03\x04"):
            raise UnreadableFile("This is a workbook, not a CSV file. Choose the format xlsx.")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableFile(_NOT_UTF8) from error
        if "\0" in text:  # UTF-16 without its mark: every other byte
            raise UnreadableFile(_NOT_UTF8)
        head = text.partition("\n")[0]
        try:
            rows = list(csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count)))
        except csv.Error as error:
            raise UnreadableFile(
                f"This is no CSV file that can be read: {error}. Save it as XLSX."
            ) from error
        return _dataset(rows)


class XLSX(base_formats.XLSX):
    """An Excel workbook: the sheet that was open when it was saved. Merged cells each have what the whole says."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        """The rows of the file. Raises UnreadableFile."""
        try:
            return self._read(in_stream)
        except (BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError, StopIteration) as error:
            raise UnreadableFile(_NO_WORKBOOK) from error  # what openpyxl raises for files of other kinds

    def _read(self, raw: bytes) -> Dataset:
        with ZipFile(BytesIO(raw)) as parts:
            sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
            styles = [parts.read(name) for name in parts.namelist() if name == "xl/styles.xml"]
        has_merged, has_formulas = (any(mark in one for one in sheets) for mark in (b"<mergeCell ", b"<f"))
        has_percents = any(_PERCENT_STYLE.search(one) for one in styles)
        book = openpyxl.load_workbook(BytesIO(raw), read_only=not has_merged, data_only=True)
        if book.active not in book.worksheets:
            raise UnreadableFile(
                "A chart is open in this file. Open the sheet with the list and save it again."
            )
        if has_percents:
            rows = [[_with_percent(cell) for cell in row] for row in book.active.iter_rows()]
        else:
            rows = [[_plain(value) for value in row] for row in book.active.iter_rows(values_only=True)]
        if has_formulas:
            _show_unsaved(rows, openpyxl.load_workbook(BytesIO(raw), read_only=True)[book.active.title])
        if has_merged:
            _fill_merged(rows, book.active)
        return _dataset(rows, title=book.active.title if len(book.worksheets) > 1 else None)

    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        """A workbook with numbers as numbers, dates as dates, and text as nothing but text."""
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet(dataset.title or "List")
        sheet.freeze_panes = "A2"
        texts = [
            [str(name) for name in dataset.headers],
            *([_as_shown(cell) for cell in row] for row in dataset),
        ]
        for number, column in enumerate(zip(*texts, strict=True), 1):
            widest = max(len(text) for text in column)
            sheet.column_dimensions[get_column_letter(number)].width = min(widest, _WIDEST) + 2
        sheet.append([_cell(sheet, name, Font(bold=True)) for name in dataset.headers])
        for row in dataset:
            sheet.append([_cell(sheet, value) for value in row])
        out = BytesIO()
        book.save(out)
        return out.getvalue()


def what_lacks(title: str | None) -> tuple[str, str]:
    """How a file, or the one of its sheets that was read, is spoken of; and what to do if it was another sheet."""
    if not title:
        return "The file", ""
    return f"The sheet “{title}”", " If the list is on another sheet, open that one and save the file."


def _dataset(rows: Sequence[Sequence[Any]], title: str | None = None) -> Dataset:
    """A head and rows of one width; cells beyond the head stand in columns without a name, not in none."""
    what, other = what_lacks(title)
    if all(is_blank(row) for row in rows):
        raise UnreadableFile(f"{what} is empty. The first row names the columns.{other}")
    width = max((len(_without_blanks(row)) for row in rows), default=0)
    names = [text_of(name) for name in rows[0]] + [""] * width
    heads = [name or f"{NAMELESS}{get_column_letter(at)}" for at, name in enumerate(names[:width], 1)]
    dataset = Dataset(title=title)
    dataset.headers = heads
    for row in rows[1:]:
        dataset.append([_unguarded(cell) for cell in [*row, *[None] * width][:width]])
    while len(dataset) and is_blank(dataset[-1]):
        del dataset[-1]
    if not len(dataset):
        raise UnreadableFile(f"{what} has no rows below the names of its columns.{other}")
    return dataset


def is_blank(row: Iterable[Any]) -> bool:
    """Whether no cell says anything."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)


def _without_blanks(row: Sequence[Any]) -> Sequence[Any]:
    end = len(row)
    while end and is_blank([row[end - 1]]):
        end -= 1
    return row[:end]


def _plain(value: Any) -> Any:
    """A cell without what a spreadsheet adds: 3.5399999999999996 is 3.54 there, and a moment has whole seconds."""
    if isinstance(value, float):
        value = float(f"{value:.15g}")
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime) and value.microsecond:
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return value


def _with_percent(cell: Any) -> Any:
    """A cell as `_plain` has it, but for 0.2 that is shown as 20%: that is what its writer wrote."""
    value = _plain(cell.value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or "%" not in _LITERAL.sub("", cell.number_format):
        return value
    return f"{(Decimal(str(value)) * 100).normalize():f}%"


def _show_unsaved(rows: Sequence[list[Any]], formulas: Any) -> None:
    """A formula whose result was never saved stands for itself, so that its row is named."""
    for row, texts in zip(rows, formulas.iter_rows(values_only=True), strict=True):
        for at, text in enumerate(texts):
            if row[at] is None and isinstance(text, str) and text.startswith("="):
                row[at] = text


def _fill_merged(rows: Sequence[list[Any]], sheet: Worksheet) -> None:
    for merged in sheet.merged_cells.ranges:
        said = rows[merged.min_row - 1][merged.min_col - 1]
        for row, column in _places(merged.bounds):
            rows[row - 1][column - 1] = said


def _places(bounds: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    first_column, first_row, last_column, last_row = bounds
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            yield row, column


def _cell(sheet: Any, value: Any, font: Font | None = None) -> WriteOnlyCell:
    is_text = isinstance(value, str)
    if is_text and value.startswith("'"):
        value = guarded(value)  # it would lose an apostrophe of its own
    cell = WriteOnlyCell(sheet, re.sub(ILLEGAL_CHARACTERS_RE, "", value) if is_text else value)
    if is_text:
        cell.data_type = "s"  # also where it begins like a formula
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    if font:
        cell.font = font
    return cell


def _as_shown(value: Any) -> str:
    return (
        "0000-00-00 00:00:00" if isinstance(value, date | time) else str(value if value is not None else "")
    )
