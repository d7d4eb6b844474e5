"""What a shift sold by tax and rate: on the report, in the API, at headquarters, and always the report's own sums."""

from __future__ import annotations

import json
import re
from decimal import Decimal as D
from random import Random
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.contrib.admin import site
from django.utils.html import strip_tags

from catalog.models import ItemTaxGroup
from channels_app.roles import applying_package
from hardware.agent.document import ReceiptDocument
from hardware.agent.layout import TextLine, lay_out
from hardware.models import DeviceJob
from hq.models import PaymentMethod, ReasonCode, StorePaymentMethod, User
from pos.models import RetailTransaction
from pos.operations.charges import AddCharge
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay
from pos.operations.taxes import LineTaxes, TaxExempt
from pricing.models import ChargeCode, TaxCode, TaxOverride
from shifts.admin import ShiftAdmin, ShiftTotalInline
from shifts.models import Shift
from shifts.selectors import ShiftFigures, shift_figures
from shifts.services import Counted, close_shift, print_x_report
from shifts.taxes import TaxFigure, tax_figures
from tests.factories.company import a_tax_code
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


def a_taxed_shop(**more: Any) -> Shop:
    shop = a_shop(**more)
    with applying_package():
        goods = shop.products["85123A"].item_tax_group
        ChargeCode.objects.create(code="WRAP", name="Gift wrap", item_tax_group=goods)
        untaxed = ItemTaxGroup.objects.create(code="NONE", name="Outside the scope of taxes")
        ChargeCode.objects.create(code="BAG", name="Bag", item_tax_group=untaxed)
        ReasonCode.objects.create(code="CHARITY", use="tax", text="Registered charity")
        free = shop.products["MILK"].item_tax_group
        TaxOverride.objects.create(code="ZERO", name="Zero-rated", scope="line", item_tax_group=free)
    new_data_version()
    return shop


def figures_of(shop: Shop) -> ShiftFigures:
    return shift_figures(Shift.objects.latest("opened_at").pk)


def rows(figures: ShiftFigures) -> dict[str, tuple[D, D, D]]:
    return {one.words: (one.net, one.tax, one.gross) for one in figures.taxes}


def adds_up(figures: ShiftFigures) -> bool:
    sums = [sum(column, D(0)) for column in zip(*rows(figures).values(), strict=True)]
    return sums == [figures.net, figures.tax, figures.total - figures.rounding]


@pytest.mark.parametrize("is_included", [True, False])
def test_a_shift_says_what_it_sold_by_tax_and_rate(is_included: bool) -> None:
    shop = a_taxed_shop(prices_include_tax=is_included)
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="85123A", quantity=D(3)), ProductSale(code="MILK"))
    sale = run(Pay(method="cash")).sale
    run(ProductSale(code="22961"), AddCharge(charge="BAG", amount=D("0.10")), TaxExempt(reason="CHARITY"))
    run(Pay(method="card"))
    run(
        ReturnByReceipt(receipt=sale.receipt_number, lines=(ReturnedLine(line=1, quantity=D(1)),)),
        Pay(method="cash"),
    )
    figures = figures_of(shop)
    taxed = ("4.91", "0.99", "5.90") if is_included else ("5.90", "1.18", "7.08")
    assert rows(figures) == {
        "VAT 20 %": tuple(map(D, taxed)),
        "VAT 0 %": (D("1.65"), D(0), D("1.65")),
        "VAT 20 %, exempt": (D("1.45"), D(0), D("1.45")),
        "No tax": (D("0.10"), D(0), D("0.10")),
    }
    assert adds_up(figures)


@pytest.mark.parametrize(("is_included", "seed"), [(way, seed) for way in (True, False) for seed in range(3)])
def test_the_rows_are_the_net_and_the_tax_of_the_report(is_included: bool, seed: int) -> None:
    shop, random = a_taxed_shop(prices_include_tax=is_included), Random(seed)
    with applying_package():  # two more, on the same goods: one on top of both, one for each piece
        for percent, kind in (("2.5", "percent_of_gross"), ("0.07", "fixed_per_unit")):
            code = a_tax_code(shop.store, shop.products["85123A"], percent)
            TaxCode.objects.filter(pk=code.pk).update(name=f"Levy {percent}", kind=kind)
    new_data_version()
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    for _ in range(8):
        codes = random.choices(["85123A", "22961", "MILK", "BANANA"], k=random.randint(1, 4))
        run(*(ProductSale(code=code, quantity=D(random.randint(1, 4))) for code in codes))
        if random.random() < 0.3:
            run(LineTaxes(line="1", override="ZERO"))
        if random.random() < 0.3:
            run(AddCharge(charge=random.choice(["WRAP", "BAG"]), amount=D(random.randint(1, 300)) / 100))
        if random.random() < 0.3:
            run(TaxExempt(reason="CHARITY"))
        sale = run(Pay(method="card")).sale
        if random.random() < 0.5:
            run(ReturnByReceipt(receipt=sale.receipt_number, lines=(ReturnedLine(line=1, quantity=D(1)),)))
            run(Pay(method="card"))
    figures = figures_of(shop)
    assert adds_up(figures), rows(figures)
    assert {"Levy 0.07", "In several taxes, counted once"} < rows(figures).keys()


