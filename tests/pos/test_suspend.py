"""Holding a sale and taking it up again."""

from decimal import Decimal

import pytest

from channels_app.roles import applying_package
from pos.errors import CartNotEmpty, SuspendedGone
from pos.models import SuspendedCart
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.operations.suspend import Recall, Suspend
from pricing.models import TradeAgreement
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    shop = a_shop(registers=2)
    shop.open_shift(register=second(shop))
    return shop


def second(shop: Shop):
    return shop.store.registers.exclude(pk=shop.register.pk).get()


def test_a_held_sale_is_recalled_at_another_register_once(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
    assert shop.run(Suspend(label="Lady with the red hat")).is_empty
    held = SuspendedCart.objects.get()
    assert (held.label, held.total, held.line_count) == ("Lady with the red hat", Decimal("5.90"), 1)
    answer = shop.run(Recall(suspended=held.pk), register=second(shop))
    assert answer.total == Decimal("5.90")
    assert shop.run(Pay(method="cash"), register=second(shop)).sale.receipt_number == "01-2-1-000001"
    with pytest.raises(SuspendedGone):
        shop.run(Recall(suspended=held.pk))


def test_a_sale_is_not_recalled_over_another(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    shop.run(Suspend())
    shop.run(ProductSale(code="MILK"))
    with pytest.raises(CartNotEmpty):
        shop.run(Recall(suspended=SuspendedCart.objects.get().pk))
    assert SuspendedCart.objects.count() == 1 and len(shop.till().cart.lines) == 1


def test_a_recalled_sale_says_that_it_has_another_total_than_it_was_held_with(shop: Shop) -> None:
    for price, words in (
        ("2.95", "The sale is back in the cart."),
        (
            "2.50",
            "The sale is back in the cart. With today's prices and taxes its total is £5.00, it was £5.90.",
        ),
    ):
        shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
        shop.run(Suspend())
        with applying_package():
            TradeAgreement.objects.filter(product=shop.products["85123A"]).update(amount=price)
        new_data_version()
        answer = shop.run(Recall(suspended=SuspendedCart.objects.get().pk))
        assert answer.notice is not None and answer.notice.text == words
        shop.run(Pay(method="cash"))
