"""Copies and gift receipts, and out of which printer they come."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from channels_app.roles import applying_package
from hardware.agent.protocol import Status
from hardware.models import DeviceJob
from hardware.services import events
from hq import models as hq
from hq.station_port import station
from pos.errors import NoGiftReceipt, PrinterNotReady
from pos.models import RetailTransaction
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay, VoidSale
from pos.services.journal import Paper, print_copy
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.terminal import StationOfTest, with_device
from tests.scenarios.till_client import a_till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    """Two registers with a printer each, and one for gift receipts that they share."""
    shop = a_shop(registers=2)
    with_device(shop, "printer", "escpos_network")
    with applying_package():
        hq.HardwareDevice.objects.create(
            profile=shop.register.station.hardware_profile,
            name="gifts",
            kind="printer",
            driver="escpos_network",
            address="lab",
            options={"second": True, "title": "Gift receipts"},
        )
    new_data_version()
    for device in ("printer@01-1", "printer@01-2", "gifts"):
        says(shop, device, "ready")
    return shop


def says(shop: Shop, device: str, state: str, **flags: bool) -> None:
    status = Status(device=device, state=state, words="Ready.", flags=flags)
    events.note_status(station_id=StationOfTest(shop).id, message=status)


def sold(shop: Shop) -> RetailTransaction:
    shop.run(ProductSale(code="85123A", quantity=2))
    shop.run(Pay(method="cash"))
    return RetailTransaction.objects.get(kind="sale")


def texts(job: DeviceJob) -> str:
    return " ".join(
        str(block.get(name, "")) for block in job.document["blocks"] for name in ("text", "left", "right")
    )


def test_the_registers_own_printer_comes_first_then_second_ones_then_the_neighbours(shop: Shop) -> None:
    printers = station().printers(shop.register.pk)
    assert [(one.device, one.is_first) for one in printers] == [
        (f"printer@{shop.register.number}", True),
        ("gifts", False),
        ("printer@01-2", False),
    ]
    assert [one.name for one in printers] == ["Receipt printer", "Gift receipts", "Till 2"]
    says(shop, "gifts", "stopped")
    assert "gifts" not in {one.device for one in station().printers(shop.register.pk)}


def test_a_gift_receipt_has_no_prices_and_goes_where_it_is_sent(shop: Shop) -> None:
    sale = sold(shop)
    request = uuid4()
    for _ in range(2):  # the same request prints once
        job = print_copy(
            till=shop.till(), retail_transaction=sale.pk, request_id=request, device="gifts", paper=Paper.GIFT
        )
    row = DeviceJob.objects.get(pk=job)
    assert (row.device, row.title) == ("gifts", f"Gift receipt of {sale.receipt_number}")
    paper = texts(row)
    assert "Gift receipt" in paper and "White hanging heart" in paper
    assert "5.90" not in paper and "2.95" not in paper and "Cash" not in paper
    assert {
        "kind": "barcode",
        "symbology": "code128",
        "data": sale.receipt_number,
        "height": 48,
    } in row.document["blocks"]
    assert DeviceJob.objects.filter(title__startswith="Gift").count() == 1


def test_what_cannot_be_printed_is_refused(shop: Shop) -> None:
    sale = sold(shop)
    before = DeviceJob.objects.count()
    for device in ("nowhere", "printer@99"):
        with pytest.raises(PrinterNotReady):
            print_copy(till=shop.till(), retail_transaction=sale.pk, request_id=uuid4(), device=device)
    shop.run(ProductSale(code="85123A"))
    shop.run(VoidSale(), approved=True)
    voided = RetailTransaction.objects.get(kind="voided")
    with pytest.raises(NoGiftReceipt):
        print_copy(till=shop.till(), retail_transaction=voided.pk, request_id=uuid4(), paper=Paper.GIFT)
    assert DeviceJob.objects.count() == before


def test_the_sheet_and_the_api(shop: Shop) -> None:
    sale = sold(shop)
    page = TillClient(shop)
    assert "Gift receipt" in page.get(f"/journal/{sale.pk}/").content.decode()
    sheet = page.get(f"/journal/{sale.pk}/prints/").content.decode()
    assert sheet.index("Receipt printer") < sheet.index("Gift receipts") < sheet.index("Till 2")
    answer = page.post(f"/journal/{sale.pk}/prints/", {"gift": "gifts"}).content.decode()
    assert "The gift receipt goes to Gift receipts." in answer
    assert page.post(f"/journal/{sale.pk}/prints/", {"copy": "nowhere"}).status_code == 422
    program = a_till(shop)
    printers: list[dict[str, Any]] = program.get("printers/").json()
    assert printers[1]["printer"] == "gifts"
    asked = program.post(f"journal/{sale.pk}/receipt/", request_id=str(uuid4()), printer="gifts", gift=True)
    assert asked.status_code == 201 and DeviceJob.objects.get(pk=asked.json()["job"]).device == "gifts"


def test_paper_that_is_nearly_out_in_any_printer_is_said_before_the_sale(shop: Shop) -> None:
    says(shop, "gifts", "attention", paper_low=True)
    page = TillClient(shop)
    head = page.get("/", htmx=False).content.decode()
    assert 'data-before-sale="Gift receipts: Ready."' in head
