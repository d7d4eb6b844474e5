"""An order from the caller to the receipt: headquarters and a scale unit, each with a database of its own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Barcode
from channels_app.errors import Unavailable
from channels_app.models import StorePlacement
from channels_app.services.upload import upload
from config.embedded.services import free_port
from customers.models import Customer
from hq.models import Currency, FunctionalityProfile, PermissionGroup, User
from orders.errors import OrderNotOpen
from orders.models import Order
from orders.services import desk
from orders.services.desk import Delivery, Wanted
from pos.cart.snapshot import Snapshot
from pos.errors import CartNotEmpty, OrderElsewhere, OrderNotHere, OrderRefused
from pos.headquarters import headquarters
from pos.operations import Command
from pos.operations.orders import CallUpOrder
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, VoidSale
from pos.services.session import ensure_standing
from pos.services.simulate import AskedLine
from pricing.models import (
    ChargeCode,
    ChargeRule,
    ChargeTier,
    DeliveryMode,
    Discount,
    DiscountCoupon,
    DiscountLine,
    TradeAgreement,
)
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides
from tests.factories.company import a_user
from tests.scenarios.store import CASHIER, Shop, a_stocked_store

pytestmark = pytest.mark.timeout(120)
LANTERN, T_SHIRT = "85123A", "22423"


class World:
    """A store whose goods come from headquarters by package, and the order desk there."""

    def __init__(self, sides: Sides, company: Company, url: str) -> None:
        self.sides, self.url = sides, url
        PermissionGroup.objects.update(permissions=[str(permission) for permission in CASHIER])
        self.shop: Shop = a_stocked_store(registers=2)
        StorePlacement.objects.create(store=self.shop.store, channel_database=company.database)
        self.caller = Customer.objects.create(account="C-7", name="Ruth Adeyemi", phone="020 7946 0018")
        self.worker: User = a_user(username="desk")
        _offers()
        self.distribute()
        with sides.scale_unit():
            for register in self.shop.store.registers.all():
                ensure_standing(register_id=register.pk, currency="GBP", at=timezone.now())
                self.shop.open_shift(register=register)

    def distribute(self) -> None:
        self.sides.distribute(full=True)

    def order(self, *lines: tuple[str, str], released: bool = True, **wanted: object) -> Order:
        order = desk.take_order(store=self.shop.store, customer=self.caller, by=self.worker)
        asked = tuple(AskedLine(code, Decimal(quantity)) for code, quantity in lines)
        order = desk.change_order(
            order_id=order.pk, version=order.version, wanted=Wanted(lines=asked, **wanted), by=self.worker
        )
        if released:
            order = desk.release_order(order_id=order.pk, version=order.version, by=self.worker)
        return order

    def run(self, *commands: Command, till: int = 1, url: str = "", **more: object) -> Snapshot:
        with self.sides.scale_unit(HEADQUARTERS_URL=url or self.url):
            register = self.shop.store.registers.get(number=f"01-{till}")
            return self.shop.run(*commands, register=register, **more)

    def call_up(self, order: Order, *, till: int = 1, again: bool = False) -> Snapshot:
        return self.run(CallUpOrder(number=order.number, again=again), till=till)

    def waiting(self, text: str = "") -> list[tuple[str, str]]:
        with self.sides.scale_unit(HEADQUARTERS_URL=self.url):
            found = headquarters().waiting_orders(store=self.shop.store.pk, text=text)
        return [(one.number, one.at_register) for one in found]

    def sales_come_up(self) -> None:
        with self.sides.scale_unit():
            assert upload()


def _offers() -> None:
    offer = Discount.objects.create(
        code="T", name="Ten off", kind="simple", method="percent_off", value=10, status="enabled"
    )
    DiscountLine.objects.create(discount=offer)
    welcome = Discount.objects.create(
        code="W", name="Welcome", kind="simple", method="percent_off", value=30, status="enabled",
        coupon_required=True,
    )  # fmt: skip
    DiscountLine.objects.create(discount=welcome)
    DiscountCoupon.objects.create(discount=welcome, code="WELCOME", limit=1)
    DeliveryMode.objects.create(code="post", name="By post")
    charge = ChargeCode.objects.create(code="POST", name="Postage")
    rule = ChargeRule.objects.create(
        charge=charge, name="Post", currency=Currency.objects.get(), delivery_mode=DeliveryMode.objects.get(),
        is_active=True,
    )  # fmt: skip
    ChargeTier.objects.create(rule=rule, value=Decimal("4.95"))


@pytest.fixture
def world(shop: Company, sides: Sides, headquarters_url: str) -> World:
    return World(sides, shop, headquarters_url)


def test_from_the_call_to_the_receipt(world: World) -> None:
    order = world.order((LANTERN, "2"), note="Gift wrapped, please")
    assert world.waiting() == world.waiting("adeyemi") == world.waiting("79460018") == [(order.number, "")]
    cart = world.call_up(order)
    assert (cart.total, cart.order, cart.customer_name) == (order.total, order.number, "Ruth Adeyemi")
    assert cart.notice is not None and "Gift wrapped, please" in cart.notice.text
    assert world.waiting() == [(order.number, "Till 1")]
    sale = world.run(Pay(method="cash")).sale
    assert sale is not None and sale.total == order.total
    world.sales_come_up()
    assert world.waiting() == []
    became = desk.handed_over([Order.objects.get()])[order.pk]
    assert became.sale is not None and became.sale.receipt_number == sale.receipt_number
    with pytest.raises(OrderNotHere, match="was handed over"):
        world.call_up(order)
    with pytest.raises(OrderNotOpen, match="take the goods back at a till"):
        desk.cancel_order(order_id=order.pk, version=Order.objects.get().version, why="", by=world.worker)


def test_it_costs_what_the_caller_was_told_whatever_has_changed_since(world: World) -> None:
    told = world.order((LANTERN, "3"))
    Order.objects.update(priced_at=timezone.now() - timedelta(days=2))
    Discount.objects.filter(code="T").update(ends_at=timezone.now() - timedelta(days=1))
    TradeAgreement.objects.filter(product__number=LANTERN).update(ends_at=timezone.now() - timedelta(days=1))
    dearer = TradeAgreement.objects.filter(product__number=LANTERN).first()
    assert dearer is not None
    dearer.pk, dearer.starts_at, dearer.ends_at = None, timezone.now() - timedelta(days=1), None
    dearer.amount *= 2
    dearer.save()
    world.distribute()
    assert world.run(ProductSale(code=LANTERN, quantity=Decimal(3)), till=2).total > told.total
    cart = world.call_up(told)
    assert cart.total == told.total and "the caller was told" not in cart.notice.text


def test_goods_and_coupons_that_have_ended_since_are_handed_over_as_told(world: World) -> None:
    told = world.order((LANTERN, "3"), coupons=("WELCOME",))
    now = timezone.now()
    Order.objects.update(priced_at=now - timedelta(days=2))
    for model in (TradeAgreement, DiscountCoupon):  # there is no price at all now
        model.objects.update(ends_at=now - timedelta(days=1))
    world.distribute()
    cart = world.call_up(told)
    assert (cart.total, cart.notice.tone) == (told.total, "info")
    with world.sides.scale_unit():
        assert world.shop.till().cart.head.coupons == ("WELCOME",)


def test_lines_of_one_article_are_rounded_as_they_were_told(world: World) -> None:
    barcode = Barcode.objects.filter(product__number=LANTERN).first()
    assert barcode is not None
    FunctionalityProfile.objects.update(merge_lines=True)
    world.distribute()
    order = world.order((LANTERN, "1"), (barcode.code, "1"))
    assert order.total == Decimal("5.30")  # 2.65 twice; two on one line are 5.31
    cart = world.call_up(order)
    assert cart.total == order.total and len(cart.lines) == 2


def test_another_total_is_said(world: World) -> None:
    order = world.order((LANTERN, "1"))
    Discount.objects.filter(code="T").update(status="draft")  # withdrawn
    world.distribute()
    cart = world.call_up(order)
    assert cart.total > order.total and cart.notice.tone == "question"
    assert "Its total is £2.95; the caller was told £2.65." in cart.notice.text


def test_goods_that_are_sent_have_their_charges_and_address(world: World) -> None:
    address = Delivery(mode="post", street="1 Mill Lane", postcode="N1 9GU", city="London")
    order = world.order((LANTERN, "1"), delivery=address)
    assert order.total == Decimal("7.60")
    cart = world.call_up(order)
    assert cart.total == order.total and cart.delivery is not None
    assert cart.delivery.name == "Ruth Adeyemi" and cart.delivery.postcode == "N1 9GU"


def test_a_coupon_is_counted_when_the_till_calls_the_order_up(world: World) -> None:
    first = world.order((LANTERN, "1"), coupons=("WELCOME",))
    second = world.order((LANTERN, "1"), coupons=("WELCOME",))
    assert first.total == second.total
    assert world.call_up(first).total == first.total
    world.run(Pay(method="cash"))
    cart = world.call_up(second)  # the goods are handed over without it, and the cashier is told
    assert cart.total > second.total and "WELCOME has been used" in cart.notice.text


def test_the_page_of_what_was_handed_over_counts_its_own_coupon_as_it_was(
    world: World, staff: Client
) -> None:
    order = world.order((LANTERN, "2"), coupons=("WELCOME",))
    world.call_up(order)
    world.run(Pay(method="cash"))
    world.sales_come_up()
    text = strip_tags(staff.get(reverse("admin:order", args=[order.pk])).text)
    assert order.total == Decimal("4.13") and "was told" not in text
    assert "4.13" in text and "5.31" not in text


def test_one_till_has_it_until_the_other_takes_it(world: World) -> None:
    order = world.order((LANTERN, "1"))
    world.call_up(order)
    with pytest.raises(OrderElsewhere, match="at Till 1"):
        world.call_up(order, till=2)
    with pytest.raises(OrderNotOpen, match="is at Till 1"):
        desk.take_back(order_id=order.pk, version=Order.objects.get().version, by=world.worker)
    assert world.call_up(order, till=2, again=True).total == order.total
    assert world.waiting() == [(order.number, "Till 2")]


def test_a_voided_sale_gives_the_order_back(world: World) -> None:
    order = world.order((LANTERN, "1"))
    first = world.call_up(order).cart_id
    world.run(VoidSale(), worker=world.shop.manager)
    again = world.call_up(order)  # the same register, before the record has come up
    assert again.total == order.total and again.cart_id != first
    world.run(VoidSale(), worker=world.shop.manager)
    world.sales_come_up()
    assert world.waiting() == [(order.number, "")]
    assert world.call_up(order, till=2).total == order.total


def test_what_was_sold_a_moment_ago_is_not_handed_over_again(world: World) -> None:
    order = world.order((LANTERN, "1"))
    world.call_up(order)
    receipt = world.run(Pay(method="cash")).sale.receipt_number
    for till in (1, 2):  # headquarters has not heard of it yet
        with pytest.raises(OrderNotHere, match=f"was handed over as {receipt}"):
            world.call_up(order, till=till, again=True)
    world.sales_come_up()
    assert world.waiting() == []
    found = desk.find_orders(state=desk.HANDED_OVER).get()
    became = desk.handed_over([found])[order.pk]
    assert became.sale is not None and became.sale.receipt_number == receipt


def test_a_call_that_is_refused_leaves_the_next_sale_alone(world: World) -> None:
    order = world.order((LANTERN, "1"))
    goods = world.shop.products[LANTERN].__class__.objects.filter(number=LANTERN)
    goods.update(is_blocked=True)
    world.distribute()
    with pytest.raises(OrderRefused):
        world.call_up(order)
    goods.update(is_blocked=False)
    world.distribute()
    world.run(ProductSale(code=LANTERN), Pay(method="cash"))  # somebody else's goods
    world.sales_come_up()
    assert world.waiting() == [(order.number, "")]
    back = desk.take_back(order_id=order.pk, version=Order.objects.get().version, by=world.worker)
    assert back.state == "open"  # and the order desk can change it


def test_the_same_request_twice_calls_it_up_once(world: World) -> None:
    order, request = world.order((LANTERN, "2")), UUID(int=7)
    first = world.run(CallUpOrder(number=order.number), request=request)
    assert world.run(CallUpOrder(number=order.number), request=request).lines == first.lines
    with pytest.raises(CartNotEmpty):
        world.call_up(order)


def test_what_cannot_be_called_up_says_why(world: World) -> None:
    held = world.order((LANTERN, "1"), released=False)
    with pytest.raises(OrderNotHere, match="being taken at the order desk"):
        world.call_up(held)
    for number in ("999999", "", "x", "9" * 20):
        with pytest.raises(OrderNotHere, match="has none of that number"):
            world.run(CallUpOrder(number=number))
    with pytest.raises(Unavailable):
        world.run(CallUpOrder(number=held.number), url=f"http://127.0.0.1:{free_port()}")
    with world.sides.scale_unit():
        assert not world.shop.till().cart.lines


def test_goods_that_may_not_be_sold_any_more_are_named(world: World) -> None:
    order = world.order((LANTERN, "1"))
    world.shop.products[LANTERN].__class__.objects.filter(number=LANTERN).update(is_blocked=True)
    world.distribute()
    with pytest.raises(OrderRefused, match=r"headquarters has blocked it\. Have the order desk change it"):
        world.call_up(order)


def test_the_order_s_page_shows_where_it_is(world: World, staff: Client) -> None:
    order = world.order((LANTERN, "1"))
    page = reverse("admin:order", args=[order.pk])
    world.call_up(order)
    assert "At Till 1" in staff.get(page).text
    receipt = world.run(Pay(method="cash")).sale.receipt_number
    world.sales_come_up()
    text = staff.get(page).text
    assert "Handed over" in text and receipt in text and "Take it back" not in text
    assert "Handed over" in staff.get(reverse("admin:order-desk"), {"q": order.number}).text
