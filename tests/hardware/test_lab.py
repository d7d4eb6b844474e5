"""The device lab: devices that appear when a station asks, pages that show the bytes as paper, hands that touch."""

import asyncio
import json
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client

from config.settings.roles import role_settings
from hardware.agent.devices import build_driver
from hardware.agent.document import read_document
from hardware.agent.drivers.base import DeviceUnavailable
from hardware.agent.drivers.printer import EscPosPrinter
from hardware.agent.protocol import Device
from hardware.lab.consumers import LabConsumer
from hardware.lab.devices import LAB, Wish
from tests.hardware.lab_bench import receipt, until

PLACE = "Harbour Street · Register 1"
SLUG = "harbour-street-register-1"
BENCH = f"/bench/{SLUG}/"


@pytest.fixture
def browser(settings) -> Iterator[Client]:
    lab = role_settings("lab")
    for name in ("ROOT_URLCONF", "MIDDLEWARE", "CONTENT_SECURITY_POLICY"):
        setattr(settings, name, lab[name])
    yield Client()
    LAB.do(LAB.devices.clear)


def make(browser: Client, kind: str, **wish) -> str:
    asked = {"name": f"S1/{kind}@101", "kind": kind, "title": kind, "place": PLACE, "register": "101"} | wish
    answer = browser.post("/devices/", json.dumps(asked), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()["address"]


def printer_at(address: str) -> EscPosPrinter:
    return EscPosPrinter(Device(id="p", kind="printer", driver="escpos", address=address))


def touch(browser: Client, action: str, value: str = "", device: str = "S1/printer@101") -> str:
    answer = browser.post(
        f"{BENCH}touch/",
        {"device": device, "action": action, "value": value},
        headers={"X-Requested-With": "lab"},
    )
    return answer.json()["problem"]


def test_an_empty_lab_says_what_to_wait_for(browser: Client) -> None:
    assert "as soon as a hardware station asks" in browser.get("/").content.decode()
    assert browser.get(BENCH).status_code == 302
    assert browser.get("/healthz").json() == {"ready": True, "devices": 0}


def test_a_device_keeps_its_address_and_a_scale_its_language(browser: Client) -> None:
    assert make(browser, "printer") == make(browser, "printer")
    assert make(browser, "scale", driver="scale_8217") != make(browser, "scale", driver="scale_dialog06")
    assert LAB.devices["S1/scale@101"].scale.speaks == "dialog06"
    assert browser.get("/", follow=True).redirect_chain[-1][0] == BENCH


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"name": "x"}', 400),
        ('{"name": "<script>", "kind": "printer"}', 400),
        ('{"name": "x", "kind": "catapult"}', 422),
        ('{"name": "x", "kind": "scale", "driver": "scale_moon"}', 422),
        ('{"name": "x", "kind": "printer", "settings": 5}', 400),
    ],
)
def test_what_is_no_device_is_refused(browser: Client, body: str, status: int) -> None:
    assert browser.post("/devices/", body, content_type="application/json").status_code == status
    assert browser.post("/devices/", body, content_type="text/plain").status_code == 400
    assert LAB.devices == {}


def test_a_foreign_page_cannot_make_devices(browser: Client) -> None:
    asked = json.dumps({"name": "x", "kind": "printer"})
    answer = browser.post(
        "/devices/", asked, content_type="application/json", headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 400


def test_the_page_shows_what_the_printer_got(browser: Client) -> None:
    driver = printer_at(make(browser, "printer"))
    driver.print_document(read_document(receipt(7)), begin=lambda: None)
    page = browser.get(BENCH).content.decode()
    paper = page.replace("</text>", "").split("<text")
    assert any("Harbour" in piece for piece in paper)
    assert any("£7.97" in piece for piece in paper)
    assert "style=" not in page
    assert page.count("receipt--printing") == 1


def test_hands_on_the_printer_are_felt_by_the_station(browser: Client) -> None:
    driver = printer_at(make(browser, "printer"))
    for action, words in (("paper", "out of paper"), ("cover", "cover is open")):
        assert touch(browser, action) == ""
        assert words in driver.status().words
        touch(browser, action)
    touch(browser, "low")
    assert driver.status().state == "attention"
    touch(browser, "power")
    until(lambda: driver.status().state == "absent")
    touch(browser, "power")
    until(lambda: driver.status().state in ("ready", "attention"))
    driver.open_drawer(1, begin=lambda: None)
    assert "Push it shut" in browser.get(BENCH).content.decode()
    touch(browser, "shut")
    assert driver.status().flags["drawer_open"] is False
    assert "Second cash drawer" not in browser.get(BENCH).content.decode()
    driver.open_drawer(2, begin=lambda: None)
    assert "Second cash drawer" in browser.get(BENCH).content.decode()
    touch(browser, "shut", "1")
    assert driver.status().flags["drawer_open"] is True
    touch(browser, "shut", "2")
    assert driver.status().flags["drawer_open"] is False
    touch(browser, "paper_out_after", "40")
    assert LAB.devices["S1/printer@101"].printer.faults.paper_out_after == 40


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("explode", ""),
        ("paper_out_after", "-1"),
        ("drop_after", "many"),
        ("scan", ""),
        ("scan", "a\x00b"),
        ("weigh", "heavy"),
    ],
)
def test_nonsense_is_answered_in_words(browser: Client, action: str, value: str) -> None:
    make(browser, "printer")
    assert touch(browser, action, value).endswith(".")
    assert touch(browser, "paper", device="nobody").endswith(".")


