"""A sale that is open over midnight, when the rate of a tax changes, pays the tax of the day of its payment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from channels_app.roles import applying_package
from hq.models import Currency, ReasonCode
from pos.cart.snapshot import snapshot
from pos.errors import NoExemptionToday
from pos.models import RetailTransaction
from pos.operations.lines import SetQuantity
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, VoidTender
from pos.operations.taxes import TaxExempt
from pos.receipts import receipt_document
from pos.services.journal import document_of
from pos.services.price_cart import before_payment
from pricing.models import TaxExemption, TaxHoliday, TaxRate
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)  # the store is in London, in winter
BEFORE, AFTER, LATER = (MIDNIGHT + timedelta(seconds=seconds) for seconds in (-30, 30, 90))


def a_shop_whose_rate_changes(**options: Any) -> Shop:
    shop = a_shop(**options)
    with applying_package():
        old = TaxRate.objects.get(tax_code__code="VAT20")
        TaxRate.objects.filter(pk=old.pk).update(ends_on=MIDNIGHT.date())
        TaxRate.objects.create(tax_code=old.tax_code, percent=25, starts_on=MIDNIGHT.date())
    new_data_version()
    return shop


def paid(shop: Shop) -> list[tuple[D, D, D]]:
    """The lines of the last sale: rate, tax and total."""
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    lines = document_of(shop.till().register, record.pk).lines
    return [(tax.rate, tax.amount, line.total) for line in lines for tax in line.taxes]


def test_prices_that_hold_the_tax_stay_and_the_tax_in_them_is_that_of_the_day(scale_unit: Any) -> None:
    shop = a_shop_whose_rate_changes()
    assert shop.run(ProductSale(code="85123A"), at=BEFORE).tax == D("0.49")
    answer = shop.run(Pay(method="cash"), at=AFTER)
    assert paid(shop) == [(D(25), D("0.59"), D("2.95"))] and answer.notice is None


def test_where_the_tax_comes_on_top_the_new_total_is_shown_and_said(scale_unit: Any) -> None:
    shop = a_shop_whose_rate_changes(prices_include_tax=False)
    assert shop.run(ProductSale(code="85123A"), at=BEFORE).total == D("3.54")
    till = shop.till()
    assert before_payment(till.cart, till, BEFORE).due == D("3.54")
    assert before_payment(till.cart, till, AFTER).due == D("3.69")
    answer = shop.run(Pay(method="cash"), at=AFTER)
    assert answer.notice is not None
    assert answer.notice.text == "A new day has begun: with its taxes the total is £3.69, it was £3.54."
    assert paid(shop) == [(D(25), D("0.74"), D("3.69"))]


def test_a_new_day_with_the_same_taxes_says_nothing(scale_unit: Any) -> None:
    with applying_package():
        Currency.objects.create(code="CHF", name="Swiss franc", symbol="CHF", cash_unit="0.05")
    shop = a_shop(currency="CHF", prices_include_tax=False)
    shop.run(ProductSale(code="85123A"), at=BEFORE)
    answer = shop.run(Pay(method="cash"), at=AFTER)  # 3.55 in coins
    assert answer.sale is not None and answer.sale.total == D("3.55") and answer.notice is None


def test_what_has_begun_to_be_paid_stays_as_it_is(scale_unit: Any) -> None:
    shop = a_shop_whose_rate_changes(prices_include_tax=False)
    shop.run(ProductSale(code="85123A"), Pay(method="cash", amount=D(1)), at=BEFORE)
    assert shop.run(Pay(method="cash"), at=AFTER).notice is None
    assert paid(shop) == [(D(20), D("0.59"), D("3.54"))]


def test_a_payment_that_is_given_back_leaves_the_sale_to_the_day_of_the_next_one(scale_unit: Any) -> None:
    shop = a_shop_whose_rate_changes(prices_include_tax=False)
    begun = shop.run(ProductSale(code="85123A"), Pay(method="cash", amount=D(1)), at=BEFORE)
    shop.run(VoidTender(tender=begun.tenders[0].id), at=AFTER)
    partly = shop.run(Pay(method="cash", amount=D(1)), at=AFTER)
    assert partly.due == D("2.69")
    shop.run(VoidTender(tender=partly.tenders[0].id), at=AFTER)
    assert shop.run(SetQuantity(line="1", quantity=D(2)), at=AFTER).total == D("7.38")
    shop.run(Pay(method="cash"), at=LATER)
    assert paid(shop) == [(D(25), D("1.48"), D("7.38"))]


def test_a_holiday_from_tax_ends_at_its_midnight(scale_unit: Any) -> None:
    shop = a_shop()
    with applying_package():
        TaxHoliday.objects.create(name="Books", starts_on=BEFORE.date(), ends_on=MIDNIGHT.date())
    new_data_version()
    assert shop.run(ProductSale(code="85123A"), at=BEFORE).tax == 0
    shop.run(Pay(method="cash"), at=AFTER)
    assert paid(shop) == [(D(20), D("0.49"), D("2.95"))]


def test_goods_that_are_exempt_from_the_new_day_on_are_so_when_they_are_paid(scale_unit: Any) -> None:
    shop = a_shop()
    with applying_package():
        for reason, days in (
            ("Relief", {"ends_on": BEFORE.date()}),
            ("Later", {"starts_on": MIDNIGHT.date() + timedelta(days=9)}),
            ("Aid", {"starts_on": MIDNIGHT.date()}),
        ):
            TaxExemption.objects.create(
                product=shop.products["85123A"], reason=reason, lowers_price=True, **days
            )
    new_data_version()
    assert shop.run(ProductSale(code="85123A"), at=BEFORE).total == D("2.95")
    answer = shop.run(Pay(method="cash"), at=AFTER)
    assert answer.notice is not None
    assert answer.notice.text == "A new day has begun: with its taxes the total is £2.46, it was £2.95."
    assert paid(shop) == [(D(20), D(0), D("2.46"))]


@pytest.mark.parametrize(
    "days", [{"ends_on": MIDNIGHT.date()}, {"starts_on": AFTER.date() + timedelta(days=1)}]
)
def test_a_reason_frees_from_no_tax_on_days_that_its_exemption_has_not(
    scale_unit: Any, days: dict[str, Any]
) -> None:
    shop = a_shop()
    with applying_package():
        reason = ReasonCode.objects.create(code="CHARITY", use="tax", text="Registered charity")
        TaxExemption.objects.create(reason_code=reason, reason="Charity", **days)
    new_data_version()
    before = shop.run(ProductSale(code="85123A"), at=AFTER)
    with pytest.raises(NoExemptionToday, match="“Registered charity” frees from no tax today"):
        shop.run(TaxExempt(reason="CHARITY"), at=AFTER, worker=shop.manager)
    assert shop.till().cart.version == before.version
    inside = BEFORE if "ends_on" in days else AFTER + timedelta(days=1)
    assert shop.run(TaxExempt(reason="CHARITY"), at=inside, worker=shop.manager).tax == 0


def test_a_receipt_calls_no_sale_exempt_whose_reason_ended_before_it_was_paid(scale_unit: Any) -> None:
    shop = a_shop()
    with applying_package():
        reason = ReasonCode.objects.create(code="CHARITY", use="tax", text="Registered charity")
        TaxExemption.objects.create(reason_code=reason, reason="Charity", ends_on=MIDNIGHT.date())
    new_data_version()
    for paid_at, is_exempt in ((BEFORE, True), (AFTER, False)):
        shop.run(ProductSale(code="85123A"), TaxExempt(reason="CHARITY"), at=BEFORE, worker=shop.manager)
        shop.run(Pay(method="cash"), at=paid_at)
        record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
        paper = receipt_document(document_of(shop.till().register, record.pk))
        assert (bool(record.tax), "Exempt from tax" in str(paper)) == (not is_exempt, is_exempt)


def test_the_till_names_no_exemption_that_is_over(scale_unit: Any) -> None:
    shop = a_shop()
    with applying_package():
        reason = ReasonCode.objects.create(code="CHARITY", use="tax", text="Registered charity")
        TaxExemption.objects.create(reason_code=reason, reason="Charity", ends_on=MIDNIGHT.date())
    new_data_version()
    before = shop.run(ProductSale(code="85123A"), TaxExempt(reason="CHARITY"), at=BEFORE, worker=shop.manager)
    assert (before.tax, before.tax_exemption) == (D(0), "Registered charity")
    till = shop.till()
    paying = snapshot(before_payment(till.cart, till, AFTER))
    assert paying.tax > 0 and paying.tax_exemption == ""
    after = shop.run(ProductSale(code="22961"), at=AFTER)
    assert after.tax > 0 and after.tax_exemption == ""
    assert (
        "exempt"
        not in TillClient(shop).get("/").content.decode().partition('id="totals"')[2].partition("</p>")[0]
    )
