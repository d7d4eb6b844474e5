"""The demo company's past: the same every time, made by the till's own services, and never of today."""

from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from api.demo.trade import Shelves, baskets, sell_before_today
from hq.models import Register, Worker
from pos.models import RegisterDevice, RetailTransaction, SalesLine, SignOn
from shifts.models import Shift
from tests.demo.fixtures import demo_company
from tests.scenarios.store import forget_everything, new_data_version

__all__ = ["demo_company"]
TODAY = date(2026, 11, 21)
SALE = RetailTransaction.Kind.SALE


@pytest.fixture
def channel(demo_company: None, db: None, scale_unit: Any) -> None:
    """The company is here as a package would have brought it."""
    forget_everything()
    new_data_version()


def sell(days: int = 2) -> int:
    return sell_before_today(today=TODAY, days=days, customers=3)


def test_a_day_of_customers_is_the_same_every_time_and_in_order() -> None:
    first, again = (list(baskets("1", TODAY, 30, Shelves())) for _ in range(2))
    assert first == again
    assert 20 <= len(first) <= 50
    assert all(one.at <= other.at for one, other in pairwise(first))
    assert first != list(baskets("2", TODAY, 30, Shelves()))


def test_each_store_has_sold_on_the_days_before_today_and_counted_its_drawer(channel: None) -> None:
    made = sell()
    sales = RetailTransaction.objects.filter(kind=SALE)
    assert sales.count() == made > 6
    days = {TODAY - timedelta(days=1), TODAY - timedelta(days=2)}
    assert set(sales.values_list("business_date", flat=True)) == days
    assert set(sales.values_list("register__number", flat=True)) == {"103", "203", "303"}
    shifts = Shift.objects.all()
    assert {(shift.register.number, shift.business_date) for shift in shifts} == {
        (number, day) for number in ("103", "203", "303") for day in days
    }
    assert {shift.status for shift in shifts} == {"closed"}
    assert SalesLine.objects.filter(list_price__lte=0).count() == 0
    assert _said("verify_journal").count("the chain holds") == 3


def test_what_was_sold_is_not_sold_again_and_a_broken_run_is_finished(channel: None, monkeypatch) -> None:
    from pos.services import run_command as services

    real, left = services.run_command, [4]

    def breaks(**given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(**given)

    monkeypatch.setattr("api.demo.trade.run_command", breaks)
    with pytest.raises(KeyboardInterrupt):
        sell()
    monkeypatch.undo()
    rest = sell()
    assert RetailTransaction.objects.filter(kind=SALE).count() == 4 + rest
    assert not Shift.objects.exclude(status="closed").exists()
    assert sell() == 0


def test_a_register_at_which_somebody_works_is_left_alone(channel: None) -> None:
    register, worker = Register.objects.get(number="103"), Worker.objects.get(staff_id="1003")
    now = timezone.now()
    device = RegisterDevice.objects.create(register_id=register.pk, token_hash="d", activated_at=now)
    SignOn.objects.create(
        device=device, register_id=register.pk, worker_id=worker.pk, token_hash="w", signed_on_at=now
    )
    told: list[str] = []
    sell_before_today(today=TODAY, days=1, customers=3, tell=told.append)
    assert "somebody is signed on" in told[0]
    assert not RetailTransaction.objects.filter(kind=SALE, register=register).exists()


def test_nonsense_and_the_wrong_role_are_refused(channel: None, settings: Any) -> None:
    with pytest.raises(CommandError, match="--days takes a whole number from 1 to 400"):
        _said("demo_sales", "--days", "0")
    settings.ROLE = "headquarters"
    with pytest.raises(CommandError, match="ROLE=scale_unit"):
        _said("demo_sales")


def _said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()