def test_the_narrowest_paper_the_journal_and_headquarters_say_it(rf: Any) -> None:
    shop = a_taxed_shop()
    shop.run(ProductSale(code="85123A", quantity=D(3)), ProductSale(code="MILK"), Pay(method="card"))
    report = print_x_report(till=shop.till(worker=shop.manager), request_id=uuid4())
    paper = lay_out(msgspec.convert(report, ReceiptDocument), 32)
    said = "\n".join(re.sub(r"\s+", " ", item.text).rstrip() for item in paper if isinstance(item, TextLine))
    assert "\nVAT 20 %\n Net 7.37\n Tax 1.48\n Gross 8.85\nVAT 0 %\n Net 1.65\n" in said
    page = ShiftAdmin(Shift, site)
    shown = strip_tags(page.sold_shown(page.get_queryset(rf.get("/")).get()))
    assert re.findall(r"\d+\.\d\d", shown.partition("Together")[2]) == ["9.02", "1.48", "10.50"]
    counted = {"cash": Counted(D(100))}
    close_shift(till=shop.till(worker=shop.manager), counted=counted, request_id=uuid4())
    assert "VAT 0 %" in str(DeviceJob.objects.get(title__startswith="Z report").document)
    kept = json.loads(RetailTransaction.objects.get(kind="close_shift").document)["detail"]["figures"]
    assert kept["taxes"][0] == {
        "code": "VAT20", "name": "VAT 20 %", "rate": "20", "status": "taxed", "net": "7.37", "tax": "1.48",
        "gross": "8.85",
    }  # fmt: skip


def test_the_page_of_a_closed_shift_says_it() -> None:
    till = TillClient(a_taxed_shop())
    till.scan("85123A")
    till.do("pay", method="card", amount="2.95")
    shown = strip_tags(till.post("/shift/close/", {"counted_cash": "100"}, htmx=False).content.decode())
    assert "VAT 20\N{NO-BREAK SPACE}%" in shown and "Gross£2.95" in re.sub(r"\s+", "", shown), shown


def test_a_shift_that_sold_nothing_has_no_taxes(rf: Any) -> None:
    shop = a_taxed_shop()
    assert figures_of(shop).taxes == ()
    page = ShiftAdmin(Shift, site)
    assert strip_tags(page.sold_shown(page.get_queryset(rf.get("/")).get())) == "–"


def test_a_shift_in_a_currency_that_is_gone_still_opens_at_headquarters(rf: Any) -> None:
    shop = a_taxed_shop()
    shop.run(ProductSale(code="85123A"), Pay(method="card"))
    Shift.objects.update(currency="ZWL")
    page = ShiftAdmin(Shift, site)
    assert "2.95" in page.sold_shown(page.get_queryset(rf.get("/")).get())


def test_names_and_records_of_before_are_taken_as_they_are() -> None:
    part = {"code": "V", "rate": "20", "base": "10", "amount": "2"}
    old = {
        "net": "10",
        "lines": [{"net": "10", "taxes": [part]}, {"net": "9", "is_voided": True, "taxes": [part]}],
    }
    new = {
        "net": "-10",
        "lines": [{"net": "-10", "taxes": [{**part, "base": "-10", "amount": "-2", "name": "VAT"}]}],
    }
    assert tax_figures(map(json.dumps, [old, new])) == (
        TaxFigure("V", "VAT", D(20), "taxed", D(0), D(0), D(0)),
    )
    assert tax_figures(["{}"]) == ()


def test_headquarters_names_the_ways_of_paying(rf: Any) -> None:
    shop = a_shop()
    shop.run(ProductSale(code="85123A"), Pay(method="cash"))
    inline, request = ShiftTotalInline(Shift, site), rf.get("/")
    request.user = User(is_superuser=True)
    (row,) = inline.get_queryset(request)
    assert (row.method, inline.method_shown(row)) == ("cash", "Cash")
    with applying_package():
        StorePaymentMethod.objects.all().delete()
        PaymentMethod.objects.filter(code="cash").delete()
    (row,) = inline.get_queryset(request)
    assert inline.method_shown(row) == "cash"  # headquarters has it no more