def test_codes_are_scanned_and_goods_weighed(browser: Client) -> None:
    make(browser, "scanner", settings={"samples": "5000128104494 Semi-skimmed milk; 04011 Bananas;77"})
    page = browser.get(BENCH).content.decode()
    for code, name in (("5000128104494", "Semi-skimmed milk"), ("04011", "Bananas"), ("77", "77")):
        assert f'value="{code}"' in page and f">{name}</button>" in page
    assert touch(browser, "scan", "5000159461122", "S1/scanner@101") == ""
    scale = build_driver(
        Device(
            id="s", kind="scale", driver="scale_8217", address=make(browser, "scale", driver="scale_8217")
        ),
        (),
    )
    touch(browser, "weigh", "0.432", "S1/scale@101")
    assert scale.read().state == "moving"
    assert str(scale.weigh(3, lambda reading: None).weight) == "0.432"
    scale.close()
    display = build_driver(
        Device(id="d", kind="display", driver="display", address=make(browser, "display")), ()
    )
    display.show(["Bananas", "Total\t9.94"])
    until(lambda: "Total           9.94" in browser.get(BENCH).content.decode())
    display.close()


def test_the_terminal_does_as_it_is_told(browser: Client) -> None:
    driver = build_driver(
        Device(id="t", kind="terminal", driver="zvt", address=make(browser, "terminal")), ()
    )
    LAB.devices["S1/terminal@101"].terminal.step_seconds = 0
    for decision, approved in (("approve", True), ("decline", False)):
        assert touch(browser, "decide", decision, "S1/terminal@101") == ""
        assert driver.pay(994, begin=lambda: None, tell=lambda words: None).approved is approved
    page = browser.get(BENCH).content.decode()
    assert "9.94" in page
    assert "declined" in page
    assert touch(browser, "cut", "nowhere", "S1/terminal@101").endswith(".")


def test_a_terminal_on_a_serial_line_has_frames_that_fail_once(browser: Client) -> None:
    name = "S1/terminal@101"
    assert "Its frame broken" not in browser.get(BENCH).content.decode()
    address = make(browser, "terminal", driver="zvt_serial")
    terminal, frames = LAB.devices[name].terminal, LAB.devices[name].frames
    terminal.step_seconds = 0
    frames.unplugged_seconds = 0.3
    for paid, fault in enumerate(("breaks", "mishears", "forgets"), start=1):
        driver = build_driver(Device(id="t", kind="terminal", driver="zvt_serial", address=address), ())
        assert touch(browser, fault, "", name) == ""
        assert getattr(frames, fault) == 1
        assert 'aria-pressed="true">' in browser.get(BENCH).content.decode()
        answer = driver.pay(994, begin=lambda: None, tell=lambda words: None)
        assert answer.approved and getattr(frames, fault) == 0
        assert len(terminal.book) == paid, "a frame that failed books nothing twice"
        driver.close()
    touch(browser, "unplug", "", name)
    driver = build_driver(Device(id="t", kind="terminal", driver="zvt_serial", address=address), ())
    assert driver.status().state in ("silent", "absent")
    until(lambda: driver.status().state == "ready")
    driver.close()
    make(browser, "terminal", name="S1/other@101")
    assert touch(browser, "breaks", "", "S1/other@101").endswith(".")


def test_cards_are_swiped_and_a_payment_card_stays_a_payment_card(browser: Client) -> None:
    reader = build_driver(
        Device(id="r", kind="reader", driver="reader_serial", address=make(browser, "reader")), ()
    )
    heard: list[dict] = []
    stop = threading.Event()
    listening = threading.Thread(
        target=reader.listen, args=(lambda kind, data: heard.append(data), stop.is_set), daemon=True
    )
    listening.start()
    # A line that is just being opened forgets what came before.
    until(lambda: heard or touch(browser, "swipe", ";77?", "S1/reader@101"))
    heard.clear()
    for card in ("loyalty", "staff", "payment", "scratched"):
        assert touch(browser, "swipe", card, "S1/reader@101") == ""
        until(lambda card=card: len(heard) == ["loyalty", "staff", "payment", "scratched"].index(card) + 1)
    assert [found.get("code") for found in heard[:2]] == ["700700000017", "8801001"]
    assert heard[2]["number"] == "411111******1111" and "terminal" in heard[2]["refused"]
    assert "could not be read" in heard[3]["refused"]
    assert touch(browser, "swipe", ";5551234?", "S1/reader@101") == ""
    until(lambda: heard[-1].get("code") == "5551234")
    assert touch(browser, "swipe", "é", "S1/reader@101").endswith("?")
    stop.set()
    listening.join(5)


