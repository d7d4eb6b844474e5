"""The sentences and the block of the one command."""

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.environment import process_environment
from config.embedded.programs import programs
from config.embedded.state import State
from config.embedded.up import CannotRun, Up, check_ports, closing_block, only_one, what_is_wrong
from tests.scenarios.ports import three_free_ports


@pytest.mark.parametrize("offset", [0, 1, 2])
def test_a_taken_port_is_named_with_the_remedy(offset: int) -> None:
    first = three_free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + offset))
        taken.listen()
        with pytest.raises(CannotRun, match=rf"^Port {first + offset}, .* PORT=9000 before the command\.$"):
            check_ports(first, "127.0.0.1")


def test_a_port_beyond_the_last_is_refused() -> None:
    with pytest.raises(CannotRun, match="PORT must be between"):
        check_ports(65535, "127.0.0.1")


def test_a_folder_runs_once(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "lock"),
        pytest.raises(CannotRun, match="already runs from this folder"),
        only_one(tmp_path / "lock"),
    ):
        pass
    with only_one(tmp_path / "lock"):
        pass


def test_the_block_says_where_and_who(tmp_path: Path) -> None:
    (tmp_path / "headquarters").mkdir()
    (tmp_path / "headquarters" / "welcome.txt").write_text("Alice   worker 1001, PIN 2580\n")
    block = closing_block(State(tmp_path), 9000, "127.0.0.1", 12.3)
    for part in ("http://127.0.0.1:9000/", "http://127.0.0.1:9001/", "http://127.0.0.1:9002/", "PIN 2580"):
        assert part in block


def test_ones_own_company_has_a_folder_of_its_own(tmp_path: Path) -> None:
    Up(State(tmp_path), 9000, "127.0.0.1").choose_company()
    (tmp_path / "headquarters").mkdir()
    (tmp_path / "headquarters" / "company-made").touch()
    with pytest.raises(CannotRun, match="holds the demo company: name another folder"):
        Up(State(tmp_path), 9000, "127.0.0.1", own=True).choose_company()
    own = State(tmp_path / "own")
    own.folder.mkdir()
    Up(own, 9000, "127.0.0.1", own=True).choose_company()
    Up(own, 9000, "127.0.0.1").choose_company()  # the folder remembers
    assert {"lab-web", "station"}.isdisjoint(program.name for program in programs(own, 9000, "127.0.0.1"))
    assert process_environment(own, "headquarters")["OWN_COMPANY"] == "1"
    block = closing_block(own, 9000, "127.0.0.1", 12.3)
    assert "9001" in block and "Device lab" not in block and "make reset" not in block


class _Answers(http.server.BaseHTTPRequestHandler):
    body: dict = {}

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(json.dumps(self.body).encode())

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def unready() -> Iterator[str]:
    _Answers.body = {"parts": {"database": {"ok": True}, "worker": {"ok": False, "words": "No worker."}}}
    with http.server.HTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_waited_for_has_a_name(unready: str) -> None:
    assert what_is_wrong(unready) == "No worker."


def test_nobody_there_is_said() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert what_is_wrong(f"http://127.0.0.1:{port}") == "it does not answer yet"
