"""From a journal record to what the paper says. Pure: the same record prints the same receipt next year.

The result is the JSON of docs/hardware.md (a list of blocks); the station lays it out for its paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from pos.journal_document import DocumentLine, DocumentTender, JournalDocument, whole_charges
from pricing.engine.model import PricedCharge
from pricing.engine.money import decimals_of
from pricing.engine.tax_values import TaxTotal, is_freed, tax_left_off

ZERO = Decimal(0)
MINUS = "−"
LEAST_WIDTH = 7  # of a column of the taxes


def receipt_document(document: JournalDocument, *, marks: Iterable[str] = ()) -> dict:
    """The receipt of a sale or return."""
    blocks = [
        *_head(document),
        *_lines(document),
        *_totals(document),
        *_tenders(document),
        *_taxes(document),
        *_foot(document),
    ]
    return {
        "title": f"Receipt {document.receipt_number}",
        "width": document.receipt_columns,
        "marks": list(marks),
        "version": 1,
        "blocks": blocks,
    }


def gift_receipt_document(document: JournalDocument) -> dict:
    """The receipt that goes with a present: what was bought and how it is changed, without a price."""
    title = {"kind": "text", "text": "Gift receipt", "align": "center", "bold": True, "size": "tall"}
    given = [line for line in document.lines if not line.is_voided and line.quantity > 0]
    blocks = [
        *header_blocks(document),
        {"kind": "feed", "lines": 1},
        title,
        {"kind": "feed", "lines": 1},
        *identity_blocks(document),
        {"kind": "rule"},
        *(
            {"kind": "pair", "left": line.name, "right": f"{quantity(line.quantity)} {line.unit}".strip()}
            for line in given
        ),
        {"kind": "rule"},
        _centred("To change it, bring it with this receipt."),
        *_foot(document),
    ]
    return {
        "title": f"Gift receipt {document.receipt_number}",
        "width": document.receipt_columns,
        "marks": [],
        "version": 1,
        "blocks": blocks,
    }


def merchants_copies(document: JournalDocument) -> list[list[str]]:
    """The shop's own copies of the card terminal's receipts, one for each card that paid."""
    slips = (tender.detail.get("merchant_slip", "").splitlines() for tender in document.tenders)
    return [lines for lines in slips if lines]


def merchants_copy_document(document: JournalDocument) -> dict:
    """The card terminal's receipt as the shop keeps it, in the terminal's own words."""
    blocks: list[dict] = [*header_blocks(document), {"kind": "feed", "lines": 1}, *identity_blocks(document)]
    for lines in merchants_copies(document):
        blocks += [{"kind": "rule"}, *({"kind": "text", "text": line} for line in lines)]
    return {
        "title": f"Merchant's copy {document.receipt_number}",
        "width": document.receipt_columns,
        "marks": [],
        "version": 1,
        "blocks": [*blocks, {"kind": "feed", "lines": 1}, {"kind": "cut"}],
    }


def amount(value: Decimal, document: JournalDocument) -> str:
    """An amount with the currency's decimals, or as many as the price of one has, and a real minus."""
    text = f"{abs(value):,.{decimals_of(value, document.currency_decimals)}f}"
    return f"{MINUS}{text}" if value < 0 else text


def quantity(value: Decimal) -> str:
    """A quantity without needless zeros."""
    text = f"{abs(value).normalize():f}"
    return f"{MINUS}{text}" if value < 0 else text


def header_blocks(document: JournalDocument) -> list[dict]:
    """The store's name and address, as every paper begins."""
    store = document.store
    blocks: list[dict] = [
        {"kind": "text", "text": store.name, "align": "center", "bold": True, "size": "large"}
    ]
    blocks += [_centred(line) for line in store.address.splitlines() if line.strip()]
    if store.phone:
        blocks.append(_centred(store.phone))
    if store.tax_number:
        blocks.append(_centred(f"{_abbreviation(document) or 'Tax number'} {store.tax_number}"))
    blocks += [_centred(line) for line in document.receipt_header.splitlines() if line.strip()]
    return blocks


def identity_blocks(document: JournalDocument) -> list[dict]:
    """When, where and by whom, and what else is said of the whole sale."""
    at = document.concluded_at.astimezone(ZoneInfo(document.store.time_zone))
    return [
        {"kind": "pair", "left": f"{at:%d %b %Y %H:%M}", "right": document.register_name},
        {
            "kind": "pair",
            "left": f"Served by {document.worker_name}",
            "right": document.receipt_number or f"#{document.sequence}",
        },
        *([{"kind": "text", "text": document.comment}] if document.comment else []),
    ]


