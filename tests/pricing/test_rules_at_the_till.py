"""What head office enters reaches the till: audiences, adjustments, the policy, limits to stores, taxes."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from catalog.models import Assortment
from channels_app.roles import applying_package
from customers.models import (
    Affiliation,
    Customer,
    CustomerAffiliation,
    CustomerGroup,
    LoyaltyCard,
    LoyaltyTier,
)
from hq.models import ReasonCode
from pos.errors import NoPrice, NotForSale
from pos.operations.product_sale import ProductSale
from pos.operations.sale import SetCustomer, Undo
from pos.operations.taxes import TaxExempt
from pricing import models as pricing
from pricing.services.discounts import enable_discount, faults_of
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db
HEART = "85123A"


@pytest.fixture
def shop(scale_unit: Any) -> Shop:
    return a_shop()


def special_price(shop: Shop, amount: str = "2.00") -> pricing.PriceGroup:
    """A price group that no store has, with a price of the heart."""
    group = pricing.PriceGroup.objects.create(code="SPECIAL", name="Special", priority=5)
    product = shop.products[HEART]
    pricing.TradeAgreement.objects.create(
        product=product, price_group=group, unit=product.unit, currency_id="GBP", amount=Decimal(amount)
    )
    return group


def of_customer(group: pricing.PriceGroup, customer: Customer) -> None:
    pricing.CustomerPriceGroup.objects.create(customer=customer, price_group=group)


def of_customer_group(group: pricing.PriceGroup, customer: Customer) -> None:
    customer.group = CustomerGroup.objects.create(code="TRADE", name="Trade")
    customer.save()
    pricing.CustomerGroupPriceGroup.objects.create(customer_group=customer.group, price_group=group)


def of_affiliation(group: pricing.PriceGroup, customer: Customer) -> None:
    staff = Affiliation.objects.create(code="STAFF", name="Staff")
    CustomerAffiliation.objects.create(customer=customer, affiliation=staff)
    pricing.AffiliationPriceGroup.objects.create(affiliation=staff, price_group=group)


def of_loyalty(group: pricing.PriceGroup, customer: Customer) -> None:
    tier = LoyaltyTier.objects.create(code="GOLD", name="Gold", rank=3)
    LoyaltyCard.objects.create(number="L1", customer=customer, tier=tier)
    pricing.LoyaltyTierPriceGroup.objects.create(tier=tier, price_group=group)


@pytest.mark.parametrize("bring", [of_customer, of_customer_group, of_affiliation, of_loyalty])
def test_a_price_group_comes_with_the_customer(shop: Shop, bring: Any) -> None:
    with applying_package():
        bring(special_price(shop), Customer.objects.create(account="C1", name="Grace"))
        Customer.objects.create(account="C2", name="Ada")
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == Decimal("2.95")
    assert shop.run(SetCustomer(account="C1")).total == Decimal("2.00")
    assert shop.run(SetCustomer(account="C2")).total == Decimal("2.95")


def test_a_lost_loyalty_card_brings_nothing(shop: Shop) -> None:
    with applying_package():
        of_loyalty(special_price(shop), Customer.objects.create(account="C1", name="Grace"))
        LoyaltyCard.objects.update(is_active=False)
    new_data_version()
    assert shop.run(ProductSale(code=HEART), SetCustomer(account="C1")).total == Decimal("2.95")


@pytest.mark.parametrize(("days", "expected"), [(0, "2.00"), (1, "2.95")])
def test_a_price_group_of_an_assortment_holds_while_that_is_offered(
    shop: Shop, days: int, expected: str
) -> None:
    with applying_package():
        assortment = Assortment.objects.create(
            name="Summer", starts_on=timezone.localdate() + timedelta(days)
        )
        assortment.stores.create(store=shop.store)
        pricing.AssortmentPriceGroup.objects.create(assortment=assortment, price_group=special_price(shop))
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == Decimal(expected)


@pytest.mark.parametrize(("zone", "days"), [("Pacific/Kiritimati", 0), ("Etc/GMT+12", 1)])
def test_an_assortment_begins_on_the_day_of_the_store_s_own_calendar(
    shop: Shop, zone: str, days: int
) -> None:
    """Wherever the day of the database begins: these two are never on the same one."""
    with applying_package():
        type(shop.store).objects.update(time_zone=zone)
        Assortment.objects.update(
            starts_on=timezone.now().astimezone(ZoneInfo(zone)).date() + timedelta(days)
        )
    new_data_version()
    if days:
        with pytest.raises(NotForSale, match="not in this store's assortment"):
            shop.run(ProductSale(code=HEART))
    else:
        assert shop.run(ProductSale(code=HEART)).total == Decimal("2.95")


def test_goods_are_sold_no_longer_than_their_assortment_is_offered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the till knows them from the day before, and no new data came since."""
    assert shop.run(ProductSale(code=HEART)).total == Decimal("2.95")
    with applying_package():
        Assortment.objects.update(ends_on=timezone.localdate(timezone=ZoneInfo("Etc/GMT+12")))
    today = timezone.localdate
    monkeypatch.setattr(timezone, "localdate", lambda *when, **zone: today(*when, **zone) + timedelta(1))
    with pytest.raises(NotForSale, match="not in this store's assortment"):
        shop.run(ProductSale(code=HEART))


