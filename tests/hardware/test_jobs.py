"""A device job's life as rows: what the server does, whatever a station says and in whatever order."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from channels_app.identifiers import uuid7
from channels_app.postings import postings_for
from channels_app.roles import applying_package
from hardware.agent.protocol import Acknowledge, Device, Job, Outcome, first_of_kind
from hardware.models import DeviceJob
from hardware.port import HardwareStationPort
from hardware.services import events, jobs, payments, standings
from hardware.services.handover import Listener, listen_here, stop_listening
from hardware.services.terminal_papers import print_paper
from hardware.states import MOVES, JobState, sources_of
from hq.models import HardwareStation, Register
from hq.station_events import register_handler
from hq.station_port import JobRequest
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import receipt

pytestmark = pytest.mark.django_db
JOURNAL = "journal-1"


@pytest.fixture
def register(scale_unit) -> Register:
    a_store_with_a_station()
    return Register.objects.get()


def ask(register: Register, **changes) -> UUID:
    asked = {"register_id": register.pk, "kind": "print", "document": receipt(), "title": "Receipt"} | changes
    return jobs.queue_job(**asked)


def take(register: Register, **changes) -> list[str]:
    asked = {"station_id": register.station_id, "journal": JOURNAL} | changes
    return [job.id for job in jobs.take_jobs(**asked)[0]]


def state_of(job: UUID) -> str:
    return DeviceJob.objects.get(pk=job).state


def test_the_same_request_queues_once_and_nonsense_is_refused(register) -> None:
    request = uuid4()
    assert ask(register, request_id=request) == ask(register, request_id=request)
    with pytest.raises(jobs.NotPrintable, match="kind"):
        ask(register, document={"blocks": [{"kind": "firework"}]})
    assert DeviceJob.objects.count() == 1


def test_the_report_of_a_terminal_is_printed_once_at_its_register(register) -> None:
    day = ask(register, kind="payment", document={"do": "end_of_day"})
    told = Outcome(job=str(day), result="done", data={"report": ["Total 5.00", "", 7]})
    first = print_paper(station_id=register.station_id, message=told)
    assert first == print_paper(station_id=register.station_id, message=told)
    printed = DeviceJob.objects.get(kind="print")
    assert (printed.pk, printed.register_id) == (first, register.pk)
    assert [block["kind"] for block in printed.document["blocks"]] == [
        *["text"] * 3,
        "rule",
        "text",
        "text",
        "cut",
    ]


def test_what_is_no_report_of_an_end_of_day_is_not_printed(register) -> None:
    day = ask(register, kind="payment", document={"do": "end_of_day"})
    sale = ask(register, kind="payment", document={"do": "pay", "amount": 5})
    for station, job, report in (
        (register.station_id, sale, ["x"]), (register.station_id, day, []), (0, day, ["x"]),
        (register.station_id, "no job", ["x"]),
    ):  # fmt: skip
        told = Outcome(job=str(job), result="done", data={"report": report})
        assert print_paper(station_id=station, message=told) is None
    assert not DeviceJob.objects.filter(kind="print").exists()


@pytest.mark.parametrize(
    ("do", "result", "title"),
    [
        ("pay", "failed", "Card payment: not done"),
        ("pay", "cancelled", "Card payment: not done"),
        ("reverse", "done", "Card payment"),
        ("reverse", "failed", "Card payment: not done"),
        ("pay", "done", ""),  # it stands on the sale's receipt
        ("refund", "done", ""),
        ("pay", "unknown", ""),
    ],
)
def test_a_slip_that_no_receipt_tells_of_is_printed_once_at_its_register(
    register, do: str, result: str, title: str
) -> None:
    job = ask(
        register, kind="payment", document={"do": do, "amount": 5}, title="Card payment", source="the sale"
    )
    told = Outcome(job=str(job), result=result, data={"lines": ["** CUSTOMER COPY **", "DECLINED", 7]})
    assert print_paper(station_id=register.station_id, message=told) == print_paper(
        station_id=register.station_id, message=told
    )
    slips = DeviceJob.objects.filter(kind="print")
    assert [slip.title for slip in slips] == ([title] if title else [])
    for slip in slips:
        assert slip.register_id == register.pk
        waits = slip.expires_at - slip.created_at
        assert (waits < timedelta(minutes=11)) == title.endswith(
            "not done"
        )  # whoever was declined does not wait
        assert [block["text"] for block in slip.document["blocks"] if block["kind"] == "text"][2:] == [
            title, "** CUSTOMER COPY **", "DECLINED",
        ]  # fmt: skip
        assert HardwareStationPort().receipt_job("the sale") is None  # and it is not the sale's receipt


@pytest.mark.parametrize("lines", [[], ["", " "], "DECLINED", None, {"a": 1}])
def test_a_slip_that_says_nothing_is_no_paper(register, lines) -> None:
    job = ask(register, kind="payment", document={"do": "pay", "amount": 5})
    told = Outcome(job=str(job), result="failed", data={"lines": lines})
    assert print_paper(station_id=register.station_id, message=told) is None
    assert not DeviceJob.objects.filter(kind="print").exists()


def test_a_register_without_a_station_prints_nothing(register) -> None:
    with applying_package():
        Register.objects.update(station=None)
    assert ask(register) is None
    assert HardwareStationPort().view(register.pk).words == "No station: this register prints nothing."


def test_urgent_jobs_go_first_and_each_is_taken_once(register) -> None:
    first, urgent = ask(register), ask(register, kind="drawer", document={}, priority=1)
    assert take(register) == [str(urgent), str(first)]
    assert take(register) == []
    assert take(register, again=True) == [str(urgent), str(first)]


def test_a_station_with_a_new_journal_is_never_sent_what_the_old_one_may_have_printed(register) -> None:
    sent, waiting = ask(register), None
    take(register)
    waiting = ask(register)
    assert take(register, again=True, journal="journal-2") == [str(waiting)]
    lost = DeviceJob.objects.get(pk=sent)
    assert (lost.state, lost.is_settled) == (JobState.UNKNOWN, True)


def test_silence_is_unknown_after_five_seconds_and_the_station_may_still_know_better(register) -> None:
    job = ask(register)
    take(register)
    assert jobs.sweep_jobs() == {"unknown": 0, "late": 0}
    DeviceJob.objects.update(sent_at=timezone.now() - timedelta(seconds=6))
    assert jobs.sweep_jobs()["unknown"] == 1
    assert HardwareStationPort().view(register.pk).unknown == 1
    assert jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(job), result="done"))
    assert state_of(job) == JobState.DONE


def test_nobody_waits_for_a_station_that_was_deleted(register) -> None:
    """What was with it stood on as waiting for paper, and could not even be called back."""
    taken = ask(register)
    take(register)
    waits = Acknowledge(job=str(taken), step="waiting", words="The printer is out of paper.")
    jobs.note_progress(station_id=register.station_id, message=waits)
    never_taken = ask(register)
    assert jobs.sweep_jobs()["unknown"] == 0
    with applying_package():
        Register.objects.update(station=None)
        HardwareStation.objects.all().delete()
    assert jobs.sweep_jobs()["unknown"] == 2 and jobs.sweep_jobs()["unknown"] == 0
    assert (state_of(taken), state_of(never_taken)) == (JobState.UNKNOWN, JobState.FAILED)
    assert all(DeviceJob.objects.values_list("is_settled", flat=True))
    assert "Look at the paper there" in DeviceJob.objects.get(pk=taken).words


def test_a_job_that_waits_for_paper_is_not_unknown(register) -> None:
    job = ask(register)
    take(register)
    DeviceJob.objects.update(sent_at=timezone.now() - timedelta(minutes=6))
    waits = Acknowledge(job=str(job), step="waiting", words="The printer is out of paper.")
    assert jobs.note_progress(station_id=register.station_id, message=waits)
    assert jobs.sweep_jobs()["unknown"] == 0
    assert HardwareStationPort().jobs(register.pk)[0].words == "The printer is out of paper."


def test_a_drawer_that_would_open_too_late_stays_shut(register) -> None:
    job = ask(register, kind="drawer", document={})
    DeviceJob.objects.update(expires_at=timezone.now())
    assert take(register) == []
    assert state_of(job) == JobState.FAILED


@pytest.mark.parametrize("first", ["done", "failed", "cancelled"])
@pytest.mark.parametrize("then", ["done", "failed", "cancelled", "unknown"])
def test_a_last_word_is_never_overwritten(register, first: str, then: str) -> None:
    job = ask(register)
    take(register)
    for result in (first, then):
        assert jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(job), result=result))
    jobs.note_progress(station_id=register.station_id, message=Acknowledge(job=str(job), step="started"))
    assert state_of(job) == first


def test_unknown_becomes_known_and_not_the_reverse(register) -> None:
    job = ask(register)
    take(register)
    for result in ("unknown", "unknown", "done", "unknown"):
        jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(job), result=result))
    assert state_of(job) == JobState.DONE


def test_who_has_seen_the_paper_says_so_and_until_then_it_stands_first(register) -> None:
    port = HardwareStationPort()
    doubted, later = ask(register), ask(register)
    take(register)
    for job, result in ((doubted, "unknown"), (later, "done")):
        jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(job), result=result))
    assert [view.id for view in port.jobs(register.pk)] == [doubted, later]
    assert not port.confirm(register_id=register.pk + 1, job_id=doubted)
    assert port.confirm(register_id=register.pk, job_id=doubted)
    assert not port.confirm(register_id=register.pk, job_id=doubted)
    assert (state_of(doubted), port.view(register.pk).unknown) == (JobState.DONE, 0)
    assert [view.id for view in port.jobs(register.pk)] == [later, doubted]
    jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(doubted), result="failed"))
    assert state_of(doubted) == JobState.DONE


def test_a_station_settles_its_own_jobs_only(register) -> None:
    job = ask(register)
    take(register)
    other = a_store_with_a_station("02")
    assert not jobs.settle_job(station_id=other.pk, message=Outcome(job=str(job), result="done"))
    assert not jobs.note_progress(station_id=other.pk, message=Acknowledge(job="no id at all"))
    assert state_of(job) == JobState.SENT


def test_what_was_not_sent_is_called_back_at_once_and_what_was_sent_only_by_the_station(register) -> None:
    queued = ask(register)
    assert jobs.cancel_job(job_id=queued)
    sent = ask(register)
    take(register)
    assert not jobs.cancel_job(job_id=sent)
    assert jobs.take_jobs(station_id=register.station_id, journal=JOURNAL)[1] == [str(sent)]
    jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(sent), result="cancelled"))
    assert (state_of(queued), state_of(sent)) == (JobState.CANCELLED, JobState.CANCELLED)


def test_a_copy_is_marked_and_opens_no_drawer(register) -> None:
    document = receipt()
    document["blocks"] = [{"kind": "drawer"}, *document["blocks"]]
    job = ask(register, document=document)
    copy = DeviceJob.objects.get(pk=jobs.reprint(register_id=register.pk, job_id=job, request_id=uuid4()))
    assert copy.document["marks"] == ["COPY"]
    assert not [block for block in copy.document["blocks"] if block["kind"] == "drawer"]
    assert copy.copy_of_id == job
    assert state_of(job) == JobState.CANCELLED, "an original that has not begun is called back"
    with pytest.raises(jobs.JobNotFound):
        jobs.reprint(register_id=register.pk + 1, job_id=job, request_id=uuid4())


def test_states_move_as_the_table_says() -> None:
    for state in JobState:
        assert all(state in MOVES[source] for source in sources_of(state))
    assert JobState.QUEUED not in set().union(*MOVES.values())


@dataclass
class Fact:
    print_jobs: tuple[JobRequest, ...]


def a_sale(register: Register, number: str = "") -> Fact:
    """A receipt and a drawer, as a sale asks for them."""
    asked = {"station_id": register.station_id, "register_id": register.pk, "register": number}
    return Fact(
        (
            JobRequest(
                id=uuid7(), kind="print", document=receipt(), title="Receipt 1", source="sale", **asked
            ),
            JobRequest(id=uuid7(), kind="drawer", document={"connector": 1}, priority=1, **asked),
        )
    )


def write_fact(fact: Fact, guard: str = "(SELECT 1)") -> None:
    """The share of the jobs in the fact's statement, which is only written while the guard has a row."""
    posting = next(found for found in postings_for("sale.concluded") if found.name == "device_jobs")
    sql = posting.statement.format(
        rows=f"(SELECT * FROM json_to_recordset(%s::json) AS asked({posting.columns}))",
        guard=f"{guard} AS guard",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [msgspec.json.encode(posting.rows(fact)).decode()])


