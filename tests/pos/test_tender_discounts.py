"""Discounts for the way of paying: told before, taken with the payment, shared fairly, given back with it."""

from __future__ import annotations

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.roles import applying_package
from hq import models as hq
from pos.cart.errors import BadTender
from pos.cart.snapshot import Snapshot
from pos.models import RetailTransaction
from pos.operations.card import PayByCard
from pos.operations.delivery import Deliver
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay, TotalDiscount, VoidTender
from pos.services.card import settle_charge
from pos.services.journal import document_of
from pricing import models as pricing
from pricing.services.discounts import enable_discount
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.terminal import with_terminal
from tests.scenarios.till_client import a_till

pytestmark = pytest.mark.django_db
HEART, JAM, MILK = "85123A", "22961", "MILK"


@pytest.fixture
def shop(scale_unit: Any) -> Shop:
    shop = a_shop()
    tender_discount("CARD5", "card", "5")
    return shop


def tender_discount(code: str, method: str, percent: str, tiers: tuple[tuple[str, str], ...] = ()) -> None:
    with applying_package():
        offer = pricing.Discount.objects.create(
            code=code, name=f"{percent} % by {method}", kind="tender", method="percent_off", currency_id="GBP",
            value=None if tiers else D(percent),
        )  # fmt: skip
        for minimum, value in tiers:
            pricing.DiscountTier.objects.create(discount=offer, minimum=D(minimum), value=D(value))
        pricing.DiscountTender.objects.create(
            discount=offer, method=hq.PaymentMethod.objects.get(code=method)
        )
        enable_discount(offer.pk)
    new_data_version()


def hundred(shop: Shop) -> Snapshot:
    """A basket that comes to 100.00 of goods at 20 % VAT."""
    return shop.run(*(ProductSale(code="KEYED", price=D(price)) for price in ("60.00", "40.00")))


def last_document(shop: Shop) -> Any:
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    return document_of(shop.till().register, record.pk)


def test_the_till_tells_what_a_way_of_paying_saves(shop: Shop) -> None:
    answer = hundred(shop)
    assert answer.total == D("100.00")
    assert [(one.method, one.name, one.saves, one.due) for one in answer.tender_offers] == [
        ("card", "5 % by card", D("5.00"), D("95.00"))
    ]
    page = TillClient(shop).get("/pay/").content.decode()
    assert "5 % by card" in page and "95" in page


def test_paying_all_so_takes_the_discount_with_its_tax(shop: Shop) -> None:
    hundred(shop)
    sale = shop.run(Pay(method="card")).sale
    assert sale is not None and sale.total == D("95.00")
    document = last_document(shop)
    assert (document.total, document.discount, document.tax) == (D("95.00"), D("5.00"), D("15.83"))
    assert [one.kind for line in document.lines for one in line.discounts] == ["tender", "tender"]
    assert [line.amount for line in document.lines] == [D("57.00"), D("38.00")]


def test_a_ceiling_of_money_holds_for_all_payments_of_the_sale(shop: Shop) -> None:
    with applying_package():
        pricing.Discount.objects.filter(code="CARD5").update(max_discount=D("3.00"))
    new_data_version()
    assert [(one.saves, one.due) for one in hundred(shop).tender_offers] == [(D("3.00"), D("97.00"))]
    part = shop.run(Pay(method="card", amount=D("48.50")))
    assert (part.total, part.discount, part.due) == (D("98.50"), D("1.50"), D("50.00"))
    assert [(one.saves, one.due) for one in part.tender_offers] == [(D("1.50"), D("48.50"))]
    sale = shop.run(Pay(method="card")).sale
    assert sale is not None and sale.total == D("97.00")


def test_another_way_of_paying_earns_nothing(shop: Shop) -> None:
    hundred(shop)
    assert shop.run(Pay(method="cash")).sale.total == D("100.00")


@pytest.mark.parametrize("parts", [["50.00"], ["20.00", "30.00"], ["95.00"], ["94.99"]])
def test_several_payments_in_that_way_earn_as_much_as_one(shop: Shop, parts: list[str]) -> None:
    hundred(shop)
    answer = None
    for part in parts:
        answer = shop.run(Pay(method="card", amount=D(part)))
    if answer.sale is None:
        answer = shop.run(Pay(method="card"))
    assert answer.sale.total == D("95.00")
    assert sum(tender.amount for tender in last_document(shop).tenders) == D("95.00")


