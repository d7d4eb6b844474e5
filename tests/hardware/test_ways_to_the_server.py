"""A station reaches its server over TLS and through a company's proxy, and says why where it does not."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from config.embedded.services import free_port
from hardware.agent.__main__ import main
from hardware.agent.away import why_away
from hardware.agent.config import Identity, StateFolder
from hardware.agent.link import Link
from hardware.agent.logs import said_once
from hardware.agent.pairing import ServerAway, pair
from hardware.models import StationStatus
from hardware.services.pairing import issue_code
from hq.models import Register
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import Bench, until
from tests.hardware.stations import Server, StationProgram, settled
from tests.hardware.test_full_disk import Holder
from tests.hardware.test_station import counter, print_one
from tests.hardware.ways import HOST, Ways

SERVER = f"https://{HOST}"


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ways]]:
    """Make a way to a server; this process trusts its issuer and goes through its proxy."""
    made: list[Ways] = []

    def make(port: int = 0, **options) -> Ways:
        made.append(Ways(tmp_path, port or free_port(), **options))
        monkeypatch.setenv("SSL_CERT_FILE", str(made[-1].issuer))
        monkeypatch.setenv("https_proxy", made[-1].proxy)
        return made[-1]

    yield make
    for ways in made:
        ways.close()


def reasons(tmp_path: Path, caplog: pytest.LogCaptureFixture, server: str = SERVER) -> set[str]:
    """What is said by a station that is to be paired, and by the link of one that is."""
    identity = Identity(server=server, key="key", station=1)
    with pytest.raises(ServerAway) as away:
        pair(identity, "7K4P-W9QX")

    async def try_once() -> None:
        asyncio.get_running_loop().set_exception_handler(said_once())
        link = Link(Holder(StateFolder(tmp_path / "state")), identity)
        task = asyncio.create_task(link.run())
        while not link._was_told:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with caplog.at_level(logging.WARNING):
        asyncio.run(asyncio.wait_for(try_once(), 10))
    told = [record.getMessage() for record in caplog.records if record.name == "hardware.agent.link"]
    return {str(away.value), told[0].removesuffix(" Trying again.")}


@pytest.mark.system
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_station_pairs_and_prints_over_tls_through_a_proxy_with_a_password(
    server: Server, bench: Bench, tmp_path: Path, way: Callable[..., Ways], scheme: str
) -> None:
    ways = way(server.port, password="till:house")
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    program = StationProgram(
        SERVER, tmp_path / "state", "--pair", issue_code(station=station),
        https_proxy=scheme + ways.proxy.removeprefix("http://"), SSL_CERT_FILE=str(ways.issuer),
    )  # fmt: skip
    program.start()
    until(lambda: StationStatus.objects.filter(station=station, connection__isnull=False).exists(), 15)
    print_one(Register.objects.get())
    settled(1)
    program.stop()
    assert printer.cuts == 1
    assert set(ways.asked) == {f"{HOST}:443"} and len(ways.asked) == 2  # paired, and then connected


def test_a_clock_that_is_wrong_is_named(
    tmp_path: Path, way: Callable[..., Ways], caplog: pytest.LogCaptureFixture
) -> None:
    for starts_in in (5, -20):
        way(starts_in=starts_in)
        for words in reasons(tmp_path, caplog):
            assert f"{HOST} is not good at the time that this computer shows" in words
            assert "Set its clock" in words
        caplog.clear()


def test_an_issuer_that_is_not_known_is_named(
    tmp_path: Path,
    way: Callable[..., Ways],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    way()
    monkeypatch.delenv("SSL_CERT_FILE")
    (words,) = reasons(tmp_path, caplog)
    assert "is not trusted here" in words and "SSL_CERT_FILE" in words
    behind = [record for record in caplog.records if record.name == "hardware.agent.logs"]
    assert len(behind) <= 1, "what the library says of it"


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        (
            "http://127.0.0.1:{port}",
            "wants a password. Name it in https_proxy=http://user:password@host:port.",
        ),
        ("http://127.0.0.1:9", f"{HOST} is not reached through the proxy 127.0.0.1:9 (Connection refused)"),
        (
            "http://who:secret@127.0.0.1:9",
            f"{HOST} is not reached through the proxy 127.0.0.1:9 (Connection refused)",
        ),
    ],
)
def test_what_is_wrong_with_a_proxy_is_said_without_its_password(
    tmp_path: Path, way: Callable[..., Ways], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    proxy: str, words: str,
) -> None:  # fmt: skip
    ways = way(password="till:house")
    monkeypatch.setenv("https_proxy", proxy.format(port=ways.proxy_port))
    for said in reasons(tmp_path, caplog):
        assert words in said and "secret" not in said


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(111, "Connect call failed ('10.0.0.5', 443)"), "Connection refused"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 443), [Errno 113] Connect"),
            "Connection refused",
        ),
        (OSError(113, "No route to host"), "No route to host"),
        (TimeoutError("timed out during opening handshake"), "timed out during opening handshake"),
    ],
)
def test_why_nobody_answers_is_said_in_plain_words(error: OSError, reason: str) -> None:
    words = f"shop.test does not answer ({reason}). Check the address and the network."
    assert why_away("https://shop.test", error) == words


@pytest.mark.parametrize(
    ("name", "proxy", "words"),
    [
        ("https_proxy", "nonsense", "through the proxy nonsense ("),
        ("socks_proxy", "socks5://127.0.0.1:9", "HTTP proxies only, not through SOCKS"),
    ],
)
def test_a_proxy_that_cannot_be_used_ends_no_station(
    tmp_path: Path, way: Callable[..., Ways], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    name: str, proxy: str, words: str,
) -> None:  # fmt: skip
    way(password="till:house")
    monkeypatch.setenv(name, proxy)
    assert any(words in said for said in reasons(tmp_path, caplog))


@pytest.mark.parametrize(("code", "words"), [(403, "answers 403"), (407, "proxy .* wants a password")])
def test_a_refusal_that_is_not_the_server_s_is_no_word_on_the_code(
    monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    """A proxy, or a scale unit that does not know its own name, answers in words of its own."""

    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(code)

        def log_message(self, *arguments: object) -> None:
            return

    monkeypatch.delenv("https_proxy", raising=False)
    with HTTPServer(("127.0.0.1", 0), Refuses) as refuses:
        thread = threading.Thread(target=refuses.handle_request, daemon=True)
        thread.start()
        with pytest.raises(ServerAway, match=words):
            pair(
                Identity(server=f"http://127.0.0.1:{refuses.server_port}", key="key", station=1), "7K4P-W9QX"
            )
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://shop.test{path}\r\nContent-Length: 0\r\n\r\n",
            "{server} sends on to https://shop.test. Start with that: --server https://shop.test",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "{server} answers 404, as no scale unit of Tillhouse does.",
        ),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "The server answers 502."),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", ""),
    ],
)
def test_an_answer_that_is_no_scale_unit_s_names_what_to_change(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answer: bytes,
    words: str,
) -> None:
    """A redirect lost the code and was called 405; what speaks another protocol ended the program."""
    monkeypatch.delenv("https_proxy", raising=False)

    class Answers(StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1]
            while self.rfile.readline().strip():
                continue
            self.wfile.write(answer.replace(b"{path}", path))

    with ThreadingTCPServer(("127.0.0.1", 0), Answers) as answers:
        threading.Thread(target=answers.serve_forever, daemon=True).start()
        server = f"http://127.0.0.1:{answers.server_address[1]}"
        said = reasons(tmp_path, caplog, server)
        answers.shutdown()
    assert all(words.format(server=server) in one for one in said)


def test_a_port_without_tls_is_said_to_be_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as plain:
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        said = reasons(tmp_path, caplog, f"https://127.0.0.1:{plain.server_port}")
        plain.shutdown()
    (words,) = said
    assert "127.0.0.1 speaks no TLS at that port." in words and "http://" in words


@pytest.mark.parametrize(
    "text",
    ["shop.example", "10.0.0.5:8001", "https:/shop.example", "ftp://shop.example", "http://[::1", "http://a:99999"],
)  # fmt: skip
def test_what_is_no_address_is_said_with_how_one_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """It was tried for ever, or ended the program in its own words."""
    for arguments in (["--server", text, "--pair", "7K4P-W9QX"], ["--pair", f"{text}/#7K4P-W9QX"]):
        with pytest.raises(SystemExit) as ended:
            main(["--state", str(tmp_path), *arguments])
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert f"{text} is no address of a server. Write it as in https://shop.example." in said
