"""X and Z reports as paper. Pure: figures and a journal record in, a document out."""

from collections.abc import Iterator, Mapping

from pos.journal_document import JournalDocument
from pos.receipts import amount, header_blocks, identity_blocks, quantity
from shifts.selectors import ShiftFigures


def shift_report(
    document: JournalDocument, figures: ShiftFigures, *, kind: str, number: str, names: Mapping[str, str]
) -> dict:
    """The report of a shift: `kind` is X (so far) or Z (final); `names` are those of the ways of paying."""
    return {
        "title": f"{kind} report {number}",
        "width": document.receipt_columns,
        "marks": [],
        "version": 1,
        "blocks": list(_blocks(document, figures, kind, number, names)),
    }


def _blocks(
    document: JournalDocument, figures: ShiftFigures, kind: str, number: str, names: Mapping[str, str]
) -> Iterator[dict]:
    def money(value) -> str:
        return amount(value, document)

    yield from header_blocks(document)
    yield {"kind": "feed", "lines": 1}
    yield {"kind": "text", "text": f"{kind} report", "align": "center", "bold": True, "size": "tall"}
    yield {"kind": "text", "text": f"Shift {number}", "align": "center"}
    yield {"kind": "text", "text": f"Business date {document.business_date:%d %b %Y}", "align": "center"}
    yield {"kind": "feed", "lines": 1}
    yield from identity_blocks(document)
    yield {"kind": "rule"}
    yield _pair(f"Sales ({figures.sales_count})", money(figures.sales))
    yield _pair(f"Returns ({figures.returns_count})", money(figures.returns))
    yield _pair(f"Total {document.currency}", money(figures.total), bold=True)
    yield _pair("Net", money(figures.net))
    yield _pair("Tax", money(figures.tax))
    if figures.rounding:
        yield _pair("Cash rounding", money(figures.rounding))
    yield _pair("Discounts", money(figures.discount))
    yield _pair("Items", quantity(figures.items))
    yield {"kind": "rule"}
    for tax in figures.taxes:
        yield _pair(tax.words, "", bold=True)
        yield _pair("Net", money(tax.net), indent=2)
        yield _pair("Tax", money(tax.tax), indent=2)
        yield _pair("Gross", money(tax.gross), indent=2)
    if figures.taxes:
        yield {"kind": "rule"}
    for name, value in figures.movements:
        yield _pair(name, money(value))
    for tender in figures.tenders:
        yield {"kind": "feed", "lines": 1}
        yield _pair(names.get(tender.method, tender.method), "", bold=True)
        yield _pair(f"Sales ({tender.count})", money(tender.sales), indent=2)
        if tender.moved:
            yield _pair("Float and cash moved", money(tender.moved), indent=2)
        yield _pair("Expected", money(tender.expected), indent=2)
        if tender.counted is not None and tender.over_short is not None:
            yield _pair("Counted", money(tender.counted), indent=2)
            word = "Over" if tender.over_short > 0 else "Short" if tender.over_short < 0 else "Difference"
            yield _pair(word, money(tender.over_short), indent=2, bold=True)
    yield {"kind": "rule"}
    yield _pair("Voided sales", str(figures.voided_sales))
    yield _pair("Voided lines", str(figures.voided_lines))
    yield _pair("Drawer opened without a sale", str(figures.drawer_openings))
    yield {"kind": "feed", "lines": 1}
    yield {"kind": "cut"}


def _pair(left: str, right: str, *, bold: bool = False, indent: int = 0) -> dict:
    return {"kind": "pair", "left": left, "right": right, "bold": bold, "indent": indent}
