"""Random commands, sensible and nonsense, through the one door by which a cart changes; what must hold always holds."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from channels_app.errors import DomainError
from channels_app.roles import applying_package
from hardware.agent.document import read_document
from hardware.models import DeviceJob
from hq.models import Register
from pos.cart.snapshot import Snapshot, snapshot
from pos.models import AnsweredRequest, RetailTransaction, SalesLine, StoredCart, SuspendedCart, TenderLine
from pos.operations import Command
from pos.operations.lines import LineComment, LineDiscount, PriceOverride, SetQuantity, VoidLine
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine, ReturnProduct
from pos.operations.sale import Pay, SetCustomer, TotalDiscount, Undo, VoidSale, VoidTender
from pos.operations.suspend import Recall, Suspend
from pos.services.journal import verify_chain
from pos.services.session import ensure_standing
from shifts.models import ShiftTotal
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("scale_unit"),
    pytest.mark.timeout(600),
]
ZERO = Decimal(0)
EXAMPLES, STEPS = int(os.environ.get("CART_EXAMPLES", 20)), 25

codes = st.sampled_from(["85123A", "22961", "MILK", "BANANA", "KEYED", "5010000000000", "5000128104517"])
nonsense = st.one_of(
    st.text(max_size=40), st.sampled_from(["", " ", "%", "' OR 1=1", "٣", "\x1d01", "0" * 60, "𝔘", "none"])
)
figures = st.one_of(
    st.integers(1, 12).map(Decimal),
    st.decimals(min_value=0, max_value=50, places=2),
    st.decimals(min_value=-5, max_value=5, places=3),
    st.sampled_from([Decimal("9999"), Decimal("9999999.99")]),
    st.sampled_from(
        [Decimal(text) for text in ("0", "-1", "1E+30", "1E-30", "NaN", "sNaN", "Infinity", "-Infinity")]
    ),
)
maybe = st.one_of(st.none(), figures)
lines = st.one_of(st.integers(1, 6).map(str), nonsense)


def changes_to_lines() -> st.SearchStrategy[Command]:
    """What a cashier can do to the lines and the head of a sale, and take back again."""
    return st.one_of(
        st.builds(ProductSale, code=codes, quantity=maybe, price=maybe),
        st.builds(ProductSale, code=codes),
        st.builds(ProductSale, code=nonsense, quantity=maybe),
        st.builds(ReturnProduct, code=codes, quantity=maybe, price=maybe, reason=nonsense),
        st.builds(SetQuantity, line=lines, quantity=figures),
        st.builds(VoidLine, line=lines, reason=nonsense),
        st.builds(PriceOverride, line=lines, price=figures, reason=nonsense),
        st.builds(LineDiscount, line=lines, percent=maybe, amount=maybe, reason=nonsense),
        st.builds(TotalDiscount, percent=maybe, amount=maybe, reason=nonsense),
        st.builds(LineComment, line=lines, comment=nonsense),
        st.builds(SetCustomer, account=nonsense, name=nonsense),
    )


def other_commands() -> st.SearchStrategy[Command]:
    """What cannot be taken back by Undo."""
    return st.one_of(
        st.builds(Undo),
        st.builds(Pay, method=st.one_of(st.sampled_from(["cash", "card"]), nonsense), amount=maybe),
        st.builds(VoidTender, tender=st.one_of(st.integers(1, 60).map("t{}".format), nonsense)),
        st.builds(VoidSale, reason=nonsense),
        st.builds(Suspend, label=nonsense),
        st.builds(Recall, suspended=st.uuids()),
        st.builds(ReturnByReceipt, receipt=nonsense),
    )


def shown(cart: Snapshot) -> tuple[Any, ...]:
    """What the cashier sees of a cart, without what counts steps."""
    return (cart.lines, cart.total, cart.tax, cart.net, cart.discount, cart.rounding, cart.taxes, cart.tenders,
            cart.customer_account, cart.customer_name)  # fmt: skip


def a_register(shop: Shop) -> Register:
    """A register more, as a package would have brought it."""
    with applying_package():
        register = Register.objects.create(
            store=shop.store, number=f"R{Register.objects.count()}", name="Till"
        )
    new_data_version()
    ensure_standing(register_id=register.pk, currency=shop.store.currency_id, at=timezone.now())
    return register


class Till(RuleBasedStateMachine):
    """One register from its first sale on."""

    shop: Shop

    @initialize()
    def start(self) -> None:
        self.register = a_register(self.shop)
        self.at = timezone.now()
        self.shop.open_shift(register=self.register)
        self.receipts: list[str] = []
        self.taken = ZERO

    # -- what is done

    @rule(command=st.one_of(changes_to_lines(), other_commands()), approved=st.booleans())
    def do(self, command: Command, approved: bool) -> None:
        self.send(command, approved=approved)

    @rule(commands=st.lists(changes_to_lines(), min_size=2, max_size=4))
    def do_several_or_none(self, commands: list[Command]) -> None:
        self.send(*commands, approved=True)

    @rule(command=changes_to_lines())
    def do_and_undo(self, command: Command) -> None:
        before = self.cart
        after = self.send(command, approved=True)
        if after is not None and after.version != before.version:
            back = self.send(Undo())
            assert back is not None and shown(back) == shown(before), command

    @precondition(lambda self: bool(self.cart.line_count))
    @rule(method=st.sampled_from(["cash", "card"]), more=st.integers(0, 20))
    def conclude(self, method: str, more: int) -> None:
        due = self.cart.due
        handed = due + more if method == "cash" and due > 0 else None
        after = self.send(Pay(method=method, amount=handed), approved=True)
        assert after is None or after.sale is not None or after.tenders

    @precondition(lambda self: bool(self.receipts))
    @rule(data=st.data(), quantity=figures)
    def bring_back(self, data: st.DataObject, quantity: Decimal) -> None:
        receipt = data.draw(st.sampled_from(self.receipts))
        wanted = data.draw(st.one_of(st.just(()), st.just((ReturnedLine(line=1, quantity=quantity),))))
        self.send(ReturnByReceipt(receipt=receipt, lines=wanted), approved=True)

    @rule()
    def take_up_what_is_held(self) -> None:
        held = SuspendedCart.objects.filter(register=self.register).first()
        if held is None or not self.cart.is_empty:
            return
        after = self.send(Recall(suspended=held.pk), approved=True)
        assert after is not None and after.total == held.total
        assert not SuspendedCart.objects.filter(pk=held.pk).exists()

    # -- what holds

    @property
    def cart(self) -> Snapshot:
        return snapshot(self.shop.till(register=self.register).cart)

    def send(self, *commands: Command, approved: bool = False) -> Snapshot | None:
        """Send commands; None when they were refused, which must have changed nothing."""
        before, standing, request = self.cart, self._stored(), uuid4()
        try:
            after = self._run(commands, request, approved)
        except DomainError as error:
            assert str(error) and error.code, error
            assert self._stored() == standing, f"{error} changed something"
            return None
        assert after.version in (before.version, before.version + 1)
        assert self._run(commands, request, approved) == after or after.version == before.version
        if after.sale is not None:
            self._check_sale(after, before, commands)
        return after

    def _run(self, commands: tuple[Command, ...], request: UUID, approved: bool) -> Snapshot:
        return self.shop.run(
            *commands, request=request, register=self.register, approved=approved, at=self.at
        )

    def _stored(self) -> tuple[Any, ...]:
        cart = StoredCart.objects.get(register=self.register)
        return (
            bytes(cart.document),
            cart.version,
            *(model.objects.count() for model in (AnsweredRequest, RetailTransaction, SuspendedCart)),
        )

    def _check_sale(self, after: Snapshot, before: Snapshot, commands: tuple[Command, ...]) -> None:
        """The journal says what the cashier saw."""
        sale = after.sale
        assert sale is not None and not after.lines and not after.tenders
        record = RetailTransaction.objects.get(pk=sale.retail_transaction)
        tenders = TenderLine.objects.filter(retail_transaction=record)
        assert record.total == sale.total == sum((tender.amount for tender in tenders), ZERO)
        assert record.item_count == sale.item_count
        if len(commands) == 1:  # the cart before was all there, but for this payment and its rounding
            assert (record.net, record.tax, record.discount) == (before.net, before.tax, before.discount)
            rows = SalesLine.objects.filter(retail_transaction=record).order_by("line")
            live = [row for row in rows if row.price_source != "voided"]
            expected = [line for line in before.lines if not line.is_voided]
            assert [(row.quantity, row.unit_price) for row in live] == [
                (x.quantity, x.unit_price) for x in expected
            ]
            assert sum((row.total for row in live), ZERO) == before.total - before.rounding
        for job in DeviceJob.objects.filter(source=str(record.pk), kind=DeviceJob.Kind.PRINT):
            read_document(job.document)
        self.receipts.append(sale.receipt_number)
        self.taken += sale.total

    @invariant()
    def figures_add_up(self) -> None:
        if not hasattr(self, "register"):
            return
        cart = self.cart
        live = [line for line in cart.lines if not line.is_voided]
        assert cart.total == cart.net + cart.tax + cart.rounding
        lines_total = sum((line.amount for line in live), ZERO)
        assert lines_total == (cart.total - cart.rounding if self.shop.store.prices_include_tax else cart.net)
        assert cart.paid + cart.due == cart.total
        assert cart.paid == sum((tender.amount for tender in cart.tenders), ZERO)
        assert sum((tax.amount for tax in cart.taxes), ZERO) == cart.tax
        for line in live:
            assert line.amount == line.gross - line.discount and line.unit_price >= 0
            assert abs(line.discount) <= abs(line.gross)

    def teardown(self) -> None:
        if not hasattr(self, "register"):
            return
        list(verify_chain(self.register.pk))
        till = self.shop.till(register=self.register)
        totals = ShiftTotal.objects.filter(shift=till.standing.shift).values_list("amount", flat=True)
        assert sum(totals, ZERO) == self.taken
        assert till.standing.receipt == len(self.receipts)


@pytest.mark.parametrize("prices_include_tax", [True, False])
def test_whatever_is_asked_of_a_till(prices_include_tax: bool) -> None:
    class ThisTill(Till):
        shop = a_shop(with_shift=False, prices_include_tax=prices_include_tax)

    run_state_machine_as_test(
        ThisTill,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=(Phase.generate,) if os.environ.get("NOSHRINK") else (Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
