"""The station's memory."""

import errno
import time
from pathlib import Path

import pytest

from hardware.agent.config import StateFolder
from hardware.agent.journal import Journal
from hardware.agent.protocol import (
    Device,
    Job,
    Jobs,
    Outcome,
    Profile,
    ProtocolError,
    Take,
    read_from_server,
    read_from_station,
    write,
)
from hardware.services.events import TOO_OLD_SECONDS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_a_job_is_begun_once(path: Path) -> None:
    journal = Journal(path)
    assert journal.begin("a")
    assert not journal.begin("a")
    assert journal.state_of("a") == "begun"
    assert journal.outcome_of("a") is None
    journal.close()


def test_what_was_begun_while_its_device_was_asked_is_taken_back_but_nothing_that_ended(path: Path) -> None:
    journal = Journal(path)
    assert journal.begin_aside("a").result()
    journal.take_back("a")
    assert journal.state_of("a") is None
    assert journal.begin("a")
    assert not journal.begin_aside("a").result()
    journal.finish(Outcome(job="a", result="unknown"))
    journal.take_back("a")
    assert journal.state_of("a") == "unknown"
    journal.close()


def test_a_journal_that_a_server_was_told_of_is_another_one_at_the_next_start_and_says_so(path: Path) -> None:
    def started() -> tuple[str, list[str]]:
        journal = Journal(path)
        journal.note_told()
        journal.close()
        return journal.id, journal.former

    unheard = Journal(path)
    unheard.close()
    first, former = started()
    assert (first, former) == (unheard.id, [])
    second, former = started()
    assert former == [first]
    journal = Journal(path)
    assert journal.former == [first, second] and journal.id not in journal.former
    journal.note_told()
    journal.note_known()
    assert journal.former == []
    journal.close()
    assert started()[1] == [journal.id]


def test_an_interrupted_job_is_unknown_and_keeps_being_told(path: Path) -> None:
    journal = Journal(path)
    journal.begin("a")
    journal.close()
    again = Journal(path)
    assert not again.begin("a")
    told = again.unanswered_outcomes()
    assert [(outcome.job, outcome.result) for outcome in told] == [("a", "unknown")]
    again.answered("a", "unknown")
    assert again.unanswered_outcomes() == []
    again.finish(Outcome(job="a", result="done"))
    assert [outcome.result for outcome in again.unanswered_outcomes()] == ["done"]
    again.answered("a", "unknown")  # an answer to the earlier outcome that was late
    assert [outcome.result for outcome in again.unanswered_outcomes()] == ["done"]
    again.finish(Outcome(job="a", result="unknown"))
    assert again.state_of("a") == "done"
    again.close()


def test_events_wait_in_order_with_their_age(path: Path) -> None:
    journal = Journal(path)
    ids = [journal.keep_event("scanner", "scan", {"code": str(number)}).event_id for number in range(3)]
    journal.close()
    again = Journal(path)
    assert [event.event_id for event in again.unanswered_events()] == ids
    assert all(event.age >= 0 for event in again.unanswered_events())
    again.forget_events(ids[:2])
    assert [event.data for event in again.unanswered_events()] == [{"code": "2"}]
    again.close()


def test_what_happened_before_the_clock_was_set_back_is_old(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a computer without a clock of its own, whose power was away: a scan of before went into the next sale."""
    journal = Journal(path)
    journal.keep_event("scanner", "scan", {"code": "1"})
    journal.close()
    really = time.time
    monkeypatch.setattr(time, "time", lambda: really() - 3600)
    again = Journal(path)
    (event,) = again.unanswered_events()
    again.close()
    assert event.age > TOO_OLD_SECONDS["scan"]


def test_the_folder_keeps_key_and_profile_to_itself(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "station")
    identity = folder.identity("https://shop.example")
    assert folder.identity("https://shop.example").key == identity.key
    assert folder.identity("https://other.example").key != identity.key
    assert (folder.path / "station.json").stat().st_mode & 0o077 == 0
    profile = Profile(
        version="1",
        station="Counter",
        devices=[
            Device(
                id="printer",
                kind="printer",
                driver="escpos",
                address="tcp://10.0.0.7",
                settings={"columns": 48},
            )
        ],
    )
    folder.keep_profile(profile)
    assert folder.profile() == profile
    (folder.path / "profile.json").write_text("{")
    assert folder.profile() is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"type":"hello"}',
        '{"type":"nonsense"}',
        "\ud800",
        "9" * 2_000_000,
        "[" * 100_000,
        '{"type":"outcome","job":"a","result":"perhaps"}',
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    for read in (read_from_server, read_from_station):
        with pytest.raises(ProtocolError):
            read(text)


def test_a_newer_side_may_say_more() -> None:
    assert read_from_station('{"type":"take","limit":3,"mood":"good"}') == Take(limit=3)
    assert read_from_station(write(Take(again=True))) == Take(again=True)


def test_fifty_receipts_of_long_sales_are_one_message() -> None:
    """What waited for a station that was away comes fifty at a time; it was refused, and then nothing came."""
    line = {"kind": "pair", "left": "3 × WHITE HANGING HEART T-LIGHT HOLDER", "right": "£7.97"}
    jobs = [Job(id=str(number), kind="print", document={"blocks": [line] * 500}) for number in range(50)]
    text = write(Jobs(jobs=jobs))
    assert len(text) > 2_000_000 and read_from_server(text) == Jobs(jobs=jobs)


def test_of_a_card_that_the_server_has_nothing_stays_on_the_disk(tmp_path: Path) -> None:
    """SQLite leaves what was deleted in its pages and in the file that it writes ahead."""
    journal = Journal(tmp_path / "journal.sqlite3")
    number = "6006490000001234"

    def stands_on_the_disk() -> bool:
        return any(number.encode() in file.read_bytes() for file in tmp_path.iterdir())

    kept = [
        journal.keep_event("reader", kind, {"code": code})
        for kind, code in (("scan", "5000128104494"), ("card", number), ("scan", "5010092093045"))
    ]
    assert stands_on_the_disk()
    for event in kept:
        journal.forget_events([event.event_id])
    journal.forget_events([kept[1].event_id])
    assert not stands_on_the_disk()
    journal.close()


def test_a_disk_that_can_only_be_read_is_left_to_the_words_on_its_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file is its user's alone already, it need not be made so: the station ended at that."""
    Journal(tmp_path / "journal").close()

    def refuse(path: Path, mode: int) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "chmod", refuse)
    Journal(tmp_path / "journal").close()