def test_a_fact_writes_its_jobs_in_its_own_statement(register) -> None:
    fact = a_sale(register)
    for guard, written in (("(SELECT 1 WHERE false)", 0), ("(SELECT 1)", 2)):
        write_fact(fact, guard)
        assert DeviceJob.objects.count() == written
    drawer, paper = DeviceJob.objects.order_by("priority")
    assert timedelta(seconds=18) < drawer.expires_at - drawer.created_at < timedelta(seconds=21)
    assert paper.state == JobState.QUEUED
    assert paper.document == receipt()


def test_a_fact_hands_its_jobs_to_a_socket_of_this_process_and_each_only_once(register) -> None:
    given: list[Job] = []
    rung: list[bool] = []
    listener = Listener(wake=lambda: rung.append(True) or True, hand=lambda jobs: given.extend(jobs) or True)
    listen_here(register.station_id, listener)
    try:
        write_fact(early := a_sale(register, register.number))
        HardwareStationPort().announce(early.print_jobs)
        assert (given, len(rung)) == ([], 1), "before the station's first question a job waits to be fetched"
        assert len(take(register)) == 2
        listener.journal = JOURNAL
        write_fact(sale := a_sale(register, register.number))
        assert set(DeviceJob.objects.values_list("state", "journal")) == {(JobState.SENT, JOURNAL)}
        assert not given, "not before the commit"
        HardwareStationPort().announce(sale.print_jobs)
        assert [(job.id, job.kind, job.register) for job in given] == [
            (str(asked.id), asked.kind, register.number) for asked in sale.print_jobs
        ]
        assert (given[0].expires_in, given[1].expires_in) == (18 * 3600, 20)
        assert take(register) == [], "what was handed over is not fetched as well"
        assert len(take(register, again=True)) == 4, "but it is given again to a station that comes back"
    finally:
        stop_listening(register.station_id, listener)


