"""A station's day in compressed time: jobs, scans, faults, floods and lost lines, all at once, on a real program.

SOAK_SECONDS=300 is the long form (`make soak`). Afterwards every job is told, nothing came out twice, memory is flat
and the log has said each trouble once.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from hardware.models import DeviceJob, StationEvent, StationStatus
from hardware.states import JobState
from hq.models import Register
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import Bench, until
from tests.hardware.stations import Server
from tests.hardware.test_faults import mend, receipts_on, strike
from tests.hardware.test_station import counter, print_one, start_station

SECONDS = float(os.environ.get("SOAK_SECONDS", "6"))
NOISE = bytes(range(14, 256))


@pytest.mark.system
@pytest.mark.timeout(SECONDS * 3 + 180)
def test_a_day_in_a_few_minutes(server: Server, bench: Bench, tmp_path: Path) -> None:
    printer, scanner, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    dice, number, asked_scans, memory = random.Random(3), 0, 0, 0.0
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            what = dice.random()
            if what < 0.4:
                number += 1
                print_one(register, number)
            elif what < 0.6:
                asked_scans += bench.do(scanner.scan, f"50001594{dice.randrange(100_000):05d}")
            elif what < 0.75:
                bench.do(strike, dice, printer)
                time.sleep(0.3)
                mend(bench, printer)
            elif what < 0.8:
                bench.do(scanner._reply, NOISE * 4 + b"\r")
            elif what < 0.85:
                shout_nonsense(server)
            elif what < 0.87:
                server.stop()
                server.start()
            time.sleep(0.02)
            memory = memory or (program.memory_mb() if time.monotonic() > end - SECONDS * 0.7 else 0.0)
        mend(bench, printer)
        until(lambda: StationStatus.objects.get().connection, 30)
        until(lambda: not DeviceJob.objects.filter(is_settled=False).exists(), 90)
        assert program.process.poll() is None
        assert program.memory_mb() < memory + 8, "the station's memory has grown"
        assert program.memory_mb() < 60
    finally:
        program.stop()
    came_out = receipts_on(printer)
    for job in DeviceJob.objects.all():
        assert came_out[job.title] <= 1, f"{job.title} came out {came_out[job.title]} times"
        assert job.state == JobState.UNKNOWN or came_out[job.title] == 1, (job.title, job.state, job.words)
        assert job.state in (JobState.DONE, JobState.UNKNOWN)
    assert number
    assert (
        StationEvent.objects.filter(kind="scan").count() >= asked_scans * 0.8
    )  # a flood may have swallowed some
    lines = Counter(line.partition(" ")[2].partition(" ")[2] for line in program.log.read_text().splitlines())
    errors = [line for line in lines if line.startswith(("ERROR", "Traceback"))]
    assert errors == []


def shout_nonsense(server: Server) -> None:
    """Somebody who is no station, with a great deal to say."""
    address = server.address.replace("http", "ws") + "/ws/station/"
    for headers in ({}, {"Authorization": "Station 1:guessed"}, {"Authorization": "\x7f" * 2000}):
        try:
            with connect(address, additional_headers=headers, proxy=None, close_timeout=1) as socket:
                for _ in range(30):
                    socket.send("{" * 2000)
                socket.recv(timeout=2)
        except (OSError, WebSocketException):
            continue
        raise AssertionError("Somebody who is no station was let in.")
