"""Receipts as documents, as lines, as bytes, and as what a printer makes of the bytes."""

import base64
import textwrap
from pathlib import Path

import pytest
import reportlab

from hardware.agent.document import DocumentInvalid, read_document, write_document
from hardware.agent.drivers import letters
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.drivers.escpos import (
    PrinterSettings,
    compile_receipt,
    encode_line,
    most_qr_modules,
    qr_modules,
    read_settings,
)
from hardware.agent.drivers.letters import as_seen, can_draw, typeface
from hardware.agent.emulators.escpos_stream import EscPosStream, RealTimeWatch
from hardware.agent.emulators.paper import Bars, Cut, Line, Mark, Paper, Picture, Pulse, Qr
from hardware.agent.layout import MOST_QR_BYTES, TextLine, _wrap, lay_out
from hardware.lab.draw import bar_modules, draw
from tests.hardware.lab_bench import receipt

EPSON = PrinterSettings()


def document(*blocks: dict, **fields) -> dict:
    return {"blocks": list(blocks), **fields}


def printed(
    receipt: dict, settings: PrinterSettings = EPSON, dots: int = 512, piece: int = 10_000
) -> list[Mark]:
    """What a printer makes of a document, fed in pieces."""
    marks: list[Mark] = []
    paper, stream = Paper(marks.append, dots), EscPosStream()
    data = compile_receipt(read_document(receipt), settings)
    for at in range(0, len(data), piece):
        for command in stream.feed(data[at : at + piece]):
            paper.obey(command)
    assert stream.unknown == 0
    assert stream.waiting == 0
    return marks


def words(marks: list[Mark]) -> list[str]:
    return ["".join(run.text for run in mark.runs).rstrip() for mark in marks if isinstance(mark, Line)]


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({}, "blocks"),
        (document({"kind": "firework"}), "blocks"),
        (document({"kind": "text"}), "text"),
        (document({"kind": "text", "text": "x", "colour": "red"}), "colour"),
        (document({"kind": "pair", "left": "a", "right": 5}), "right"),
        (document({"kind": "columns", "columns": [{}], "rows": [["a", "b"]]}), "2 cells"),
        (document({"kind": "image", "width": 16, "bits": "###"}), "base64"),
        (document({"kind": "image", "width": 16, "bits": base64.b64encode(b"abc").decode()}), "whole rows"),
        (document({"kind": "drawer", "connector": 3}), "connector"),
        (document(marks=["FAKE"]), "marks"),
        (document(version=2), "version"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_is_none_is_refused_with_its_place(broken: dict, place: str) -> None:
    with pytest.raises(DocumentInvalid, match=place):
        read_document(broken)


def test_a_document_survives_the_way() -> None:
    assert read_document(write_document(read_document(receipt()))) == read_document(receipt())


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_every_line_fits_and_every_figure_ends_on_one_edge(columns: int) -> None:
    long = document(
        {
            "kind": "pair",
            "left": "A NAME THAT IS MUCH TOO LONG FOR ONE LINE OF ANY RECEIPT",
            "right": "−1,234,567.89",
        },
        {"kind": "pair", "left": "Total GBP", "right": "1,234,567.89", "size": "large"},
        {"kind": "pair", "left": "indented", "right": "1.00", "indent": 16},
        {"kind": "text", "text": "Antidisestablishmentarianism" * 4, "align": "center", "size": "large"},
        {
            "kind": "columns",
            "columns": [{}, {"width": 4, "align": "right"}, {"width": 4, "align": "right"}],
            "rows": [["A very long name of a tax", "1,000.00", "200.00"]],
        },
    )
    for line in lay_out(read_document(long), columns):
        assert isinstance(line, TextLine)
        assert len(line.text) * (2 if line.style.wide else 1) <= columns
    pairs = [
        line for line in lay_out(read_document(long), columns) if line.text.rstrip().endswith(("89", ".00"))
    ]
    assert {len(line.text) * (2 if line.style.wide else 1) for line in pairs} == {columns}
    assert any("1,000.00" in line.text for line in pairs)


def test_the_bytes_of_a_small_receipt() -> None:
    small = document(
        {"kind": "drawer"},
        {"kind": "text", "text": "Harbour", "align": "center", "bold": True, "size": "large"},
        {"kind": "pair", "left": "Tea", "right": "£1.20"},
        {"kind": "cut"},
    )
    assert compile_receipt(read_document(small), EPSON) == (
        b"\x1b@"
        b"\x1bp\x00\x19\xfa"
        b"\x1d!\x11\x1bE\x01\x1ba\x01\x1bt\x13Harbour\n"
        b"\x1d!\x00\x1bE\x00\x1ba\x00Tea" + b" " * 34 + b"\x9c1.20\n"
        b"\x1dVB\x00"
    )


def test_what_comes_out_does_not_depend_on_how_the_bytes_arrive() -> None:
    whole = printed(receipt())
    for piece in (1, 2, 3, 7, 64):
        assert printed(receipt(), piece=piece) == whole
    assert [type(mark) for mark in whole if isinstance(mark, Bars | Qr | Cut)] == [Bars, Qr, Cut]
    assert "  3 × WHITE HANGING HEART"[2:] in words(whole)[3]


def test_marks_are_unmistakable_above_and_below() -> None:
    marks = printed(receipt(marks=["COPY"]))
    lines = [mark for mark in marks if isinstance(mark, Line)]
    shouting = [line for line in lines if "COPY" in line.runs[0].text]
    assert shouting == [lines[0], lines[-1]]
    assert all(run.look.inverted and run.look.tall == 2 for line in shouting for run in line.runs)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("£1.20 – 10 % “off”", "£1.20 – 10 % “off”"),
        ("5,00 €", "5,00 €"),
        ("Žluťoučký kůň", "Žluťoučký kůň"),
        ("Ελλάδα", "Ελλάδα"),
        ("Привет", "Привет"),
        ("İstanbul ğ", "İstanbul ğ"),
        ("Ελλάδα 5 €", "Ελλάδα 5 €"),
        ("東京 Ṽ ﬁ", "?? V fi"),
        ("beep\x07\x1b@\x10\x14\x01", "beep  @"),
    ],
    ids=[
        "west",
        "euro",
        "czech",
        "greek",
        "russian",
        "turkish",
        "greek and euro",
        "nobody has it",
        "commands",
    ],
)
def test_letters_come_out_or_become_a_visible_substitute(text: str, paper: str) -> None:
    assert words(printed(document({"kind": "text", "text": text}))) == [paper]


