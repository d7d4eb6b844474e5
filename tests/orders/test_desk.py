"""The order desk at headquarters: its services and its pages, as the worker at the telephone uses them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Product
from customers.models import Customer
from hq.models import FunctionalityProfile, Register, Store, User
from orders.errors import OrderChanged, OrderIncomplete, OrderNotOpen
from orders.models import Order
from orders.services import desk
from orders.services.desk import Delivery, Wanted
from pos.services.simulate import AskedLine
from pricing.models import DeliveryMode, Discount, DiscountCoupon, DiscountLine
from tests.factories.company import a_ready_register, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    register: Register = a_ready_register()
    return register.store


@pytest.fixture
def product(store: Store) -> Product:
    return Product.objects.get()


@pytest.fixture
def caller() -> Customer:
    return Customer.objects.create(account="C-7", name="Ruth Adeyemi", phone="020 7946 0018")


@pytest.fixture
def by() -> User:
    return a_user()


@pytest.fixture
def order(store: Store, caller: Customer, by: User) -> Order:
    return desk.take_order(store=store, customer=caller, by=by)


def changed(order: Order, by: User, *lines: tuple[str, str], **wanted: Any) -> Order:
    asked = tuple(AskedLine(code, Decimal(quantity)) for code, quantity in lines)
    return desk.change_order(
        order_id=order.pk, version=order.version, wanted=Wanted(lines=asked, **wanted), by=by
    )


# the service


def test_an_order_keeps_what_it_costs_and_why(order: Order, product: Product, by: User) -> None:
    offer = Discount.objects.create(
        code="T", name="Ten off", kind="simple", method="percent_off", value=10, status="enabled"
    )
    DiscountLine.objects.create(discount=offer)
    order = changed(order, by, (product.number, "2"))
    line = order.lines.get()
    assert (line.name, line.unit_price, line.discount, line.total) == (
        product.name, Decimal("2.95"), Decimal("0.59"), Decimal("5.31"),
    )  # fmt: skip
    assert order.total == Decimal("5.31") and line.priced["figures"]["discounts"][0]["name"] == "Ten off"


def test_an_order_begun_and_left_empty_is_gone_on_with(
    order: Order, store: Store, caller: Customer, product: Product, by: User
) -> None:
    assert desk.take_order(store=store, customer=caller, by=by) == order
    assert desk.take_order(store=store, customer=caller, by=a_user()) != order
    changed(order, by, (product.number, "1"))
    assert desk.take_order(store=store, customer=caller, by=by) != order


def test_of_two_people_one_is_told(order: Order, product: Product, by: User) -> None:
    changed(order, by, (product.number, "1"))
    with pytest.raises(OrderChanged, match=f"was changed meanwhile by {by}"):
        changed(order, a_user(), (product.number, "5"))
    assert order.lines.get().quantity == 1


@pytest.mark.parametrize("lines", [(), (("nothing-of-ours", "1"),)])
def test_what_a_till_would_stumble_over_is_not_released(
    order: Order, by: User, lines: tuple[tuple[str, str], ...]
) -> None:
    order = changed(order, by, *lines)
    with pytest.raises(OrderIncomplete, match="The order is empty" if not lines else "Nothing is sold under"):
        desk.release_order(order_id=order.pk, version=order.version, by=by)
    order.refresh_from_db()
    assert order.state == "open"


def test_goods_that_are_sent_need_an_address(order: Order, product: Product, by: User) -> None:
    DeliveryMode.objects.create(code="post", name="By post")
    order = changed(order, by, (product.number, "1"), delivery=Delivery(mode="post", city="London"))
    with pytest.raises(OrderIncomplete, match="By post needs an address: a street"):
        desk.release_order(order_id=order.pk, version=order.version, by=by)
    order = changed(
        order, by, (product.number, "1"), delivery=Delivery("post", street="1 Mill Lane", city="London")
    )
    assert desk.release_order(order_id=order.pk, version=order.version, by=by).state == "released"


def test_an_unknown_coupon_is_not_released(order: Order, product: Product, by: User) -> None:
    order = changed(order, by, (product.number, "1"), coupons=("NOPE",))
    with pytest.raises(OrderIncomplete, match="No coupon NOPE unlocks an offer here"):
        desk.release_order(order_id=order.pk, version=order.version, by=by)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"ends_at": timezone.now() - timedelta(days=1)}, "Coupon WELCOME was good until .*Take it off"),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "Coupon WELCOME is good from"),
        ({"is_active": False}, "Coupon WELCOME was withdrawn"),
        ({"limit": 0}, "Coupon WELCOME has been used as often as it may be"),
    ],
)
def test_a_coupon_that_the_till_would_refuse_is_not_released(
    back_office: Client, order: Order, product: Product, by: User, terms: dict[str, Any], why: str
) -> None:
    offer = Discount.objects.create(
        code="W", name="Welcome", kind="simple", method="percent_off", value=30, status="enabled",
        coupon_required=True,
    )  # fmt: skip
    DiscountLine.objects.create(discount=offer)
    DiscountCoupon.objects.create(discount=offer, code="WELCOME", **terms)
    order = changed(order, by, (product.number, "1"), coupons=("WELCOME",))
    assert "Coupon WELCOME" in words(back_office.get(reverse("admin:order", args=[order.pk])))
    with pytest.raises(OrderIncomplete, match=why):
        desk.release_order(order_id=order.pk, version=order.version, by=by)


def test_more_than_a_till_sells_on_a_line_is_not_released(order: Order, product: Product, by: User) -> None:
    FunctionalityProfile.objects.update(max_quantity=500)
    order.store.functionality_profile.refresh_from_db()
    order = changed(order, by, (product.number, "501"))
    with pytest.raises(OrderIncomplete, match=f"{product.name}: the most on one line is 500"):
        desk.release_order(order_id=order.pk, version=order.version, by=by)


def test_a_quantity_is_not_kept_as_another_one(order: Order, product: Product, by: User) -> None:
    with pytest.raises(OrderIncomplete, match=r"0\.0001 has too many decimals"):
        changed(order, by, (product.number, "0.0001"))


def test_the_ways_of_an_order(order: Order, product: Product, by: User) -> None:
    def on(act: Any, **more: Any) -> Order:
        fresh = Order.objects.get(pk=order.pk)
        return act(order_id=fresh.pk, version=fresh.version, by=by, **more)

    changed(order, by, (product.number, "1"))
    held = on(desk.hold_order, why="Rings back on Friday")
    assert (held.state, held.why) == ("held", "Rings back on Friday")
    with pytest.raises(OrderNotOpen, match="is on hold: only one that is being taken"):
        on(desk.hold_order, why="")
    assert on(desk.release_order).why == ""
    with pytest.raises(OrderNotOpen, match="is released to the store: take it back first"):
        changed(Order.objects.get(), by, (product.number, "2"))
    assert on(desk.take_back).state == "open"
    assert on(desk.cancel_order, why="Bought elsewhere").state == "cancelled"
    with pytest.raises(OrderNotOpen, match="it was cancelled before"):
        on(desk.cancel_order, why="")
    assert on(desk.take_back).state == "open"  # a slip is mended


def test_an_order_too_long_is_refused_whole(order: Order, product: Product, by: User) -> None:
    with pytest.raises(OrderIncomplete, match="holds 200 different articles at most"):
        changed(order, by, *((product.number, "1") for _ in range(201)))
    assert not order.lines.exists()


# the pages


def words(page: Any) -> str:
    return " ".join(strip_tags(page.text).split())


def said(order: Order, **more: Any) -> dict[str, Any]:
    order.refresh_from_db()
    lines = list(order.lines.all())
    return {
        "version": order.version,
        "code": [line.code for line in lines],
        "quantity": [f"{line.quantity.normalize():f}" for line in lines],
        "price": ["" for _ in lines],
        **more,
    }


def test_a_caller_is_found_by_phone_and_an_order_begun(
    back_office: Client, store: Store, caller: Customer
) -> None:
    found = words(back_office.get(reverse("admin:order-desk"), {"q": "79460018"}))
    assert "Ruth Adeyemi" in found and "Take an order" in found
    begun = back_office.post(reverse("admin:order-desk"), {"customer": "C-7", "store": store.pk})
    order = Order.objects.get()
    assert begun.url == reverse("admin:order", args=[order.pk])
    assert "Add what the caller wants" in words(back_office.get(begun.url))


def test_a_new_caller_becomes_a_customer(back_office: Client, store: Store) -> None:
    page = back_office.get(reverse("admin:order-desk"), {"q": "0117 496 0000"})
    assert "a new customer" in words(page) and 'value="0117 496 0000"' in page.text
    caller = {
        "name": "Ada Ngata",
        "phone": "0117 496 0000",
        "request": page.context["caller"]["request"].value(),
    }
    for _ in range(2):  # the same page sent twice makes one customer, and one order
        back_office.post(reverse("admin:order-desk"), {**caller, "store": store.pk})
    assert Customer.objects.get().name == "Ada Ngata" and Order.objects.count() == 1
    wrong = back_office.post(
        reverse("admin:order-desk"), {**caller, "phone": "call me", "request": "", "store": store.pk}
    )
    assert "call me is no phone number" in words(wrong)
    assert Customer.objects.count() == 1


def test_goods_are_added_changed_and_taken_out(back_office: Client, order: Order, product: Product) -> None:
    page = reverse("admin:order", args=[order.pk])
    assert back_office.post(page, said(order, add=product.number)).url == page
    assert order.lines.get().quantity == 1
    back_office.post(page, said(order, add=product.number))
    assert order.lines.get().quantity == 2  # the same once more
    back_office.post(page, said(order) | {"quantity": "5"})
    assert order.lines.get().quantity == 5
    assert "That is no quantity" in words(back_office.post(page, said(order) | {"quantity": "many"}))
    assert order.lines.get().quantity == 5
    back_office.post(page, said(order, without="0"))
    assert not order.lines.exists()
    assert "No article is called" in words(back_office.post(page, said(order, add="unicorn")))


def test_releasing_keeps_what_was_typed_last(back_office: Client, order: Order, product: Product) -> None:
    page = reverse("admin:order", args=[order.pk])
    back_office.post(page, said(order, add=product.number))
    answer = back_office.post(page, said(order, do="release", note="Ring before 9"), follow=True)
    order.refresh_from_db()
    assert (order.state, order.note) == ("released", "Ring before 9")
    assert "Order 0" in words(answer) and "is released to the store" in words(answer)
    assert "Take it back" in words(back_office.get(page)) and "Release to the store" not in words(
        back_office.get(page)
    )


def test_the_page_says_what_the_caller_was_told(
    back_office: Client, order: Order, product: Product, by: User
) -> None:
    offer = Discount.objects.create(
        code="T", name="Ten off", kind="simple", method="percent_off", value=10, status="enabled"
    )
    DiscountLine.objects.create(discount=offer)
    changed(order, by, (product.number, "2"))
    page = reverse("admin:order", args=[order.pk])
    assert "was told" not in words(back_office.get(page))
    offer.delete()
    assert "The caller was told £5.31" in words(back_office.get(page))


def test_an_old_page_is_refused_and_shows_the_order_as_it_is(
    back_office: Client, order: Order, product: Product, by: User
) -> None:
    page, old = reverse("admin:order", args=[order.pk]), said(order)
    changed(order, by, (product.number, "3"))
    answer = words(back_office.post(page, {**old, "do": "cancel"}))
    assert "was changed meanwhile" in answer
    order.refresh_from_db()
    assert order.state == "open" and order.lines.get().quantity == 3


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"country": "Ireland"}, "Ensure this value has at most 2 characters"),
        ({"country": "1E"}, "The country is two letters"),
        ({"delivery": "rocket"}, "Select a valid choice"),
        ({"coupons": "X" * 41}, "is no code of a coupon"),
    ],
)
def test_nonsense_is_refused_at_its_field(
    back_office: Client, order: Order, product: Product, fields: dict[str, str], why: str
) -> None:
    DeliveryMode.objects.create(code="post", name="By post")
    page = reverse("admin:order", args=[order.pk])
    answer = back_office.post(page, said(order, add=product.number, **({"delivery": "post"} | fields)))
    assert answer.status_code == 200 and why in words(answer)
    assert not order.lines.exists()


@pytest.mark.parametrize(
    ("groups", "seen", "taken"),
    [(["Order desk"], 200, 302), (["Viewer"], 200, 403), ([], 403, 403)],
)
def test_who_may_take_orders(
    store: Store, caller: Customer, groups: list[str], seen: int, taken: int
) -> None:
    client = Client()
    client.force_login(a_user(groups=groups), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:order-desk")).status_code == seen
    assert (
        client.post(reverse("admin:order-desk"), {"customer": "C-7", "store": store.pk}).status_code == taken
    )


def test_orders_are_found_by_number_and_caller(
    back_office: Client, order: Order, product: Product, by: User
) -> None:
    changed(order, by, (product.number, "1"))
    for text in (order.number, f"#{order.pk}", "ruth", "020 7946"):
        assert order.number in words(back_office.get(reverse("admin:order-desk"), {"q": text}))
    assert "No order is found so" in words(
        back_office.get(reverse("admin:order-desk"), {"state": "handed_over"})
    )
    assert back_office.get(reverse("admin:order", args=[999_999])).status_code == 404
    assert back_office.get(reverse("admin:order-desk"), {"q": "\0", "state": "\0"}).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"do": "hold", "why": "a\0b"}, {"do": "cancel", "why": "\0"}, {"delivery": "\0"}, {"add": "\0"}],
)
def test_what_no_text_holds_is_no_fault(
    back_office: Client, order: Order, product: Product, by: User, fields: dict[str, str]
) -> None:
    changed(order, by, (product.number, "1"))
    answer = back_office.post(reverse("admin:order", args=[order.pk]), said(order, **fields))
    assert answer.status_code in (200, 302)


def test_whom_an_order_names_is_not_deleted_and_the_page_says_why(back_office: Client, order: Order) -> None:
    for page in (
        reverse("admin:customers_customer_delete", args=[order.customer_id]),
        reverse("admin:hq_store_delete", args=[order.store_id]),
    ):
        for answer in (back_office.get(page), back_office.post(page, {"post": "yes"})):
            text = words(answer)
            assert "is not deleted: what stands here names it" in text and f"Order: {order}" in text
            assert "protected related objects" not in text
    many = {"action": "delete_selected", "_selected_action": [order.customer_id]}
    assert "These are not deleted" in words(
        back_office.post(reverse("admin:customers_customer_changelist"), many)
    )
