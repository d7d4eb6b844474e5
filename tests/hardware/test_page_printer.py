"""Full-page printers: PDFs into a print queue by IPP, once each, and what is said when it goes wrong."""

import re
import threading
import zlib
from pathlib import Path

import pytest

from hardware.agent import worker as worker_module
from hardware.agent.devices import build_driver
from hardware.agent.document import read_document
from hardware.agent.drivers import ipp, page
from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable, OutcomeUnknown
from hardware.agent.drivers.ipp import Attribute, read_message, write_request
from hardware.agent.drivers.page import PagePrinter
from hardware.agent.drivers.page_pdf import PageSettings, compile_pages
from hardware.agent.emulators.lines import TcpLine
from hardware.agent.emulators.page_printer import HELD, EmulatedPagePrinter
from hardware.agent.journal import Journal
from hardware.agent.protocol import Device, Job, Message, Outcome, Profile
from hardware.agent.station import HardwareStation
from hardware.agent.worker import JobWorker
from tests.hardware.lab_bench import Bench, receipt, until


@pytest.fixture
def queue(bench: Bench) -> EmulatedPagePrinter:
    printer = EmulatedPagePrinter()
    line = bench.do(TcpLine, printer)
    bench.do(line.open)
    printer.drop_line, printer.line = line.drop, line
    bench._lines.append(line)
    return printer


def device(queue: EmulatedPagePrinter, name: str = "office", **settings) -> Device:
    return Device(
        id="page",
        kind="printer",
        driver="page_ipp",
        address=f"127.0.0.1:{queue.line.port}/printers/{name}",
        settings=settings,
    )


def print_one(queue: EmulatedPagePrinter, driver: PagePrinter | None = None, **changes) -> str:
    driver = driver or build_driver(device(queue), ["127.0.0.0/8"])
    return driver.print_document(read_document(receipt(**changes)), begin=lambda: None)


def text_of(pdf: bytes) -> str:
    """What the PDF's pages say, as far as its text is in plain letters."""
    from base64 import a85decode

    streams = re.findall(rb"/ASCII85Decode /FlateDecode.*?stream\n(.*?)endstream", pdf, re.S)
    plain = b"".join(
        zlib.decompress(
            a85decode(stream.strip(), adobe=False) if b"~>" not in stream else a85decode(stream.strip()[:-2])
        )
        for stream in streams
    )
    return " ".join(part.decode("latin-1") for part in re.findall(rb"\((.*?)\) Tj", plain))


def test_a_request_as_the_document_has_it() -> None:
    raw = write_request(ipp.GET_PRINTER, 7, [Attribute(ipp.URI, "printer-uri", "ipp://h/p")], b"%PDF")
    assert raw[:9] == bytes.fromhex("0200000b0000000701")
    assert bytes.fromhex("47 0012") + b"attributes-charset" + bytes.fromhex("0005") + b"utf-8" in raw
    message = read_message(raw)
    assert message.group(ipp.OPERATION)["printer-uri"] == ["ipp://h/p"]
    assert (message.code, message.number, message.data) == (ipp.GET_PRINTER, 7, b"%PDF")