@pytest.mark.parametrize("name", ["of\ufb01ce paper", "cafe\u0301", "5 \u338f flour"])
def test_a_figure_stays_on_its_edge_whatever_the_name_is_spelled_with(name: str) -> None:
    """Ligatures and units in one sign become several letters, a letter and its accent one."""
    texts = words(printed(document({"kind": "pair", "left": name, "right": "£1.20"})))
    assert [len(text) for text in texts] == [EPSON.columns] and texts[0].endswith(" £1.20")


def test_a_printer_with_one_table_substitutes() -> None:
    settings = read_settings({"tables": "0=cp437"})
    assert words(printed(document({"kind": "text", "text": "5 € – Ž"}), settings)) == ["5 E - Z"]


def test_one_table_serves_a_line_where_one_can() -> None:
    assert [table for table, _ in encode_line("Total £9.94 €", EPSON.tables)] == [19]
    assert [table for table, _ in encode_line("ž 5", EPSON.tables, prefer=18)] == [18]


@pytest.mark.parametrize(
    ("symbology", "data", "drawn"),
    [
        ("ean13", "5000159461122", True),
        ("ean13", "5000159461123", False),
        ("ean8", "96385074", True),
        ("upca", "036000291452", True),
        ("code39", "TILL-1", True),
        ("code39", "ümlaut", False),
        ("itf", "1234", True),
        ("itf", "123", False),
        ("code128", "01-02 A{b}", True),
        ("code128", "x" * 64, False),
    ],
)
def test_barcodes_are_drawn_or_their_figures_are_printed(symbology: str, data: str, drawn: bool) -> None:
    marks = printed(document({"kind": "barcode", "symbology": symbology, "data": data}))
    bars = [mark for mark in marks if isinstance(mark, Bars)]
    assert bool(bars) == drawn
    if drawn:
        assert bar_modules(bars[0])[1].lstrip("0") in data.upper() + data
        assert len(bar_modules(bars[0])[0]) * bars[0].module <= 512
    else:
        assert data[:20] in "".join(words(marks))


