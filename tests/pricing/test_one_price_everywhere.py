"""The same basket costs the same at the till, over the REST API, in a replay, the simulator and the order desk."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.test import override_settings
from django.utils import timezone

from api.replay.past import PastRegister
from catalog import models as catalog
from channels_app.roles import applying_package
from config.settings.roles import role_settings
from customers.models import Affiliation, Customer
from hq import models as hq
from orders.models import Order
from orders.services.desk import Delivery, change_order, release_order, take_order
from orders.services.desk import Wanted as OrderContent
from orders.services.hand_over import call_up
from pos.cart.model import Cart
from pos.headquarters import CalledUp
from pos.operations import Command
from pos.operations.affiliation import Affiliate
from pos.operations.coupon import AddCoupon
from pos.operations.delivery import Deliver
from pos.operations.orders import CallUpOrder
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, SetCustomer, VoidSale
from pos.services.price_cart import before_payment
from pos.services.run_command import run_command
from pos.services.simulate import Asked, AskedLine, simulate
from pricing import models as pricing
from pricing.engine.model import PricedBasket
from pricing.engine.tax_codes import Destination
from pricing.services.discounts import enable_discount
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.till_client import TillClient, a_till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
BASKETS = 48
PRICES = ("0.99", "1.45", "2.95", "3.33", "4.20", "7.77", "12.50", "19.99", "0.07", "33.10")
NUMBERS = [f"ART{place}" for place in range(len(PRICES))]


@dataclass(frozen=True)
class Wanted:
    """A basket, as somebody might bring it to any of the five."""

    lines: tuple[tuple[str, D], ...]
    customer: str = ""
    coupon: str = ""
    affiliation: str = ""
    mode: str = ""
    postcode: str = ""
    paid_by: str = ""

    @property
    def commands(self) -> list[Command]:
        found: list[Command] = [ProductSale(code=code, quantity=quantity) for code, quantity in self.lines]
        if self.customer:
            found.append(SetCustomer(account=self.customer))
        if self.coupon:
            found.append(AddCoupon(code=self.coupon))
        if self.affiliation:
            found.append(Affiliate(affiliation=self.affiliation))
        if self.mode:
            found.append(Deliver(mode=self.mode, street="1 Mill Lane", postcode=self.postcode))
        return found


@dataclass
class Prices:
    """What a basket came to: per line, per charge, per tax, in all, and by the way of paying that earns something."""

    lines: list[tuple] = field(default_factory=list)
    charges: list[tuple] = field(default_factory=list)
    taxes: list[tuple] = field(default_factory=list)
    totals: tuple = ()


def of_basket(priced: PricedBasket) -> Prices:
    return Prices(
        [
            (line.quantity, line.unit_price, line.gross, line.amount, line.tax,
             [(one.name, one.amount) for one in line.discounts])
            for line in priced.lines
        ],
        [
            (one.name, one.amount, one.line is not None, [(off.name, off.amount) for off in one.discounts])
            for one in priced.charges
        ],
        [(tax.code, tax.rate, tax.base, tax.amount) for tax in priced.taxes],
        (*msgspec.structs.astuple(priced.totals)[:4], priced.totals.charges, priced.totals.total),
    )  # fmt: skip


def of_answer(cart: dict[str, Any]) -> Prices:
    def offs(found: list[dict]) -> list[tuple]:
        return [(one["name"], D(one["amount"])) for one in found]

    numbers = ("quantity", "unit_price", "gross", "amount", "tax")
    return Prices(
        [(*(D(line[name]) for name in numbers), offs(line["discounts"])) for line in cart["lines"]],
        [
            (one["name"], D(one["amount"]), bool(one["line"]), offs(one["discounts"]))
            for one in cart["charges"]
        ],
        [(tax["code"], D(tax["percent"]), D(tax["base"]), D(tax["amount"])) for tax in cart["taxes"]],
        tuple(D(cart[name]) for name in ("gross", "discount", "net", "tax", "charged", "total")),
    )


@pytest.fixture
def shop() -> Shop:
    shop = a_shop(registers=3)
    with applying_package():
        hq.FunctionalityProfile.objects.update(merge_lines=False)
        _goods(shop)
        _offers(shop)
        _beside(shop)
    new_data_version()
    return shop


def _goods(shop: Shop) -> None:
    heart, milk = shop.products["85123A"], shop.products["MILK"]
    prices = pricing.PriceGroup.objects.get(code="RETAIL")
    club = pricing.PriceGroup.objects.create(code="CLUB", name="Club", priority=5)
    for place, (number, price) in enumerate(zip(NUMBERS, PRICES, strict=True)):
        product = catalog.Product.objects.create(
            number=number, name=number, unit=heart.unit, category=heart.category,
            item_tax_group=(milk if place % 3 == 2 else heart).item_tax_group,
        )  # fmt: skip
        shop.products[number] = product
        pricing.TradeAgreement.objects.create(
            product=product, price_group=prices, unit=heart.unit, currency_id="GBP", amount=D(price)
        )
    customer = Customer.objects.create(account="C1", name="Grace")
    pricing.CustomerPriceGroup.objects.create(customer=customer, price_group=club)
    pricing.TradeAgreement.objects.create(
        product=shop.products["ART3"], price_group=club, unit=heart.unit, currency_id="GBP", amount=D("3.00")
    )
    adjustment = pricing.PriceAdjustment.objects.create(name="Down", percent=D("7.5"), is_active=True)
    pricing.PriceAdjustmentLine.objects.create(adjustment=adjustment, product=shop.products["ART6"])


def _offer(
    shop: Shop, code: str, kind: str, method: str, value: str | None, goods: list[int], **more: Any
) -> Any:
    offer = pricing.Discount.objects.create(
        code=code, name=code, kind=kind, method=method, value=D(value) if value else None, **more
    )
    for place in goods:
        pricing.DiscountLine.objects.create(
            discount=offer, product=shop.products[NUMBERS[place]],
            group="A" if kind == "mix_and_match" else "",
        )  # fmt: skip
    return offer


def _offers(shop: Shop) -> None:
    students = pricing.PriceGroup.objects.create(code="STUDENT", name="Students")
    affiliation = Affiliation.objects.create(code="STUDENT", name="Students")
    pricing.AffiliationPriceGroup.objects.create(affiliation=affiliation, price_group=students)
    simple = _offer(shop, "SIMPLE", "simple", "percent_off", "12.5", [0, 1, 2, 7])
    third = _offer(shop, "THREE", "mix_and_match", "least_expensive", "100", [1, 2, 3, 4])
    pricing.DiscountGroup.objects.create(discount=third, code="A", quantity=3)
    more = _offer(shop, "MORE", "quantity", "percent_off", None, [5, 8])
    pricing.DiscountTier.objects.create(discount=more, minimum=3, value=15)
    large = _offer(shop, "LARGE", "threshold", "amount_off", None, [6, 7, 9], currency_id="GBP")
    pricing.DiscountTier.objects.create(discount=large, minimum=40, value=5)
    coupon = _offer(
        shop, "COUPON", "simple", "amount_off", "1.10", [6, 9], currency_id="GBP", coupon_required=True
    )
    pricing.DiscountCoupon.objects.create(discount=coupon, code="SAVE")
    young = _offer(shop, "YOUNG", "simple", "percent_off", "20", [4, 5, 6], concurrency="compound")
    pricing.DiscountPriceGroup.objects.create(discount=young, price_group=students)
    freight = _offer(shop, "FREIGHT30", "shipping", "percent_off", "30", [])
    by_card = _offer(shop, "BYCARD", "tender", "percent_off", "3.3", [])
    pricing.DiscountTender.objects.create(discount=by_card, method=hq.PaymentMethod.objects.get(code="card"))
    for offer in (simple, third, more, large, coupon, young, freight, by_card):
        enable_discount(offer.pk)


def _beside(shop: Shop) -> None:
    goods = shop.products["85123A"].item_tax_group
    parcel = pricing.DeliveryMode.objects.create(code="PARCEL", name="Parcel")
    freight = pricing.ChargeCode.objects.create(
        code="FREIGHT", name="Freight", kind="shipping", item_tax_group=goods
    )
    rule = pricing.ChargeRule.objects.create(
        charge=freight,
        name="Freight",
        is_active=True,
        currency_id="GBP",
        delivery_mode=parcel,
        is_prorated=True,
    )
    pricing.ChargeTier.objects.create(rule=rule, least=0, most=D("59.99"), value=D("4.95"))
    bottle = pricing.ChargeCode.objects.create(code="BOTTLE", name="Bottle", item_tax_group=goods)
    rule = pricing.ChargeRule.objects.create(
        charge=bottle, name="Bottle", is_active=True, currency_id="GBP", level="line", way="per_unit"
    )
    pricing.ChargeTier.objects.create(rule=rule, least=0, value=D("0.15"))
    pricing.ChargeGoods.objects.create(rule=rule, product=shop.products["ART8"])
    island = hq.SalesTaxGroup.objects.create(code="ISLE", name="The island")
    low = pricing.TaxCode.objects.create(code="VAT5", name="VAT 5 %")
    pricing.TaxRate.objects.create(tax_code=low, percent=5)
    pricing.SalesTaxGroupCode.objects.create(group=island, tax_code=low)
    pricing.ItemTaxGroupCode.objects.create(group=goods, tax_code=low)
    pricing.DestinationTax.objects.create(country="GB", postcode="IM*", sales_tax_group=island)


def baskets() -> list[Wanted]:
    """Baskets of every size and circumstance; the same every time."""
    dice = random.Random("one price everywhere")
    found = []
    for _ in range(BASKETS):
        codes = dice.sample([*NUMBERS, "BANANA"], dice.randint(1, 7))
        lines = tuple(
            (
                code,
                D(dice.randint(1, 2500)) / 1000 if code == "BANANA" else D(dice.choice((1, 1, 2, 3, 4, 7))),
            )
            for code in codes
        )
        mode = dice.choice(("", "PARCEL"))
        found.append(
            Wanted(
                lines,
                customer=dice.choice(("", "C1")),
                coupon=dice.choice(("", "SAVE")),
                affiliation=dice.choice(("", "STUDENT")),
                mode=mode,
                postcode=dice.choice(("LS1 1AA", "IM1 1AA")) if mode else "",
                paid_by=dice.choice(("", "card")),
            )
        )
    return found


def at_the_till(shop: Shop, wanted: Wanted, at: Any) -> tuple[Prices, D]:
    shop.run(*wanted.commands, at=at, worker=shop.manager)
    till = shop.till()
    cart = before_payment(till.cart, till, at)
    due = due_by(cart, wanted.paid_by)
    shop.run(VoidSale(), worker=shop.manager)
    return of_basket(cart.priced), due


def due_by(cart: Cart, method: str) -> D:
    return next((one.due for one in cart.tender_prices if one.method == method), cart.due)


def over_the_api(client: TillClient, wanted: Wanted) -> tuple[Prices, D]:
    sent = [msgspec.to_builtins(command, builtin_types=()) for command in wanted.commands]
    assert client.commands(*sent).status_code == 200
    answer = client.get("cart/").json()
    offers = {one["method"]: D(one["due"]) for one in answer["tender_offers"]}
    client.commands({"operation": "void_sale"})
    return of_answer(answer), offers.get(wanted.paid_by, D(answer["due"]))


def in_a_replay(past: PastRegister, wanted: Wanted, at: Any) -> tuple[Prices, D]:
    request_id = uuid4()
    past.be_on_day(at.date(), at)
    run_command(till=past.read(request_id), request_id=request_id, commands=wanted.commands, at=at)
    cart = past.read().cart
    method = wanted.paid_by or "cash"
    request_id = uuid4()
    paid = run_command(
        till=past.read(request_id), request_id=request_id, commands=[Pay(method=method)], at=at
    )
    assert paid.sale is not None
    return of_basket(cart.priced), paid.sale.total


def in_the_simulator(shop: Shop, wanted: Wanted, at: Any) -> tuple[Prices, D]:
    asked = Asked(
        store=shop.store, at=at, lines=[AskedLine(code, quantity) for code, quantity in wanted.lines],
        customer=Customer.objects.get(account=wanted.customer) if wanted.customer else None,
        coupons=(wanted.coupon,) if wanted.coupon else (), delivery_mode=wanted.mode or None,
        sent_to=Destination(country="GB", postcode=wanted.postcode) if wanted.mode else None,
        affiliations=(wanted.affiliation,) if wanted.affiliation else (),
    )  # fmt: skip
    plain = simulate(asked).priced
    if not wanted.paid_by:
        return of_basket(plain), plain.totals.total
    paid = simulate(Asked(**{**vars(asked), "paid_by": wanted.paid_by})).priced
    return of_basket(plain), paid.totals.total


class OrderDesk:
    """The order desk as the till reaches it, without a network between them."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        with applying_package():
            self.nobody = Customer.objects.create(account="C0", name="A caller")

    def take(self, wanted: Wanted) -> Order:
        """The order of a caller who wants this, released to the store."""
        delivery = Delivery(wanted.mode, street="1 Mill Lane", postcode=wanted.postcode)
        content = OrderContent(
            lines=[AskedLine(code, quantity) for code, quantity in wanted.lines],
            coupons=(wanted.coupon,) if wanted.coupon else (),
            affiliation=wanted.affiliation,
            delivery=delivery if wanted.mode else Delivery(),
        )
        caller = Customer.objects.get(account=wanted.customer) if wanted.customer else self.nobody
        with override_settings(**role_settings("headquarters")):
            order = take_order(store=self.shop.store, customer=caller, by=None)
            order = change_order(order_id=order.pk, version=1, wanted=content, by=None)
            return release_order(order_id=order.pk, version=2, by=None)

    def call_up_order(self, **said: Any) -> CalledUp:
        with override_settings(**role_settings("headquarters")):
            return call_up(**said)


