"""Hours at headquarters: by worker and day on the store's clock, corrected with a reason, in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from channels_app.roles import receiving_upload
from hq.models import User
from shifts.models import TimeCorrection, TimeEntry
from tests.scenarios.store import Shop, a_shop

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def shop(headquarters) -> Shop:
    shop = a_shop(with_shift=False)
    shop.store.time_zone = "Europe/Berlin"
    shop.store.save()
    return shop


@pytest.fixture
def office(shop: Shop) -> Client:
    client = Client()
    user = User.objects.create_superuser("office", password="x", first_name="Office")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def came_up(shop: Shop, kind: str, at: datetime) -> TimeEntry:
    with receiving_upload():
        return TimeEntry.objects.create(
            store=shop.store, register=shop.register, worker=shop.cashier, kind=kind, happened_at=at
        )


def page(office: Client, **asked: str) -> str:
    return office.get(
        "/sales/hours/", {"first": "2026-07-01", "last": "2026-07-31", **asked}
    ).content.decode()


def test_a_day_is_counted_on_the_clock_of_its_store(office: Client, shop: Shop) -> None:
    came_up(shop, "in", datetime(2026, 7, 5, 22, 30, tzinfo=UTC))  # 00:30 on Monday in Berlin
    came_up(shop, "break", datetime(2026, 7, 6, 2, 0, tzinfo=UTC))
    came_up(shop, "back", datetime(2026, 7, 6, 2, 30, tzinfo=UTC))
    came_up(shop, "out", datetime(2026, 7, 6, 6, 35, tzinfo=UTC))
    said = page(office)
    assert "Mon 6 Jul" in said and "00:30 – 08:35" in said and "7 h 35" in said
    assert "7 h 35" not in page(office, store="0") and "7 h 35" not in page(office, last="2026-07-05")
    rows = office.get("/sales/hours/", {"first": "2026-07-01", "last": "2026-07-31", "csv": "1"})
    assert "2026-07-06,00:30,08:35,30,455," in rows.content.decode()


def test_a_forgotten_entry_is_added_with_its_reason_and_stands_in_the_audit(
    office: Client, shop: Shop
) -> None:
    came_up(shop, "in", datetime(2026, 7, 6, 6, 0, tzinfo=UTC))
    assert "Not clocked out" in page(office)
    form = {
        "worker": shop.cashier.pk,
        "store": shop.store.pk,
        "kind": "out",
        "day": "2026-07-06",
        "time": "16:00",
        "counts": "on",
        "reason": "Left at four, says the manager",
    }
    without = office.post("/shifts/timecorrection/add/", form | {"reason": ""})
    assert "Enter a reason" in without.content.decode() and not TimeCorrection.objects.exists()
    later = office.post("/shifts/timecorrection/add/", form | {"day": "2126-07-06"})
    assert "in the future" in later.content.decode() and not TimeCorrection.objects.exists()
    assert office.post("/shifts/timecorrection/add/", form).status_code == 302
    assert TimeCorrection.objects.get().happened_at == datetime(2026, 7, 6, 14, 0, tzinfo=UTC)
    said = page(office)
    assert "08:00 – 16:00" in said and "8 h 00" in said and "Left at four" in said
    assert "Left at four, says the manager" in office.get("/audit/").content.decode()


def test_a_wrong_entry_is_corrected_beside_what_the_clock_was_told(office: Client, shop: Shop) -> None:
    came_up(shop, "in", datetime(2026, 7, 6, 6, 0, tzinfo=UTC))
    wrong = came_up(shop, "out", datetime(2026, 7, 6, 6, 1, tzinfo=UTC))
    form = office.get(f"/shifts/timecorrection/add/?entry={wrong.pk}").content.decode()
    assert 'value="08:01' in form and str(wrong.pk) in form
    given = {
        "entry": str(wrong.pk),
        "worker": shop.cashier.pk,
        "store": shop.store.pk,
        "kind": "out",
        "day": "2026-07-06",
        "time": "12:00",
        "counts": "on",
        "reason": "Pressed the wrong key",
    }
    for_another = office.post("/shifts/timecorrection/add/", given | {"worker": shop.manager.pk})
    assert "Add an entry for somebody else" in for_another.content.decode()
    assert office.post("/shifts/timecorrection/add/", given).status_code == 302
    said = page(office)
    assert "4 h 00" in said and "was Clock out, 08:01" in said
    wrong.refresh_from_db()
    assert wrong.happened_at == datetime(2026, 7, 6, 6, 1, tzinfo=UTC)
    correction = TimeCorrection.objects.get()
    changed = given | {"counts": "", "reason": "She was here all day"}
    assert office.post(f"/shifts/timecorrection/{correction.pk}/change/", changed).status_code == 302
    assert "left out" in page(office) and "Not clocked out" in page(office)
    assert correction.history.count() == 2
    assert office.post(f"/shifts/timecorrection/{correction.pk}/delete/", {"post": "yes"}).status_code == 403
