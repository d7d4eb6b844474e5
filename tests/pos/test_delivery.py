"""Sales that are sent: automatic charges, shipping discounts, the taxes of the place, from the till to the return."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ItemTaxGroup
from channels_app.roles import applying_package
from customers.models import Affiliation, Customer
from hq.models import FunctionalityProfile, SalesTaxGroup
from pos.cart.errors import BadCharge, BadDelivery, TendersTaken
from pos.cart.snapshot import DiscountView
from pos.errors import ApprovalNeeded, UnknownAffiliation, UnknownCharge, UnknownDeliveryMode
from pos.journal_document import added_up
from pos.models import RetailTransaction
from pos.operations.affiliation import Affiliate
from pos.operations.charges import ChangeCharge
from pos.operations.delivery import Deliver, DeliverLine
from pos.operations.lines import VoidLine
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine
from pos.operations.sale import Pay, SetCustomer, Undo
from pos.receipts import receipt_document
from pos.services.journal import document_of
from pricing import models as pricing
from pricing.services.discounts import enable_discount
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = pytest.mark.django_db
HEART, JAM, MILK = "85123A", "22961", "MILK"
HOME = {"name": "Ada", "street": "1 Mill Lane", "city": "Leeds", "postcode": "LS1 1AA"}
BELFAST = HOME | {"city": "Belfast", "postcode": "BT1 1AA"}


@pytest.fixture
def shop(scale_unit: Any) -> Shop:
    shop = a_shop()
    with applying_package():
        pricing.DeliveryMode.objects.create(code="PARCEL", name="Parcel")
        pricing.DeliveryMode.objects.create(code="COLLECT", name="Collected", needs_address=False)
        goods = ItemTaxGroup.objects.get(code="STD")
        freight = pricing.ChargeCode.objects.create(
            code="FREIGHT", name="Delivery", kind="shipping", item_tax_group=goods
        )
        a_rule(freight, tiers=[("0", "49.99", "4.95")], mode="PARCEL")
        northern = SalesTaxGroup.objects.create(code="NI", name="Northern Ireland")
        reduced = pricing.TaxCode.objects.create(code="VAT5", name="VAT 5 %")
        pricing.TaxRate.objects.create(tax_code=reduced, percent=5)
        pricing.SalesTaxGroupCode.objects.create(group=northern, tax_code=reduced)
        pricing.ItemTaxGroupCode.objects.create(group=goods, tax_code=reduced)
        pricing.DestinationTax.objects.create(country="GB", postcode="BT*", sales_tax_group=northern)
    new_data_version()
    return shop


def a_rule(
    charge: pricing.ChargeCode, *, tiers: list[tuple[str, str | None, str]], mode: str = "", **fields: Any
) -> pricing.ChargeRule:
    rule = pricing.ChargeRule.objects.create(
        charge=charge, name=charge.name, is_active=True, currency_id="GBP",
        delivery_mode=pricing.DeliveryMode.objects.get(code=mode) if mode else None, **fields,
    )  # fmt: skip
    for least, most, value in tiers:
        pricing.ChargeTier.objects.create(
            rule=rule, least=D(least), most=D(most) if most else None, value=D(value)
        )
    return rule


def last_document(shop: Shop) -> Any:
    record = RetailTransaction.objects.filter(kind="sale").latest("sequence")
    return document_of(shop.till().register, record.pk)


def words(document: Any) -> str:
    return " | ".join(
        f"{block.get('left', block.get('text', ''))} {block.get('right', '')}".strip()
        for block in receipt_document(document)["blocks"]
    )


def test_a_sale_that_is_sent_pays_its_delivery_below_the_limit_only(shop: Shop) -> None:
    sent = shop.run(ProductSale(code=HEART), Deliver(mode="parcel", **HOME))
    assert (sent.charged, sent.total) == (D("4.95"), D("7.90"))
    assert [(one.name, one.is_manual) for one in sent.charges] == [("Delivery", False)]
    assert (sent.delivery.mode_name, sent.delivery.address) == (
        "Parcel", "Ada, 1 Mill Lane, Leeds, LS1 1AA, GB",
    )  # fmt: skip
    assert [line.delivery for line in shop.run(ProductSale(code=MILK)).lines] == ["Parcel", "Parcel"]
    assert shop.run(ProductSale(code=HEART, quantity=D(16))).charged == 0
    assert shop.run(VoidLine(line="1"), ProductSale(code=MILK)).charged == D(0)
    assert shop.run(Undo(), Undo(), Undo()).charged == D("4.95")


def test_carried_home_again_costs_nothing_and_undo_sends_it(shop: Shop) -> None:
    shop.run(ProductSale(code=HEART), ProductSale(code=JAM), Deliver(mode="PARCEL", **HOME))
    shop.run(DeliverLine(line="2"))
    home = shop.run(Deliver())
    assert (home.charged, home.delivery, [line.delivery for line in home.lines]) == (0, None, ["", ""])
    again = shop.run(Undo())
    assert (again.charged, [line.delivery for line in again.lines]) == (D("4.95"), ["Parcel", ""])


def test_one_line_goes_its_own_way(shop: Shop) -> None:
    shop.run(ProductSale(code=HEART), ProductSale(code=JAM))
    answer = shop.run(DeliverLine(line="2", mode="PARCEL", **BELFAST))
    assert [line.delivery for line in answer.lines] == ["", "Parcel"]
    assert {tax.code: tax.amount for tax in answer.taxes} == {"VAT20": D("0.49"), "VAT5": D("0.07")}
    assert answer.charged == 0  # a charge on the whole order asks how the order goes
    shop.run(DeliverLine(line="1", mode="PARCEL"))  # to the address that it has
    assert {tax.code for tax in shop.run(DeliverLine(line="1", mode="COLLECT")).taxes} == {"VAT20", "VAT5"}


def test_one_more_of_an_article_does_not_go_the_way_of_a_single_line(shop: Shop) -> None:
    with applying_package():
        FunctionalityProfile.objects.update(merge_lines=True)
    new_data_version()
    shop.run(ProductSale(code=HEART), DeliverLine(line="1", mode="PARCEL", **BELFAST))
    answer = shop.run(ProductSale(code=HEART), ProductSale(code=HEART))
    assert [(line.quantity, line.delivery) for line in answer.lines] == [(1, "Parcel"), (2, "")]


def test_goods_and_charge_pay_the_taxes_of_where_they_go(shop: Shop) -> None:
    answer = shop.run(ProductSale(code=HEART, quantity=D(10)), Deliver(mode="PARCEL", **BELFAST))
    assert [(tax.code, tax.amount) for tax in answer.taxes] == [("VAT5", D("1.40") + D("0.24"))]
    assert [(tax.code) for tax in shop.run(Deliver(mode="PARCEL", **HOME)).taxes] == ["VAT20"]


def test_a_shipping_discount_lowers_the_charge_and_says_so(shop: Shop) -> None:
    with applying_package():
        offer = pricing.Discount.objects.create(
            code="HALF", name="Half delivery", kind="shipping", method="percent_off", value=D(50)
        )
        mode = pricing.DeliveryMode.objects.get(code="PARCEL")
        pricing.DiscountDeliveryMode.objects.create(discount=offer, delivery_mode=mode)
        enable_discount(offer.pk)
    new_data_version()
    answer = shop.run(ProductSale(code=HEART), Deliver(mode="PARCEL", **HOME))
    (charge,) = answer.charges
    assert charge.amount == D("2.47") and [one.amount for one in charge.discounts] == [D("2.48")]
    shop.run(Pay(method="card"))
    document = last_document(shop)
    assert document.total == D("5.42") == sum(line.total for line in document.lines) + D("2.47")
    printed = words(document)
    assert "Delivery 4.95 | Half delivery −2.48" in printed
    assert "Parcel: Ada, 1 Mill Lane, Leeds, LS1 1AA, GB" in printed


@pytest.mark.parametrize(("refundable", "back"), [(True, "-4.95"), (False, "0")])
def test_a_charge_comes_back_if_its_rule_says_so(shop: Shop, refundable: bool, back: str) -> None:
    with applying_package():
        pricing.ChargeCode.objects.update(is_refundable=refundable)
    new_data_version()
    shop.run(ProductSale(code=HEART, quantity=D(2)), Deliver(mode="PARCEL", **HOME))
    sale = shop.run(Pay(method="card")).sale
    one = (ReturnedLine(line=1, quantity=D(1)),)
    first = shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=one), approved=True)
    assert (first.charged, first.total) == (D(back), D(back) - D("2.95"))
    shop.run(Pay(method="card"))
    rest = shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True)
    assert (rest.charged, rest.total) == (0, D("-2.95"))
    shop.run(Pay(method="card"))
    totals = sum(RetailTransaction.objects.filter(kind="sale").values_list("total", flat=True))
    assert totals == (0 if refundable else D("4.95"))


def test_a_shared_charge_looks_at_what_is_sent_and_comes_back_with_its_lines(shop: Shop) -> None:
    with applying_package():
        pricing.ChargeRule.objects.update(is_prorated=True)
    new_data_version()
    shop.run(
        ProductSale(code=HEART, quantity=D(2)), ProductSale(code=JAM), ProductSale(code=MILK, quantity=D(40))
    )
    shop.run(DeliverLine(line="1", mode="PARCEL", **HOME))
    answer = shop.run(DeliverLine(line="2", mode="PARCEL"))
    assert [charge.amount for charge in answer.charges] == [D("3.97"), D("0.98")]  # 66.00 of milk are carried
    sale = shop.run(Pay(method="card")).sale
    assert "Delivery 4.95" in words(last_document(shop))
    jam = (ReturnedLine(line=2, quantity=D(1)),)
    assert shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=jam), approved=True).charged == D(
        "-0.98"
    )


def test_an_automatic_charge_is_waived_by_name_and_comes_again(shop: Shop) -> None:
    charge = shop.run(ProductSale(code=HEART), Deliver(mode="PARCEL", **HOME)).charges[0].id
    with pytest.raises(ApprovalNeeded):
        shop.run(ChangeCharge(charge=charge, amount=D(0)))
    waived = shop.run(ChangeCharge(charge=charge, amount=D(0), reason="Late"), approved=True)
    assert (waived.charged, waived.charges[0].is_changed) == (0, True)
    assert shop.run(ProductSale(code=JAM)).charged == 0
    assert shop.run(ChangeCharge(charge=charge), approved=True).charged == D("4.95")
    shop.run(ChangeCharge(charge=charge, amount=D("2.00"), reason="Late"), approved=True)
    shop.run(Pay(method="card"))
    document = last_document(shop)
    (changed,) = document.changed_charges
    assert (changed.charge, changed.by, changed.reason) == (charge, shop.manager.staff_id, "Late")
    assert document.charges[0].amount == D("2.00")


def test_a_shared_charge_is_waived_as_a_whole_also_for_what_comes_later(shop: Shop) -> None:
    with applying_package():
        pricing.ChargeRule.objects.update(is_prorated=True)
    new_data_version()
    shop.run(ProductSale(code=HEART), ProductSale(code=JAM))
    sent = shop.run(Deliver(mode="PARCEL", **HOME))
    assert len(sent.charges) == 2 and len({charge.shared for charge in sent.charges}) == 1
    assert ">4.95<" in TillClient(shop).get("/charges/").content.decode().replace("£", "")
    waived = shop.run(ChangeCharge(charge=sent.charges[1].id, amount=D(0)), approved=True)
    assert [charge.amount for charge in waived.charges] == [0]
    assert shop.run(ProductSale(code=MILK)).charged == 0
    assert shop.run(ChangeCharge(charge=waived.charges[0].id), approved=True).charged == D("4.95")


def test_a_charge_on_goods_falls_on_their_lines_also_when_carried_home(shop: Shop) -> None:
    with applying_package():
        deposit = pricing.ChargeCode.objects.create(code="DEPOSIT", name="Bottle deposit")
        rule = a_rule(deposit, tiers=[("0", None, "0.15")], level="line", way="per_unit")
        pricing.ChargeGoods.objects.create(rule=rule, product=shop.products[MILK])
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).charges == ()
    answer = shop.run(ProductSale(code=MILK, quantity=D(3)))
    assert [(one.name, one.amount, one.line) for one in answer.charges] == [
        ("Bottle deposit", D("0.45"), "2")
    ]
    sale = shop.run(Pay(method="card")).sale
    one = (ReturnedLine(line=2, quantity=D(1)),)
    assert shop.run(ReturnByReceipt(receipt=sale.receipt_number, lines=one), approved=True).charged == D(
        "-0.15"
    )


@pytest.mark.parametrize(
    ("command", "error", "field"),
    [
        (Deliver(mode="DRONE", **HOME), UnknownDeliveryMode, "mode"),
        (Deliver(mode="PARCEL"), BadDelivery, "street"),
        (Deliver(mode="PARCEL", street="1 Mill Lane"), BadDelivery, "postcode"),
        (Deliver(mode="PARCEL", **HOME, country="GBR"), BadDelivery, "country"),
        (DeliverLine(line="2", mode="COLLECT"), BadDelivery, "line"),
        (ChangeCharge(charge="auto:0", amount=D(1)), UnknownCharge, "charge"),
        (Affiliate(affiliation="CLUB"), UnknownAffiliation, "affiliation"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    shop: Shop, command: Any, error: type[Exception], field: str
) -> None:
    run = lambda *commands: shop.run(*commands, worker=shop.manager)  # noqa: E731
    sale = run(ProductSale(code=JAM), Pay(method="card")).sale
    before = run(ProductSale(code=HEART), ReturnByReceipt(receipt=sale.receipt_number))
    with pytest.raises(error) as refused:
        run(command)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert shop.till().cart.version == before.version


def test_a_charge_has_whole_pennies_and_no_minus(shop: Shop) -> None:
    charge = shop.run(ProductSale(code=HEART), Deliver(mode="PARCEL", **HOME)).charges[0].id
    for amount in ("0.001", "-1"):
        with pytest.raises(BadCharge):
            shop.run(ChangeCharge(charge=charge, amount=D(amount)), approved=True)
    shop.run(Pay(method="card", amount=D(1)))
    with pytest.raises(TendersTaken):
        shop.run(Deliver())


def test_an_affiliation_said_at_the_till_brings_its_prices(shop: Shop) -> None:
    with applying_package():
        group = pricing.PriceGroup.objects.create(code="STAFF", name="Staff", priority=5)
        heart = shop.products[HEART]
        pricing.TradeAgreement.objects.create(
            product=heart, price_group=group, unit=heart.unit, currency_id="GBP", amount=D(2)
        )
        staff = Affiliation.objects.create(code="STAFF", name="Our people")
        pricing.AffiliationPriceGroup.objects.create(affiliation=staff, price_group=group)
    new_data_version()
    assert shop.run(ProductSale(code=HEART)).total == D("2.95")
    answer = shop.run(Affiliate(affiliation="staff"))
    assert (answer.total, [one.name for one in answer.affiliations]) == (D(2), ["Our people"])
    assert shop.run(Affiliate(affiliation="STAFF", remove=True)).total == D("2.95")
    shop.run(Affiliate(affiliation="STAFF"), Pay(method="card"))
    assert last_document(shop).affiliations == ("STAFF",)


def test_a_scan_takes_two_round_trips_with_charges_delivery_and_affiliations(shop: Shop) -> None:
    with applying_package():
        Affiliation.objects.create(code="STAFF", name="Our people")
    new_data_version()
    shop.run(ProductSale(code=HEART), ProductSale(code=JAM))
    shop.run(Deliver(mode="PARCEL", **HOME), Affiliate(affiliation="STAFF"))
    till = TillClient(shop)
    till.scan(MILK)
    with CaptureQueriesContext(connection) as scan:
        till.scan(JAM)
    assert len(scan) == 2
    new_data_version()
    with CaptureQueriesContext(connection) as fresh:
        till.scan(JAM)
    assert len(fresh) == 3


def test_the_pages_ask_show_and_change(shop: Shop) -> None:
    with applying_package():
        Customer.objects.create(
            account="C1", name="Ada Lovelace", address="5 Byron Row\nLondon", country="GB"
        )
    shop.run(SetCustomer(account="C1", name="Ada Lovelace"))
    till = TillClient(shop)
    till.scan(HEART)
    for name in ("deliver", "deliver_line", "affiliate"):
        assert f"/cart/do/{name}/" in till.get("/more/").content.decode()
    sheet = till.get("/cart/do/deliver/").content.decode()
    assert "5 Byron Row, London" in sheet and "Carried home" in sheet and "Parcel" in sheet
    refused = till.do("deliver", mode="PARCEL", sheet="1", country="GB")
    assert refused.status_code == 422 and "give the address" in refused.content.decode()
    cart = till.do("deliver", mode="PARCEL", **HOME).content.decode()
    assert "Parcel · Leeds" in cart and "charges" in cart
    charges = till.get("/charges/").content.decode()
    assert "by rule" in charges and "/cart/do/change_charge/?charge=auto%3A" in charges
    charge = shop.till().cart.priced.charges[0].id
    assert charge in till.get("/cart/do/change_charge/", {"charge": charge}).content.decode()
    changed = till.do("change_charge", charge=charge, amount="1.00").content.decode()
    assert "charges" in changed and "1.00" in changed
    assert "Headquarters has entered no affiliations yet." in till.get("/cart/do/affiliate/").content.decode()


def test_discounts_of_the_parts_of_a_charge_are_added_up_by_name_also_where_a_part_has_none() -> None:
    first, second = DiscountView("Summer", D("1.00")), DiscountView("Members", D("0.50"))
    assert added_up([first, second, first]) == (DiscountView("Summer", D("2.00")), second)
    assert added_up([]) == ()