def test_a_picture_keeps_its_dots_and_spells_no_command() -> None:
    rows = bytes([0x10, 0x14, 0x01, 0x00] * 8)
    marks = printed(document({"kind": "image", "width": 32, "bits": base64.b64encode(rows).decode()}))
    picture = next(mark for mark in marks if isinstance(mark, Picture))
    assert picture.width == 32
    assert b"".join(picture.rows) == bytes([0x11, 0x14, 0x01, 0x00] * 8)
    data = compile_receipt(
        read_document(document({"kind": "image", "width": 32, "bits": base64.b64encode(rows).decode()})),
        EPSON,
    )
    assert list(RealTimeWatch().feed(data)) == []


def test_the_drawer_pulse_stands_where_it_was_asked_for() -> None:
    marks = printed(document({"kind": "drawer", "connector": 2}, {"kind": "text", "text": "x"}))
    assert marks[0] == Pulse(2, 50)


@pytest.mark.parametrize("dots", [384, 512, 576])
def test_everything_that_is_printed_can_be_drawn(dots: int) -> None:
    settings = PrinterSettings(columns=dots // 12, dots=dots)
    for mark in printed(receipt(marks=["TRAINING"]), settings, dots):
        svg = draw(mark, dots)
        assert svg.startswith("<svg") or isinstance(mark, Cut | Pulse)
        assert "style=" not in svg


VERA = str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")


@pytest.mark.parametrize(
    "style", [{}, {"bold": True, "size": "large"}, {"inverted": True, "underline": True}]
)
def test_a_line_with_letters_that_no_table_has_is_drawn(style: dict) -> None:
    settings = read_settings({"tables": "0=cp437", "font": VERA})
    marks = printed(
        document(
            {"kind": "text", "text": "Plain"}, {"kind": "text", "text": "Łódź 5"} | style, {"kind": "cut"}
        ),
        settings,
    )
    (picture,) = [mark for mark in marks if isinstance(mark, Picture)]
    assert picture.width >= 6 * 12 * (2 if style.get("size") else 1)
    assert any(picture.rows)
    assert next("".join(run.text for run in mark.runs) for mark in marks if isinstance(mark, Line)) == "Plain"


def pictures(marks: list[Mark]) -> list[Picture]:
    return [mark for mark in marks if isinstance(mark, Picture)]


def test_letters_wider_than_a_cell_take_the_blanks_behind_them_and_no_figure_leaves_its_edge() -> None:
    settings = read_settings({"tables": "0=cp437", "font": VERA})
    pair = {"kind": "pair", "left": "Œ" * 10, "right": "Œ 5"}
    in_a_line, alone, many = pictures(
        printed(
            document(pair, {"kind": "text", "text": "Œ" * 10}, {"kind": "text", "text": "Œ" * 42}), settings
        )
    )
    assert in_a_line.width == many.width == 504
    assert alone.width > 10 * 12
    ink = [int.from_bytes(row).bit_length() for row in in_a_line.rows if any(row)]
    assert 490 < max(ink) <= 504


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("שלום עולם 12,50 ₪", "םלוע םולש 12,50 ₪"),
        ("3 × חלב      12", "3 × בלח      12"),
        ("حليب  ١٢٫٥٠", "بيلح  ١٢٫٥٠"),
        ("Łódź — 5", "Łódź — 5"),
    ],
)
def test_what_is_written_from_the_right_is_sent_as_it_is_seen(text: str, seen: str) -> None:
    assert as_seen(text) == seen


def test_a_printer_with_a_hebrew_table_gets_the_letters_as_they_are_seen() -> None:
    assert encode_line("שלום 5", ((36, "cp862"),)) == [(36, "םולש 5".encode("cp862"))]


@pytest.mark.skipif(
    not can_draw("ש", typeface("")), reason="This machine has no typeface with Hebrew letters."
)
def test_what_is_written_from_the_right_is_drawn_from_the_right() -> None:
    (picture,) = pictures(printed(document({"kind": "text", "text": "שייי"}), read_settings({})))
    bits = ["".join(f"{byte:08b}" for byte in row)[: picture.width] for row in picture.rows]
    half = picture.width // 2
    left, right = (sum(row[part].count("1") for row in bits) for part in (slice(half), slice(half, None)))
    assert right > left  # where the first and largest of the letters stands


