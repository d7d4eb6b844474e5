"""The one command, whole: from nothing to a company that is ready, killed, started again elsewhere, stopped."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.children import started_at
from config.embedded.services import is_free
from config.embedded.state import ROOT
from tests.scenarios.back_office_client import BackOffice
from tests.scenarios.ports import three_free_ports

pytestmark = [pytest.mark.system, pytest.mark.timeout(1000)]
READY_WITHIN = 400  # a busy machine may take its time: how long it takes is not what is tested here
ADMINISTRATOR, PASSWORD = "admin", "harbour-and-hale"  # the demo company's


class Run:
    """One run of the command in `folder`, on `port` and the two after it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.folder, self.said = port, folder, folder.with_suffix(f".{port}.said")
        environment = {**os.environ, "TILLHOUSE_DATA": str(folder), "PORT": str(port)}
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.embedded"], cwd=ROOT, env=environment, stdout=said, stderr=said
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while "Tillhouse is ready" not in self.said.read_text():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.2)

    def health(self, offset: int) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + offset}/healthz") as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def children(self) -> dict[str, int]:
        return {name: e[0] for name, e in json.loads((self.folder / "processes.json").read_text()).items()}

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=40)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    subprocess.run(
        [sys.executable, ROOT / "run", "reset"], env={**os.environ, "TILLHOUSE_DATA": str(folder)}, check=True
    )
    assert not folder.exists()


def test_first_run_kill_second_run_and_stop(folder: Path) -> None:
    first = Run(folder, three_free_ports())
    try:
        first.wait_until_ready()
        assert first.health(0)[0] == 200
        status, health = first.health(1)
        assert status == 200 and health["parts"]["data"]["ok"] and health["parts"]["stations"]["connected"]
        made = (folder / "headquarters" / "welcome.txt").read_text()
        assert made.splitlines()[0].strip() in first.said.read_text()
        headquarters_works_a_station(first)
        children = first.children()
    finally:
        first.process.kill()
        first.process.wait()

    second = Run(folder, three_free_ports())  # at another address, with what the first left behind
    try:
        second.wait_until_ready()
        assert not any(started_at(pid) for pid in children.values())
        assert second.health(0)[0] == second.health(1)[0] == 200
        assert (folder / "headquarters" / "welcome.txt").read_text() == made
        said = second.said.read_text()
        assert "making the demo company" not in said and "setting up the tables" not in said
        children = second.children()
        assert len(children.keys() - {"demo-sales"}) == 10
    finally:
        code = second.stop()
    assert code == 0
    assert not any(started_at(pid) for pid in children.values())
    assert all(is_free(second.port + offset) for offset in range(3))


def headquarters_works_a_station(run: Run) -> None:
    """Over real lines: find a device, adopt it, print on it, read the log and restart, all from headquarters."""
    office = BackOffice(f"http://127.0.0.1:{run.port}", ADMINISTRATOR, PASSWORD)
    try:
        row = re.search(r'href="(/hq/hardwarestation/\d+)/change/', office.page("/hq/hardwarestation/"))
        assert row
        station, live = row[1], f"{row[1]}/live/"
        office.wait(live, "Connected connected")
        office.post(f"{station}/command/", what="discover")
        office.wait(live, "A receipt printer of the device lab.")
        address = re.search(r'value="(lab:shelf/\d+/printer)"', office.page(live))
        assert address
        office.post(f"{station}/adopt/", address=address[1], driver="escpos_network")
        office.wait(live, lambda text: re.search(r"printer-2 – Ready", text))  # a package has brought it
        office.post(f"{station}/command/", what="test_print", device="printer-2")
        office.wait(live, lambda text: re.search(r"Test print printer-2 \w+ Done Printed", text))
        assert "Connected as" in office.post(f"{station}/log/")
        office.post(f"{station}/restart/")
        office.wait(live, lambda text: re.search(r"connected (just now|\d+ s ago)", text))
        office.wait("/audit/", "Asked for station command Restart")
    finally:
        office.close()