def a_payment(register: Register, intent: UUID, **document) -> UUID:
    request = JobRequest(
        id=intent,
        station_id=register.station_id,
        register_id=register.pk,
        kind="payment",
        document={"do": "pay", "amount": 994} | document,
    )
    return HardwareStationPort().ask(request)


def test_an_intent_is_one_job_and_its_outcome_is_the_payments(register) -> None:
    intent = uuid4()
    assert a_payment(register, intent) == a_payment(register, intent) == intent
    assert DeviceJob.objects.get().document == {"do": "pay", "amount": 994}
    take(register)
    DeviceJob.objects.update(started_at=timezone.now() - timedelta(seconds=60), state=JobState.ACKNOWLEDGED)
    assert jobs.sweep_jobs()["unknown"] == 0, "a cardholder may take a minute"
    approved = Outcome(job=str(intent), result="done", detail="Approved.", data={"receipt": 17})
    jobs.settle_job(station_id=register.station_id, message=approved)
    view = payments.view(intent)
    assert view is not None
    assert (view.state, view.answer) == ("approved", {"receipt": 17})
    assert payments.view(uuid4()) is None


def test_a_payment_that_has_not_begun_is_called_back(register) -> None:
    intent = a_payment(register, uuid4())
    assert HardwareStationPort().cancel(register_id=register.pk, job_id=intent)
    assert state_of(intent) == JobState.CANCELLED and payments.view(intent).state == "cancelled"


