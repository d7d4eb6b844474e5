"""The command: once and no more, from wherever it was broken off, and never in a cashier's way."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError

from api.replay.past import past_request_id
from hq.models import Register, Worker
from pos.models import RetailTransaction, ReturnedQuantity, SignOn
from pos.services.run_command import run_command
from pos.services.session import ensure_standing, till_by_ids
from shifts.models import Shift
from shifts.services.shift import open_shift
from tests.replay.conftest import INVENTED, ODD, Replay, record


def journal() -> list[tuple[Any, ...]]:
    return list(RetailTransaction.objects.order_by("sequence").values_list("request_id", "hash", "total"))


def test_again_changes_nothing(replay: Replay):
    replay(ODD)
    before = journal()
    said = replay(ODD)
    assert "0 taken" in said and "29 were in the journal already" in said
    assert "Every day is equal to the penny." in said
    assert journal() == before


def test_broken_off_anywhere_it_goes_on(replay: Replay):
    for limit in (1, 7, 8, 20):
        replay(ODD, "--limit", limit)
    replay(ODD)
    assert RetailTransaction.objects.filter(kind="sale").count() == 29
    sold = record("536374").lines.get()
    assert ReturnedQuantity.objects.get(line=sold.pk).quantity == 22


def test_a_crash_leaves_a_shift_that_the_next_run_uses(replay: Replay, monkeypatch: pytest.MonkeyPatch):
    calls = 0

    def fails(**given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise SystemError("the power is gone")
        return run_command(**given)

    monkeypatch.setattr("api.replay.play.run_command", fails)
    with pytest.raises(SystemError):
        replay(ODD)
    assert Shift.objects.get().status == "open"
    monkeypatch.undo()
    replay(ODD, "--to", "2010-12-01")
    assert Shift.objects.count() == 1
    assert RetailTransaction.objects.filter(kind="sale").count() == 4


def test_only_the_days_asked_for(replay: Replay):
    replay(ODD, "--from", "2011-08-01", "--to", "2011-12-08")
    days = RetailTransaction.objects.filter(kind="sale").values_list("business_date", flat=True)
    assert min(days) >= date(2011, 8, 1) and max(days) <= date(2011, 12, 8)
    with pytest.raises(CommandError, match="no invoice in that period"):
        replay(ODD, "--from", "2020-01-01")


def test_what_the_till_refuses_is_listed_and_the_rest_goes_on(replay: Replay):
    said = replay(INVENTED)
    assert "5 taken (3 sales, 2 returns, of which 0 wholly on receipts)" in said
    assert "2 not taken: its lines are neither all sold nor all brought back" in said
    for number in ("900002", "900003", "900004", "900005", "900006", "900007"):
        assert f"  {number} " in said
    assert "NOSUCH" in said
    assert "Every day is equal to the penny." in said
    linked, unlinked = record("C900008").lines.order_by("line")
    assert (linked.quantity, unlinked.quantity) == (-2, -3)
    assert record("C900009").lines.get().returned_line is None
    assert record("900010").total == Decimal("1.01")  # three pads at 0.335
    assert record("900011").tax == 0  # a voucher is taxed when it is spent


def test_a_register_in_use_is_left_alone(replay: Replay):
    register, worker = Register.objects.get(number="103"), Worker.objects.get(staff_id="1003")
    ensure_standing(register_id=register.pk, currency="GBP", at=datetime.now(UTC))
    till = till_by_ids(register_id=register.pk, worker_id=worker.pk)
    open_shift(
        till=till, starting_float=Decimal(50), request_id=past_request_id(register.pk, "invoice", "a person")
    )
    with pytest.raises(CommandError, match="its shift is open"):
        replay(ODD)
    assert RetailTransaction.objects.filter(kind="sale").count() == 0
    assert "Register 2" in replay(ODD, "--register", "102", "--limit", 1)
    assert SignOn.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "yesterday"], "yesterday is no day: give one such as 2010-12-01"),
        (["--store", "77"], "no such store"),
        (["--register", "77"], "no such register"),
        (["--worker", "1001"], "no such worker"),
        (["--method", "BARTER"], "not taken"),
    ],
)
def test_a_wrong_word_is_refused(replay: Replay, arguments: list[str], words: str):
    if arguments[0] == "--method":
        assert words in replay(ODD, *arguments)
    else:
        with pytest.raises(CommandError, match=words):
            replay(ODD, *arguments)
    assert RetailTransaction.objects.filter(kind="sale").count() == 0


def test_it_is_refused_in_headquarters(headquarters: Any):
    from django.core.management import call_command

    with pytest.raises(CommandError, match="scale unit"):
        call_command("replay", str(ODD))
