"""A discount from the back office to the receipt: enabled, priced, explained, and kept in the journal."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from channels_app.roles import applying_package
from customers.models import Customer
from pos.errors import CouponUsedUp, UnknownCoupon
from pos.models import RetailTransaction, SalesLine, SuspendedCart
from pos.operations.coupon import AddCoupon, RemoveCoupon
from pos.operations.lines import VoidLine
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay, SetCustomer, Undo
from pos.operations.suspend import Recall, Suspend
from pos.receipts import receipt_document
from pos.services.journal import document_of
from pricing.models import (
    Discount,
    DiscountCoupon,
    DiscountGroup,
    DiscountLine,
    DiscountTier,
    TradeAgreement,
)
from pricing.services.discounts import DiscountNotReady, disable_discount, enable_discount
from tests.factories.company import a_currency
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db


def a_discount(lines: list[dict[str, Any]], *, tiers=(), groups=(), coupons=(), **more: Any) -> Discount:
    values = {
        "code": "OFFER",
        "name": "Offer",
        "kind": "simple",
        "method": "percent_off",
        "value": Decimal(10),
    } | more
    discount = Discount.objects.create(**values)
    for line in lines:
        DiscountLine.objects.create(discount=discount, **line)
    for minimum, value in tiers:
        DiscountTier.objects.create(discount=discount, minimum=minimum, value=value)
    for code, quantity in groups:
        DiscountGroup.objects.create(discount=discount, code=code, quantity=quantity)
    for code in coupons:
        DiscountCoupon.objects.create(discount=discount, code=code)
    return discount


def enabled(shop: Shop, lines: list[dict[str, Any]], **more: Any) -> None:
    with applying_package():
        enable_discount(a_discount(lines, **more).pk)
    new_data_version()


@pytest.fixture
def shop(scale_unit: Any, settings: Any) -> Shop:
    settings.HEADQUARTERS_URL, settings.EXCHANGE_CREDENTIAL = "http://127.0.0.1:9", "nobody listens there"
    return a_shop()


def test_a_simple_discount_is_given_printed_and_kept(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}])
    answer = shop.run(ProductSale(code="85123A", quantity=Decimal(3)), ProductSale(code="MILK"))
    assert (answer.total, answer.discount) == (Decimal("9.61"), Decimal("0.89"))
    assert answer.lines[0].discounts[0].name == "Offer" and not answer.lines[1].discounts
    shop.run(Pay(method="cash"))
    line = SalesLine.objects.get(line=1)
    assert line.discount == Decimal("0.89") and line.detail["discounts"][0]["name"] == "Offer"


def test_a_discount_that_none_of_comes_back_is_not_named(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], value=Decimal("0.1"))
    sold = shop.run(ProductSale(code="85123A", quantity=Decimal(3)), Pay(method="cash")).sale
    assert sold is not None and sold.total == Decimal("8.84")
    first = ReturnedLine(line=1, quantity=Decimal(1))
    back = shop.run(ReturnByReceipt(receipt=sold.receipt_number, lines=(first,)), worker=shop.manager)
    assert back.total == Decimal("-2.95") and not back.lines[0].discounts
    shop.run(Pay(method="cash"), worker=shop.manager)
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    document = document_of(shop.till().register, record.pk)
    assert "Offer" not in str(receipt_document(document)) and document.lines[0].discounts


def test_tiers_of_a_threshold_come_back_as_paid_and_lessen_nothing_that_is_saved_now(shop: Shop) -> None:
    enabled(
        shop, [{}], kind="threshold", method="amount_off", value=None, currency=shop.store.currency,
        tiers=[(Decimal("5.90"), Decimal(1)), (Decimal("11.80"), Decimal(3))],
    )  # fmt: skip
    given = [
        shop.run(ProductSale(code="85123A")).discount for _ in range(4)
    ]  # 2.95 each: below, at, between, at
    assert given == [Decimal(0), Decimal(1), Decimal(1), Decimal(3)]
    sale = shop.run(Pay(method="cash")).sale
    assert sale is not None
    back = (ReturnedLine(line=1, quantity=Decimal(1)),)
    answer = shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=back), worker=shop.manager)
    assert answer.total == Decimal("-2.20")  # 2.95 less a quarter of 3.00
    answer = shop.run(ProductSale(code="85123A", quantity=Decimal(2)), worker=shop.manager)
    assert answer.total == Decimal("2.70")  # 4.90 of this sale, 2.20 of the one before
    shop.run(Pay(method="cash"), worker=shop.manager)
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    blocks = receipt_document(document_of(shop.till().register, record.pk))["blocks"]
    assert [block["right"] for block in blocks if block.get("left") == "You saved"] == ["1.00"]


def test_a_draft_is_not_given(shop: Shop) -> None:
    with applying_package():
        a_discount([{"product": shop.products["85123A"]}])
    new_data_version()
    assert shop.run(ProductSale(code="85123A")).discount == 0


def test_a_category_with_an_exception(shop: Shop) -> None:
    everything = {"category": shop.products["MILK"].category}
    enabled(shop, [everything, {"product": shop.products["MILK"], "is_excluded": True}])
    answer = shop.run(ProductSale(code="MILK"), ProductSale(code="22961"))
    assert [bool(line.discounts) for line in answer.lines] == [False, True]


def test_three_for_two_comes_with_the_third(shop: Shop) -> None:
    enabled(
        shop, [{"product": shop.products["85123A"], "group": "A"}], kind="mix_and_match", method="least_expensive",
        value=Decimal(100), groups=[("A", 3)],
    )  # fmt: skip
    assert shop.run(ProductSale(code="85123A", quantity=Decimal(2))).discount == 0
    assert shop.run(ProductSale(code="85123A")).discount == Decimal("2.95")


def test_a_discount_on_some_units_of_a_line_says_on_how_many(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], value=Decimal(50), quantity_limit=Decimal(1))
    assert shop.run(ProductSale(code="85123A", quantity=Decimal(3))).discount == Decimal("1.48")
    page = strip_tags(TillClient(shop).get("/price/1/").content.decode()).replace("\xa0", " ")
    assert "50 % · on 1 · the best offer for it" in page
    sold, first = shop.run(Pay(method="cash")).sale, ReturnedLine(1, Decimal(1))
    assert sold is not None
    shop.run(ReturnByReceipt(receipt=sold.receipt_number, lines=(first,)), worker=shop.manager)
    page = strip_tags(TillClient(shop).get("/price/1/").content.decode()).replace("\xa0", " ")
    assert "50 % · the best offer for it" in page and "Offers that lost are told of all 3 sold." in page
    assert "What did not count" not in page


def test_a_threshold_counts_the_basket(shop: Shop) -> None:
    enabled(
        shop, [{}], kind="threshold", method="amount_off", value=None, currency_id="GBP",
        tiers=[("10", "1"), ("20", "3")],
    )  # fmt: skip
    assert shop.run(ProductSale(code="85123A", quantity=Decimal(3))).discount == 0
    assert shop.run(ProductSale(code="22961")).discount == Decimal("1.00")
    assert shop.run(ProductSale(code="85123A", quantity=Decimal(4))).discount == Decimal("3.00")


def test_a_coupon_unlocks_its_discount(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["HEART10"])
    assert shop.run(ProductSale(code="85123A", quantity=Decimal(2))).discount == 0
    with pytest.raises(UnknownCoupon):
        shop.run(AddCoupon(code="HEART20"))
    assert shop.run(AddCoupon(code="heart10")).discount == Decimal("0.59")
    assert shop.run(Undo()).discount == 0


def test_what_comes_back_gives_its_share_of_the_discount(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}])
    shop.run(ProductSale(code="85123A", quantity=Decimal(3)))
    sale = shop.run(Pay(method="cash")).sale
    back = []
    for _ in range(3):
        unit = (ReturnedLine(line=1, quantity=Decimal(1)),)
        one = ReturnByReceipt(receipt=sale.receipt_number, lines=unit)
        back.append(shop.run(one, approved=True).total)
        shop.run(Pay(method="cash"))
    assert sum(back) == -sale.total


@pytest.mark.parametrize(
    ("values", "lines", "more", "field"),
    [
        ({}, [], {}, "lines"),
        ({"value": None}, [{}], {}, "value"),
        ({"method": "deal_price"}, [{}], {}, "method"),
        ({"method": "amount_off"}, [{}], {}, "currency"),
        ({"method": "unit_price"}, [{}], {}, "currency"),
        ({"max_discount": 5}, [{}], {}, "currency"),
        ({}, [{"method": "amount_off", "value": 1}], {}, "currency"),
        ({"kind": "mix_and_match", "method": "least_expensive", "least_method": "unit_price"}, [{"group": "A"}],
         {"groups": [("A", 2)]}, "currency"),
        ({}, [{"value": 1}], {}, "lines"),
        ({"kind": "threshold", "value": None}, [{}], {}, "tiers"),
        ({"kind": "threshold", "value": None, "currency_id": "GBP"}, [{}], {"tiers": [("10", "120")]}, "tiers"),
        ({"kind": "threshold", "value": None, "currency_id": "GBP"}, [{}],
         {"tiers": [("10", "20"), ("20", "10")]}, "tiers"),
        ({"kind": "mix_and_match"}, [{"group": "A"}], {}, "groups"),
        ({"kind": "mix_and_match"}, [{"group": "B"}], {"groups": [("A", 2)]}, "lines"),
        ({"kind": "mix_and_match", "method": "least_expensive", "least_count": 2}, [{"group": "A"}],
         {"groups": [("A", 2)]}, "least_count"),
        ({"coupon_required": True}, [{}], {}, "coupons"),
        ({}, [{}], {"coupons": ["FORGOTTEN"]}, "coupon_required"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_work_is_refused(headquarters: Any, values, lines, more, field) -> None:
    a_currency()
    discount = a_discount(lines, **more, **values)
    with pytest.raises(DiscountNotReady) as refusal:
        enable_discount(discount.pk)
    assert refusal.value.field == field and str(refusal.value).endswith(".")
    discount.refresh_from_db()
    assert discount.status == "draft"


def test_a_price_for_one_customer_is_that_customers_alone(shop: Shop) -> None:
    with applying_package():
        customer = Customer.objects.create(account="C7", name="Grace")
        product = shop.products["85123A"]
        TradeAgreement.objects.create(
            product=product, customer=customer, unit=product.unit, currency_id="GBP", amount=Decimal("2.00")
        )
    new_data_version()
    assert shop.run(ProductSale(code="85123A")).total == Decimal("2.95")
    assert shop.run(SetCustomer(account="C7")).total == Decimal("2.00")


def test_a_cashier_presents_a_coupon_scans_one_and_takes_it_off(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["HEART10"])
    till = TillClient(shop)
    till.scan("85123A")
    assert "/cart/do/add_coupon/" in till.get("/more/").content.decode()
    assert "Code on the coupon" in till.get("/cart/do/add_coupon/").content.decode()
    assert till.do("add_coupon", code="NONE").status_code == 422
    page = till.do("add_coupon", code="heart10").content.decode()
    assert "Coupon HEART10 is on the sale." in page and 'class="cart__words">HEART10' in page
    assert shop.till().cart.priced.totals.discount == Decimal("0.30")
    assert 'value="HEART10"' in till.get("/cart/do/remove_coupon/").content.decode()
    page = till.do("remove_coupon", code="HEART10").content.decode()
    assert 'class="cart__words">HEART10' not in page and shop.till().cart.priced.totals.discount == 0
    shop.run(VoidLine(line="1"))
    page = till.do("add_coupon", code="HEART10").content.decode()
    assert "but takes nothing off yet" in page
    shop.run(RemoveCoupon(code="HEART10"), ProductSale(code="85123A"))
    page = till.scan("HEART10").content.decode()  # its barcode, as if it were an article
    assert "Coupon HEART10 is on the sale." in page and 'class="cart__words">HEART10' in page
    assert len(shop.till().cart.live_lines) == 1
    shop.run(RemoveCoupon(code="HEART10"))
    with pytest.raises(UnknownCoupon):
        shop.run(RemoveCoupon(code="HEART10"))


def test_a_coupon_out_of_its_dates_or_put_on_twice_is_told(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["HEART10"])
    till, now = TillClient(shop), timezone.now()
    till.scan("85123A")
    for change, words in (
        ({"ends_at": now - timedelta(hours=1)}, "Coupon HEART10 was good until "),
        ({"starts_at": now + timedelta(days=1), "ends_at": None}, "Coupon HEART10 is good from "),
        ({"starts_at": None, "is_active": False}, "Coupon HEART10 was withdrawn. Go on without it."),
    ):
        with applying_package():
            DiscountCoupon.objects.update(**change)
        new_data_version()
        refused = till.do("add_coupon", code="heart10")
        assert refused.status_code == 422 and words in refused.content.decode()
        assert words in till.scan("HEART10").content.decode()
        assert shop.till().cart.head.coupons == ()
    with applying_package():
        DiscountCoupon.objects.update(is_active=True)
    new_data_version()
    till.scan("HEART10")
    assert "Coupon HEART10 is on the sale already." in till.scan("HEART10").content.decode()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"limit": 1}, r"it may be \(uses: 1,"),
        ({"limit_per_customer": 1}, "by this customer"),
        ({"limit_per_channel": 1}, "in this store"),
    ],
)
def test_a_coupon_is_refused_once_it_was_used_as_often_as_it_may_be(
    shop: Shop, limits: dict[str, int], words: str
) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["ONCE"])
    with applying_package():
        DiscountCoupon.objects.update(**limits)
    new_data_version()
    shop.run(SetCustomer(account="C1"), ProductSale(code="85123A", quantity=Decimal(2)))
    assert shop.run(AddCoupon(code="once"), approved=True).discount == Decimal("0.59")  # no headquarters here
    shop.run(Pay(method="cash"))
    shop.run(SetCustomer(account="C1"), ProductSale(code="85123A"))
    with pytest.raises(CouponUsedUp, match=words):
        shop.run(AddCoupon(code="once"), approved=True)


@pytest.mark.parametrize("ended", ["offer", "coupon"])
def test_a_coupon_that_headquarters_ends_during_the_sale_is_said(shop: Shop, ended: str) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["ONCE"])
    assert shop.run(ProductSale(code="85123A"), AddCoupon(code="ONCE")).discount == Decimal("0.30")
    with applying_package():
        if ended == "offer":
            disable_discount(Discount.objects.get().pk)
        else:
            DiscountCoupon.objects.update(is_active=False)
    new_data_version()
    answer = shop.run(ProductSale(code="MILK"))
    assert answer.discount == 0
    words = "Coupon ONCE takes nothing off any more: headquarters has ended it."
    assert answer.notice is not None and answer.notice.text == words
    again = shop.run(ProductSale(code="MILK")).notice
    assert again is None or again.code != "coupon_ended"
    assert shop.run(RemoveCoupon(code="ONCE")).discount == 0


@pytest.mark.usefixtures("scale_unit")
def test_the_last_use_in_a_store_goes_to_one_of_two_tills() -> None:
    shop = a_shop(registers=2)
    second = shop.store.registers.order_by("number")[1]
    shop.open_shift(register=second)
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["ONCE"])
    with applying_package():
        DiscountCoupon.objects.update(limit_per_channel=1)
    new_data_version()
    shop.run(ProductSale(code="85123A"), AddCoupon(code="ONCE"))
    shop.run(ProductSale(code="85123A"), register=second)
    with pytest.raises(CouponUsedUp, match="in this store"):
        shop.run(AddCoupon(code="ONCE"), register=second)
    shop.run(Suspend())
    with pytest.raises(CouponUsedUp, match="in this store"):
        shop.run(AddCoupon(code="ONCE"), register=second)
    back = shop.run(Recall(suspended=SuspendedCart.objects.get().pk))
    assert back.discount == Decimal("0.30")
    shop.run(RemoveCoupon(code="ONCE"))
    assert shop.run(AddCoupon(code="ONCE"), register=second).discount == Decimal("0.30")


def test_a_coupons_uses_are_those_of_the_customer_who_buys_in_the_end(shop: Shop) -> None:
    enabled(shop, [{"product": shop.products["85123A"]}], coupon_required=True, coupons=["ONCE"])
    with applying_package():
        DiscountCoupon.objects.update(limit_per_customer=1)
    new_data_version()
    shop.run(
        SetCustomer(account="C1"), ProductSale(code="85123A"), AddCoupon(code="ONCE"), Pay(method="cash"),
        approved=True,
    )  # fmt: skip
    nobody = shop.run(ProductSale(code="85123A"), AddCoupon(code="ONCE"))
    assert nobody.discount == 0
    words = "Coupon ONCE is limited per customer: name the customer, then it counts."
    assert nobody.notice is not None and nobody.notice.text == words
    named = shop.run(SetCustomer(account="C1"))
    assert named.discount == 0
    assert named.notice is not None and named.notice.text == (
        "Coupon ONCE gives nothing: it has been used as often as it may be by this customer (uses: 1)."
    )
    assert shop.run(SetCustomer(account="C2")).discount == Decimal("0.30")
    nobody = shop.run(SetCustomer(account=""))
    assert nobody.discount == 0
    assert nobody.notice is not None and nobody.notice.text == words
