"""A sale from the first scan to the journal, through the service that page, API and station use."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from channels_app.models import OutboxEvent
from channels_app.roles import applying_package
from hardware.models import DeviceJob
from hq.models import PermissionGroup
from hq.permissions import Permission
from inventory.selectors import on_hand
from pos.cart.errors import BadDiscount, BadPrice, BadQuantity, BadTender, NothingToPay, TendersTaken
from pos.errors import (
    ApprovalNeeded,
    CartTooLarge,
    Nonsense,
    NoOpenShift,
    RequestReused,
    UnknownCode,
    WeightNeeded,
)
from pos.models import RetailTransaction, SalesLine, StoredCart, TenderLine
from pos.operations import operation, operations
from pos.operations.lines import LineDiscount, PriceOverride, SetQuantity, VoidLine
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine, ReturnProduct
from pos.operations.sale import Pay, TotalDiscount, Undo, VoidSale, VoidTender
from pos.services.journal import verify_chain
from pricing.models import Discount, DiscountLine, TradeAgreement
from pricing.services.discounts import disable_discount, enable_discount
from shifts.selectors import expected_tenders
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    return a_shop()


def test_a_scan_adds_a_priced_line(shop: Shop) -> None:
    answer = shop.run(ProductSale(code="85123A"))
    (line,) = answer.lines
    assert (line.name, line.amount, answer.total) == (
        "White hanging heart t-light holder",
        Decimal("2.95"),
        Decimal("2.95"),
    )
    assert answer.tax == Decimal("0.49")
    assert answer.changed == (line.id,)


@pytest.mark.parametrize("code", ["5000128104517", "05000128104517", "milk", "MILK"])
def test_a_code_is_found_however_it_is_written(shop: Shop, code: str) -> None:
    assert shop.run(ProductSale(code=code)).lines[0].name == "Whole milk 2 l"


def test_an_unknown_code_stops_and_changes_nothing(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(UnknownCode, match="4006381333931"):
        shop.run(ProductSale(code="4006381333931"))
    assert shop.till().cart.version == 1 + 1  # the shift and one line


def test_weighed_goods_ask_for_their_weight(shop: Shop) -> None:
    with pytest.raises(WeightNeeded):
        shop.run(ProductSale(code="BANANA"))
    answer = shop.run(ProductSale(code="BANANA", quantity=Decimal("0.432")))
    assert answer.lines[0].amount == Decimal("0.52")


def test_cash_gives_change_and_everything_is_written_at_once(shop: Shop) -> None:
    before = on_hand(shop.store.pk, [shop.products["85123A"].pk])
    shop.run(ProductSale(code="85123A", quantity=Decimal(3)), ProductSale(code="MILK"))
    answer = shop.run(Pay(method="cash", amount=Decimal("20.00")))
    assert answer.is_empty
    assert answer.sale is not None
    assert (answer.sale.total, answer.sale.change) == (Decimal("10.50"), Decimal("9.50"))
    record = RetailTransaction.objects.get(pk=answer.sale.retail_transaction)
    assert (record.total, record.receipt_number) == (Decimal("10.50"), "01-1-1-000001")
    assert SalesLine.objects.filter(retail_transaction=record).count() == 2
    tender = TenderLine.objects.get(retail_transaction=record)
    assert (tender.amount, tender.tendered, tender.change) == (
        Decimal("10.50"),
        Decimal("20.00"),
        Decimal("9.50"),
    )
    assert on_hand(shop.store.pk, [shop.products["85123A"].pk]) == {
        product: quantity - 3 for product, quantity in before.items()
    }
    assert set(DeviceJob.objects.values_list("kind", flat=True)) == {"print", "drawer"}
    assert OutboxEvent.objects.filter(topic="sale.concluded", subject=str(record.pk)).count() == 1
    assert expected_tenders(record.shift)["cash"].expected == Decimal("110.50")
    assert len(list(verify_chain(shop.register.pk))) == 2


def test_exact_cash_is_one_step_and_split_tenders_add_up(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(4)))
    partly = shop.run(Pay(method="card", amount=Decimal("5.00")))
    assert (partly.due, partly.paid) == (Decimal("6.80"), Decimal("5.00"))
    with pytest.raises(TendersTaken, match=r"^A payment of £5\.00 is already taken\. Remove it before you "):
        shop.run(ProductSale(code="MILK"))
    with pytest.raises(
        BadTender, match=r"^£9\.00 cannot be taken as Card: it gives no change\. Take £6\.80 at most"
    ):
        shop.run(Pay(method="card", amount=Decimal(9)))
    done = shop.run(Pay(method="cash"))
    assert done.sale is not None and done.sale.change == 0
    assert [tender.amount for tender in done.sale.tenders] == [Decimal("5.00"), Decimal("6.80")]


def test_a_tender_can_be_taken_back(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    paid = shop.run(Pay(method="card", amount=Decimal("1.00")))
    back = shop.run(VoidTender(tender=paid.tenders[0].id))
    assert back.due == Decimal("2.95")


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Pay(method="card", amount=Decimal("5.00")), BadTender),
        (Pay(method="cash", amount=Decimal("-1")), BadTender),
        (Pay(method="cash", amount=Decimal("0")), BadTender),
        (Pay(method="cash", amount=Decimal("3.001")), BadTender),
        (Pay(method="cash", amount=Decimal("NaN")), Nonsense),
        (ProductSale(code="85123A", quantity=Decimal("NaN")), Nonsense),
        (ProductSale(code="85123A\0"), Nonsense),
        (SetQuantity(line="1", quantity=Decimal("1E+999999")), Nonsense),
        (SetQuantity(line="1", quantity=Decimal("1.5")), BadQuantity),
        (SetQuantity(line="1", quantity=Decimal(0)), BadQuantity),
        (SetQuantity(line="1", quantity=Decimal(-1)), BadQuantity),
        (SetQuantity(line="1", quantity=Decimal("1E+9")), BadQuantity),
        (SetQuantity(line="1", quantity=Decimal("Infinity")), Nonsense),
        (ProductSale(code="85123A", quantity=Decimal(-1)), BadQuantity),
        (ProductSale(code="KEYED", price=Decimal(0)), BadPrice),
        (ProductSale(code="KEYED", price=Decimal(-1)), BadPrice),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(shop: Shop, command, error) -> None:
    shop.run(ProductSale(code="85123A"))
    before = bytes(StoredCart.objects.get(register=shop.register.pk).document)
    with pytest.raises(error) as refusal:
        shop.run(command)
    assert refusal.value.field
    assert bytes(StoredCart.objects.get(register=shop.register.pk).document) == before


def test_what_its_page_lets_go_for_nothing_is_keyed_at_nothing(shop: Shop) -> None:
    with applying_package():
        Product.objects.filter(number="KEYED").update(zero_price_valid=True)
    new_data_version()
    assert shop.run(ProductSale(code="KEYED", price=Decimal(0))).total == 0


def test_nothing_is_paid_for_an_empty_cart(shop: Shop) -> None:
    with pytest.raises(NothingToPay):
        shop.run(Pay(method="cash"))


def test_void_and_undo(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"), ProductSale(code="22961"))
    voided = shop.run(VoidLine(line="1"))
    assert voided.total == Decimal("1.45") and voided.lines[0].is_voided
    assert voided.undo == "Void White hanging heart t-light holder"
    assert shop.run(Undo()).total == Decimal("4.40")
    assert shop.run(Undo()).total == Decimal("2.95")


def test_voiding_the_sale_needs_a_manager_and_leaves_a_record(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(ApprovalNeeded):
        shop.run(VoidSale())
    assert shop.run(VoidSale(), approved=True).is_empty
    record = RetailTransaction.objects.get(kind="voided")
    assert record.receipt_number == "" and '"approved_by":"901"' in record.document
    assert not SalesLine.objects.exists()


def test_new_prices_in_the_open_sale_are_told_once_and_by_name(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    shop.run(ProductSale(code="MILK"))
    with applying_package():
        TradeAgreement.objects.filter(product=shop.products["85123A"]).update(amount=Decimal("3.10"))
    new_data_version()
    assert shop.till().cart.priced.totals.gross < Decimal("3.10") * 2
    told = shop.run(ProductSale(code="85123A")).notice
    assert (told.tone, told.code) == ("question", "prices_changed")
    assert "White hanging heart t-light holder is now £3.10, it was £2.95." in told.text
    again = shop.run(ProductSale(code="85123A")).notice
    assert again is None or again.code != "prices_changed"
    new_data_version()  # of something else
    quiet = shop.run(ProductSale(code="85123A")).notice
    assert quiet is None or quiet.code != "prices_changed"
    with applying_package():
        TradeAgreement.objects.update(amount=Decimal("4.00"))
    new_data_version()
    several = shop.run(SetQuantity(line="1", quantity=Decimal(2))).notice
    assert "more line" in several.text


def test_an_offer_that_ends_during_the_sale_is_told_once(shop: Shop) -> None:
    ends = timezone.now() + timedelta(hours=1)
    with applying_package():
        offer = Discount.objects.create(
            code="HOUR", name="Happy hour", kind="simple", method="percent_off", value=10, ends_at=ends
        )
        DiscountLine.objects.create(discount=offer, product=shop.products["85123A"])
        enable_discount(offer.pk)
    new_data_version()
    told = shop.run(ProductSale(code="85123A"), ProductSale(code="MILK"), at=ends - timedelta(seconds=1))
    assert told.notice is None and told.total == Decimal("4.30")
    more = shop.run(ProductSale(code="MILK"), at=ends - timedelta(microseconds=1))
    assert more.notice is None and more.total == Decimal("5.95")
    over = shop.run(ProductSale(code="MILK"), at=ends)
    assert (over.notice.tone, over.notice.code) == ("question", "prices_changed")
    assert over.notice.text == "New price: White hanging heart t-light holder is now £2.95, it was £2.65."
    assert over.total == Decimal("7.90")
    assert shop.run(ProductSale(code="MILK"), at=ends + timedelta(hours=1)).notice is None


def test_an_offer_that_headquarters_takes_back_during_the_sale_is_told(shop: Shop) -> None:
    with applying_package():
        offer = Discount.objects.create(
            code="TEN", name="Ten off", kind="simple", method="percent_off", value=10
        )
        DiscountLine.objects.create(discount=offer, product=shop.products["85123A"])
        enable_discount(offer.pk)
    new_data_version()
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)), ProductSale(code="MILK"))
    with applying_package():
        disable_discount(offer.pk)
    new_data_version()
    told = shop.run(ProductSale(code="MILK")).notice
    assert told.text == "New price: White hanging heart t-light holder is now £5.90, it was £5.31."


def test_a_price_override_says_who_decided(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(ApprovalNeeded):
        shop.run(PriceOverride(line="1", price=Decimal("2.00"), reason="damaged"))
    answer = shop.run(PriceOverride(line="1", price=Decimal("2.00"), reason="damaged"), approved=True)
    assert answer.lines[0].is_repriced and answer.total == Decimal("2.00")
    shop.run(Pay(method="cash"))
    assert SalesLine.objects.get().detail["decided_by"] == shop.manager.staff_id


def test_a_discount_within_the_managers_limit(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
    with pytest.raises(ApprovalNeeded):
        shop.run(LineDiscount(line="1", percent=Decimal(10)))
    answer = shop.run(LineDiscount(line="1", percent=Decimal(10)), approved=True)
    assert answer.total == Decimal("5.31") and answer.discount == Decimal("0.59")


def test_a_discount_on_the_sale_is_measured_by_the_goods_that_it_is_taken_from(shop: Shop) -> None:
    with applying_package():
        PermissionGroup.objects.filter(name="Manager").update(max_total_discount_percent=10)
    new_data_version()
    shop.run(ProductSale(code="KEYED", price=Decimal("190.00")))
    receipt = shop.run(Pay(method="cash")).sale.receipt_number

    def exchanged_for(price: str, off: str) -> Decimal:
        return shop.run(
            ReturnByReceipt(receipt=receipt),
            ProductSale(code="KEYED", price=Decimal(price)),
            TotalDiscount(amount=Decimal(off), reason="Goodwill"),
            worker=shop.manager,
        ).discount

    for dear, amount in (("20.00", "2.01"), ("200.00", "20.01")):
        with pytest.raises(ApprovalNeeded):
            exchanged_for(dear, amount)
    assert exchanged_for("200.00", "20.00") == Decimal("20.00")


@pytest.mark.parametrize("on", ["sale", "line"])
def test_an_amount_off_is_asked_about_again_when_goods_were_taken_off_since(shop: Shop, on: str) -> None:
    limits = {"max_total_discount_percent": 10, "max_line_discount_percent": 10}
    with applying_package():
        PermissionGroup.objects.filter(name="Manager").update(**limits)
        PermissionGroup.objects.filter(name="Cashier").update(**limits, permissions=list(Permission))
    new_data_version()
    shop.run(
        ProductSale(code="KEYED", price=Decimal("90.00")), ProductSale(code="85123A", quantity=Decimal(4))
    )
    if on == "sale":
        shop.run(TotalDiscount(amount=Decimal("9.00"), reason="Goodwill"))
        shop.run(VoidLine(line="1"))
    else:
        shop.run(LineDiscount(line="2", amount=Decimal("1.00"), reason="Goodwill"))
        shop.run(SetQuantity(line="2", quantity=Decimal(1)))
    for method in ("cash", "card"):
        with pytest.raises(ApprovalNeeded, match=rf"is [\d.]+ % of the {on} by now needs a manager"):
            shop.run(Pay(method=method))
    with pytest.raises(ApprovalNeeded):  # nor may this manager give so much
        shop.run(Pay(method="cash"), approved=True)
    with applying_package():
        PermissionGroup.objects.filter(name="Manager").update(
            max_total_discount_percent=100, max_line_discount_percent=100
        )
    new_data_version()
    assert shop.run(Pay(method="cash"), approved=True).sale is not None


def test_an_amount_off_that_a_manager_allowed_is_not_asked_about_again(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(4)))
    shop.run(TotalDiscount(amount=Decimal("3.00"), reason="Goodwill"), approved=True)
    shop.run(ProductSale(code="85123A"))
    assert shop.run(Pay(method="cash")).sale is not None


def test_no_sale_without_a_shift() -> None:
    shop = a_shop(with_shift=False)
    with pytest.raises(NoOpenShift):
        shop.run(ProductSale(code="85123A"))


def test_the_same_request_has_one_effect_and_one_answer(shop: Shop) -> None:
    request = uuid4()
    first = shop.run(ProductSale(code="85123A"), request=request)
    again = shop.run(ProductSale(code="85123A"), request=request)
    assert first == again
    assert len(shop.till().cart.lines) == 1
    with pytest.raises(RequestReused):
        shop.run(ProductSale(code="MILK"), request=request)
    pay = uuid4()
    paid = shop.run(Pay(method="cash"), request=pay)
    assert shop.run(Pay(method="cash"), request=pay).sale == paid.sale
    assert RetailTransaction.objects.filter(kind="sale").count() == 1


def test_a_return_gives_back_what_was_paid_and_no_unit_twice(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(3)), ProductSale(code="MILK"))
    sale = shop.run(Pay(method="cash")).sale
    one = ReturnByReceipt(receipt=sale.receipt_number, lines=(ReturnedLine(line=1, quantity=Decimal(1)),))
    answer = shop.run(one, approved=True)
    assert answer.total == Decimal("-2.95")
    back = shop.run(Pay(method="cash"))
    assert back.sale.total == Decimal("-2.95")
    rest = shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True)
    assert rest.total == Decimal("-7.55")
    shop.run(Pay(method="cash"))
    assert not shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True).lines
    assert sum(RetailTransaction.objects.filter(kind="sale").values_list("total", flat=True)) == 0


def test_what_comes_back_with_its_receipt_takes_no_discount_by_hand(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    sale = shop.run(Pay(method="cash")).sale
    shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True)
    with pytest.raises(BadDiscount, match="a return gives back what was paid"):
        shop.run(LineDiscount(line="1", percent=Decimal(10), reason="Damaged"), worker=shop.manager)
    assert shop.till().cart.line("1").basket.manual_discount is None


def test_a_return_without_a_receipt_is_at_todays_price(shop: Shop) -> None:
    answer = shop.run(ReturnProduct(code="85123A", quantity=Decimal(2)), approved=True)
    assert answer.total == Decimal("-5.90") and answer.lines[0].is_return


@pytest.mark.parametrize("lines", [1, 30])
def test_round_trips_do_not_grow_with_the_cart(shop: Shop, lines: int) -> None:
    shop.run(*[ProductSale(code="85123A") for _ in range(lines)])
    with CaptureQueriesContext(
        connection,
    ) as scan:
        shop.run(ProductSale(code="22961"))
    assert len(scan) <= 3
    with CaptureQueriesContext(connection) as warm:
        shop.run(ProductSale(code="22961"))
    assert len(warm) == 2
    with CaptureQueriesContext(connection) as conclusion:
        shop.run(Pay(method="cash"))
    assert len(conclusion) <= 3


def test_a_sale_larger_than_the_journal_can_keep_is_refused(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(9999)))
    dear = PriceOverride(line="1", price=Decimal("9999999.99"), reason="dear")
    shop.run(dear, approved=True)
    more = [ProductSale(code="KEYED", quantity=Decimal(9999), price=Decimal("9999999.99"))] * 10
    with pytest.raises(CartTooLarge):
        shop.run(*more)
    assert len(shop.till().cart.lines) == 1


def test_long_codes_and_reasons_do_not_stop_a_sale(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A", reason="r" * 500), ProductSale(code="22961"))
    shop.run(VoidLine(line="2", reason="r" * 500))
    shop.run(Pay(method="cash"))
    assert set(SalesLine.objects.values_list("reason", flat=True)) == {"r" * 20}


@pytest.mark.parametrize("card_first", [False, True])
def test_prices_that_arrive_while_it_is_paid_for_do_not_change_what_is_due(
    shop: Shop, card_first: bool
) -> None:
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
    if card_first:
        shop.run(Pay(method="card", amount=Decimal("1.00")))
    with applying_package():
        TradeAgreement.objects.filter(product=shop.products["85123A"]).update(amount=Decimal("9.99"))
    new_data_version()
    sale = shop.run(Pay(method="cash")).sale
    assert sale is not None and sale.total == Decimal("5.90")
    assert shop.run(ProductSale(code="85123A")).total == Decimal("9.99")


def test_an_operation_can_have_neither_the_code_nor_the_number_of_another() -> None:
    taken = operations()["product_sale"]
    for number, code in ((taken.number, "another"), (99_999, taken.code)):
        with pytest.raises(ValueError, match=code):
            operation(number=number, code=code, name="", permission=taken.permission, command=taken.command)(
                taken.run
            )
