"""Paper that does not come: the sale goes on, and the receipt comes out elsewhere, as a copy or by e-mail."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from channels_app.roles import applying_package
from hardware.agent.protocol import Acknowledge, Status
from hardware.models import DeviceJob
from hardware.services import events, jobs
from hq import models as hq
from hq.station_port import station as port
from pos.models import ReceiptMail, RetailTransaction
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.pages import push
from pos.services.mail import as_text, send_mails
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop
from tests.scenarios.terminal import JOURNAL, StationOfTest, with_device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    return a_shop(registers=2)


@pytest.fixture
def station(shop: Shop) -> StationOfTest:
    """Each register has its printer; both are ready."""
    station = with_device(shop, "printer", "escpos_network")
    for register in shop.store.registers.all():
        told = Status(device=f"printer@{register.number}", state="ready", words="Ready.")
        events.note_status(station_id=station.id, message=told)
    return station


def a_sale(shop: Shop) -> RetailTransaction:
    shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    return RetailTransaction.objects.get(kind="sale")


def without_paper(station: StationOfTest) -> DeviceJob:
    """The receipt is with the station, which says what it waits for."""
    job = DeviceJob.objects.get(kind="print")
    jobs.take_jobs(station_id=station.id, journal=JOURNAL)
    said = Acknowledge(
        job=str(job.pk), step="waiting", words="The printer is out of paper. Put in a new roll."
    )
    jobs.note_progress(station_id=station.id, message=said)
    return job


def test_a_receipt_that_waits_says_for_what_and_where_else_it_could_come_out(
    shop: Shop, station: StationOfTest
) -> None:
    sale = a_sale(shop)
    fresh = push.receipt_changed(shop.till(), str(sale.pk))["html"]
    assert "Printing" in fresh
    without_paper(station)
    html = push.receipt_changed(shop.till(), str(sale.pk))["html"]
    assert "out of paper" in html and "Till 2" in html and "E-mail" in html and "Till 1" not in html


def test_the_receipt_comes_out_at_another_printer_as_a_copy(shop: Shop, station: StationOfTest) -> None:
    a_sale(shop)
    job, client = without_paper(station), TillClient(shop)
    refused = client.post(f"/print/{job.pk}/", {"device": "printer@elsewhere"})
    assert "not ready any more" in refused.content.decode()
    client.post(f"/print/{job.pk}/", {"device": "printer@01-2"})
    copy = DeviceJob.objects.get(copy_of=job)
    assert (copy.device, copy.document["marks"]) == ("printer@01-2", ["COPY"])
    job.refresh_from_db()
    assert job.cancel_asked


def test_the_cashier_says_that_it_came_out(shop: Shop, station: StationOfTest) -> None:
    sale = a_sale(shop)
    job, client = DeviceJob.objects.get(kind="print"), TillClient(shop)
    station.settles(job.pk, "unknown", "The line to the printer broke.")
    assert "It came out" in push.receipt_changed(shop.till(), str(sale.pk))["html"]
    assert "It came out" in client.get("/status/").content.decode()
    assert "Noted: it came out." in client.post(f"/print/{job.pk}/", {"seen": "1"}).content.decode()
    job.refresh_from_db()
    assert (job.state, job.words) == ("done", "Seen by the cashier.")
    assert "is known by now" in client.post(f"/print/{job.pk}/", {"seen": "1"}).content.decode()
    assert not DeviceJob.objects.filter(copy_of=job).exists()


def test_a_print_is_called_back(shop: Shop, station: StationOfTest) -> None:
    a_sale(shop)
    job = DeviceJob.objects.get(kind="print")
    TillClient(shop).post(f"/print/{job.pk}/", {"cancel": "1"})
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_receipt_goes_by_mail_once(shop: Shop) -> None:
    sale, client, request = a_sale(shop), TillClient(shop), str(uuid4())
    for _ in range(2):
        client.post(f"/journal/{sale.pk}/mail/", {"address": "ann@example.com", "request_id": request})
    assert send_mails() == {"sent": 1} and send_mails() == {"sent": 0}
    (message,) = mail.outbox
    assert message.to == ["ann@example.com"] and sale.receipt_number in message.subject
    assert "White hanging heart" in message.body and "2.95" in message.alternatives[0].content


@pytest.mark.parametrize("address", ["", "ann", "ann@", "a@b.c, d@e.f", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_refused(shop: Shop, address: str) -> None:
    sale = a_sale(shop)
    answer = TillClient(shop).post(f"/journal/{sale.pk}/mail/", {"address": address})
    assert answer.status_code == 422 and "no e-mail address" in answer.content.decode()
    assert not ReceiptMail.objects.exists()


def test_a_mail_server_that_is_away_is_tried_again(shop: Shop) -> None:
    sale = a_sale(shop)
    TillClient(shop).post(f"/journal/{sale.pk}/mail/", {"address": "ann@example.com"})
    with patch("pos.services.mail.EmailMultiAlternatives.send", side_effect=OSError("refused")):
        assert send_mails() == {"sent": 0}
    row = ReceiptMail.objects.get()
    assert (row.tries, row.problem, row.sent_at) == (1, "refused", None)
    ReceiptMail.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert send_mails() == {"sent": 1}


def test_the_text_of_a_receipt_has_one_right_edge() -> None:
    paper = {"blocks": [{"kind": "pair", "left": "x" * 60, "right": "£2.95"}, {"kind": "rule"}]}
    assert [len(line) for line in as_text(paper).splitlines()] == [42, 42]


def test_a_typed_weight_needs_a_permission_where_there_is_a_scale(shop: Shop) -> None:
    from pos.errors import ApprovalNeeded

    shop.run(ProductSale(code="BANANA", quantity=Decimal("0.5")))
    with_device(shop, "scale", "scale_8217")
    with pytest.raises(ApprovalNeeded):
        shop.run(ProductSale(code="BANANA", quantity=Decimal("0.5")))
    shop.run(ProductSale(code="BANANA", quantity=Decimal("0.5"), weighed=True))
    answer = shop.run(ProductSale(code="BANANA", quantity=Decimal("0.5")), approved=True)
    assert len(answer.lines) == 3


def test_a_drawer_that_is_open_and_paper_that_is_low_stand_in_the_head(
    shop: Shop, station: StationOfTest
) -> None:
    with applying_package():
        hq.HardwareDevice.objects.create(
            profile=shop.register.station.hardware_profile, name="drawer", kind="drawer", driver="drawer_printer",
            address="printer:printer", options={"each_register": True},
        )  # fmt: skip
    number = shop.register.number
    for told in (
        Status(device=f"drawer@{number}", state="ready", words="Open.", flags={"open": True}),
        Status(device=f"printer@{number}", state="attention", words="Nearly out.", flags={"paper_low": True}),
    ):
        events.note_status(station_id=station.id, message=told)
    html = push.devices_changed(shop.till())["html"]
    assert "data-open-seconds=" in html and 'data-before-sale="Receipt printer: Nearly out."' in html


@pytest.mark.parametrize(
    ("price", "told"),
    [
        ("1.79", 179),
        ("2", 200),
        ("1.795", 180),
        ("", 0),
        ("0", 0),
        ("-1", 0),
        ("x", 0),
        ("NaN", 0),
        ("10000", 0),
        ("1E+99", 0),
    ],
)
def test_the_scale_is_told_the_price_of_the_sheet(shop: Shop, price: str, told: int) -> None:
    with_device(shop, "scale", "scale_8217")
    TillClient(shop).post("/weigh/", {"price": price})
    assert DeviceJob.objects.get(kind="weigh").document["price"] == told


def test_weighing_anew_calls_back_what_a_closed_page_has_left_open(shop: Shop) -> None:
    scale = with_device(shop, "scale", "scale_8217")
    page = TillClient(shop)
    page.post("/weigh/")
    first = DeviceJob.objects.get(kind="weigh")
    scale.take()
    request = str(uuid4())
    for _ in range(2):  # the same request again leaves its own job alone
        page.post("/weigh/", {"request_id": request})
    first.refresh_from_db()
    assert first.cancel_asked
    assert DeviceJob.objects.get(kind="weigh", cancel_asked=False).state == "queued"
    assert port().view(shop.register.pk).waiting == 0  # it is no print