def test_a_line_that_loses_doubles_and_garbles(browser: Client) -> None:
    scale = build_driver(
        Device(
            id="s", kind="scale", driver="scale_8217", address=make(browser, "scale", driver="scale_8217")
        ),
        (),
    )
    name = "S1/scale@101"
    touch(browser, "weigh", "0.432", name)
    until(lambda: scale.read().state == "stable")
    touch(browser, "lose_answers", "", name)
    with pytest.raises(DeviceUnavailable):
        scale.read()
    touch(browser, "lose_answers", "", name)
    touch(browser, "double_answers", "", name)
    assert str(scale.weigh(3, lambda reading: None).weight) == "0.432"
    touch(browser, "double_answers", "", name)
    for weight, state in (("15.5", "overload"), ("-0.05", "below_zero")):
        touch(browser, "weigh", weight, name)
        until(lambda state=state: scale.read().state == state)
    assert "Below zero" in browser.get(BENCH).content.decode()
    scale.close()


def test_a_page_printer_keeps_what_it_was_given(browser: Client) -> None:
    address = make(browser, "printer", name="S1/pages", driver="page_ipp", title="Page printer")
    driver = build_driver(Device(id="p", kind="printer", driver="page_ipp", address=address), ())
    touch(browser, "paper", device="S1/pages")
    assert "out of paper" in driver.status().words
    touch(browser, "paper", device="S1/pages")
    assert driver.print_document(read_document(receipt(7)), begin=lambda: None) == "Printed."
    page = browser.get(BENCH).content.decode()
    assert "Printed, look at it" in page
    pdf = browser.get(f"{BENCH}pages/1/", {"printer": "S1-pages"})
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    assert browser.get(f"{BENCH}pages/2/", {"printer": "S1-pages"}).status_code == 404


def test_each_printer_of_a_till_has_its_paper(browser: Client) -> None:
    make(browser, "printer", title="Receipts")
    gifts = printer_at(make(browser, "printer", name="S1/gifts", title="Gift receipts"))
    gifts.print_document(read_document(receipt(7)), begin=lambda: None)
    assert "£7.97" not in browser.get(BENCH, {"printer": "S1-printer-101"}).content.decode()
    page = browser.get(BENCH, {"printer": "S1-gifts"}).content.decode()
    assert "£7.97" in page and 'data-printer="S1-printer-101"' in page


def test_a_key_works_without_a_script(browser: Client) -> None:
    make(browser, "printer")
    answer = browser.post(f"{BENCH}touch/", {"device": "S1/printer@101", "action": "cover"})
    assert urlsplit(answer["Location"]).path == BENCH
    assert "Shut cover" in browser.get(BENCH).content.decode()


async def test_the_page_hears_of_paper_as_it_is_printed(settings) -> None:
    wish = Wish(name="S1/printer@101", kind="printer", place=PLACE, register="101")
    address = await asyncio.to_thread(LAB.do, LAB.ensure, wish)
    page = WebsocketCommunicator(LabConsumer.as_asgi(), f"/ws/lab/?place={SLUG}&seen=1.0")
    assert (await page.connect())[0]
    try:
        document = read_document(receipt(1))
        await asyncio.to_thread(printer_at(address).print_document, document, begin=lambda: None)
        kinds, ink = [], ""
        while "cut" not in kinds:
            message = json.loads(await page.receive_from(timeout=5))
            kinds.append(message["kind"])
            ink += message.get("html", "") if message["kind"] == "ink" else ""
        assert "£7.97" in ink
        assert ink.count("<svg") >= 15
    finally:
        await page.disconnect()
        await asyncio.to_thread(LAB.do, LAB.devices.clear)


def test_a_station_that_looks_around_finds_what_lies_on_the_shelf_and_may_use_it(browser: Client) -> None:
    assert browser.get("/devices/", {"station": "x"}).status_code == 400
    found = browser.get("/devices/", {"station": "7"}).json()["devices"]
    assert [(device["kind"], device["address"]) for device in found] == [
        ("printer", "lab:shelf/7/printer"),
        ("scale", "lab:shelf/7/scale"),
    ]
    assert browser.get("/devices/", {"station": "7"}).json()["devices"] == found
    waiting = LAB.devices["shelf/7/printer"].address
    assert make(browser, "printer", name="shelf/7/printer") == waiting
    assert LAB.devices["shelf/7/printer"].wish.place == PLACE