def test_a_chinese_table_prints_letters_of_two_bytes_and_of_two_places() -> None:
    settings = read_settings({"tables": "0=gb18030"})
    data = compile_receipt(
        read_document(document({"kind": "pair", "left": "乌龙茶", "right": "12"})), settings
    )
    assert "乌龙茶".encode("gb18030") + b" " * (42 - 6 - 2) + b"12\n" in data


def test_what_is_nowhere_seen_is_not_a_question_mark() -> None:
    marks = printed(document({"kind": "text", "text": "\ufeffTea\u200b \u200eand\u00ad milk\ufe0f"}))
    assert words(marks) == ["Tea and milk"]


@pytest.mark.parametrize("dots", [384, 512])
def test_a_printer_that_draws_no_qr_codes_is_sent_them_as_pictures(dots: int) -> None:
    settings = read_settings({"qr_codes": False, "dots": dots, "columns": dots // 12})
    short = {"kind": "qr", "data": "https://a.b/r/1"}
    long = {"kind": "qr", "data": "https://example.com/receipts/" + "0102000017" * 30, "module": 16}
    marks = printed(document(short, long, {"kind": "text", "text": "€ 5"}), settings, dots)
    drawn = pictures(marks)
    assert not any(isinstance(mark, Qr) for mark in marks) and words(marks) == ["€ 5"]
    assert [picture.width for picture in drawn] == [
        -(-module * (qr_modules(one["data"], "M") + 8) // 8) * 8
        for one, module in ((short, 6), (long, dots // (qr_modules(long["data"], "M") + 8)))
    ]
    assert all(picture.width <= dots and len(picture.rows) > 32 * 6 for picture in drawn)


@pytest.mark.parametrize("correction", "LMQH")
def test_what_no_qr_code_can_hold_is_printed_as_it_is(correction: str) -> None:
    most = MOST_QR_BYTES[correction] // 3  # of the euro sign, each three bytes
    for count in (min(most, 1000), most + 1):
        if count <= 1000:
            marks = printed(document({"kind": "qr", "data": "€" * count, "correction": correction}))
            assert any(isinstance(mark, Qr) for mark in marks) == (count == most)
            assert "".join(words(marks)) == ("€" * count if count > most else "")


def test_what_cannot_be_drawn_or_must_not_be_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MORE_TYPEFACES", ())

    def said(text: str, **settings) -> str:
        marks = printed(
            document({"kind": "text", "text": text}), read_settings({"tables": "0=cp437"} | settings)
        )
        assert not [mark for mark in marks if isinstance(mark, Picture)]
        return "".join(run.text for mark in marks if isinstance(mark, Line) for run in mark.runs)

    assert said("Łódź", pictures=False) == "?ódz"
    assert said("東京", font=VERA) == "??"
    assert said("Zażalenie", font=VERA) == "Zazalenie"


def test_a_typeface_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(DeviceRefused, match="no-such"):
        printed(
            document({"kind": "text", "text": "Łódź"}),
            read_settings({"tables": "0=cp437", "font": "/no-such.ttf"}),
        )


@pytest.mark.parametrize(
    "text", ["12345" * 30, "HTTPS://A.B/C1" * 12, "https://a.b/r/1", "é€" * 90, "1a" * 200, ""]
)
@pytest.mark.parametrize("correction", "LMQH")
def test_how_wide_a_qr_code_is_at_most_is_never_too_little(text: str, correction: str) -> None:
    assert qr_modules(text, correction) <= most_qr_modules(len(text.encode()), correction)


@pytest.mark.parametrize(
    "text", ["", "Total", "a\tb", "ends  ", "  in", " ", "a\nb", "a\x0bb", "x" * 12, "two words 3"]
)
def test_a_line_that_fits_is_what_wrapping_would_make_of_it(text: str) -> None:
    slowly = [line for part in text.split("\n") for line in textwrap.wrap(part, 12) or [""]]
    assert _wrap(text, 12) == slowly
