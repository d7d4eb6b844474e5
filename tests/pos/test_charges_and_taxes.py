"""Charges, tax exemptions, other taxes, foreign money and loyalty cards, from the till to the journal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.contrib.admin import site
from django.utils.html import strip_tags
from msgspec import convert
from msgspec.structs import replace

from catalog.models import ItemTaxGroup
from channels_app.roles import applying_package
from customers.models import Customer, LoyaltyCard, LoyaltyTier
from hardware.agent.document import ReceiptDocument
from hardware.agent.layout import TextLine, lay_out
from hq import models as hq
from hq.models import ReasonCode
from pos.admin import RetailTransactionAdmin
from pos.cart.errors import BadCharge, BadTender
from pos.errors import (
    ApprovalNeeded,
    TaxesElsewhere,
    UnknownCharge,
    UnknownCode,
    UnknownCoupon,
    UnknownCurrency,
    UnknownLoyaltyCard,
    UnknownReason,
    UnknownTaxes,
)
from pos.kept_prices import kept_prices
from pos.models import RetailTransaction
from pos.operations.charges import AddCharge
from pos.operations.coupon import AddCoupon
from pos.operations.currency import PayCurrency
from pos.operations.lines import LineDiscount, VoidLine
from pos.operations.loyalty import LoyaltyCard as PresentCard
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay, SetCustomer, Undo, VoidTender
from pos.operations.taxes import LineTaxes, SaleTaxes, TaxExempt
from pos.receipts import receipt_document
from pos.services.journal import document_of
from pricing.engine.tax_values import TaxTotal
from pricing.models import ChargeCode, ExchangeRate, TaxCode, TaxExemption, TaxOverride
from shifts.selectors import shift_figures
from tests.factories.company import a_tax_code
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(scale_unit: Any) -> Shop:
    shop = a_shop()
    with applying_package():
        goods = ItemTaxGroup.objects.get(pk=shop.products["85123A"].item_tax_group_id)
        free = ItemTaxGroup.objects.get(pk=shop.products["MILK"].item_tax_group_id)
        ChargeCode.objects.create(code="WRAP", name="Gift wrap", item_tax_group=goods)
        ChargeCode.objects.create(code="BAG", name="Bag")
        ReasonCode.objects.create(code="CHARITY", use="tax", text="Registered charity")
        TaxOverride.objects.create(code="FREE", name="Taken away", scope="line", item_tax_group=free)
        TaxOverride.objects.create(code="ALLFREE", name="All taken away", item_tax_group=free)
        euro = hq.Currency.objects.create(code="EUR", name="Euro", symbol="€")
        ExchangeRate.objects.create(currency=euro, into_id="GBP", rate=D("0.9"), starts_on=date(2020, 1, 1))
        ExchangeRate.objects.create(currency=euro, into_id="GBP", rate=D("0.85"), starts_on=date(2024, 1, 1))
        foreign = hq.PaymentMethod.objects.create(code="FX", name="Foreign money", kind="currency")
        hq.StorePaymentMethod.objects.create(store=shop.store, method=foreign, position=3, is_counted=True)
        ada = Customer.objects.create(account="C1", name="Ada Lovelace")
        gold = LoyaltyTier.objects.create(code="GOLD", name="Gold")
        LoyaltyCard.objects.create(number="7001", customer=ada, tier=gold)
        LoyaltyCard.objects.create(number="7002", customer=ada, tier=gold, is_active=False)
    new_data_version()
    return shop


def last_document(shop: Shop) -> Any:
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    return document_of(shop.till().register, record.pk)


def words(document: Any) -> str:
    return " | ".join(
        f"{block.get('left', block.get('text', ''))} {block.get('right', '')}"
        for block in receipt_document(document)["blocks"]
    )


def test_a_charge_is_taxed_paid_printed_and_kept(shop: Shop) -> None:
    answer = shop.run(
        ProductSale(code="85123A"), AddCharge(charge="WRAP", amount=D("1.20")), worker=shop.manager
    )
    assert (answer.total, answer.charged, answer.tax) == (D("4.15"), D("1.20"), D("0.69"))
    assert [(charge.name, charge.is_manual) for charge in answer.charges] == [("Gift wrap", True)]
    shop.run(Pay(method="cash"), worker=shop.manager)
    document = last_document(shop)
    assert [(one.name, one.amount, one.tax) for one in document.charges] == [
        ("Gift wrap", D("1.20"), D("0.20"))
    ]
    assert sum(line.total for line in document.lines) + document.charges[0].total == document.total
    assert "Gift wrap 1.20" in words(document)


def test_a_charge_is_changed_undone_and_taken_away(shop: Shop) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="MILK"), AddCharge(charge="BAG", amount=D("0.10")))
    answer = run(AddCharge(charge="BAG", amount=D("0.25")))
    assert [charge.amount for charge in answer.charges] == [D("0.25")]
    assert run(Undo()).charged == D("0.10")
    assert run(AddCharge(charge="BAG", amount=D(0))).charges == ()


@pytest.mark.parametrize(
    ("command", "error", "field"),
    [
        (AddCharge(charge="FREIGHT", amount=D(1)), UnknownCharge, "charge"),
        (AddCharge(charge="BAG", amount=D("0.001")), BadCharge, "amount"),
        (AddCharge(charge="BAG", amount=D(-1)), BadCharge, "amount"),
        (AddCharge(charge="BAG", amount=D(0)), BadCharge, "amount"),
        (TaxExempt(reason="BECAUSE"), UnknownReason, "reason"),
        (SaleTaxes(override="NONE"), UnknownTaxes, "override"),
        (SaleTaxes(override="FREE"), TaxesElsewhere, "override"),
        (LineTaxes(line="1", override="ALLFREE"), TaxesElsewhere, "override"),
        (PayCurrency(currency="USD"), UnknownCurrency, "currency"),
        (PayCurrency(currency="EUR", amount=D("1.005")), BadTender, "amount"),
        (PayCurrency(currency="EUR", amount=D(-5)), BadTender, "amount"),
        (PresentCard(number="7002"), UnknownLoyaltyCard, "number"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    shop: Shop, command: Any, error: type[Exception], field: str
) -> None:
    before = shop.run(ProductSale(code="85123A"), worker=shop.manager)
    with pytest.raises(error) as refused:
        shop.run(command, worker=shop.manager)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert shop.till().cart.version == before.version


def test_a_charge_that_is_too_much_is_refused_with_the_most(shop: Shop) -> None:
    with pytest.raises(BadCharge, match=r"9,999,999\.99 at most"):
        shop.run(AddCharge(charge="BAG", amount=D(10_000_000)), worker=shop.manager)


def test_a_code_of_a_thousand_letters_is_not_said_again_in_full(shop: Shop) -> None:
    for command in (AddCoupon(code="A" * 1_000), ProductSale(code="A" * 1_000)):
        with pytest.raises((UnknownCoupon, UnknownCode)) as refused:
            shop.run(command)
        assert len(str(refused.value)) < 200


def test_a_cashier_needs_a_manager_for_taxes_and_charges(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    for command in (TaxExempt(reason="CHARITY"), LineTaxes(line="1", override="FREE"),
                    AddCharge(charge="BAG", amount=D("0.10"))):  # fmt: skip
        with pytest.raises(ApprovalNeeded):
            shop.run(command)
        shop.run(command, approved=True)


def test_charges_come_back_once_with_what_was_really_paid(shop: Shop) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="MILK"), ProductSale(code="85123A", quantity=D(3)))
    run(AddCharge(charge="WRAP", amount=D("1.00"), line="2"), AddCharge(charge="BAG", amount=D("0.10")))
    sale = run(Pay(method="card")).sale
    assert sale is not None
    back = []
    for _ in range(3):
        one = (ReturnedLine(line=2, quantity=D(1)),)
        back.append(run(ReturnByReceipt(receipt=sale.receipt_number, lines=one)))
        run(Pay(method="card"))
    assert [answer.charged for answer in back] == [D("-0.43"), D("-0.34"), D("-0.33")]
    milk = run(ReturnByReceipt(receipt=sale.receipt_number, lines=(ReturnedLine(line=1, quantity=D(1)),)))
    assert milk.charged == 0
    assert sum(answer.total for answer in (*back, milk)) == -sale.total
    assert sum(answer.tax for answer in (*back, milk)) == -last_sale_tax(sale)


def last_sale_tax(sale: Any) -> D:
    return RetailTransaction.objects.get(pk=sale.retail_transaction).tax


def test_a_return_that_is_voided_keeps_no_charge(shop: Shop) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="85123A"), AddCharge(charge="BAG", amount=D("0.10")))
    sale = run(Pay(method="card")).sale
    assert sale is not None
    answer = run(ReturnByReceipt(receipt=sale.receipt_number))
    assert (answer.total, answer.charged) == (-sale.total, D("-0.10"))
    assert run(VoidLine(line=answer.lines[0].id)).charged == 0


def test_an_exempt_sale_pays_no_tax_and_says_why(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=D(2)))
    answer = shop.run(TaxExempt(reason="CHARITY"), approved=True)
    assert (answer.tax, answer.tax_exemption) == (D(0), "Registered charity")
    assert [(tax.status, tax.reason) for tax in answer.taxes] == [("exempt", "Registered charity")]
    shop.run(Pay(method="cash"))
    document = last_document(shop)
    assert (document.tax_exemption, document.tax_exempted_by) == (
        "Registered charity", shop.manager.staff_id
    )  # fmt: skip
    assert (document.net, document.tax, document.total) == (D("5.90"), D(0), D("5.90"))
    assert "Exempt from tax: Registered charity" in words(document)


def test_the_tax_that_an_exemption_leaves_stands_beside_it(shop: Shop) -> None:
    with applying_package():
        city = a_tax_code(shop.store, shop.products["85123A"], "5")
        reason = ReasonCode.objects.get(code="CHARITY")
        part = TaxExemption.objects.create(reason_code=reason, reason="Charity", lowers_price=False)
        for other in TaxCode.objects.exclude(pk=city.pk):
            part.codes.create(tax_code=other)
    new_data_version()
    shop.run(ProductSale(code="85123A"))
    answer = shop.run(TaxExempt(reason="CHARITY"), approved=True)
    assert answer.tax == D("0.14")  # 2.95 × 5 / 105
    page = TillClient(shop).get("/").content.decode()
    assert re.search(r"exempt: Registered charity · tax .*0\.14", page)


def test_a_reason_at_the_till_does_not_make_it_dearer_for_who_pays_without_the_tax(shop: Shop) -> None:
    with applying_package():
        embassy = Customer.objects.create(account="C9", name="Embassy")
        TaxExemption.objects.create(customer=embassy, reason="Embassy", lowers_price=True)
    new_data_version()
    whole = shop.run(ProductSale(code="85123A")).total
    lower = shop.run(SetCustomer(account="C9"))
    (line,) = lower.lines
    assert (lower.total, line.to_pay, line.amount) == (line.amount - line.tax_off, lower.total, whole)
    assert lower.total < whole
    till = TillClient(shop)
    assert "without tax" in till.get("/").content.decode()
    assert "Tax taken off the price" in till.get("/price/1/").content.decode()
    assert shop.run(TaxExempt(reason="CHARITY"), approved=True).total == lower.total
    shop.run(Pay(method="cash"))
    assert f"Without tax −{whole - lower.total}" in words(last_document(shop)).replace("-", "−")
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    record.symbol = "£"
    assert f"Tax taken off the price</span><span>−£{whole - lower.total}" in kept_prices(record)


def test_a_charge_says_what_an_exemption_takes_off_it(shop: Shop, rf: Any) -> None:
    with applying_package():
        embassy = Customer.objects.create(account="C9", name="Embassy")
        TaxExemption.objects.create(customer=embassy, reason="Embassy", lowers_price=True)
    new_data_version()
    wrap = AddCharge(charge="WRAP", amount=D("1.20"))
    answer = shop.run(ProductSale(code="85123A"), wrap, SetCustomer(account="C9"), worker=shop.manager)
    (charge,) = answer.charges
    assert (charge.amount, charge.tax_off, charge.to_pay) == (D("1.20"), D("0.20"), D("1.00"))
    assert answer.total == answer.lines[0].to_pay + answer.charged == answer.lines[0].to_pay + D("1.00")
    sheet = strip_tags(TillClient(shop).get("/charges/").content.decode())
    assert "without tax −£0.20" in sheet and "£1.00" in sheet and "£1.20" not in sheet
    shop.run(Pay(method="cash"), worker=shop.manager)
    document = last_document(shop)
    assert "Gift wrap 1.20 | Without tax −0.20" in words(document)
    shared = [
        replace(one, prorated=True, id=name) for one in document.charges for name in ("auto:1:1", "auto:1:2")
    ]
    assert "Gift wrap 2.40 | Without tax −0.40" in words(replace(document, charges=tuple(shared)))
    page = RetailTransactionAdmin(RetailTransaction, site)
    shown = page.charges_shown(page.get_queryset(rf.get("/")).filter(kind="sale").latest("sequence"))
    assert "without tax −£0.20" in shown and "1.00" in strip_tags(shown)


@pytest.mark.parametrize(
    ("taxes", "columns", "first"),
    [
        ([("VAT standard rate", "20", "taxed"), ("VAT zero rate", "0", "taxed")], 42, ["VAT", "20 %", "0 %"]),
        ([("VAT standard rate", "20", "exempt")], 42, ["VAT", "20 % exempt"]),
        ([("VAT 20 %", "20", "exempt")], 32, ["VAT", "exempt"]),
        ([("GST 10 %", "10", "taxed")], 32, ["GST", "10 %"]),
        ([("GST 5 %", "5", "taxed"), ("QST", "9.975", "taxed")], 42, ["Tax", "GST 5 %", "QST 9.975 %"]),
        ([("State tax", "6.25", "taxed")], 42, ["Tax", "State tax 6.25 %"]),
        ([("Tax of the State of New York", "4", "taxed")], 42, ["Tax", "4 %"]),
    ],
)  # fmt: skip
def test_a_receipt_names_its_taxes_whole_on_any_paper(
    shop: Shop, taxes: list[tuple[str, str, str]], columns: int, first: list[str]
) -> None:
    shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    totals = tuple(
        TaxTotal(name, D(rate), D("1234.56"), D("246.91"), status, name) for name, rate, status in taxes
    )
    document = replace(last_document(shop), taxes=totals, receipt_columns=columns)
    (table,) = (block for block in receipt_document(document)["blocks"] if block["kind"] == "columns")
    assert [row[0] for row in table["rows"]] == first
    paper = lay_out(convert(receipt_document(document), ReceiptDocument), columns)
    lines = [item.text for item in paper if isinstance(item, TextLine)]
    for name in first:
        assert any(line.startswith(name) for line in lines), lines
    assert sum(line.endswith("1,481.47") for line in lines) == len(taxes)


def test_a_tax_of_an_amount_per_unit_has_no_rate(shop: Shop) -> None:
    with applying_package():
        deposit = a_tax_code(shop.store, shop.products["85123A"], "0.25")
        TaxCode.objects.filter(pk=deposit.pk).update(name="Bottle deposit", kind="fixed_per_unit")
    new_data_version()
    shop.run(ProductSale(code="85123A", quantity=D(2)))
    page = strip_tags(TillClient(shop).get("/price/1/").content.decode())
    assert "Bottle deposit" in page and "0.25 %" not in page
    shop.run(Pay(method="cash"))
    (table,) = (one for one in receipt_document(last_document(shop))["blocks"] if one["kind"] == "columns")
    assert ["Bottle deposit", "0.00", "0.50", "0.50"] in table["rows"]


def test_the_price_sheet_breaks_no_percentage_and_calls_no_tax_by_another_name(shop: Shop) -> None:
    sheet = lambda: strip_tags(TillClient(shop).get("/price/1/").content.decode())  # noqa: E731
    shop.run(ProductSale(code="85123A"), LineDiscount(line="1", percent=D(10)), worker=shop.manager)
    assert "10\N{NO-BREAK SPACE}%" in sheet() and "VAT 20\N{NO-BREAK SPACE}%" in sheet()
    with applying_package():
        TaxCode.objects.update(name="")
    new_data_version()
    shop.run(TaxExempt(reason="CHARITY"), worker=shop.manager)
    assert "VAT20 20\N{NO-BREAK SPACE}%: exempt" in sheet() and "VAT: " not in sheet()


def test_what_can_come_back_is_what_is_left_of_what_was_paid(shop: Shop) -> None:
    with applying_package():
        embassy = Customer.objects.create(account="C9", name="Embassy")
        TaxExemption.objects.create(customer=embassy, reason="Embassy", lowers_price=True)
    new_data_version()
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    total = run(ProductSale(code="85123A", quantity=D(3)), SetCustomer(account="C9")).total
    run(Pay(method="cash"))
    receipt = last_document(shop).receipt_number
    offered = lambda: strip_tags(TillClient(shop).get("/return/", {"receipt": receipt}).content.decode())  # noqa: E731
    assert total == D("7.38") and "3 of 3 pcs can come back · £7.38" in offered()
    one = ReturnedLine(line=1, quantity=D(1))
    back = run(ReturnByReceipt(receipt=receipt, lines=(one,))).total
    run(Pay(method="cash"))
    assert f"2 of 3 pcs can come back · £{total + back}" in offered()


def test_an_exemption_is_taken_away_again(shop: Shop) -> None:
    taxed = shop.run(ProductSale(code="85123A"), worker=shop.manager).tax
    assert shop.run(TaxExempt(reason="CHARITY"), worker=shop.manager).tax == 0
    assert shop.run(TaxExempt(), worker=shop.manager).tax == taxed > 0


def test_other_taxes_for_a_line_and_for_the_sale(shop: Shop) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="85123A"), ProductSale(code="22961"))
    one = run(LineTaxes(line="1", override="FREE"))
    assert [line.tax > 0 for line in one.lines] == [False, True]
    assert one.lines[0].tax_override == "Taken away"
    assert run(SaleTaxes(override="ALLFREE")).tax == 0
    usual = run(SaleTaxes(), LineTaxes(line="1"))
    assert all(line.tax > 0 for line in usual.lines)
    run(LineTaxes(line="1", override="FREE"), Pay(method="card"))
    document = last_document(shop)
    assert [line.tax_override for line in document.lines] == ["Taken away", ""]
    assert words(document).count("Taken away") == 1  # the receipt says why its tax is another


def test_one_more_of_an_article_pays_its_own_taxes_where_a_line_of_it_pays_others(shop: Shop) -> None:
    with applying_package():
        hq.FunctionalityProfile.objects.update(merge_lines=True)
    new_data_version()
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="85123A"), LineTaxes(line="1", override="FREE"))
    more = run(ProductSale(code="85123A"), ProductSale(code="85123A"))
    assert [(line.quantity, line.tax > 0) for line in more.lines] == [(1, False), (2, True)]


def test_headquarters_reads_which_taxes_were_chosen_for_the_sale_and_for_a_line(shop: Shop, rf: Any) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    run(ProductSale(code="85123A"), ProductSale(code="22961"), LineTaxes(line="1", override="FREE"))
    run(SaleTaxes(override="ALLFREE"), Pay(method="card"))
    page = RetailTransactionAdmin(RetailTransaction, site)
    shown = page.taxes_shown(page.get_queryset(rf.get("/")).filter(kind="sale").latest("sequence"))
    name = last_document(shop).lines[0].name
    assert "Taxes chosen: All taken away" in shown and f"Taxes chosen: {name}: Taken away" in shown


def test_foreign_money_counts_at_the_rate_of_the_day_and_change_is_our_own(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=D(2)))
    answer = shop.run(PayCurrency(currency="eur", amount=D(10)))
    assert answer.sale is not None and answer.sale.change == D("2.60")
    document = last_document(shop)
    foreign, cash = document.tenders
    assert (foreign.method, foreign.amount) == ("FX", D("8.50"))
    assert foreign.detail == {"currency": "EUR", "amount": "10", "rate": "0.85"}
    assert (cash.method, cash.amount, cash.change) == ("cash", D("-2.60"), D("2.60"))
    assert document.total == sum(tender.amount for tender in document.tenders) == D("5.90")
    printed = {
        block["left"]: block["right"] for block in receipt_document(document)["blocks"] if "left" in block
    }
    assert (
        printed["Change"] == "2.60" and "0.00" not in printed.values()
    )  # what goes back was not handed over
    expected = {one.method: one.expected for one in shift_figures(document.shift).tenders}
    assert expected["cash"] == D("97.40")


def test_foreign_money_that_was_keyed_in_wrongly_gives_no_change(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=D(2)))
    with pytest.raises(BadTender, match=r"the change would be £844\.10"):
        shop.run(PayCurrency(currency="EUR", amount=D(1000)))
    assert shop.till().cart.tenders == ()
    assert shop.run(PayCurrency(currency="EUR", amount=D(10))).sale is not None


def test_foreign_money_may_pay_a_part_and_be_given_back(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=D(2)))
    part = shop.run(PayCurrency(currency="EUR", amount=D(5)))
    assert (part.paid, part.due) == (D("4.25"), D("1.65"))
    assert shop.run(VoidTender(tender=part.tenders[0].id)).due == D("5.90")
    exact = shop.run(PayCurrency(currency="EUR"))
    assert exact.sale is not None and exact.sale.change == D("0.01")  # the coin that was too much


def test_a_loyalty_card_says_who_buys(shop: Shop) -> None:
    answer = shop.run(PresentCard(number="7001"))
    assert (answer.customer_account, answer.customer_name) == ("C1", "Ada Lovelace")
    shop.run(SetCustomer(account=""))
    scanned = shop.run(ProductSale(code="7001"))  # its barcode, as if it were an article
    assert (scanned.customer_account, scanned.lines) == ("C1", ())
    assert scanned.notice is not None and scanned.notice.text.startswith("Loyalty card of Ada Lovelace")


def test_a_company_without_charges_is_told_so(scale_unit: Any) -> None:
    till = TillClient(a_shop())
    assert "Headquarters has entered no charges yet." in till.get("/cart/do/charge/").content.decode()


def test_the_pages_ask_and_set(shop: Shop) -> None:
    till = TillClient(shop)
    till.scan("85123A")
    more = till.get("/more/").content.decode()
    for name in ("charge", "tax_exempt", "sale_taxes", "loyalty_card", "line_taxes"):
        assert f"/cart/do/{name}/" in more
    sheet = till.get("/cart/do/charge/").content.decode()
    assert "Gift wrap" in sheet and "Bag" in sheet
    assert "charges" in till.do("charge", charge="BAG", amount="0.10").content.decode()
    assert "Registered charity" in till.get("/cart/do/tax_exempt/").content.decode()
    assert "exempt: Registered charity" in till.do("tax_exempt", reason="CHARITY").content.decode()
    why = till.get("/price/1/").content.decode()
    assert ": exempt</span>" in why and "of which" not in why and "Registered charity" in why
    assert "Foreign money" in till.get("/pay/").content.decode()
    foreign = till.get("/cart/do/pay_currency/").content.decode()
    assert "EUR: 1 is 0.85 GBP" in foreign and re.search(r'value="EUR"[^>]* checked', foreign)  # the only one
    assert till.do("charge", charge="NONE", amount="1").status_code == 422
    assert "Gift wrap" in till.get("/cart/do/line_charge/", {"line": "1"}).content.decode()
    till.do("line_charge", line="1", charge="WRAP", amount="1.50")
    assert [(one.id, one.line) for one in shop.till().cart.head.charges] == [("BAG", None), ("WRAP:1", "1")]
    done = till.do("pay_currency", currency="EUR", amount="20").content.decode()
    assert "EUR 20 = £" in re.sub(r"<[^>]*>", "", done)  # what it is worth here
