"""Why a sale of the journal cost what it cost, as the till knew it then: what a dispute years later is settled by."""

from __future__ import annotations

from functools import partial

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from hq.cells import NOTHING, plain
from hq.currency_sign import before_figure
from hq.models import ReasonCode, Worker
from pos.journal_document import DocumentLine, read_document
from pos.models import RetailTransaction
from pos.pages.explain import Named, others_of, remarks_of, steps_of
from pricing.engine.explain import sentence
from pricing.engine.money import as_money, currency
from pricing.engine.tax_values import tax_left_off


def kept_prices(record: RetailTransaction) -> SafeString | str:
    """The lines of a record, each with the steps to its price and what did not count, and what is said of the whole."""
    document = read_document(record.document)
    named = Named(
        dict(Worker.objects.values_list("staff_id", "name")),
        dict(ReasonCode.objects.values_list("code", "text")),
    )
    symbol = before_figure(record.symbol or "", record.currency)
    money = partial(as_money, symbol=symbol, decimals=currency(record.currency).decimals)
    lines = [_line(line, named, money) for line in document.lines if not line.is_voided]
    lines += [format_html("<p>{}</p>", sentence(reason, money)) for reason in document.explanation]
    return format_html_join("", "{}", ((line,) for line in lines)) or NOTHING


def _line(line: DocumentLine, named: Named, money: partial[str]) -> SafeString:
    found = [
        (one.title, "" if one.amount is None else money(one.amount), one.why) for one in steps_of(line, named)
    ]
    if line.quantity != 1:
        whole = (f"{plain(line.quantity)} × {money(line.unit_price)}", money(line.gross), "")
        found.insert(len(found) - len(line.discounts), whole)
    if left_off := tax_left_off(line.amount, line.total, line.taxes):
        found.append(("Tax taken off the price", money(-left_off), ""))
    steps = format_html_join("", "<li><span>{}</span><span>{}</span><small>{}</small></li>", found)
    others = format_html_join(
        "", "<li>{}</li>", ((words,) for words in (*remarks_of(line, money), *others_of(line, money)))
    )
    return format_html(
        '<details class="th-why"><summary><span>{} × {}</span><span>{}</span></summary><ol>{}</ol>{}</details>',
        plain(line.quantity),
        line.name,
        money(line.amount - left_off),
        steps,
        format_html("<ul>{}</ul>", others) if others else "",
    )