def test_a_part_in_that_way_earns_its_share_whichever_comes_first(shop: Shop) -> None:
    hundred(shop)
    part = shop.run(Pay(method="card", amount=D("47.50")))
    assert (part.total, part.due) == (D("97.50"), D("50.00"))
    assert shop.run(Pay(method="cash")).sale.total == D("97.50")
    hundred(shop)
    rest = shop.run(Pay(method="cash", amount=D("50.00")))
    assert [(one.saves, one.due) for one in rest.tender_offers] == [(D("2.50"), D("47.50"))]
    assert shop.run(Pay(method="card")).sale.total == D("97.50")


def test_a_payment_taken_back_takes_its_discount_along(shop: Shop) -> None:
    hundred(shop)
    both = shop.run(Pay(method="cash", amount=D("10.00")), Pay(method="card", amount=D("38.00")))
    assert both.total == D("98.00")
    without = shop.run(VoidTender(tender=both.tenders[1].id))
    assert (without.total, without.due) == (D("100.00"), D("90.00"))
    assert shop.run(VoidTender(tender=without.tenders[0].id)).total == D("100.00")
    once = shop.run(Pay(method="card", amount=D("38.00")))
    assert shop.run(VoidTender(tender=once.tenders[0].id)).total == D("100.00")
    assert shop.run(ProductSale(code=MILK)).total == D("101.65")


def test_the_best_of_several_counts_by_the_total(shop: Shop) -> None:
    tender_discount("TIERS", "card", "8", (("50", "2"), ("90", "8")))
    assert hundred(shop).tender_offers[0].due == D("92.00")
    assert shop.run(Pay(method="card")).sale.total == D("92.00")
    sixty = shop.run(ProductSale(code="KEYED", price=D("30.00")), ProductSale(code="KEYED", price=D("30.00")))
    assert sixty.tender_offers[0].due == D("57.00")


def test_a_tier_that_the_sale_has_reached_holds_for_all_of_its_payments(shop: Shop) -> None:
    tender_discount("TIERS", "card", "8", (("50", "2"), ("100", "8")))
    hundred(shop)
    part = shop.run(Pay(method="card", amount=D("46.00")))
    assert (part.total, part.tender_offers[0].due) == (D("96.00"), D("46.00"))
    assert shop.run(Pay(method="card")).sale.total == D("92.00")


def test_it_compounds_over_all_else_and_leaves_charges_alone(shop: Shop) -> None:
    with applying_package():
        pricing.DeliveryMode.objects.create(code="PARCEL", name="Parcel")
        code = pricing.ChargeCode.objects.create(code="FREIGHT", name="Delivery", kind="shipping")
        rule = pricing.ChargeRule.objects.create(
            charge=code, name="Delivery", is_active=True, currency_id="GBP",
            delivery_mode=pricing.DeliveryMode.objects.get(),
        )  # fmt: skip
        pricing.ChargeTier.objects.create(rule=rule, least=0, most=D(100), value=D(10))
    new_data_version()
    hundred(shop)
    shop.run(Deliver(mode="PARCEL", street="1 Mill Lane", city="Leeds"))
    cheaper = shop.run(TotalDiscount(percent=D(20), reason="Goodwill"), approved=True)
    assert (cheaper.total, cheaper.charged, cheaper.tender_offers[0].due) == (D(90), D(10), D(86))
    assert shop.run(Pay(method="card")).sale.total == D(86)


def test_cash_is_paid_in_coins_that_exist(shop: Shop) -> None:
    tender_discount("CASH3", "cash", "3")
    with applying_package():
        hq.Currency.objects.filter(pk="GBP").update(cash_unit=D("0.05"))
    new_data_version()
    answer = shop.run(ProductSale(code=HEART))
    due = {one.method: one.due for one in answer.tender_offers}
    assert due == {"card": D("2.80"), "cash": D("2.86")}
    page = re.sub("<[^>]+>", "", TillClient(shop).get("/pay/").content.decode())
    assert "£2.85, saves £0.09" in page and "£2.86" not in page  # the key, too, asks for coins that exist
    sale = shop.run(Pay(method="cash", amount=D("2.85"))).sale
    assert sale is not None and (sale.total, sale.change) == (D("2.85"), 0)
    shop.run(ProductSale(code=HEART))
    assert shop.run(Pay(method="cash", amount=D(5))).sale.change == D("2.15")