@pytest.mark.parametrize(
    "raw", [b"", b"\x02\x00", b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x47\xff", bytes(400)]
)
def test_garbage_is_no_message(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no IPP message"):
        read_message(raw)


def test_a_document_becomes_one_pdf_whose_text_is_text(queue: EmulatedPagePrinter) -> None:
    assert print_one(queue, blocks=[*receipt()["blocks"], {"kind": "text", "text": "Łódź €5"}]) == "Printed."
    (job,) = queue.jobs
    assert job["name"].startswith("Receipt 1 ")
    assert job["data"].startswith(b"%PDF-")
    said = text_of(job["data"])
    assert "WHITE HANGING HEART" in said
    assert "\\2437.97" in said or "£7.97" in said


def test_pages_break_where_they_are_full_and_at_cuts() -> None:
    def pages(blocks: list[dict], **settings) -> int:
        pdf = compile_pages(read_document({"blocks": blocks}), PageSettings(**settings))
        return len(re.findall(rb"/Type /Page\b", pdf))

    line = {"kind": "text", "text": "A line"}
    assert pages([line] * 10) == 1
    assert pages([line] * 10, paper="a5") == 1
    assert pages([line] * 200) > 2
    assert pages([line, {"kind": "cut"}, line, {"kind": "cut"}]) == 2


@pytest.mark.parametrize(
    "settings", [{"paper": "a0"}, {"columns": 4}, {"columns": "many"}, {"font": "/no/such.ttf"}]
)
def test_settings_that_cannot_be_used_are_refused(queue: EmulatedPagePrinter, settings: dict) -> None:
    with pytest.raises(DeviceRefused):
        print_one(queue, build_driver(device(queue, **settings), []))
    assert queue.jobs == []


@pytest.mark.parametrize(
    ("reasons", "state", "words"),
    [
        ([], "ready", "Ready"),
        (["media-empty-error"], "stopped", "Fill its tray"),
        (["cover-open"], "stopped", "Shut it"),
        (["toner-low-report", "none"], "attention", "toner is running low"),
        (["paused"], "stopped", "Resume it"),
        (["unheard-of-error"], "stopped", "takes no jobs"),
    ],
)
def test_how_the_printer_is_in_words(
    queue: EmulatedPagePrinter, reasons: list, state: str, words: str
) -> None:
    queue.reasons = reasons
    health = build_driver(device(queue), []).status()
    assert health.state == state
    assert words in health.words


def test_nothing_begins_on_a_printer_that_cannot(bench: Bench, queue: EmulatedPagePrinter) -> None:
    queue.reasons = ["media-empty-error"]
    with pytest.raises(DeviceUnavailable, match="tray"):
        print_one(queue)
    with pytest.raises(DeviceUnavailable, match="name"):
        print_one(queue, build_driver(device(queue, "elsewhere"), []))
    with pytest.raises(DeviceRefused, match="outside"):
        print_one(queue, build_driver(device(queue), ["10.0.0.0/8"]))
    bench.do(queue.line.close)
    with pytest.raises(DeviceUnavailable, match="switched on"):
        print_one(queue)
    assert queue.jobs == []


def test_a_queue_that_gives_up_is_unknown(queue: EmulatedPagePrinter) -> None:
    queue.aborts = True
    driver = build_driver(device(queue), [])
    with pytest.raises(OutcomeUnknown, match="gave the job up"):
        print_one(queue, driver)
    assert not driver.owes_answer


class PrintingStation:
    def __init__(self, path: Path) -> None:
        self.journal, self.outcomes = Journal(path), []

    def send(self, message: Message) -> None:
        if isinstance(message, Outcome):
            self.outcomes.append(message.result)

    def build(self, wanted: Device):
        return build_driver(wanted, [])


@pytest.mark.parametrize("fault", ["line", "slow"])
def test_a_job_whose_answer_was_lost_or_late_is_found_in_the_queue(
    queue: EmulatedPagePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(page, "DONE_SECONDS", 0.2)
    queue.drop_after_job, queue.seconds = fault == "line", 0.6
    station = PrintingStation(tmp_path / "journal")
    worker = JobWorker(device(queue), station)
    worker.start()
    worker.add(Job(id="job", kind="print", document=receipt(), expires_in=30))
    until(lambda: station.journal.state_of("job") == "done")
    worker.stop()
    worker.join(10)
    assert station.outcomes == ["unknown", "done"]
    assert len(queue.jobs) == 1
    station.journal.close()


def test_a_second_printer_prints_what_is_sent_to_it_and_all_when_it_is_alone() -> None:
    def chosen(devices: list[Device], **job) -> str | None:
        station.profile = Profile(version="1", station="S", devices=devices)
        found = station._device_for(Job(id="j", kind="print", register="1", **job), "printer")
        return found and found.id

    def device_named(name: str, **changes) -> Device:
        plain = {"id": name, "kind": "printer", "driver": "escpos_network", "address": "tcp://h"}
        return Device(**plain | changes)

    station = HardwareStation.__new__(HardwareStation)
    main = device_named("main")
    kitchen = device_named("a-kitchen@1", settings={"second": True}, register="1")
    office = device_named("a-page", driver="page_ipp")
    assert chosen([office, kitchen, main]) == "main"
    assert chosen([office, kitchen, main], device="a-kitchen") == "a-kitchen@1"
    assert chosen([office, kitchen, main], device="a-page") == "a-page"
    assert chosen([office]) == "a-page"
    assert chosen([]) is None


def test_a_printer_that_wakes_slowly_is_waited_for_and_a_job_that_is_held_is_not(
    bench: Bench, queue: EmulatedPagePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue says which it is, so the patience with a printer that merely said nothing is not for it."""
    monkeypatch.setattr(page, "DONE_SECONDS", 0.1)
    monkeypatch.setattr(page, "ASK_LATER_SECONDS", 0.05)
    monkeypatch.setattr(page, "GIVES_UP_SECONDS", 600.0)
    monkeypatch.setattr(worker_module, "OWED_FOR", {"ready": 0.0, "silent": 0.0})
    queue.seconds = 1000.0
    station = PrintingStation(tmp_path / "journal")
    worker = JobWorker(device(queue), station)
    worker.start()
    worker.add(Job(id="slow", kind="print", document=receipt(), expires_in=900))
    until(lambda: station.journal.state_of("slow") == "unknown" and worker._owed)
    asked = queue.questions
    until(lambda: queue.questions > asked + 10)
    assert worker._owed
    bench.do(queue._print, queue.jobs[0])
    until(lambda: station.journal.state_of("slow") == "done")
    worker.add(Job(id="held", kind="print", document=receipt(), expires_in=900))
    until(lambda: len(queue.jobs) == 2)
    queue.jobs[1]["state"] = HELD
    monkeypatch.setattr(page, "GIVES_UP_SECONDS", 0.2)
    until(lambda: station.journal.state_of("held") == "unknown" and not worker._owed)
    worker.stop()
    worker.join(10)
    station.journal.close()


def test_a_queue_whose_server_goes_while_it_prints_is_asked_when_it_is_back(
    bench: Bench, queue: EmulatedPagePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "ASK_LATER_SECONDS", 0.0)
    queue.seconds = 1000.0
    driver = build_driver(device(queue), [])

    def go_away() -> None:
        until(lambda: queue.jobs)
        bench.do(queue.line.close)

    away = threading.Thread(target=go_away)
    away.start()
    with pytest.raises(OutcomeUnknown, match="cannot be reached"):
        print_one(queue, driver)
    away.join()
    assert driver.owes_answer and not driver.settle()
    bench.do(queue.line.open)
    bench.do(queue._print, queue.jobs[0])
    assert driver.settle()