def _centred(text: str) -> dict:
    return {"kind": "text", "text": text.strip(), "align": "center"}


def _head(document: JournalDocument) -> list[dict]:
    blocks = [*header_blocks(document), {"kind": "feed", "lines": 1}, *identity_blocks(document)]
    if document.customer_account:
        name = (
            f"{document.customer_name} ({document.customer_account})"
            if document.customer_name
            else (document.customer_account)
        )
        blocks.append({"kind": "pair", "left": "Customer", "right": name[:60]})
    if document.delivery is not None:
        how = document.delivery.name or "Part of it"
        blocks.append({"kind": "text", "text": f"{how}: {document.delivery.address}".rstrip(": ")})
    blocks.append({"kind": "rule"})
    return blocks


def _lines(document: JournalDocument) -> list[dict]:
    blocks: list[dict] = []
    for line in document.lines:
        if not line.is_voided:
            blocks += _line(line, document)
    blocks.append({"kind": "rule"})
    return blocks


def _line(line: DocumentLine, document: JournalDocument) -> list[dict]:
    name = f"Return: {line.name}" if line.quantity < 0 else line.name
    is_weight = line.quantity != line.quantity.to_integral_value()
    blocks: list[dict] = [{"kind": "pair", "left": name, "right": amount(line.gross, document)}]
    if is_weight:
        blocks.append(
            _detail(
                f"{quantity(line.quantity)} {line.unit} @ {amount(line.unit_price, document)}/{line.unit}"
            )
        )
    elif abs(line.quantity) != 1:
        blocks.append(_detail(f"{quantity(line.quantity)} @ {amount(line.unit_price, document)}"))
    if line.price_source == "override" and line.list_price != line.unit_price:
        blocks.append(_detail(f"instead of {amount(line.list_price, document)}"))
    blocks += [
        {
            "kind": "pair",
            "left": discount.name or "Discount",
            "right": amount(-discount.amount, document),
            "indent": 2,
        }
        for discount in line.discounts
        if discount.amount or line.quantity > 0  # of a part that comes back, its share may be nothing
    ]
    blocks += _without_tax(line, document)
    if line.returned_receipt:
        blocks.append(_detail(f"from receipt {line.returned_receipt}"))
    if line.tax_override:
        blocks.append(_detail(line.tax_override))
    if line.delivery and not (document.delivery and document.delivery.mode == line.delivery_mode):
        blocks.append(_detail(line.delivery))
    elif document.delivery and document.delivery.mode and not line.delivery_mode and line.quantity > 0:
        blocks.append(_detail("Carried home"))
    if line.comment:
        blocks.append(_detail(line.comment))
    return blocks


def _without_tax(one: DocumentLine | PricedCharge, document: JournalDocument) -> Iterator[dict]:
    """What an exemption takes off, if it does."""
    if left_off := tax_left_off(one.amount, one.total, one.taxes):
        yield {"kind": "pair", "left": "Without tax", "right": amount(-left_off, document), "indent": 2}


def _detail(text: str) -> dict:
    return {"kind": "text", "text": f"  {text}"}


def _charges(document: JournalDocument) -> Iterator[dict]:
    """The charges, one shared over lines as one; a discount on it, and the tax that is not paid, stand below."""
    for charge in whole_charges(document.charges):
        yield {"kind": "pair", "left": charge.name or "Charge", "right": amount(charge.gross, document)}
        for discount in charge.discounts:
            yield {
                "kind": "pair", "left": discount.name or "Discount", "right": amount(-discount.amount, document),
                "indent": 2,
            }  # fmt: skip
        yield from _without_tax(charge, document)


def _totals(document: JournalDocument) -> list[dict]:
    blocks: list[dict] = list(_charges(document))
    if document.tax_exemption and is_freed(document.tax_exemption, document.tax, document.taxes):
        blocks.append({"kind": "text", "text": f"Exempt from tax: {document.tax_exemption}"})
    # What comes back takes its discount along: that lessens nothing of what was saved on what is bought now.
    saved = document.discount - sum((line.discount for line in document.lines if line.quantity < 0), ZERO)
    if saved > 0:
        blocks.append({"kind": "pair", "left": "You saved", "right": amount(saved, document)})
    if not document.prices_include_tax:
        blocks.append({"kind": "pair", "left": "Net", "right": amount(document.net, document)})
        blocks.append({"kind": "pair", "left": "Tax", "right": amount(document.tax, document)})
    if document.rounding:
        blocks.append({"kind": "pair", "left": "Cash rounding", "right": amount(document.rounding, document)})
    word = "To you" if document.total < 0 else "Total"
    blocks.append(
        {
            "kind": "pair",
            "left": f"{word} {document.currency}",
            "right": amount(document.total, document),
            "bold": True,
            "size": "large",
        }
    )
    count = quantity(document.item_count)
    blocks.append({"kind": "text", "text": f"{count} item{'' if count == '1' else 's'}"})
    return blocks


