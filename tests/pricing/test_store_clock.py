""" "From Monday 06:00" on each store's own clock: what headquarters enters, and when it holds in which store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from tablib import Dataset

from hq.models import Currency
from pricing.book import StorePriceBook
from pricing.discount_resources import DiscountResource
from pricing.models import Discount, DiscountCoupon, DiscountLine, TradeAgreement
from pricing.rules import StoreRules
from pricing.store_clock import moment_in
from pricing.store_clock_form import OnStoreClock
from tests.scenarios.store import Shop, a_shop

MONDAY = datetime(2026, 7, 6, 5, 0, tzinfo=UTC)  # 06:00 in London


@pytest.mark.parametrize(
    ("zone", "moment", "clock", "then"),
    [
        pytest.param("Europe/Dublin", MONDAY, "Europe/London", MONDAY, id="the_same_offset"),
        pytest.param("Europe/Berlin", MONDAY, "Europe/London", MONDAY - timedelta(hours=1), id="an_hour_earlier"),
        pytest.param("America/New_York", MONDAY, "Europe/London", MONDAY + timedelta(hours=5), id="later"),
        pytest.param("Europe/Berlin", MONDAY, "", MONDAY, id="the_same_instant"),
        pytest.param("Europe/Berlin", None, "Europe/London", None, id="since_ever"),
        pytest.param(
            "America/New_York", datetime(2026, 3, 8, 2, 30, tzinfo=UTC), "Europe/London",
            datetime(2026, 3, 8, 7, 30, tzinfo=UTC), id="a_time_that_the_clock_skips",
        ),
        pytest.param(
            "America/New_York", datetime(2026, 11, 1, 1, 30, tzinfo=UTC), "Europe/London",
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC), id="a_time_that_comes_twice",
        ),
    ],
)  # fmt: skip
def test_a_moment_on_a_stores_clock(zone: str, moment, clock: str, then) -> None:
    assert moment_in(zone, moment, clock) == then


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "begins"), [("Europe/London", MONDAY), ("Europe/Berlin", MONDAY - timedelta(hours=1))]
)
def test_a_price_and_an_offer_take_effect_at_each_stores_own_moment(headquarters, zone: str, begins) -> None:
    shop: Shop = a_shop(with_shift=False)
    product = next(iter(shop.products.values()))
    price = TradeAgreement.objects.create(
        product=product, unit=product.unit, currency=shop.store.currency, amount=Decimal(1),
        starts_at=MONDAY, clock="Europe/London",
    )  # fmt: skip
    offer = Discount.objects.create(
        code="M", name="Monday", kind="simple", method="percent_off", value=10, status="enabled",
        starts_at=MONDAY, clock="Europe/London",
    )  # fmt: skip
    DiscountLine.objects.create(discount=offer)
    book = StorePriceBook(
        version=1, currency=shop.store.currency_id, time_zone=zone, rules=StoreRules(in_reach=())
    )
    [agreement] = [one for one in book.agreements_of(str(product.pk)) if one.id == str(price.pk)]
    [rule] = [one for one in book._enabled if one.id == str(offer.pk)]
    assert (agreement.starts_at, rule.starts_at) == (begins, begins)


class PriceForm(OnStoreClock):
    class Meta:
        model = TradeAgreement
        fields = ["product", "unit", "currency", "amount", "quantity_from", "starts_at", "ends_at"]


@pytest.mark.django_db
def test_headquarters_writes_on_the_companys_clock_and_reads_it_back(headquarters) -> None:
    shop: Shop = a_shop(with_shift=False)
    product = next(iter(shop.products.values()))
    given = {
        "product": product.pk, "unit": product.unit_id, "currency": Currency.objects.first().pk, "amount": "1",
        "quantity_from": "0", "starts_at": "2026-07-06 06:00", "on_store_clock": "on",
    }  # fmt: skip
    with timezone.override("Europe/London"):
        form = PriceForm(given)
        assert form.is_valid(), form.errors
        price = form.save()
        assert (price.starts_at, price.clock) == (MONDAY, "Europe/London")
    with timezone.override(
        "Europe/Berlin"
    ):  # most stores are there now: the price is shown as it was written
        again = PriceForm(given, instance=TradeAgreement.objects.get(pk=price.pk))
        assert not again.has_changed()
    with timezone.override("Europe/London"):
        fixed = PriceForm(
            {name: value for name, value in given.items() if name != "on_store_clock"}, instance=price
        )
        assert fixed.is_valid() and fixed.save().clock == ""


class OfferForm(OnStoreClock):
    class Meta:
        model = Discount
        fields = ["code", "name", "kind", "method", "starts_at", "ends_at"]


@pytest.mark.django_db
def test_coupons_are_meant_as_their_discount_is_also_where_that_has_no_period(headquarters) -> None:
    shop: Shop = a_shop(with_shift=False)
    given = {"code": "C", "name": "Letter", "kind": "simple", "method": "percent_off", "on_store_clock": "on"}
    until = datetime(2027, 1, 1, tzinfo=UTC)
    with timezone.override("Europe/London"):
        offer = OfferForm(given).save()
        DiscountCoupon.objects.create(discount=offer, code="LETTER", ends_at=until)
        assert not OfferForm(given, instance=offer).has_changed()
    Discount.objects.update(status="enabled")

    def end_in(zone: str) -> datetime:
        book = StorePriceBook(
            version=1, currency=shop.store.currency_id, time_zone=zone, rules=StoreRules(in_reach=())
        )
        return book.coupon("LETTER").ends_at

    assert (end_in("Europe/London"), end_in("Pacific/Auckland")) == (until, until - timedelta(hours=13))
    with timezone.override("Europe/London"):
        same_instant = {name: said for name, said in given.items() if name != "on_store_clock"}
        OfferForm(same_instant, instance=Discount.objects.get()).save()
        assert end_in("Pacific/Auckland") == until
        assert not OfferForm(same_instant, instance=Discount.objects.get()).has_changed()


@pytest.mark.django_db
@pytest.mark.parametrize("clock", ["", "UTC"])
@pytest.mark.parametrize("has_coupon", [True, False])
def test_a_list_of_discounts_leaves_it_as_it_is(headquarters, clock: str, has_coupon: bool) -> None:
    offer = Discount.objects.create(code="C", name="Letter", kind="simple", method="percent_off", clock=clock)
    if has_coupon:
        DiscountCoupon.objects.create(discount=offer, code="LETTER", ends_at=MONDAY)
    result = DiscountResource().import_data(DiscountResource().export(), dry_run=False)
    assert result.totals["skip"] == 1
    assert Discount.objects.get().clock == clock
    if has_coupon:
        Discount.objects.update(clock="" if clock else "UTC")
        DiscountResource().import_data(
            Dataset(["C", "1" if clock else "0"], headers=["discount", "on_store_clock"])
        )
        assert Discount.objects.get().clock == clock
