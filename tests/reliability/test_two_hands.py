"""Two hands where two hands can meet: one effect, or one clear refusal. Twins without the guard show the race."""

from __future__ import annotations

import random
import threading
from collections import Counter
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import IntegrityError

from channels_app.roles import applying_package
from channels_app.statements import run_statement
from hq.models import Register
from pos.errors import CouponUsedUp, NothingLeftToReturn, RequestReused, SuspendedGone
from pos.models import (
    AnsweredRequest,
    RetailTransaction,
    ReturnedQuantity,
    SalesLine,
    SignOn,
    StoredCart,
    SuspendedCart,
)
from pos.operations import coupon, suspend
from pos.operations.coupon import AddCoupon
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay
from pos.services import run_command as door
from pos.services import writing
from pos.services.journal import verify_chain
from pos.services.run_command import run_command
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from pricing.models import Discount, DiscountCoupon, DiscountLine
from pricing.services.discounts import enable_discount
from shifts.errors import ShiftAlreadyOpen
from shifts.models import Shift
from tests.reliability.hands import answers, refusals, together
from tests.scenarios.live import until
from tests.scenarios.store import PIN, Shop, a_shop, new_data_version

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("scale_unit"),
    pytest.mark.concurrency,
    pytest.mark.timeout(300),
]
HANDS = 6


@pytest.fixture
def shop() -> Shop:
    shop = a_shop(registers=2, with_shift=False)
    for register in shop.store.registers.all():
        shop.open_shift(register=register)
    return shop


def sales() -> int:
    return RetailTransaction.objects.filter(kind="sale").count()


# -- the same request, several times, out of order, from several tabs


def test_the_same_scan_from_several_tabs_is_one_line(shop: Shop) -> None:
    request = uuid4()
    got = together(*[lambda: shop.run(ProductSale(code="85123A"), request=request)] * HANDS)
    assert not refusals(got) and all(answer == got[0] for answer in got)
    assert len(shop.till().cart.lines) == 1