def test_an_affiliation_gets_its_discount(shop: Shop) -> None:
    with applying_package():
        customer = Customer.objects.create(account="C1", name="Grace")
        group = pricing.PriceGroup.objects.create(code="STAFF", name="Staff prices")
        of_affiliation(group, customer)
        discount = an_offer(shop)
        pricing.DiscountPriceGroup.objects.create(discount=discount, price_group=group)
        enable_discount(discount.pk)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == 0
    assert shop.run(SetCustomer(account="C1")).discount == Decimal("0.30")


def an_offer(shop: Shop, **fields: Any) -> pricing.Discount:
    values = {
        "code": "OFFER",
        "name": "Offer",
        "kind": "simple",
        "method": "percent_off",
        "value": Decimal(10),
    }
    discount = pricing.Discount.objects.create(**values | fields)
    if discount.kind not in ("tender", "shipping"):
        pricing.DiscountLine.objects.create(discount=discount, product=shop.products[HEART])
    return discount


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"percent": Decimal(10)}, "2.66"),
        ({"percent": Decimal(-10)}, "3.25"),
        ({"amount": Decimal("0.45"), "currency_id": "GBP"}, "2.50"),
        ({"price": Decimal("1.99"), "currency_id": "GBP"}, "1.99"),
        ({"percent": Decimal(10), "is_active": False}, "2.95"),
        ({"percent": Decimal(10), "ends_at": timezone.now() - timedelta(days=1)}, "2.95"),
    ],
)
def test_a_price_adjustment_changes_the_price(shop: Shop, change: dict[str, Any], expected: str) -> None:
    with applying_package():
        one = pricing.PriceAdjustment.objects.create(**{"name": "Sale", "is_active": True} | change)
        category = shop.products[HEART].category
        pricing.PriceAdjustmentLine.objects.create(adjustment=one, category=category)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == Decimal(expected)


def test_an_adjustment_that_raises_makes_no_price_where_there_is_none(shop: Shop) -> None:
    with applying_package():
        one = pricing.PriceAdjustment.objects.create(
            name="Dearer", is_active=True, amount=Decimal("-0.50"), currency_id="GBP"
        )
        pricing.PriceAdjustmentLine.objects.create(adjustment=one, category=shop.products[HEART].category)
        pricing.TradeAgreement.objects.filter(product=shop.products["22961"]).delete()
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == Decimal("3.45")
    with pytest.raises(NoPrice):
        shop.run(ProductSale(code="22961"))


def test_a_discount_of_other_stores_is_not_given(shop: Shop) -> None:
    with applying_package():
        discount = an_offer(shop)
        other = type(shop.store).objects.get(pk=shop.store.pk)
        other.pk, other.number = None, "77"
        other.save()
        pricing.DiscountStore.objects.create(discount=discount, store=other)
        enable_discount(discount.pk)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == 0
    with applying_package():
        pricing.DiscountStore.objects.create(discount=discount, store=shop.store)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == Decimal("0.60")


def test_the_policy_decides_whether_priorities_add_up(shop: Shop) -> None:
    with applying_package():
        for code, priority in (("A", 2), ("B", 1)):
            enable_discount(an_offer(shop, code=code, name=code, priority=priority).pk)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == Decimal("0.30")
    with applying_package():
        pricing.PricingPolicy.objects.create(concurrency_model=pricing.PricingPolicy.Concurrency.ACROSS)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == Decimal("1.14")


def test_a_line_with_a_value_of_its_own_and_a_limit_of_units(shop: Shop) -> None:
    with applying_package():
        discount = an_offer(shop, value=None, currency_id="GBP", quantity_limit=Decimal(2))
        discount.lines.update(method="unit_price", value=Decimal("2.00"))
        assert list(faults_of(discount)) == []
        enable_discount(discount.pk)
    new_data_version()
    assert shop.run(ProductSale(code=HEART, quantity=Decimal(3))).discount == Decimal("1.90")


def test_an_offer_whose_hours_end_at_midnight_runs_until_the_end_of_the_day(shop: Shop) -> None:
    with applying_package():
        discount = an_offer(shop, ends=time(0))
        assert list(faults_of(discount)) == []
        enable_discount(discount.pk)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).discount == Decimal("0.30")


def test_a_tax_holiday_frees_its_goods_up_to_a_price(shop: Shop) -> None:
    today = timezone.localdate()
    with applying_package():
        pricing.TaxHoliday.objects.create(
            name="Holiday", starts_on=today, ends_on=today + timedelta(days=1), price_limit=Decimal("2.00")
        )
    new_data_version()
    answer = shop.run(ProductSale(code="22961"), ProductSale(code=HEART))
    assert [line.tax for line in answer.lines] == [Decimal("0.00"), Decimal("0.49")]
    assert answer.total == Decimal("4.40")