def _tenders(document: JournalDocument) -> list[dict]:
    blocks: list[dict] = [{"kind": "feed", "lines": 1}]
    handed = [
        tender for tender in document.tenders if tender.tendered or not tender.change
    ]  # change has its own line
    for tender in handed:
        blocks.append({"kind": "pair", "left": tender.name, "right": amount(tender.tendered, document)})
        blocks += _slip(tender) or [_detail(text) for text in _card_lines(tender)]
    if document.change:
        blocks.append(
            {
                "kind": "pair",
                "left": "Change",
                "right": amount(document.change, document),
                "bold": True,
                "size": "tall",
            }
        )
    return blocks


def _card_lines(tender: DocumentTender) -> list[str]:
    """What a cardholder needs to recognise the payment: nothing of the number beyond its first six and last four."""
    detail = tender.detail
    if not detail.get("intent"):
        return []
    card = " ".join(part for part in (detail.get("card_name", ""), detail.get("card", "")) if part)
    numbers = [
        f"{words} {detail[name]}"
        for name, words in (
            ("authorisation", "Authorisation"),
            ("terminal", "Terminal"),
            ("receipt", "Terminal receipt"),
        )
        if detail.get(name)
    ]
    return [line for line in (card, *numbers) if line]


def _slip(tender: DocumentTender) -> list[dict]:
    """The customer's copy of the card terminal's receipt, in its own words."""
    lines = tender.detail.get("slip", "").splitlines()
    if not lines:
        return []
    return [{"kind": "feed", "lines": 1}, *({"kind": "text", "text": line} for line in lines)]


def _taxes(document: JournalDocument) -> list[dict]:
    """What each tax was taken from. An abbreviation that all are called by heads the table, else each has its name."""
    if not document.taxes:
        return []
    word = _abbreviation(document)
    figures = [
        [amount(figure, document) for figure in (tax.base, tax.amount, tax.base + tax.amount)]
        for tax in document.taxes
    ]
    widths = [max(LEAST_WIDTH, *map(len, column)) for column in zip(*figures, strict=True)]
    room = document.receipt_columns - sum(widths) - len(widths)
    rows = [
        [_tax_name(tax, room, has_name=not word), *row]
        for tax, row in zip(document.taxes, figures, strict=True)
    ]
    columns = [{"width": 0, "align": "left"}, *({"width": width, "align": "right"} for width in widths)]
    head = [word or "Tax", "Net", word or "Tax", "Gross"]
    return [{"kind": "feed", "lines": 1}, {"kind": "columns", "columns": columns, "rows": [head, *rows]}]


def _abbreviation(document: JournalDocument) -> str:
    """What the names of all its taxes begin with, where that is an abbreviation such as VAT or GST."""
    words = {(tax.name or tax.code).partition(" ")[0] for tax in document.taxes}
    word = words.pop() if len(words) == 1 else ""
    return word if word.isalpha() and word.isupper() else ""


def _tax_name(tax: TaxTotal, room: int, *, has_name: bool) -> str:
    """The tax by its name or its rate, and that it is not paid, as far as there is room."""
    names = (
        [tax.words] if tax.is_amount else [*([tax.words] if has_name else []), f"{tax.rate.normalize():f} %"]
    )
    if tax.status == "exempt":
        names = [*(f"{name} exempt" for name in names), "exempt"]
    return next((name for name in names if len(name) <= room), names[-1])


def _foot(document: JournalDocument) -> list[dict]:
    blocks: list[dict] = [{"kind": "feed", "lines": 1}]
    blocks += [_centred(line) for line in document.receipt_footer.splitlines() if line.strip()]
    if document.receipt_address:
        blocks.append(
            {"kind": "qr", "data": f"{document.receipt_address.rstrip('/')}/{document.receipt_number}"}
        )
    if document.receipt_number:
        blocks.append(
            {"kind": "barcode", "symbology": "code128", "data": document.receipt_number, "height": 48}
        )
    blocks.append({"kind": "cut"})
    return blocks