def of_order(order: Order) -> list[tuple]:
    with override_settings(**role_settings("headquarters")):
        lines = list(order.lines.all())
    return [(line.quantity, line.unit_price, line.discount, line.tax, line.total) for line in lines]


def at_the_order_desk(shop: Shop, desk: OrderDesk, wanted: Wanted) -> tuple[Prices, D]:
    order = desk.take(wanted)
    shop.run(CallUpOrder(number=order.number), worker=shop.manager)
    till = shop.till()
    cart = before_payment(till.cart, till, timezone.now())
    shop.run(VoidSale(), worker=shop.manager)
    called_up = [
        (one.quantity, one.unit_price, one.discount, one.tax, one.total) for one in cart.priced.lines
    ]
    assert (of_order(order), order.total) == (called_up, cart.total)
    return of_basket(cart.priced), due_by(cart, wanted.paid_by)


def test_five_ways_to_a_price_lead_to_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = OrderDesk(shop)
    monkeypatch.setattr("pos.operations.orders.headquarters", lambda: desk)
    registers = list(shop.store.registers.order_by("number"))
    shop.open_shift(register=registers[1])
    client = a_till(Shop(shop.store, registers[1], shop.cashier, shop.manager, shop.products))
    past = PastRegister(register_id=registers[2].pk, worker_id=shop.manager.pk)
    at = timezone.now()
    seen = {"discounts": 0, "charges": 0, "island": 0, "cheaper": 0}
    for wanted in baskets():
        till, due = at_the_till(shop, wanted, at)
        assert (till, due) == over_the_api(client, wanted), wanted
        assert (till, due) == in_a_replay(past, wanted, at), wanted
        assert (till, due) == in_the_simulator(shop, wanted, at), wanted
        assert (till, due) == at_the_order_desk(shop, desk, wanted), wanted
        seen["discounts"] += till.totals[1] > 0
        seen["charges"] += bool(till.charges)
        seen["island"] += any(code == "VAT5" for code, *_ in till.taxes)
        seen["cheaper"] += due < till.totals[-1]
    assert min(seen.values()) > 5, seen  # the baskets ask for all that there is
