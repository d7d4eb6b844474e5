"""A coupon's limit over all stores: headquarters, in a process and with a database of its own, is asked over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID, uuid4

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app.errors import Unavailable
from channels_app.roles import applying_package
from config.embedded.services import free_port
from pos.cart.errors import TendersTaken
from pos.errors import ApprovalNeeded, CouponNotHere, CouponUsedUp
from pos.headquarters import CouponHeld, headquarters
from pos.models import CouponHold, RetailTransaction, SalesLine, SuspendedCart
from pos.operations.coupon import AddCoupon, RemoveCoupon
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, SetCustomer, Undo, VoidSale
from pos.operations.suspend import Recall, Suspend
from pos.services.coupons import HELD_FOR
from pricing.models import Discount, DiscountCoupon, DiscountLine
from tests.channels_app.asking import AskingTill
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides
from tests.factories.company import a_user
from tests.scenarios.store import new_data_version

pytestmark = pytest.mark.timeout(120)


def an_offer(**limits: int) -> None:
    offer = Discount.objects.create(
        code="W", name="Welcome", kind="simple", method="percent_off", value=10, status="enabled",
        coupon_required=True,
    )  # fmt: skip
    DiscountLine.objects.create(discount=offer)
    DiscountCoupon.objects.create(discount=offer, code="WELCOME", **limits)


class World(AskingTill):
    """A till whose coupons are limited over all stores."""

    def limit(self, **limits: int) -> None:
        """The offer with these limits, at headquarters and, as a package brings it, at the scale unit."""
        an_offer(**limits)
        with self.sides.scale_unit():
            with applying_package():
                an_offer(**limits)
            new_data_version()

    def hold(self, sale: UUID, customer: str = "", store: int | None = None) -> CouponHeld:
        """A till asks headquarters."""
        return headquarters().hold_coupon(
            code="WELCOME", sale=sale, store=self.store if store is None else store, customer=customer
        )

    def ask(self, sale: UUID) -> bool:
        """Whether headquarters holds a use for this sale."""
        with self.sides.scale_unit(HEADQUARTERS_URL=self.url):
            return self.hold(sale).held

    def used_elsewhere(self, times: int = 1, customer: str = "") -> None:
        """Open sales of another store hold uses."""
        for _ in range(times):
            CouponHold.objects.create(
                code="WELCOME",
                sale=uuid4(),
                store=self.far,
                customer_account=customer,
                held_at=timezone.now(),
            )


@pytest.fixture
def world(shop: Company, sides: Sides, headquarters_url: str) -> World:
    return World(sides, shop.database, headquarters_url)


def test_a_use_elsewhere_counts_before_its_sale_has_come_up(world: World) -> None:
    world.limit(limit=2)
    world.used_elsewhere()
    assert world.run(ProductSale(code="85123A"), AddCoupon(code="welcome")).discount == Decimal("0.30")
    world.run(Pay(method="cash"))
    with pytest.raises(
        CouponUsedUp, match="uses: 2, with those that open sales hold"
    ):  # nor has this one come up
        world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    world.sales_come_up()
    with pytest.raises(CouponUsedUp, match="uses: 2"):  # and is not counted twice when it has
        world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    with world.sides.scale_unit():
        assert SalesLine.objects.count() == 1  # a refusal changes nothing


def test_a_sale_given_up_gives_its_use_back(world: World) -> None:
    world.limit(limit=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    assert not world.ask(uuid4())
    world.run(VoidSale(), worker=world.till.manager)
    world.sales_come_up()
    assert world.ask(uuid4())


def test_a_coupon_taken_off_gives_its_use_back_at_once(world: World) -> None:
    world.limit(limit=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    assert CouponHold.objects.count() == 1
    world.run(RemoveCoupon(code="WELCOME"))
    assert CouponHold.objects.count() == 0
    assert world.run(Undo()).discount == Decimal("0.30") and CouponHold.objects.count() == 1  # held anew
    world.run(RemoveCoupon(code="WELCOME"))
    other = uuid4()
    assert world.ask(other)
    with pytest.raises(CouponUsedUp):  # somebody else has the last one by now
        world.run(Undo())
    assert CouponHold.objects.get().sale == other


def test_a_coupon_that_is_undone_gives_its_use_back(world: World) -> None:
    world.limit(limit=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    assert world.run(Undo()).discount == 0 and CouponHold.objects.count() == 0


def test_a_coupon_is_taken_off_without_headquarters_too(world: World) -> None:
    world.limit(limit=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    assert world.run(RemoveCoupon(code="WELCOME"), url=f"http://127.0.0.1:{free_port()}").discount == 0
    assert CouponHold.objects.count() == 1  # until the sale's record has come up


def test_a_sale_held_and_recalled_keeps_its_use(world: World) -> None:
    world.limit(limit=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    world.run(Suspend())
    with world.sides.scale_unit():
        waiting = SuspendedCart.objects.get().pk
    assert not world.ask(uuid4())
    assert world.run(Recall(suspended=waiting)).discount == Decimal("0.30")
    world.run(Pay(method="cash"))
    world.sales_come_up()
    assert CouponHold.objects.get().sale == RetailTransaction.objects.get(kind="sale").pk


def test_a_sale_that_is_not_heard_of_for_days_gives_its_use_back(world: World) -> None:
    world.limit(limit=1)
    world.used_elsewhere()
    CouponHold.objects.update(held_at=timezone.now() - HELD_FOR)
    assert world.ask(uuid4())
    assert CouponHold.objects.count() == 1


def test_a_customers_uses_in_other_stores_count_when_the_customer_is_named_later(world: World) -> None:
    world.limit(limit_per_customer=1)
    world.used_elsewhere(customer="C1")
    assert world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME")).discount == 0
    assert not CouponHold.objects.exclude(customer_account="C1").exists()  # nobody was asked about
    assert world.run(SetCustomer(account="C1")).discount == 0
    assert world.run(SetCustomer(account="C2")).discount == Decimal("0.30")
    world.run(VoidSale(), worker=world.till.manager)
    with pytest.raises(CouponUsedUp, match="by this customer"):
        world.run(SetCustomer(account="C1"), ProductSale(code="85123A"), AddCoupon(code="WELCOME"))


def test_a_customer_taken_off_the_sale_gives_the_use_back_at_once(world: World) -> None:
    world.limit(limit_per_customer=1)
    held = lambda: [hold.customer_account for hold in CouponHold.objects.all()]  # noqa: E731
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"), SetCustomer(account="C1"))
    assert held() == ["C1"]
    assert world.run(SetCustomer()).discount == 0 and held() == []
    assert world.run(Undo()).discount == Decimal("0.30") and held() == ["C1"]  # named again, held again
    assert world.run(Undo()).discount == 0 and held() == []
    world.run(SetCustomer(account="C1"))
    world.run(SetCustomer())
    world.used_elsewhere(customer="C1")
    answer = world.run(
        Undo()
    )  # the use has gone to another sale: the customer comes back, the discount does not
    assert answer.discount == 0 and "gives nothing: it has been used" in answer.notice.text
    assert (answer.customer_account, held()) == ("C1", ["C1"])


def test_a_customer_that_is_refused_while_paying_takes_no_use(world: World) -> None:
    world.limit(limit_per_customer=1)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"), SetCustomer(account="C1"))
    world.run(Pay(method="cash", amount=Decimal("1.00")))
    with pytest.raises(TendersTaken):
        world.run(SetCustomer(account="C2"))
    assert CouponHold.objects.get().customer_account == "C1"


def test_the_last_use_goes_to_one_of_many_tills(world: World) -> None:
    world.limit(limit=3)
    with world.sides.scale_unit(HEADQUARTERS_URL=world.url), ThreadPoolExecutor(8) as tills:
        answers = list(tills.map(world.hold, [uuid4() for _ in range(16)]))
    assert sum(answer.held for answer in answers) == CouponHold.objects.count() == 3
    again = CouponHold.objects.first()
    assert world.ask(again.sale)  # the same sale may ask again


def test_without_headquarters_a_manager_decides_and_what_is_known_here_counts(world: World) -> None:
    world.limit(limit=1)
    nobody = f"http://127.0.0.1:{free_port()}"
    world.run(ProductSale(code="85123A"), url=nobody)
    with pytest.raises(ApprovalNeeded, match="headquarters cannot tell right now, needs a manager"):
        world.run(AddCoupon(code="WELCOME"), url=nobody)
    answer = world.run(AddCoupon(code="WELCOME"), url=nobody, approved=True)
    assert answer.discount == Decimal("0.30") and "only the uses of WELCOME" in answer.notice.text
    world.run(Pay(method="cash"), url=nobody)
    with pytest.raises(CouponUsedUp):
        world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"), url=nobody, approved=True)


def test_headquarters_answers_only_for_what_it_knows(world: World) -> None:
    world.limit(limit=1)
    with world.sides.scale_unit(HEADQUARTERS_URL=world.url), pytest.raises(CouponNotHere):
        world.hold(uuid4(), store=world.far.pk)
    DiscountCoupon.objects.all().delete()
    with pytest.raises(CouponNotHere):
        world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    revoked = world.sides.scale_unit(HEADQUARTERS_URL=world.url, EXCHANGE_CREDENTIAL="revoked")
    with revoked, pytest.raises(Unavailable):
        world.hold(uuid4())


def test_only_a_limit_over_all_stores_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    post = httpx.post
    monkeypatch.setattr(httpx, "post", lambda url, **more: asked.append(url) or post(url, **more))
    world.limit(limit_per_channel=5, limit_per_customer=5)
    world.run(ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    world.run(ProductSale(code="MILK"), SetCustomer(account=""), Pay(method="cash"))
    assert asked == []
    world.run(SetCustomer(account="C1"), ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    world.run(ProductSale(code="MILK"), Pay(method="cash"))
    assert len(asked) == 1


def test_headquarters_shows_the_uses(world: World) -> None:
    world.limit(limit=5)
    world.used_elsewhere()
    world.run(SetCustomer(account="C7"), ProductSale(code="85123A"), AddCoupon(code="WELCOME"))
    world.run(Pay(method="cash"))
    world.sales_come_up()
    client = Client()
    client.force_login(a_user())
    listed = client.get(reverse("admin:pricing_discountcoupon_changelist")).text
    assert "1 of 5" in listed and "1 held" in listed
    page = client.get(
        reverse("admin:pricing_discountcoupon_change", args=[DiscountCoupon.objects.get().pk])
    ).text
    sale = RetailTransaction.objects.get(kind="sale")
    assert sale.receipt_number in page and "C7" in page and "0.30" in page and world.far.name in page
