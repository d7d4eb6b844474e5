"""Card payments at the register's terminal: every outcome ends in a known state, and nothing is charged twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hardware.alerts import alerts
from hardware.models import DeviceJob
from hardware.services.standings import details, standings
from hq.station_port import PaymentView
from pos import station as till_station
from pos.cart.errors import CardAtWork
from pos.errors import ApprovalNeeded, ChargeAtTerminal, NoTerminal, StillAtWork
from pos.models import CardPayment, RetailTransaction, TenderLine
from pos.operations.card import DecideCard, PayByCard, SetCardAside, SettleCard
from pos.operations.lines import SetQuantity
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnProduct
from pos.operations.sale import Pay, VoidSale, VoidTender
from pos.operations.suspend import Suspend
from pos.receipts import receipt_document
from pos.services.card import cancel_charge, settle_charge, tend_card_payments
from pos.services.journal import document_of
from shifts.errors import SaleIsOpen
from shifts.services import close_shift
from tests.pos.till_client import TillClient
from tests.reliability.hands import answers, refusals, together
from tests.scenarios.store import Shop, a_shop
from tests.scenarios.terminal import StationOfTest, with_terminal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scale_unit")]
HEART = Decimal("2.95")


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def station(shop: Shop) -> StationOfTest:
    return with_terminal(shop)


def a_charge(shop: Shop, amount: str | None = None) -> UUID:
    shop.run(ProductSale(code="85123A"))
    answer = shop.run(PayByCard(amount=Decimal(amount) if amount else None))
    assert answer.charge is not None and answer.sale is None
    return answer.charge.intent


def sales() -> int:
    return RetailTransaction.objects.filter(kind="sale").count()


def payment(intent: UUID) -> CardPayment:
    return CardPayment.objects.get(pk=intent)


# -- one payment from the key to the journal


def test_the_intent_stands_before_the_terminal_hears_of_it(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    (job,) = station.payments()
    assert (job.pk, job.state, job.document) == (
        intent,
        "queued",
        {"do": "pay", "amount": 295, "currency": "GBP"},
    )
    row = payment(intent)
    assert (row.state, row.amount, row.cart) == ("asked", HEART, shop.till().cart.id)


def test_an_approval_concludes_the_sale_by_itself(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    station.says(intent, "Insert or tap the card.")
    assert shop.till().cart.charge is not None and sales() == 0
    station.approves(intent)
    assert sales() == 1 and shop.till().cart.is_empty
    assert payment(intent).state == "taken"
    (tender,) = TenderLine.objects.all()
    assert (tender.amount, tender.detail["card"], tender.detail["intent"]) == (
        HEART,
        "402000******1234",
        str(intent),
    )


def test_the_receipt_names_the_card_and_the_authorisation(shop: Shop, station: StationOfTest) -> None:
    station.approves(a_charge(shop))
    record = RetailTransaction.objects.get(kind="sale")
    document = document_of(shop.till().register, record.pk)
    text = [block.get("text", "").strip() for block in receipt_document(document)["blocks"]]
    at = text.index("VISA 402000******1234")
    assert text[at : at + 4] == [
        "VISA 402000******1234",
        "Authorisation A1B2C3",
        "Terminal 52523535",
        "Terminal receipt 7",
    ]


def test_the_terminal_s_own_slip_stands_on_the_receipt(shop: Shop, station: StationOfTest) -> None:
    slip, merchants = (
        ["** CUSTOMER COPY **", "  VISA 4020 00** **** 1234", "", "APPROVED"],
        ["** MERCHANT COPY **"],
    )
    station.approves(a_charge(shop), lines=slip, merchant_lines=merchants)
    record = RetailTransaction.objects.get(kind="sale")
    document = document_of(shop.till().register, record.pk)
    text = [block.get("text", "") for block in receipt_document(document)["blocks"]]
    at = text.index(slip[0])
    assert text[at : at + 4] == slip
    assert "Terminal receipt 7" not in str(text) and merchants[0] not in text
    assert TenderLine.objects.get().detail["merchant_slip"] == merchants[0]


def test_the_merchant_s_copy_is_printed_from_the_journal(shop: Shop, station: StationOfTest) -> None:
    station.approves(a_charge(shop), merchant_lines=["** MERCHANT COPY **", "APPROVED"])
    with_copy = RetailTransaction.objects.get(kind="sale")
    station.approves(a_charge(shop))
    without = RetailTransaction.objects.exclude(pk=with_copy.pk).get(kind="sale")
    client, words = TillClient(shop), "Merchant’s copy"
    assert words in client.get(f"/journal/{with_copy.pk}/").text
    assert words in client.get(f"/journal/{with_copy.pk}/prints/").text
    assert words not in client.get(f"/journal/{without.pk}/").text
    assert words not in client.get(f"/journal/{without.pk}/prints/").text
    request = str(uuid4())
    for _ in range(2):
        answer = client.post(f"/journal/{with_copy.pk}/prints/", {"merchants": "", "request_id": request})
        assert answer.status_code == 200 and "The merchant&#x27;s copy goes to the printer." in answer.text
    (job,) = DeviceJob.objects.filter(title__startswith="Merchant")
    text = [block.get("text", "") for block in job.document["blocks"]]
    assert text[-4:-2] == ["** MERCHANT COPY **", "APPROVED"] and "2.95" not in str(text)
    refused = client.post(f"/journal/{without.pk}/prints/", {"merchants": "", "request_id": str(uuid4())})
    assert refused.status_code == 422 and "has no merchant" in refused.text
    assert DeviceJob.objects.filter(title__startswith="Merchant").count() == 1


@pytest.mark.parametrize(
    ("result", "words", "said"),
    [
        ("failed", "Declined: no credit.", "Not charged. Declined: no credit."),
        ("failed", "Not charged: the terminal has no such payment.", "Not charged: the terminal has no such"),
        ("cancelled", "Called back before it was begun.", "Cancelled. The card was not charged."),
    ],
)
def test_what_was_not_charged_is_said_and_the_sale_goes_on(
    shop: Shop, station: StationOfTest, result: str, words: str, said: str
) -> None:
    intent = a_charge(shop)
    with patch.object(till_station, "payment_changed"):  # the page takes the answer over, not the event
        station.settles(intent, result, words)
    answer = settle_charge(shop.till())
    assert answer is not None and answer.notice is not None
    assert answer.notice.text.startswith(said)
    assert answer.charge is None and answer.due == HEART and payment(intent).state == "refused"
    again = shop.run(PayByCard())
    station.approves(again.charge.intent)
    assert sales() == 1


def test_a_part_by_card_and_the_rest_in_cash(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop, "1.00")
    station.approves(intent)
    cart = shop.till().cart
    assert cart.due == Decimal("1.95") and sales() == 0
    shop.run(Pay(method="cash"))
    assert sorted(TenderLine.objects.values_list("kind", "amount")) == [
        ("card", Decimal("1.00")),
        ("cash", Decimal("1.95")),
    ]


def test_a_part_that_the_terminal_approved_counts_as_that_part(shop: Shop, station: StationOfTest) -> None:
    station.approves(a_charge(shop), amount=200)
    assert shop.till().cart.due == Decimal("0.95") and sales() == 0


@pytest.mark.parametrize(
    ("booked", "words"),
    [
        ({"amount": 345}, "booked £0.50 more than was asked"),
        ({"currency": "EUR"}, "booked it in EUR and not in GBP"),
    ],
)
def test_what_was_booked_otherwise_is_told_and_is_no_other_money_of_this_sale(
    shop: Shop, station: StationOfTest, booked: dict[str, int | str], words: str
) -> None:
    intent = a_charge(shop)
    with patch.object(till_station, "payment_changed"):
        station.approves(intent, **booked)
    answer = settle_charge(shop.till())
    assert TenderLine.objects.get().amount == HEART and sales() == 1
    assert answer is not None and answer.notice is not None and answer.notice.tone == "danger"
    assert words in answer.notice.text


def test_money_goes_back_to_a_card(shop: Shop, station: StationOfTest) -> None:
    shop.run(ReturnProduct(code="85123A"), worker=shop.manager)
    answer = shop.run(PayByCard(), worker=shop.manager)
    (job,) = station.payments()
    assert job.document == {"do": "refund", "amount": 295, "currency": "GBP"}
    assert answer.charge.kind == "refund"
    station.approves(job.pk)
    assert sales() == 1 and TenderLine.objects.get().amount == -HEART


# -- while the terminal is at work


def test_the_sale_stands_still_while_the_terminal_is_at_work(shop: Shop, station: StationOfTest) -> None:
    a_charge(shop)
    before = shop.till().cart
    for command in (
        ProductSale(code="MILK"),
        SetQuantity(line="1", quantity=Decimal(2)),
        Pay(method="cash"),
        PayByCard(),
        VoidSale(),
        Suspend(),
        VoidTender(tender="t1"),
    ):
        with pytest.raises(CardAtWork):
            shop.run(command, worker=shop.manager)
    assert shop.till().cart == before and len(station.payments()) == 1
    with pytest.raises(SaleIsOpen):
        close_shift(till=shop.till(worker=shop.manager), counted={}, request_id=uuid4())


def test_two_tabs_charge_once(shop: Shop, station: StationOfTest) -> None:
    shop.run(ProductSale(code="85123A"))
    got = together(*[lambda: shop.run(PayByCard())] * 5)
    assert len(answers(got)) == 1 and {refusal.code for refusal in refusals(got)} == {"card_at_work"}
    assert len(station.payments()) == 1


def test_one_request_sent_again_charges_once(shop: Shop, station: StationOfTest) -> None:
    shop.run(ProductSale(code="85123A"))
    request = uuid4()
    got = together(*[lambda: shop.run(PayByCard(), request=request)] * 4)
    assert not refusals(got) and len({answer.charge.intent for answer in got}) == 1
    assert len(station.payments()) == 1


def test_the_database_refuses_a_second_charge_at_one_register(shop: Shop, station: StationOfTest) -> None:
    """The twin: even without the cart's charge, two payments cannot be at work at one register."""
    row = payment(a_charge(shop))
    row.pk = uuid4()
    with pytest.raises(IntegrityError, match="one_card_payment_at_work"), transaction.atomic():
        row.save(force_insert=True)