@pytest.mark.parametrize(("answer", "state"), [({"asks": {"device": "terminal"}}, "asking"), ({}, "lost")])
def test_unknown_is_asked_for_until_nobody_can_say(register, answer: dict, state: str) -> None:
    intent = a_payment(register, uuid4())
    take(register)
    unknown = Outcome(job=str(intent), result="unknown", detail="The line broke.", data=answer)
    jobs.settle_job(station_id=register.station_id, message=unknown)
    assert payments.view(intent).state == state


def test_a_payment_that_was_never_sent_is_given_up_and_told(register) -> None:
    told = []
    register_handler("job", told.append)
    intent = a_payment(register, uuid4())
    DeviceJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert jobs.give_up_late_jobs() == 1
    assert payments.view(intent).state == "refused"
    assert [event.data["state"] for event in told if event.data["job"] == str(intent)] == ["failed"]


@pytest.mark.parametrize("state", [JobState.SENT, JobState.ACKNOWLEDGED, JobState.UNKNOWN])
def test_a_job_of_which_nothing_was_heard_for_a_while_is_asked_for_again_without_a_new_connection(
    register, state
) -> None:
    """What the station said of it may be lost: a database server that falls over forgets its last moment."""
    job, other = str(ask(register)), str(ask(register))
    take(register)
    long_ago = timezone.now() - timedelta(seconds=6)
    DeviceJob.objects.filter(pk=job).update(state=state, sent_at=long_ago)
    assert take(register) == []
    assert take(register, silent=True, journal="another memory") == []
    assert take(register, silent=True) == [job]
    assert sorted(take(register, again=True)) == sorted([job, other])


def test_a_station_that_comes_back_is_given_all_it_had_each_once_however_many(register) -> None:
    asked = {str(ask(register)) for _ in range(5)}
    while take(register, limit=2):
        pass
    events.station_connected(station_id=register.station_id, connection_id=uuid4())
    answers = [take(register, limit=2, again=True) for _ in range(4)]
    assert [len(answer) for answer in answers] == [2, 2, 1, 0]
    assert {job for answer in answers for job in answer} == asked


def test_a_second_device_of_a_register_does_not_take_the_place_of_its_first() -> None:
    def named(name: str, register: str | None = "101") -> Device:
        return Device(id=name, kind="printer", driver="escpos", address="tcp://10.0.0.7", register=register)

    first, second, shared = named("printer@101"), named("printer-2@101"), named("a-printer", None)
    assert first_of_kind([second, shared, first], "printer", "101") == first
    assert first_of_kind([second, shared], "printer", "101") == second
    assert first_of_kind([second, shared], "printer", "102") == shared


def test_a_payment_that_nobody_knows_of_is_no_paper_that_nobody_knows_of(register) -> None:
    asked = ask(register, kind="payment", document={"do": "pay", "amount": 5})
    take(register)
    jobs.settle_job(station_id=register.station_id, message=Outcome(job=str(asked), result="unknown"))
    standing = standings.standings(register.station_id)[register.station_id]
    assert (standing.unknown, standing.unknown_payments) == (1, 1)
