"""The home page: what sells today against a week ago, what needs somebody, and what to do when nothing is there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from channels_app.roles import receiving_upload
from hq import panels
from hq.models import Currency, Device, Register
from hq.panels import Notice, Question, Tone
from hq.services.readiness import checklist
from pos.chart import line_chart, nice_ceiling
from pos.models import RetailTransaction
from pos.sales_figures import Hour, percent_change, sales_today
from shifts.models import Shift
from tests.factories.company import a_currency, a_ready_register, a_register, a_store, a_user, a_worker

NOW = datetime(2026, 6, 19, 11, 30, tzinfo=UTC)  # a Friday, half past twelve in London


def a_sale(
    register: Register, amount: str, at: datetime, *, day: date | None = None, kind: str = "sale"
) -> None:
    """A sale as a store has sent it up."""
    number = RetailTransaction.objects.count() + 1
    with receiving_upload():
        RetailTransaction.objects.create(
            id=uuid4(),
            kind=kind,
            store=register.store,
            register=register,
            worker=a_worker(),
            epoch=1,
            sequence=number,
            receipt_number=f"R-{number}",
            business_date=day or at.date(),
            concluded_at=at,
            item_count=2,
            currency=register.store.currency_id,
            total=Decimal(amount),
            request_id=uuid4(),
            document="{}",
            previous_hash="",
            hash=str(number),
        )


def test_today_stands_beside_the_same_weekday_by_this_moment() -> None:
    register = a_register()
    a_sale(register, "10.00", NOW.replace(hour=9))
    a_sale(register, "2.50", NOW.replace(hour=11))
    a_sale(register, "5.00", NOW.replace(day=12, hour=9))
    a_sale(register, "8.00", NOW.replace(day=12, hour=15))
    a_sale(register, "99.00", NOW.replace(day=11, hour=9))
    a_sale(register, "99.00", NOW.replace(hour=9), kind="voided")
    (figure,) = sales_today(NOW)
    assert (figure.total, figure.count, figure.items) == (Decimal("12.50"), 2, Decimal(4))
    assert (figure.before, figure.before_whole_day, figure.change) == (Decimal(5), Decimal(13), 150)
    hours = {hour.label: (hour.today, hour.before) for hour in figure.hours}
    assert hours["10:00"] == (Decimal(10), Decimal(5))  # 09:00 UTC on the store's clock in summer
    assert hours["12:00"] == (Decimal("2.50"), Decimal(0)) and hours["16:00"] == (None, Decimal(8))


def test_a_register_that_a_manager_activated_at_the_till_is_ready_when_its_records_have_come() -> None:
    register = a_ready_register()
    Device.objects.all().delete()
    assert not checklist(register).is_ready
    a_sale(register, "1.00", NOW)
    assert checklist(register).is_ready


def test_currencies_are_never_added() -> None:
    pounds, euros = (
        a_register(),
        a_register(a_store(currency=a_currency("EUR", "€"), time_zone="Europe/Dublin")),
    )
    a_sale(pounds, "10.00", NOW.replace(hour=9))
    a_sale(euros, "7.00", NOW.replace(hour=9))
    a_sale(euros, "-2.00", NOW.replace(hour=9))
    assert {figure.currency.code: figure.total for figure in sales_today(NOW)} == {"GBP": 10, "EUR": 5}
    assert Currency.objects.count() == 2


def test_a_sale_after_midnight_stands_at_the_end_of_last_night() -> None:
    register = a_register()
    late = datetime(2026, 6, 19, 23, 20, tzinfo=UTC)  # 00:20 in London, business date still Friday
    a_sale(register, "4.00", late, day=date(2026, 6, 19))
    (figure,) = sales_today(datetime(2026, 6, 19, 22, 50, tzinfo=UTC))
    assert figure.hours[-1].label == "00:00" and figure.hours[-1].today == Decimal(4)


def test_each_store_is_compared_with_itself() -> None:
    first, second = a_register(a_store(name="Up")), a_register(a_store(name="Down"))
    for register, today, before in ((first, "20", "10"), (second, "5", "10")):
        a_sale(register, today, NOW.replace(hour=9))
        a_sale(register, before, NOW.replace(day=12, hour=9))
    (figure,) = sales_today(NOW)
    assert [(own.store.name, own.change) for own in figure.stores] == [("Up", 100), ("Down", -50)]


def test_percent_needs_something_to_compare_with() -> None:
    assert percent_change(Decimal(5), Decimal(0)) is None
    assert percent_change(Decimal(5), Decimal(-3)) is None
    assert percent_change(Decimal(3), Decimal(4)) == -25


@pytest.mark.parametrize(
    ("value", "top"),
    [("0.07", "0.1"), ("1", "1"), ("101", "200"), ("240", "250"), ("4999", "5000"), ("9.1", "10")],
)
def test_the_chart_ends_at_a_round_number(value: str, top: str) -> None:
    assert nice_ceiling(Decimal(value)) == Decimal(top)


def test_the_chart_stays_inside_its_frame() -> None:
    hours = [
        Hour(hour, Decimal(hour * 10 - 90) if hour < 14 else None, Decimal(hour)) for hour in range(8, 21)
    ]
    chart = line_chart(hours)
    heights = [height for point in chart.points for height in (point.y, point.y_before) if height is not None]
    assert all(0 <= height <= 100 for height in heights) and chart.last and chart.last.hour.hour == 13
    assert line_chart([Hour(9, None, Decimal(0))]).last is None


def test_the_page_shows_figures_and_their_table(back_office: Client) -> None:
    register = a_register(a_store(name="Harbour Street"))
    with time_machine.travel(NOW, tick=False):
        a_sale(register, "12.50", NOW.replace(hour=9))
        page = back_office.get("/").text
    assert "12.50" in page and "Harbour Street" in page and "As a table" in page
    assert "No sales yet today" not in page


def test_a_day_without_sales_says_what_to_do_next(back_office: Client) -> None:
    a_ready_register()
    page = back_office.get("/").text
    assert "No sales yet today." in page and "Open Cloud POS" in page and "http://scale-unit.test" in page


def test_the_way_to_the_first_sale_is_gone_once_it_is_walked(back_office: Client) -> None:
    assert "to the first sale" in back_office.get("/").text
    a_worker(a_ready_register().store)
    assert "to the first sale" not in back_office.get("/").text


def test_a_shift_left_open_is_named(back_office: Client) -> None:
    register = a_register(a_store(name="Harbour Street"))
    with receiving_upload():
        Shift.objects.create(
            id=uuid4(),
            store=register.store,
            register=register,
            number="S-1",
            business_date=date(2026, 6, 18),
            currency="GBP",
            opened_at=NOW.replace(day=18),
            opened_by=a_worker(name="Ann Byrne"),
        )
    with time_machine.travel(NOW, tick=False):
        page = back_office.get("/").text
    assert "Shift S-1 was left open" in page and "Ann Byrne opened it 1 day ago" in page


@pytest.fixture
def own_panels(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(panels, "_cards", [])
    monkeypatch.setattr(panels, "_sources", [])
    return panels


def test_the_worst_stands_first_and_a_failing_part_does_not_take_the_page_along(
    own_panels: Any,
    back_office: Client,
) -> None:
    @panels.notices(Question.NEEDS)
    def mixed(request: Any) -> Iterator[Notice]:
        yield Notice(title="Only asks", tone=Tone.ASKS)
        yield Notice(title="Is wrong", tone=Tone.WRONG)

    @panels.notices(Question.NEEDS)
    def broken(request: Any) -> Iterator[Notice]:
        raise RuntimeError("no such table")
        yield

    @panels.card(Question.SELLS, template="never/read.html")
    def broken_card(request: Any) -> dict:
        raise RuntimeError("no such table")

    page = back_office.get("/").text
    assert page.index("Is wrong") < page.index("Only asks")
    assert "One of the checks could not be made." in page and "This part could not be worked out" in page


def test_nobody_sees_a_panel_they_may_not(own_panels: Any) -> None:
    @panels.notices(Question.NEEDS, permission="hq.change_user")
    def secret(request: Any) -> Iterator[Notice]:
        yield Notice(title="Only for administrators")

    for groups, sees in ((["Viewer"], False), (["Administrator"], True)):
        client = Client()
        client.force_login(a_user(groups=groups), backend="django.contrib.auth.backends.ModelBackend")
        assert ("Only for administrators" in client.get("/").text) is sees