def test_no_more_than_the_discounted_amount_is_taken(shop: Shop) -> None:
    hundred(shop)
    with pytest.raises(BadTender, match=r"95\.00"):
        shop.run(Pay(method="card", amount=D("100.00")))
    assert shop.till().cart.priced.totals.total == D("100.00")


def test_the_terminal_charges_what_is_due_with_the_discount(shop: Shop) -> None:
    station = with_terminal(shop)
    hundred(shop)
    asked = shop.run(PayByCard())
    assert (asked.charge.amount, asked.total) == (D("95.00"), D("95.00"))
    station.settles(asked.charge.intent, "failed", "Declined.")
    refused = settle_charge(shop.till())
    assert refused is not None and (refused.charge, refused.total) == (None, D("100.00"))
    asked = shop.run(PayByCard())
    station.approves(asked.charge.intent, amount=3800)
    part = settle_charge(shop.till())
    assert part is not None and (part.paid, part.total) == (D("38.00"), D("98.00"))
    assert shop.run(Pay(method="cash")).sale.total == D("98.00")


def test_what_was_told_holds_while_it_is_paid_also_with_new_prices(shop: Shop) -> None:
    shop.run(ProductSale(code=HEART, quantity=D(10)))
    shop.run(Pay(method="cash", amount=D("10.00")))
    with applying_package():
        pricing.TradeAgreement.objects.update(amount=D("9.99"))
    new_data_version()
    assert shop.run(Pay(method="card")).sale.total == D("28.52")


def test_a_return_gives_back_what_was_paid_after_the_discount(shop: Shop) -> None:
    hundred(shop)
    sale = shop.run(Pay(method="card")).sale
    one = (ReturnedLine(line=1, quantity=D(1)),)
    back = shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=one), approved=True)
    assert (back.total, back.tender_offers) == (D("-57.00"), ())
    shop.run(Pay(method="card"))
    shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True)
    shop.run(Pay(method="cash"))
    assert sum(RetailTransaction.objects.filter(kind="sale").values_list("total", flat=True)) == 0


@pytest.mark.parametrize(
    ("back", "due", "saves"), [("40.00", "60.00", "3.00"), ("98.00", "2.00", "0.10"), ("99.99", "0.01", None)]
)
def test_what_goods_that_come_back_pay_earns_nothing(
    shop: Shop, back: str, due: str, saves: str | None
) -> None:
    shop.run(ProductSale(code="KEYED", price=D(back)))
    earlier = shop.run(Pay(method="cash")).sale
    shop.run(ReturnByReceipt(receipt=earlier.receipt_number), approved=True)
    answer = hundred(shop)
    assert answer.due == D(due)
    assert [one.saves for one in answer.tender_offers] == ([D(saves)] if saves else [])
    if saves:
        shop.run(Pay(method="card", amount=D(due) / 2))
    sale = shop.run(Pay(method="card")).sale
    assert sale is not None and sale.total == D(due) - D(saves or 0)
    assert sum(tender.amount for tender in last_document(shop).tenders) == sale.total


def test_a_scan_and_a_payment_take_no_more_round_trips_for_it(shop: Shop) -> None:
    hundred(shop)
    shop.run(ProductSale(code=HEART))
    with CaptureQueriesContext(connection) as scan:
        shop.run(ProductSale(code=HEART))
    with CaptureQueriesContext(connection) as paying:
        shop.run(Pay(method="card"))
    assert (len(scan), len(paying)) == (2, 2)


def test_a_single_scan_tells_of_cash_alone_and_the_cart_of_all(shop: Shop) -> None:
    tender_discount("CASH3", "cash", "3")
    shop.run(ProductSale(code=HEART))
    scanned = shop.run(ProductSale(code=JAM))
    assert [one.method for one in scanned.tender_offers] == ["cash"]
    client = a_till(shop)
    assert [one["method"] for one in client.get("cart/").json()["tender_offers"]] == ["cash", "card"]
    assert "5 % by card" in TillClient(shop).get("/pay/").content.decode()