def test_the_same_payment_from_several_tabs_is_one_sale(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    request = uuid4()
    got = together(*[lambda: shop.run(Pay(method="cash"), request=request)] * HANDS)
    assert not refusals(got) and len({answer.sale.receipt_number for answer in got}) == 1
    assert sales() == 1


def test_requests_three_times_each_and_out_of_order(shop: Shop) -> None:
    """Ten scans, each sent three times in any order by three tabs: ten lines, and each request has one answer."""
    requests = [uuid4() for _ in range(10)]
    sent = requests * 3
    random.Random(7).shuffle(sent)

    def tab(share: list[Any]) -> list[tuple[Any, Any]]:
        return [(request, shop.run(ProductSale(code="22961"), request=request)) for request in share]

    got = together(*[lambda share=sent[index::3]: tab(share) for index in range(3)])
    assert not refusals(got)
    by_request: dict[Any, list[Any]] = {}
    for request, answer in (pair for pairs in got for pair in pairs):
        by_request.setdefault(request, []).append(answer)
    assert all(all(answer == found[0] for answer in found) for found in by_request.values())
    assert len(shop.till().cart.lines) == 10


def test_a_late_copy_of_an_old_request_changes_nothing(shop: Shop) -> None:
    scan, pay = uuid4(), uuid4()
    first = shop.run(ProductSale(code="85123A"), request=scan)
    done = shop.run(Pay(method="cash"), request=pay)
    shop.run(ProductSale(code="MILK"))
    before = StoredCart.objects.get(register=shop.register).version
    assert shop.run(ProductSale(code="85123A"), request=scan) == first
    assert shop.run(Pay(method="cash"), request=pay) == done
    assert StoredCart.objects.get(register=shop.register).version == before and sales() == 1


def test_one_id_for_two_different_requests_is_refused(shop: Shop) -> None:
    request = uuid4()
    got = together(
        lambda: shop.run(ProductSale(code="85123A"), request=request),
        lambda: shop.run(ProductSale(code="MILK"), request=request),
    )
    assert [type(refusal) for refusal in refusals(got)] == [RequestReused]
    assert len(shop.till().cart.lines) == 1


def test_without_the_kept_answer_a_repeat_sells_twice(shop: Shop) -> None:
    """The twin: the till forgets which requests it has answered."""
    request = uuid4()
    shop.run(ProductSale(code="85123A"), request=request)
    till = shop.till(request=None)
    assert till.answered is None
    run_command(till=till, request_id=uuid4(), commands=[ProductSale(code="85123A")])
    assert len(shop.till().cart.lines) == 2


# -- two hands on one register


def test_every_scan_of_two_hands_is_in_the_cart(shop: Shop) -> None:
    def hand() -> int:
        return len([shop.run(ProductSale(code="22961")) for _ in range(8)])

    got = together(*[hand] * 3)
    assert not refusals(got)
    assert len(shop.till().cart.lines) == 24


def test_who_was_too_slow_once_is_not_overtaken_again(shop: Shop) -> None:
    """However many hands there are, a step is made twice at most: the second time the cart is held."""
    tries: Counter[Any] = Counter()
    once = door._once

    def counted(till: Any, request: Any, *rest: Any) -> Any:
        tries[request] += 1
        return once(till, request, *rest)

    def hand() -> int:
        return len([shop.run(ProductSale(code="22961")) for _ in range(4)])

    with patch.object(door, "_once", counted):
        got = together(*[hand] * HANDS)
    assert not refusals(got) and len(shop.till().cart.lines) == 4 * HANDS
    assert len(tries) == 4 * HANDS and max(tries.values()) <= 2


def test_without_the_version_the_last_hand_wins_and_lines_are_lost(shop: Shop) -> None:
    """The twin: the cart is written whatever its version is by now."""
    unguarded = writing._HELD.replace(" AND version = %(version)s", " AND %(version)s >= 0")
    till = [shop.till(), shop.till()]
    writing._statement.cache_clear()
    with patch.object(writing, "_HELD", unguarded):
        for found in till:
            run_command(till=found, request_id=uuid4(), commands=[ProductSale(code="22961")])
    writing._statement.cache_clear()
    assert len(shop.till().cart.lines) == 1


def test_two_different_payments_at_once_are_one_sale(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    got = together(*[lambda: shop.run(Pay(method="cash"), request=uuid4())] * 4)
    assert len(answers(got)) == 1 and sales() == 1
    assert {refusal.code for refusal in refusals(got)} == {"nothing_to_pay"}
    assert len(list(verify_chain(shop.register.pk))) == 2


def test_two_hands_open_one_shift() -> None:
    shop = a_shop(with_shift=False)
    got = together(*[lambda: shop.open_shift("50.00")] * 4)
    assert {type(refusal) for refusal in refusals(got)} == {ShiftAlreadyOpen} and len(refusals(got)) == 3
    assert Shift.objects.count() == 1 and shop.till().standing.shift is not None


# -- two registers and one thing of the store


def test_two_registers_recall_one_sale(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    shop.run(suspend.Suspend())
    held = SuspendedCart.objects.get()
    registers = list(shop.store.registers.all())
    got = together(
        *[
            lambda r=register: shop.run(suspend.Recall(suspended=held.pk), register=r)
            for register in registers
        ]
    )
    assert [type(refusal) for refusal in refusals(got)] == [SuspendedGone]
    assert sorted(len(shop.till(register=register).cart.lines) for register in registers) == [0, 1]
    assert (
        not SuspendedCart.objects.exists()
        and AnsweredRequest.objects.filter(outcome__contains="recalled").count() == 1
    )


def test_without_the_claim_two_registers_have_the_sale(shop: Shop) -> None:
    """The twin: recalling does not hang on having removed the row. Both look before either removes."""
    shop.run(ProductSale(code="85123A"))
    shop.run(suspend.Suspend())
    held = SuspendedCart.objects.get()

    def unclaimed(**options: Any) -> writing.Write:
        return writing.Write(**{**options, "must_write": False})

    got = []
    with patch.object(suspend, "Write", unclaimed):
        for register in shop.store.registers.all():
            row = SuspendedCart.objects.filter(pk=held.pk)
            got.append(shop.run(suspend.Recall(suspended=held.pk), register=register))
            if not row.exists():
                held.save(force_insert=True)  # what the second one saw before the first removed it
    assert [len(answer.lines) for answer in got] == [1, 1]


def _two_sales_and_a_coupon_for_one(shop: Shop) -> tuple[Register, Register]:
    with applying_package():
        offer = Discount.objects.create(
            code="ONCE", name="Once", kind="simple", method="percent_off", value=10, coupon_required=True
        )
        DiscountLine.objects.create(discount=offer, product=shop.products["85123A"])
        DiscountCoupon.objects.create(discount=offer, code="ONCE", limit_per_channel=1)
        enable_discount(offer.pk)
    new_data_version()
    first, second = shop.store.registers.order_by("number")
    for register in (first, second):
        shop.run(ProductSale(code="85123A"), register=register)
    return first, second


def _both_add_the_last_coupon(shop: Shop) -> list[Any]:
    """What two tills get: the second adds it while the first has counted and not written, or waits for its turn."""
    first, second = _two_sales_and_a_coupon_for_one(shop)
    got: list[Any] = []
    other = threading.Thread(
        target=lambda: got.extend(together(lambda: shop.run(AddCoupon(code="ONCE"), register=second)))
    )
    count = coupon.open_in_store

    def count_and_let_the_other_in(*asked: Any, **more: Any) -> int:
        found = count(*asked, **more)
        if other.ident is None:
            other.start()
            until(lambda: not other.is_alive() or _somebody_waits())
        return found

    with patch.object(coupon, "open_in_store", count_and_let_the_other_in):
        got += together(lambda: shop.run(AddCoupon(code="ONCE"), register=first))
        other.join(60)
    return got


def _somebody_waits() -> bool:
    waiting = """SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                  WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()"""
    return bool(run_statement(waiting, {}))


def test_two_registers_add_the_last_use_of_a_coupon(shop: Shop) -> None:
    got = _both_add_the_last_coupon(shop)
    assert [type(refusal) for refusal in refusals(got)] == [CouponUsedUp]
    assert [answer.discount for answer in answers(got)] == [Decimal("0.30")]


def test_without_a_turn_both_registers_have_the_last_use(shop: Shop) -> None:
    """The twin: both count what is on the store's sales before either has written."""
    with patch.object(coupon, "alone_in_store", lambda store: None):
        got = _both_add_the_last_coupon(shop)
    assert [answer.discount for answer in got] == [Decimal("0.30")] * 2


def test_a_coupon_whose_sale_is_paid_while_it_is_counted_is_used(shop: Shop) -> None:
    first, second = _two_sales_and_a_coupon_for_one(shop)
    shop.run(AddCoupon(code="ONCE"), register=first)
    count, paid = coupon.coupon_usage, []

    def count_and_let_the_other_pay(*asked: Any, **more: Any) -> Any:
        found = count(*asked, **more)
        if not paid:
            paid.extend(together(lambda: shop.run(Pay(method="cash"), register=first)))
        return found

    with patch.object(coupon, "coupon_usage", count_and_let_the_other_pay):
        got = together(lambda: shop.run(AddCoupon(code="ONCE"), register=second))
    assert [answer.sale.total for answer in paid] == [Decimal("2.65")]
    assert [type(refusal) for refusal in refusals(got)] == [CouponUsedUp]


def _sold(shop: Shop, quantity: int) -> str:
    shop.run(ProductSale(code="85123A", quantity=Decimal(quantity)))
    return shop.run(Pay(method="cash")).sale.receipt_number


def _bring_back(shop: Shop, receipt: str, quantity: int, register: Register) -> None:
    wanted = (ReturnedLine(line=1, quantity=Decimal(quantity)),)
    shop.run(ReturnByReceipt(receipt=receipt, lines=wanted), register=register, worker=shop.manager)


def test_two_registers_take_back_one_line(shop: Shop) -> None:
    receipt = _sold(shop, 1)
    registers = list(shop.store.registers.all())
    for register in registers:
        _bring_back(shop, receipt, 1, register)
    got = together(*[lambda r=register: shop.run(Pay(method="cash"), register=r) for register in registers])
    assert [type(refusal) for refusal in refusals(got)] == [NothingLeftToReturn]
    assert sum(SalesLine.objects.values_list("quantity", flat=True)) == 0
    assert ReturnedQuantity.objects.get().quantity == 1 and sales() == 2


def test_two_registers_take_back_their_shares(shop: Shop) -> None:
    """There is enough for both: neither is refused."""
    receipt = _sold(shop, 5)
    registers = list(shop.store.registers.all())
    for register, share in zip(registers, (2, 3), strict=True):
        _bring_back(shop, receipt, share, register)
    got = together(*[lambda r=register: shop.run(Pay(method="cash"), register=r) for register in registers])
    assert not refusals(got) and ReturnedQuantity.objects.get().quantity == 5


def test_without_the_claim_one_unit_comes_back_twice(shop: Shop) -> None:
    """The twin: concluding a return claims nothing."""
    receipt = _sold(shop, 1)
    registers = list(shop.store.registers.all())
    for register in registers:
        _bring_back(shop, receipt, 1, register)
    with patch.object(door, "claim_returns", lambda cart: ()):
        for register in registers:
            shop.run(Pay(method="cash"), register=register)
    assert sum(SalesLine.objects.values_list("quantity", flat=True)) == -1


# -- signing on


def _device(shop: Shop) -> str:
    return activate_by_manager(
        register_number=shop.register.number, staff_id=shop.manager.staff_id, pin=PIN, description="test"
    )


def test_one_worker_is_signed_on_whoever_else_signs_on(shop: Shop) -> None:
    device = _device(shop)
    people = [shop.cashier.staff_id, shop.manager.staff_id] * 3
    got = together(
        *[
            lambda who=who: sign_on(till=till_by_tokens(device=device), staff_id=who, pin=PIN)
            for who in people
        ]
    )
    assert not refusals(got)
    signed_on = [token for token in got if till_by_tokens(device=device, worker=token).worker is not None]
    assert len(signed_on) == 1 and SignOn.objects.filter(ended_at=None).count() == 1


def test_the_database_refuses_two_at_one_device(shop: Shop) -> None:
    """The twin: even without the lock of the device, two sign-ons cannot stand."""
    device = _device(shop)
    sign_on(till=till_by_tokens(device=device), staff_id=shop.cashier.staff_id, pin=PIN)
    known = SignOn.objects.get(ended_at=None)
    known.pk, known.token_hash = uuid4(), "another"
    with pytest.raises(IntegrityError, match="one_sign_on_per_device"):
        known.save(force_insert=True)


def test_guesses_at_once_are_all_counted(shop: Shop) -> None:
    """Ten wrong PINs in the same moment lock the ID: nobody gets more tries by being quick."""
    device = _device(shop)
    till = till_by_tokens(device=device)
    got = together(*[lambda: sign_on(till=till, staff_id=shop.cashier.staff_id, pin="0000")] * 10)
    assert len(refusals(got)) == 10 and "locked_out" in {refusal.code for refusal in refusals(got)}
    got = together(lambda: sign_on(till=till, staff_id=shop.cashier.staff_id, pin=PIN))
    assert [refusal.code for refusal in refusals(got)] == ["locked_out"]
