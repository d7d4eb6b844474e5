"""Magnetic cards: our own are told, and of payment cards nothing that could be used."""

import json
import logging
from uuid import uuid4

import pytest

from hardware.agent.devices import build_driver
from hardware.agent.drivers import reader
from hardware.agent.drivers.reader import AGAIN, NOT_OURS, luhn, read_swipe, service_words
from hardware.agent.protocol import Device, Event
from hardware.models import StationEvent
from hardware.services.events import take_event
from hq import station_events
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import Bench
from tests.hardware.test_scanner import until

PAYMENT = "4111111111111111"
TRACK_1 = f"%B{PAYMENT}^WILLIAMS/VANESSA^29122011234567890?"
TRACK_2 = f";{PAYMENT}=29122011234567890?"


@pytest.mark.parametrize(
    ("swipe", "found"),
    [
        (";6006490000001234?", {"code": "6006490000001234", "track": 2}),
        (";600649=4912?", {"code": "600649", "track": 2}),
        ("%B600649123^GIFT CARD^^^?", {"code": "600649123", "track": 1}),
        ("%WORKER 007?", {"code": "WORKER 007", "track": 1}),
        ("%A12345?", {"code": "A12345", "track": 1}),
        (f"%b{PAYMENT}^WILLIAMS/VANE?", {"refused": AGAIN}),
        (f";{PAYMENT}===?", {"code": PAYMENT, "track": 2}),
        ("%E?;E?+E?", {"refused": AGAIN}),
        ("%E?;600649?", {"code": "600649", "track": 2}),
        (";60064", {"refused": AGAIN}),
        ("?4321000000946006;", {"refused": AGAIN}),  # backwards
        ("%WORKER \x00007?", {"refused": AGAIN}),
        ("5000159461122", {}),
        ("", {}),
    ],
)
def test_what_a_swipe_says(swipe: str, found: dict) -> None:
    assert read_swipe(swipe) == found


@pytest.mark.parametrize("swipe", [TRACK_1, TRACK_2, TRACK_1 + TRACK_2, f"%E?{TRACK_2}+E?"])
def test_a_payment_card_is_refused_and_nothing_else_is_kept(swipe: str) -> None:
    found = read_swipe(swipe)
    assert found == {
        "refused": NOT_OURS,
        "number": "411111******1111",
        "service": "international, with a chip; authorised as usual; no restriction",
    }


@pytest.mark.parametrize(
    "swipe",
    [
        f";01{PAYMENT}=724724000000000030300XXXX040400099010=****==1=00000000?",
        f"%E?;E?+59{PAYMENT}=724724000000000030300XXXX040400099010=****==1=00000000?",
        TRACK_1.replace("%B", "%b"),
        TRACK_1.replace("%B", "%M"),
    ],
    ids=["third track", "third track alone", "small letter", "another format"],
)
def test_a_payment_card_is_known_by_whatever_was_read_of_it(swipe: str) -> None:
    found = read_swipe(swipe)
    assert (found["refused"], found["number"]) == (NOT_OURS, "411111******1111")
    assert PAYMENT not in str(found) and "WILLIAMS" not in str(found)


def test_service_codes_and_check_digits() -> None:
    assert service_words("526") == (
        "national; authorised by its issuer; no restriction, PIN where there is a keypad"
    )
    assert "unknown (8)" in service_words("180")
    assert luhn(PAYMENT)
    assert luhn("378282246310005")
    assert not luhn("4111111111111112")


def test_one_swipe_is_one_event_over_a_line_and_the_log_is_silent(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "SAME_SWIPE_SECONDS", 60.0)
    caplog.set_level(logging.DEBUG)
    scanner, line = bench.scanner()
    driver = build_driver(Device(id="r", kind="reader", driver="reader_serial", address=line.path), [])
    told: list[tuple[str, dict]] = []

    def report(kind: str, data: dict) -> None:
        told.append((kind, data))

    import threading

    thread = threading.Thread(target=driver.listen, args=(report, lambda: len(told) >= 2), daemon=True)
    thread.start()
    until(lambda: driver._listening)
    for part in (TRACK_1, TRACK_2, ";600649?"):
        bench.do(scanner.scan, part)
    thread.join(10)
    assert [kind for kind, _ in told] == ["card", "card"]
    assert [data.get("code") for _, data in told] == [None, "600649"]
    assert PAYMENT not in str(told) + caplog.text
    assert "VANESSA" not in str(told) + caplog.text


@pytest.mark.django_db
def test_of_any_cards_number_only_six_and_four_are_stored(
    scale_unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list = []
    monkeypatch.setattr(station_events, "_handlers", {"card": [heard.append]})
    station = a_store_with_a_station(
        devices=[
            {"name": "reader", "kind": "reader", "driver": "reader_serial", "options": {"register": "01-1"}}
        ]
    )

    def swiped(text: str) -> str:
        event = Event(event_id=str(uuid4()), device="reader", kind="card", data=read_swipe(text))
        return take_event(station=station, message=event)

    assert swiped(";6006490000001234?") == ""
    assert swiped(TRACK_2) == NOT_OURS
    assert swiped(";600649?") == ""
    assert [event.data.get("code") for event in heard] == ["6006490000001234", None, "600649"]
    assert PAYMENT not in str(heard[1].data)  # the till hears that it was one, and may say so
    stored = json.dumps(list(StationEvent.objects.values_list("data", flat=True)))
    assert "600649******1234" in stored
    assert "6006490000001234" not in stored
    assert PAYMENT not in stored
    assert '"******"' in stored