def test_an_answer_is_taken_over_once_however_many_hear_it(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    with patch.object(till_station, "payment_changed"):
        station.approves(intent)
    got = together(*[lambda: settle_charge(shop.till())] * 5)
    assert not refusals(got) and sales() == 1
    assert len({answer.sale.receipt_number for answer in got if answer is not None}) == 1


def test_a_client_cannot_say_that_a_card_was_charged(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    answer = shop.run(SettleCard(intent=intent))
    assert answer.charge is not None and answer.tenders == ()
    with pytest.raises(StillAtWork):
        shop.run(DecideCard(intent=intent, charged=True), worker=shop.manager)


def test_what_waits_is_called_back(shop: Shop, station: StationOfTest) -> None:
    a_charge(shop)
    answer = cancel_charge(shop.till())
    assert answer is not None and answer.charge is None and answer.due == HEART
    assert station.payments()[0].state == "cancelled"


def test_what_is_begun_is_called_back_by_the_terminal(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    station.says(intent, "Insert or tap the card.")
    assert cancel_charge(shop.till()) is None
    assert DeviceJob.objects.get(pk=intent).cancel_asked
    station.approves(intent)  # the card was quicker
    assert sales() == 1


# -- what nobody knows


def test_a_web_process_that_dies_before_it_hears_the_answer_loses_nothing(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop)
    with patch.object(till_station, "payment_changed"):  # killed between the outcome and the till
        station.approves(intent)
    assert sales() == 0
    tend_card_payments()
    assert sales() == 1 and payment(intent).state == "taken"
    tend_card_payments()
    assert sales() == 1


def test_a_reload_takes_the_answer_over(shop: Shop, station: StationOfTest) -> None:
    client = TillClient(shop)
    client.scan("85123A")
    client.do("pay", method="card")
    (job,) = station.payments()
    with patch.object(till_station, "payment_changed"):
        station.approves(job.pk)
    page = client.get("/", htmx=False).content.decode()
    assert "Sale complete" in page and sales() == 1


def test_a_reload_in_mid_payment_shows_the_terminal(shop: Shop, station: StationOfTest) -> None:
    client = TillClient(shop)
    client.scan("85123A")
    assert "Waking the card terminal" in client.do("pay", method="card").content.decode()
    station.says(station.payments()[0].pk, "Insert or tap the card.")
    for path in ("/", "/pay/"):
        assert "Insert or tap the card." in client.get(path, htmx=False).content.decode()
    station.leave()
    assert "The hardware station is away" in client.get("/", htmx=False).content.decode()


def test_unknown_is_not_charged_again_and_set_aside_is_reversed(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    with pytest.raises(StillAtWork):
        shop.run(SetCardAside(intent=intent))
    station.settles(intent, "unknown", "The line broke.", asks={"device": "terminal", "amount": 295})
    assert shop.till().cart.charge is not None and sales() == 0
    shop.run(SetCardAside(intent=intent))
    shop.run(Pay(method="cash"))
    assert sales() == 1 and payment(intent).state == "aside"
    station.approves(intent)  # the terminal had charged it after all
    reversal = CardPayment.objects.get(reverses=intent)
    assert payment(intent).state == "reversing"
    job = DeviceJob.objects.get(pk=reversal.pk)
    assert job.document == {"do": "reverse", "receipt": 7, "amount": 295, "currency": "GBP"}
    station.settles(job.pk, "done", "Approved.")
    assert payment(intent).state == "reversed" and sales() == 1


def test_a_reversal_that_fails_is_asked_for_again(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The line broke.", asks={"device": "terminal"})
    shop.run(SetCardAside(intent=intent))
    station.approves(intent)
    first = CardPayment.objects.get(reverses=intent)
    station.settles(first.pk, "failed", "The card terminal does not answer.")
    assert payment(intent).state == "reversing"
    tend_card_payments(timezone.now())
    assert CardPayment.objects.filter(reverses=intent).count() == 1  # not at once
    tend_card_payments(timezone.now() + timedelta(minutes=2))
    second = CardPayment.objects.filter(reverses=intent, state="aside").get()
    tend_card_payments(timezone.now() + timedelta(minutes=9))
    assert CardPayment.objects.filter(reverses=intent).count() == 2
    station.settles(second.pk, "done", "Approved.")
    assert payment(intent).state == "reversed"


def test_a_reversal_of_which_nobody_can_say_is_asked_for_again_and_alerts_until_one_is_done(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The line broke.", asks={"device": "terminal"})
    shop.run(SetCardAside(intent=intent))
    station.approves(intent)
    first = CardPayment.objects.get(reverses=intent)
    station.settles(first.pk, "unknown", "The terminal does not tell what it did.")
    assert payment(intent).state == "reversing" and standings()[station.id].unknown_payments == 1
    tend_card_payments(timezone.now() + timedelta(minutes=2))
    second = CardPayment.objects.get(reverses=intent, state="aside")
    station.settles(second.pk, "done", "It was reversed before.")
    assert payment(intent).state == "reversed" and standings()[station.id].unknown == 0
    assert DeviceJob.objects.get(pk=first.pk).words == "Another reversal of this payment is done."


def test_a_reversal_set_aside_when_nobody_could_say_is_asked_for_again(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop, "1.00")
    station.approves(intent)
    (tender,) = shop.till().cart.tenders
    first = shop.run(VoidTender(tender=tender.id)).charge.intent
    station.settles(first, "unknown", "The terminal does not tell what it did.")
    shop.run(SetCardAside(intent=first))
    assert not shop.till().cart.tenders
    tend_card_payments(timezone.now())
    assert (payment(first).state, payment(intent).state) == ("stuck", "reversing")
    tend_card_payments(timezone.now() + timedelta(minutes=2))
    station.settles(CardPayment.objects.get(reverses=intent, state="aside").pk, "done", "Approved.")
    assert payment(intent).state == "reversed" and standings()[station.id].unknown == 0


def test_set_aside_and_never_charged_ends_there(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The line broke.", asks={"device": "terminal"})
    shop.run(SetCardAside(intent=intent))
    station.settles(intent, "failed", "Not charged: the terminal has no such payment.")
    assert payment(intent).state == "refused" and not CardPayment.objects.filter(kind="reverse").exists()


def test_the_shop_s_copy_of_a_declined_payment_is_printed_from_the_status_sheet(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop)
    slip = ["** MERCHANT COPY **", "DECLINED"]
    station.settles(intent, "failed", "Declined: no credit.", lines=["DECLINED"], merchant_lines=slip)
    approved = a_charge(shop, "1.00")
    station.approves(approved, merchant_lines=["** MERCHANT COPY **", "APPROVED"])
    client, request = TillClient(shop, as_manager=False), str(uuid4())
    shown = client.get("/status/").text
    assert shown.count('name="merchants"') == 1 and "Declined: no credit." in shown
    for _ in range(2):
        answer = client.post(f"/print/{intent}/", {"merchants": "1", "request_id": request})
        assert answer.status_code == 200 and "The merchant&#x27;s copy goes to the printer." in answer.text
    (job,) = DeviceJob.objects.filter(kind="print")
    assert job.title == "Card payment: not done: merchant's copy"
    assert [block.get("text") for block in job.document["blocks"]][-3:-1] == slip
    refused = client.post(f"/print/{approved}/", {"merchants": "1"})  # the journal has that one
    assert refused.status_code == 422 and DeviceJob.objects.filter(kind="print").count() == 1


@pytest.mark.parametrize("charged", [True, False])
def test_what_nobody_can_say_a_manager_decides(shop: Shop, station: StationOfTest, charged: bool) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The terminal's last transaction is another one.")
    with pytest.raises(ApprovalNeeded):
        shop.run(DecideCard(intent=intent, charged=charged))
    shop.run(DecideCard(intent=intent, charged=charged), approved=True)
    assert sales() == (1 if charged else 0)
    assert payment(intent).state == ("taken" if charged else "refused")


@pytest.mark.parametrize("charged", [True, False])
def test_what_a_manager_decides_ends_the_job_and_the_alert_at_headquarters(
    shop: Shop, station: StationOfTest, charged: bool
) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The terminal's last transaction is another one.")
    assert standings()[station.id].unknown_payments == 1
    shop.run(DecideCard(intent=intent, charged=charged), worker=shop.manager)
    assert standings()[station.id].unknown == 0 and not alerts(standings()[station.id], timezone.now())
    job = DeviceJob.objects.get(pk=intent)
    assert (job.state, job.is_settled) == ("done" if charged else "failed", True)
    assert job.finished_at and job.words == f"As the terminal's journal says ({shop.manager.staff_id})."
    assert str(intent) not in [line.id for line in details(station.id).queue]
    station.settles(intent, "unknown", "The terminal's last transaction is another one.")  # told once more
    assert DeviceJob.objects.get(pk=intent).words == job.words


def test_what_was_set_aside_while_nobody_could_say_a_manager_settles(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The terminal's last transaction is another one.")
    aside = shop.run(SetCardAside(intent=intent))
    assert (
        aside.notice is not None and "A manager looks into" in aside.notice.text
    )  # nothing is reversed by itself
    shop.run(Pay(method="cash"))
    assert payment(intent).state == "stuck" and standings()[station.id].unknown_payments == 1
    client, path = TillClient(shop, as_manager=False), f"/card/{intent}/settled/"
    assert "It is settled" not in client.get("/status/").text
    assert client.post(path).status_code == 403 and payment(intent).state == "stuck"
    manager = TillClient(shop)
    assert "It is settled" in manager.get("/status/").text
    assert "is settled" in manager.post(path).text
    row, words = payment(intent), f"Seen to at the terminal ({shop.manager.staff_id})."
    assert (row.state, row.words, DeviceJob.objects.get(pk=intent).words) == ("refused", words, words)
    assert standings()[station.id].unknown == 0 and "to look at" not in manager.get("/status/").text
    assert manager.post(path).status_code == 422  # once is enough
    assert DeviceJob.objects.get(pk=intent).state == "failed" and sales() == 1


def test_what_the_terminal_says_while_a_manager_decides_is_the_better_word(
    shop: Shop, station: StationOfTest
) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "The terminal's last transaction is another one.")
    lost = PaymentView("lost", "Look into its journal.")
    with patch.object(till_station, "payment_changed"):
        station.approves(intent)
    with patch("hardware.services.payments.view", return_value=lost), pytest.raises(StillAtWork):
        shop.run(DecideCard(intent=intent, charged=False), worker=shop.manager)
    assert payment(intent).state == "asked" and DeviceJob.objects.get(pk=intent).state == "done"
    assert settle_charge(shop.till()) is not None and payment(intent).state == "taken" and sales() == 1


def test_what_is_never_begun_is_given_up_and_said(shop: Shop, station: StationOfTest) -> None:
    station.leave()
    intent = a_charge(shop)
    DeviceJob.objects.filter(pk=intent).update(expires_at=timezone.now() - timedelta(seconds=1))
    from hardware.services.jobs import sweep_jobs

    sweep_jobs()
    assert shop.till().cart.charge is None and payment(intent).state == "refused"


# -- giving back


def test_removing_a_card_payment_reverses_it_first(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop, "1.00")
    station.approves(intent, receipt=9)
    (tender,) = shop.till().cart.tenders
    answer = shop.run(VoidTender(tender=tender.id))
    assert answer.tenders and answer.charge.kind == "reverse"
    job = station.payments()[-1]
    assert job.document == {"do": "reverse", "receipt": 9, "amount": 100, "currency": "GBP"}
    station.settles(job.pk, "done", "Approved.")
    cart = shop.till().cart
    assert not cart.tenders and cart.charge is None and payment(intent).state == "reversed"
    shop.run(VoidSale(), worker=shop.manager)


def test_a_payment_without_the_terminal_s_number_of_it_is_given_back_by_hand(
    shop: Shop, station: StationOfTest
) -> None:
    """It is not taken off as if it were cash: a manager says when it is given back."""
    intent = a_charge(shop, "1.00")
    station.approves(intent, receipt=None)
    (tender,) = shop.till().cart.tenders
    answer = shop.run(VoidTender(tender=tender.id))
    assert not answer.tenders and answer.charge is None
    assert answer.notice is not None and "Give it back at the terminal" in answer.notice.text
    assert payment(intent).state == "stuck" and len(station.payments()) == 1
    assert "It is settled" in TillClient(shop).get("/status/").text


def test_a_reversal_that_is_refused_keeps_the_payment(shop: Shop, station: StationOfTest) -> None:
    station.approves(a_charge(shop, "1.00"))
    (tender,) = shop.till().cart.tenders
    shop.run(VoidTender(tender=tender.id))
    station.settles(station.payments()[-1].pk, "failed", "The card terminal does not answer.")
    cart = shop.till().cart
    assert cart.tenders == (tender,) and cart.charge is None
    shop.run(VoidTender(tender=tender.id))
    station.settles(station.payments()[-1].pk, "done", "Approved.")
    assert not shop.till().cart.tenders


# -- other terminals


def test_a_register_without_a_terminal_takes_a_card_as_confirmed(shop: Shop) -> None:
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(NoTerminal):
        shop.run(PayByCard())
    assert shop.run(Pay(method="card")).sale is not None
    assert not DeviceJob.objects.filter(kind="payment").exists()


def test_a_register_with_a_terminal_takes_another_ones_word_only_when_told(
    shop: Shop, station: StationOfTest
) -> None:
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(ChargeAtTerminal):
        shop.run(Pay(method="card"))
    shop.run(Pay(method="card", stand_alone=True))
    assert TenderLine.objects.get().detail == {"stand_alone": "yes"} and not station.payments()


def test_the_page_says_that_nobody_can_say(shop: Shop, station: StationOfTest) -> None:
    intent = a_charge(shop)
    station.settles(intent, "unknown", "Look into its journal before you charge again.")
    page = TillClient(shop).get("/")
    assert (
        page.status_code == 200 and 'data-state="lost"' in page.text and "Look into its journal" in page.text
    )
