"""Goods that are sold by more than one unit: a price of its own for each, stock in the product's own."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from catalog.models import ProductUnit, Unit
from channels_app.roles import applying_package
from inventory.models import StockMovement
from pos.cart.errors import BadQuantity
from pos.errors import NoPriceForUnit, UnknownUnit
from pos.models import RetailTransaction
from pos.operations.lines import PriceOverride
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay, Undo
from pos.operations.unit import SetUnit
from pos.services.journal import document_of
from pricing.models import (
    ChargeCode,
    ChargeGoods,
    ChargeRule,
    ChargeTier,
    ItemTaxGroupCode,
    SalesTaxGroupCode,
    TaxCode,
    TaxRate,
    TradeAgreement,
)
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(scale_unit: Any) -> Shop:
    shop = a_shop()
    milk = shop.products["MILK"]
    with applying_package():
        for code, name, factor in (("case", "Case", 12), ("pallet", "Pallet", 480)):
            unit = Unit.objects.create(code=code, name=name)
            ProductUnit.objects.create(product=milk, unit=unit, factor=factor)
        TradeAgreement.objects.create(product=milk, unit_id="case", currency_id="GBP", amount=D("18.00"))
    new_data_version()
    return shop


def test_a_case_costs_what_a_case_costs(shop: Shop) -> None:
    answer = shop.run(ProductSale(code="MILK", quantity=D(2)))
    assert (answer.total, answer.lines[0].units) == (D("3.30"), ("pcs", "case", "pallet"))
    case = shop.run(SetUnit(line="1", unit="CASE"))
    assert (case.total, case.lines[0].unit, case.lines[0].quantity) == (D("36.00"), "case", D(2))
    one = shop.run(SetUnit(line="1", unit="case", quantity=D(1)))
    assert one.total == D("18.00")
    assert shop.run(Undo(), Undo()).total == D("3.30")


def test_deposits_and_duties_are_counted_by_the_pieces_in_a_case(shop: Shop) -> None:
    milk = shop.products["MILK"]
    with applying_package():
        bottle = ChargeCode.objects.create(code="BOTTLE", name="Bottle")
        rule = ChargeRule.objects.create(
            charge=bottle, name="Bottle", is_active=True, currency_id="GBP", level="line", way="per_unit"
        )
        ChargeTier.objects.create(rule=rule, least=0, value=D("0.15"))
        ChargeGoods.objects.create(rule=rule, product=milk)
        duty = TaxCode.objects.create(code="DUTY", name="Duty", kind="fixed_per_unit")
        TaxRate.objects.create(tax_code=duty, percent=D("0.05"))
        SalesTaxGroupCode.objects.create(group=shop.store.sales_tax_group, tax_code=duty)
        ItemTaxGroupCode.objects.create(group=milk.item_tax_group, tax_code=duty)
    new_data_version()
    pieces = shop.run(ProductSale(code="MILK", quantity=D(24)))
    assert (pieces.charged, pieces.tax) == (D("3.60"), D("1.20"))
    cases = shop.run(SetUnit(line="1", unit="case", quantity=D(2)))
    assert (cases.charged, cases.tax, cases.total) == (D("3.60"), D("1.20"), D("39.60"))
    beside = shop.run(ProductSale(code="MILK"))
    assert (beside.charged, beside.tax) == (D("3.75"), D("1.25"))
    assert shop.run(SetUnit(line="1", unit="pcs", quantity=D(24))).charged == D("3.75")
    shop.run(SetUnit(line="1", unit="case", quantity=D(2)))
    sale = shop.run(Pay(method="card")).sale
    one = (ReturnedLine(line=1, quantity=D(1)),)
    back = shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=one), approved=True)
    assert (back.charged, back.tax, back.total) == (D("-1.80"), D("-0.60"), D("-19.80"))


def test_pieces_are_not_added_to_a_case(shop: Shop) -> None:
    shop.run(ProductSale(code="MILK"), SetUnit(line="1", unit="case"))
    answer = shop.run(ProductSale(code="MILK"))
    assert [(line.unit, line.amount) for line in answer.lines] == [("case", D("18.00")), ("pcs", D("1.65"))]


def test_stock_moves_in_the_products_own_unit_there_and_back(shop: Shop) -> None:
    shop.run(ProductSale(code="MILK", quantity=D(2)), SetUnit(line="1", unit="case"))
    sale = shop.run(Pay(method="card")).sale
    one = (ReturnedLine(line=1, quantity=D(1)),)
    back = shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=one), approved=True)
    assert (back.total, back.lines[0].unit, back.lines[0].units) == (D("-18.00"), "case", ())
    shop.run(Pay(method="card"))
    moved = StockMovement.objects.order_by("moved_at").values_list("quantity", "unit")
    assert list(moved) == [(D(-24), "pcs"), (D(12), "pcs")]
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    (line,) = document_of(shop.till().register, record.pk).lines
    assert (line.unit, line.quantity, line.unit_factor) == ("case", D(-1), D(12))


def test_a_price_by_hand_was_for_the_unit_before(shop: Shop) -> None:
    shop.run(ProductSale(code="MILK"), PriceOverride(line="1", price=D(1), reason="Dented"), approved=True)
    assert shop.run(SetUnit(line="1", unit="case")).total == D("18.00")


@pytest.mark.parametrize(
    ("command", "error", "field"),
    [
        (SetUnit(line="1", unit="barrel"), UnknownUnit, "unit"),
        (SetUnit(line="1", unit="pallet"), NoPriceForUnit, "unit"),
        (SetUnit(line="1", unit="case", quantity=D("0.5")), BadQuantity, "quantity"),
        (SetUnit(line="2", unit="case"), UnknownUnit, "unit"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    shop: Shop, command: Any, error: type[Exception], field: str
) -> None:
    before = shop.run(ProductSale(code="MILK"), ProductSale(code="85123A"))
    with pytest.raises(error) as refused:
        shop.run(command)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert shop.till().cart.version == before.version


def test_the_line_leads_to_its_units(shop: Shop) -> None:
    till = TillClient(shop)
    assert "per pcs" in till.scan("MILK").content.decode()
    assert "/cart/do/set_unit/" not in till.scan("22961").content.decode()
    sheet = till.get("/cart/do/set_unit/", {"line": "1"}).content.decode()
    assert "Case of 12" in sheet and "Pieces" in sheet
    assert "18.00" in till.do("set_unit", line="1", unit="case").content.decode().replace("<", " ")
    refused = till.do("set_unit", line="1", unit="pallet", sheet="1")
    assert refused.status_code == 422 and "has no price by pallet" in refused.content.decode()
