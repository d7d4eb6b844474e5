"""A card terminal at the scenario's store, and a station that says what a test wants it to say."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from channels_app.roles import applying_package
from hardware.agent.protocol import Acknowledge, Outcome
from hardware.models import DeviceJob
from hardware.services import events, jobs
from hq import models as hq
from tests.scenarios.store import Shop, new_data_version

JOURNAL = "journal-of-the-test"


def with_terminal(shop: Shop) -> StationOfTest:
    """Put a terminal into the store's hardware profile and connect its station."""
    return with_device(shop, "terminal", "zvt_network")


def with_device(shop: Shop, kind: str, driver: str) -> StationOfTest:
    """Put a device into the store's hardware profile and connect its station."""
    with applying_package():
        hq.HardwareDevice.objects.create(
            profile=shop.register.station.hardware_profile,
            name=kind,
            kind=kind,
            driver=driver,
            address="lab",
            options={"each_register": True},
        )
    new_data_version()
    station = StationOfTest(shop)
    station.connect()
    return station


class StationOfTest:
    """Takes jobs and settles them through the services that the socket calls."""

    def __init__(self, shop: Shop) -> None:
        self.id = shop.register.station_id
        self.connection = uuid4()

    def connect(self) -> None:
        events.station_connected(station_id=self.id, connection_id=self.connection)

    def leave(self) -> None:
        events.station_left(station_id=self.id, connection_id=self.connection)

    def payments(self) -> list[DeviceJob]:
        return list(DeviceJob.objects.filter(kind="payment").order_by("created_at", "id"))

    def take(self) -> None:
        jobs.take_jobs(station_id=self.id, journal=JOURNAL)

    def says(self, job: UUID, words: str) -> None:
        self.take()
        jobs.note_progress(station_id=self.id, message=Acknowledge(job=str(job), step="started", words=words))

    def settles(self, job: UUID, result: str, words: str = "", **data: Any) -> None:
        self.take()
        jobs.settle_job(
            station_id=self.id, message=Outcome(job=str(job), result=result, detail=words, data=data)
        )

    def approves(self, job: UUID, receipt: int = 7, **data: Any) -> None:
        amount = DeviceJob.objects.get(pk=job).document["amount"]
        answer = {
            "amount": amount,
            "receipt": receipt,
            "trace": receipt,
            "terminal": "52523535",
            "card": "402000******1234",
            "card_name": "VISA",
            "authorisation": "A1B2C3",
        }
        self.settles(job, "done", "Approved.", **(answer | data))
