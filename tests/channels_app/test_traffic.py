"""What comes up by the hour beside what is usual, the filters of the overview, and lists that are taken along."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from channels_app.models import ChannelDatabase, DatabaseGroup, Package, ScaleUnit, UploadHour
from channels_app.services.build import Order, build_packages
from channels_app.services.scale_units import register_scale_unit
from channels_app.traffic import quiet_databases, traffic
from hq.distribution_charts import bar_chart
from hq.models import Register
from tests.channels_app.company import Company, a_store
from tests.channels_app.two_sides import Sides

NOW = timezone.now().replace(minute=20)
LAST = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def came_up(database: ChannelDatabase, events: int, *, weeks_ago: int = 0) -> None:
    UploadHour.objects.create(
        database=database, hour=LAST - timedelta(weeks=weeks_ago), events=events, rows=events * 5, bytes=1
    )


@pytest.mark.parametrize(
    ("before", "events", "is_quiet"),
    [
        ([100, 120], 10, True),
        ([100, 120], 60, False),
        ([4, 5], 0, False),  # a quiet hour says nothing
        ([], 0, False),  # nothing is known of such an hour
    ],
)
def test_an_hour_is_quiet_when_far_less_came_than_usual(
    before: list[int], events: int, is_quiet: bool, shop: Company, sides: Sides
):
    for week, count in enumerate(before, 1):
        came_up(shop.database, count, weeks_ago=week)
    if events:
        came_up(shop.database, events)
    hour = traffic(NOW)[-2]
    assert (hour.events, hour.is_quiet) == (events, is_quiet)
    assert hour.usual == (sum(before) / len(before) if before else None)
    assert set(quiet_databases(NOW)) == ({shop.database.pk} if is_quiet else set())
    assert bar_chart(traffic(NOW)).is_quiet is is_quiet


def test_a_quiet_hour_that_is_over_is_still_told(shop: Company, sides: Sides):
    for hours_ago, events in ((0, 90), (1, 2)):
        for week, count in ((0, events), (1, 100)):
            UploadHour.objects.create(
                database=shop.database, hour=LAST - timedelta(hours=hours_ago, weeks=week), events=count,
                rows=1, bytes=1,
            )  # fmt: skip
    chart = bar_chart(traffic(NOW))
    assert chart.words == "In 1 hour far less than usual; as usual since."
    assert not chart.is_quiet


def test_the_home_page_says_that_little_came_up(staff: Client, shop: Company, sides: Sides):
    real_last = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    UploadHour.objects.create(
        database=shop.database, hour=real_last - timedelta(weeks=1), events=500, rows=1, bytes=1
    )
    assert "Little came up from main" in staff.get("/").content.decode()


def test_the_home_page_says_what_is_on_its_way_to_those_that_are_in_use(
    staff: Client, shop: Company, sides: Sides
):
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    words = f"Version {package.version} to main"
    assert words in staff.get("/").content.decode()
    ScaleUnit.objects.update(is_active=False)
    assert words not in staff.get("/").content.decode()


def test_the_overview_is_filtered_and_taken_along(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    a_store("S9")
    register_scale_unit(name="far-away", base_url="http://nowhere.test", stores=["S9"])
    group = DatabaseGroup.objects.create(name="First to try")
    group.databases.add(shop.database)

    def shown(query: str) -> set[str]:
        text = staff.get(f"/distribution/?{query}&export=csv").content.decode()
        return {line.split(",")[0] for line in text.splitlines()[1:]}

    assert shown("") == {"main", "far-away"}
    assert shown("trouble=1") == {"far-away"}
    assert shown("group=First to try") == {"main"}
    assert shown("job=1020") == {"far-away"}
    assert shown("q=s9") == {"far-away"}
    assert shown("q=nothing") == set()
    page = staff.get("/distribution/?q=main").content.decode()
    assert "far-away" not in page and "What came up, by the hour" in page


@pytest.mark.parametrize(
    "path",
    ["package", "channeldatabase", "scaleunit", "databasegroup", "schedule", "job", "quarantinedrecord"],
)
def test_every_list_is_taken_along(path: str, staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    page = staff.get(f"/channels_app/{path}/export/").content.decode()
    ticked = dict.fromkeys(re.findall(r'name="(\w+sheet_\w+)"', page), "on")
    exported = staff.post(f"/channels_app/{path}/export/", {"format": "0", "resource": "0", **ticked})
    assert exported.status_code == 200
    assert exported["Content-Type"].startswith("text/csv"), page
    if path == "package":
        assert "applied" in exported.content.decode()


def test_the_list_of_registers_says_how_fresh_their_data_is(staff: Client, shop: Company, sides: Sides):
    [package] = sides.distribute()
    page = staff.get("/hq/register/").content.decode()
    assert Register.objects.count() == 2
    assert "Data as of" in page and str(package.version) in page


def test_failures_that_nothing_mended_come_first(staff: Client, shop: Company, sides: Sides):
    [old] = sides.distribute()
    failed = Package.objects.create(
        database=shop.database, jobs=["1020"], kind="delta", version=old.version + 1, state="failed",
        settled_at=timezone.now(), started_at=timezone.now() + timedelta(seconds=1), error="no room",
    )  # fmt: skip
    store = a_store("S8")
    other = register_scale_unit(name="other", base_url="http://nowhere.test", stores=[store.number]).unit
    Package.objects.create(
        database=other.channel_database, jobs=["1020"], kind="full", version=old.version + 2,
        started_at=timezone.now() + timedelta(seconds=2),
    )  # fmt: skip
    rows = staff.get("/channels_app/package/").context["cl"].result_list
    assert next(row.pk for row in rows) == failed.pk
    Package.objects.create(
        database=shop.database, jobs=["1020"], kind="delta", version=old.version + 3, state="applied",
        settled_at=timezone.now(), started_at=timezone.now() + timedelta(seconds=3),
    )  # fmt: skip
    rows = staff.get("/channels_app/package/").context["cl"].result_list
    assert next(row.pk for row in rows) != failed.pk
