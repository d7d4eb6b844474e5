"""The simulator prices a basket as the tills would, drafts included where asked, and says why; it keeps nothing."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Product
from customers.models import Customer
from hq.cells import money
from hq.models import PaymentMethod, Register, Store
from pos.services.simulate import Asked, AskedLine, simulate
from pos.waterfall import COMPETED
from pricing.engine.explain import SENTENCES
from pricing.models import (
    ChargeCode,
    ChargeRule,
    ChargeTier,
    DeliveryMode,
    Discount,
    DiscountCoupon,
    DiscountLine,
    DiscountTender,
    PriceAdjustment,
    TaxExemption,
)
from tests.factories.company import a_price, a_product, a_ready_register, a_user


@pytest.fixture
def register() -> Register:
    return a_ready_register()


@pytest.fixture
def product(register: Register) -> Product:
    return Product.objects.get()


def an_offer(percent: str = "10", status: str = "enabled", **fields: Any) -> Discount:
    values = {"code": f"O{percent}", "name": f"{percent} off", "kind": "simple", "method": "percent_off"}
    offer = Discount.objects.create(**values | {"value": Decimal(percent), "status": status} | fields)
    DiscountLine.objects.create(discount=offer)
    return offer


def asked(register: Register, *lines: tuple[str, str], **more: Any) -> Asked:
    wanted = [AskedLine(code, Decimal(quantity)) for code, quantity in lines]
    return Asked(store=register.store, at=more.pop("at", timezone.now()), lines=wanted, **more)


def test_it_prices_as_the_till_does(register: Register, product: Product) -> None:
    an_offer()
    answer = simulate(asked(register, (product.number, "2")))
    line = answer.lines[0].priced
    assert line is not None
    assert (line.gross, line.discount, line.total, line.tax) == tuple(
        map(Decimal, ("5.90", "0.59", "5.31", "0.89"))
    )
    assert answer.priced.totals.total == Decimal("5.31")


def test_tax_that_is_taken_off_a_price_is_shown_as_the_till_shows_it(
    register: Register, product: Product, back_office: Client
) -> None:
    TaxExemption.objects.create(reason="Relief goods", product=product, lowers_price=True)
    an_offer()
    basket = {"store": register.store_id, "code": product.number, "quantity": "2"}
    text = " ".join(strip_tags(back_office.get(reverse("admin:simulator"), basket).text).split())
    assert "£5.90£4.43" in text  # of 5.31 with the tax
    assert "Tax taken off the priceRelief goods −£0.88 On this line £4.43" in text
    assert "Goods£5.90 10 off−£0.59 Tax taken off the prices−£0.88 Net£4.43" in text


def test_a_minus_stands_before_the_currency_as_at_the_till() -> None:
    assert strip_tags(money(Decimal("-1.5"), symbol="€")) == "−€1.50"


def test_drafts_count_when_asked_and_are_compared_with_today(register: Register, product: Product) -> None:
    an_offer("10")
    an_offer("20", status="draft")
    today = simulate(asked(register, (product.number, "1")))
    planned = simulate(asked(register, (product.number, "1"), with_drafts=True))
    assert (today.priced.totals.total, planned.priced.totals.total) == (Decimal("2.65"), Decimal("2.36"))
    assert planned.drafts_save == Decimal("0.29") and today.without_drafts is None


def test_draft_adjustments_and_charges_count_when_asked(register: Register, product: Product) -> None:
    cheaper = PriceAdjustment.objects.create(name="Cheaper", percent=Decimal(10))
    cheaper.lines.create(product=product)
    bag = ChargeCode.objects.create(code="BAG", name="Bag")
    rule = ChargeRule.objects.create(charge=bag, name="Bag", currency=register.store.currency)
    ChargeTier.objects.create(rule=rule, value=Decimal("0.10"))
    today = simulate(asked(register, (product.number, "1")))
    planned = simulate(asked(register, (product.number, "1"), with_drafts=True))
    assert (today.priced.totals.total, planned.priced.totals.total) == (Decimal("2.95"), Decimal("2.76"))
    assert planned.drafts_save == Decimal("0.19")


def test_a_charge_that_is_shared_over_lines_is_told_once(
    register: Register, product: Product, back_office: Client
) -> None:
    a_price(a_product(number="P2"), "5.00")
    bag = ChargeCode.objects.create(code="BAG", name="Carrier bag")
    rule = ChargeRule.objects.create(
        charge=bag, name="Bag", currency=register.store.currency, is_active=True, is_prorated=True
    )
    ChargeTier.objects.create(rule=rule, value=Decimal("0.30"))
    basket = {"store": register.store_id, "code": [product.number, "P2"], "quantity": ["1", "1"]}
    page = back_office.get(reverse("admin:simulator"), basket)
    assert page.text.count("<dt>Carrier bag</dt>") == 1 and "0.30" in page.text


def test_the_moment_is_one_of_the_stores_clock(register: Register, product: Product) -> None:
    an_offer("10", begins=time(20), ends=time(22))
    at = timezone.now().replace(month=1, day=5, hour=20, minute=30)
    assert simulate(asked(register, (product.number, "1"), at=at)).priced.totals.discount == Decimal("0.30")
    assert (
        simulate(asked(register, (product.number, "1"), at=at.replace(hour=12))).priced.totals.discount == 0
    )


def test_a_price_for_one_customer(register: Register, product: Product) -> None:
    customer = Customer.objects.create(account="C1", name="Grace")
    a_price(product, "2.00", customer=customer)
    mine = simulate(asked(register, (product.number, "1"), customer=customer))
    assert simulate(asked(register, (product.number, "1"))).priced.totals.total == Decimal("2.95")
    assert mine.priced.totals.total == Decimal("2.00")


def test_coupons_unlock_and_unknown_ones_are_named(register: Register, product: Product) -> None:
    offer = an_offer("50", coupon_required=True)
    DiscountCoupon.objects.create(discount=offer, code="HALF")
    answer = simulate(asked(register, (product.number, "1"), coupons=("HALF", "NOPE")))
    assert answer.priced.totals.total == Decimal("1.47")
    assert answer.unknown_coupons == ("NOPE",)


def test_what_a_till_refuses_is_said_on_its_line(register: Register, product: Product) -> None:
    unpriced = a_product(category=product.category)
    outside = a_product()
    answer = simulate(
        asked(
            register, (product.number, "1"), ("NONSENSE", "1"), (unpriced.number, "1"), (outside.number, "1")
        )
    )
    said = [line.refusal for line in answer.lines]
    assert said[0] == "" and "NONSENSE" in said[1] and "has no price" in said[2] and "assortment" in said[3]
    assert answer.priced.totals.total == Decimal("2.95")


def test_the_page_draws_the_answer(back_office: Client, register: Register, product: Product) -> None:
    offer = an_offer("10")
    loser = an_offer("5", status="draft")
    page = back_office.get(
        reverse("admin:simulator"),
        {"store": register.store_id, "code": product.number, "quantity": "2", "drafts": "on"},
    )
    assert page.status_code == 200
    assert "5.31" in page.text and "10 off" in page.text and "would take £0.30 off, no more" in page.text
    for row in (offer, loser):
        assert reverse("admin:pricing_discount_change", args=[row.pk]) in page.text
    assert "The drafts change nothing" in page.text


def test_an_article_is_added_by_code_or_by_name(
    back_office: Client, register: Register, product: Product
) -> None:
    added = back_office.get(reverse("admin:simulator"), {"add": product.number, "store": register.store_id})
    assert added.status_code == 302 and f"code={product.number}" in added["Location"]
    again = back_office.get(added["Location"] + f"&add={product.number}")
    assert "quantity=2" in again["Location"]
    other = a_product(name="Blue mug", category=product.category)
    a_product(name="Red mug", category=product.category)
    both = back_office.get(reverse("admin:simulator"), {"add": "mug"})
    assert both.status_code == 200 and "Blue mug" in both.text and "Red mug" in both.text
    one = back_office.get(reverse("admin:simulator"), {"add": "blue mug"})
    assert f"code={other.number}" in one["Location"]
    assert "No article is called" in back_office.get(reverse("admin:simulator"), {"add": "unicorn"}).text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"quantity": "many"}, "That is no quantity"),
        ({"quantity": "-3"}, "That is no quantity"),
        ({"quantity": "1", "price": "free"}, "That is no price"),
        ({"customer": "nobody"}, "No customer is called “nobody”"),
        ({"at": "yesterday"}, "Write it as 2026-11-27T14:30, or leave it empty."),
        ({"at": "9999-12-31T23:59"}, "Choose a year from 1901 to 2199."),
        ({"store": "999999"}, "Choose a store."),
        ({"code": "\0"}, "Add what a customer might buy."),
        ({"quantity": "1.5"}, "it is sold in whole pcs."),
        ({"coupons": "ABC"}, "No coupon ABC unlocks an offer here"),
    ],
)
def test_nonsense_gets_a_sentence(
    back_office: Client, register: Register, product: Product, query: dict[str, str], words: str
) -> None:
    page = back_office.get(reverse("admin:simulator"), {"code": product.number, **query})
    assert page.status_code == 200 and words in page.text


@pytest.mark.parametrize("at", ["2026-03-29T01:30", "2026-10-25T01:30"])
def test_a_moment_is_the_stores_also_while_the_companys_clock_changes(
    back_office: Client, register: Register, product: Product, at: str
) -> None:
    Store.objects.update(time_zone="Europe/London")
    cache.clear()  # the company's clock is kept there for a while
    back_office.get(reverse("admin:simulator"))
    for zone in ("Europe/London", "Asia/Tokyo"):
        Store.objects.update(time_zone=zone)
        query = {"code": product.number, "quantity": "1", "at": at, "store": register.store_id}
        page = back_office.get(reverse("admin:simulator"), query)
        assert "interpreted" not in page.text and f'value="{at}"' in page.text
        assert len(page.context["lines"]) == 1


def test_every_way_to_lose_is_told() -> None:
    assert {code for code in SENTENCES if code.startswith("lost_")} <= COMPETED


def test_only_those_who_may_see_offers(register: Register) -> None:
    client = Client()
    client.force_login(a_user(groups=[]), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:simulator")).status_code == 403


def test_it_needs_as_many_queries_for_thirty_articles_as_each_needs(
    register: Register, product: Product, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        a_price(a_product(category=product.category))
    codes = [(number, "1") for number in Product.objects.values_list("number", flat=True)]
    with django_assert_max_num_queries(len(codes) + 8):
        answer = simulate(asked(register, *codes))
    assert len(answer.priced.lines) == 31


def test_charges_of_a_delivery_mode_and_discounts_for_a_way_of_paying(
    back_office: Client, register: Register, product: Product
) -> None:
    mode = DeliveryMode.objects.create(code="PARCEL", name="Parcel")
    charge = ChargeCode.objects.create(code="SHIP", name="Delivery", kind="shipping")
    rule = ChargeRule.objects.create(
        charge=charge, name="Parcel", is_active=True, delivery_mode=mode, currency_id="GBP"
    )
    ChargeTier.objects.create(rule=rule, most=Decimal("49.99"), value=Decimal("4.95"))
    ChargeTier.objects.create(rule=rule, least=Decimal(50), value=Decimal(0))
    cash = PaymentMethod.objects.get()
    tender = an_offer("20", kind="tender", code="CASH")
    DiscountTender.objects.create(discount=tender, method=cash)
    sent = simulate(asked(register, (product.number, "1"), delivery_mode="PARCEL"))
    assert (sent.priced.totals.charges, sent.priced.totals.total) == (Decimal("4.95"), Decimal("7.90"))
    assert simulate(asked(register, (product.number, "1"))).priced.totals.total == Decimal("2.95")
    large = simulate(asked(register, (product.number, "17"), delivery_mode="PARCEL"))
    assert large.priced.totals.charges == 0
    paid = simulate(asked(register, (product.number, "1"), paid_by=cash.code))
    assert paid.priced.totals.total == Decimal("2.36")
    page = back_office.get(
        reverse("admin:simulator"), {"code": product.number, "delivery": "PARCEL", "paid_by": cash.code}
    )
    assert "Delivery" in page.text and "4.95" in page.text