def test_an_exempt_customer_pays_no_tax(shop: Shop) -> None:
    with applying_package():
        customer = Customer.objects.create(account="C1", name="Embassy")
        pricing.TaxExemption.objects.create(customer=customer, reason="Diplomat", lowers_price=True)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == Decimal("2.95")
    assert shop.run(SetCustomer(account="C1")).total == Decimal("2.46")


def test_an_exemption_that_is_over_counts_no_more(shop: Shop) -> None:
    with applying_package():
        customer = Customer.objects.create(account="C1", name="Embassy")
        pricing.TaxExemption.objects.create(
            customer=customer, reason="Diplomat", lowers_price=True, ends_on=date(2020, 1, 1)
        )
    new_data_version()
    assert shop.run(ProductSale(code=HEART), SetCustomer(account="C1")).total == Decimal("2.95")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"kind": "tender"}, "tenders", "Say which way of paying earns it"),
        ({"kind": "mix_and_match", "method": "line_specific", "value": None}, "lines", "Each line says what it gives"),
        ({"kind": "shipping", "method": "deal_price"}, "method", "gives one of"),
        ({"quantity_limit": Decimal("0.5")}, "quantity_limit", "at least 1"),
    ],
)  # fmt: skip
def test_what_could_never_work_is_refused_with_its_field(
    shop: Shop, fields: dict[str, Any], field: str, words: str
) -> None:
    with applying_package():
        faults = list(faults_of(an_offer(shop, **fields)))
    assert any(fault.field == field and words in fault.text for fault in faults), faults


def test_a_product_that_is_exempt_pays_no_tax_whoever_buys_it(shop: Shop) -> None:
    with applying_package():
        pricing.TaxExemption.objects.create(reason="Relief goods", product=shop.products[HEART])
        over = pricing.TaxExemption.objects.create(
            reason="Last year", product=shop.products["22961"], ends_on=date(2020, 1, 1)
        )
    new_data_version()
    answer = shop.run(ProductSale(code=HEART), ProductSale(code="22961"))
    assert [line.tax for line in answer.lines] == [0, Decimal("0.24")]
    assert {(tax.status, tax.reason) for tax in answer.taxes} == {("exempt", "Relief goods"), ("taxed", "")}
    assert over.whom == shop.products["22961"]


def test_a_reason_frees_from_the_taxes_that_headquarters_names(shop: Shop) -> None:
    with applying_package():
        vat = pricing.TaxCode.objects.get(code="VAT20")
        duty = pricing.TaxCode.objects.create(code="DUTY", name="Duty", sequence=1)
        pricing.TaxRate.objects.create(tax_code=duty, percent=10)
        pricing.SalesTaxGroupCode.objects.create(group=shop.store.sales_tax_group, tax_code=duty)
        pricing.ItemTaxGroupCode.objects.create(group=shop.products[HEART].item_tax_group, tax_code=duty)
        mission = ReasonCode.objects.create(code="MISSION", use="tax", text="Diplomatic mission")
        ReasonCode.objects.create(code="OTHER", use="tax", text="For something else")
        exemption = pricing.TaxExemption.objects.create(reason="", reason_code=mission, lowers_price=True)
        pricing.TaxExemptionCode.objects.create(exemption=exemption, tax_code=vat)
    new_data_version()
    before = shop.run(ProductSale(code=HEART, quantity=Decimal(10)))
    some = shop.run(TaxExempt(reason="MISSION"), worker=shop.manager)
    assert {tax.code: tax.status for tax in some.taxes} == {"DUTY": "taxed", "VAT20": "exempt"}
    assert some.total < before.total  # the price goes down by the tax
    every = shop.run(TaxExempt(reason="OTHER"), worker=shop.manager)
    assert (every.tax, every.total) == (0, before.total)


@pytest.mark.parametrize(
    ("method", "base", "taxes"),
    [
        ("whole", "net_unit", {"2.95": "0.00", "8.85": "0.00", "59.00": "0.00"}),
        ("whole", "net_line", {"2.95": "0.00", "8.85": "0.00", "59.00": "5.36"}),
        ("interval", "net_line", {"2.95": "0.00", "8.85": "0.00", "59.00": "3.55"}),
    ],
)
def test_a_rate_that_hangs_on_the_amount(shop: Shop, method: str, base: str, taxes: dict[str, str]) -> None:
    with applying_package():
        code = pricing.TaxCode.objects.get(code="VAT20")
        pricing.TaxCode.objects.update(method=method, marginal_base=base)
        code.rates.all().delete()
        pricing.TaxRate.objects.create(tax_code=code, percent=0, above=0, up_to=20)
        pricing.TaxRate.objects.create(tax_code=code, percent=10, above=20)
    new_data_version()
    found = {}
    for quantity in (1, 3, 20):
        line = shop.run(ProductSale(code=HEART, quantity=Decimal(quantity))).lines[-1]
        found[str(line.amount)] = str(line.tax)
        shop.run(Undo())
    assert found == taxes
