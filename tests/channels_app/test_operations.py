"""The operations pages and commands: they show how things stand and do what their buttons say."""

from decimal import Decimal
from io import StringIO
from typing import Any

import httpx
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.sites import site
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from channels_app.identifiers import uuid7
from channels_app.merge import Merge
from channels_app.models import (
    ChannelDatabase,
    Package,
    QuarantinedRecord,
    ScaleUnit,
    Schedule,
    StorePlacement,
)
from channels_app.package_format import PartWriter
from channels_app.selectors import database_rows
from channels_app.services.build import Order, build_packages
from channels_app.services.packages import how_far
from channels_app.services.push import push_package
from channels_app.services.scale_units import (
    default_schedules,
    everybody_group,
    place_stores,
    register_scale_unit,
    unit_with_credential,
)
from channels_app.services.upload import upload
from channels_app.states import PackageState
from hq.admin.placement import PlacementInline
from hq.models import Register, Store, User
from pos.cart.model import Cart, Tender, pack_cart
from pos.models import RegisterState, RetailTransaction, StoredCart, SuspendedCart
from pos.services.session import ensure_standing
from pricing.models import TradeAgreement
from tests.channels_app.company import Company, a_store
from tests.channels_app.journal import a_sale, an_open_shift
from tests.channels_app.two_sides import Sides


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_every_page_opens_and_shows_what_there_is(staff: Client, shop: Company, sides: Sides):
    [package] = sides.distribute()
    schedule = default_schedules()[0]
    aside = QuarantinedRecord.objects.create(
        database=shop.database, topic="sale.concluded", subject="x", rows={}, reason="a clash of numbers"
    )
    unit = ScaleUnit.objects.get()
    for path, words in (
        ("distribution/", "up to date"),
        ("", "a clash of numbers"),
        ("channels_app/package/", "Applied"),
        (f"channels_app/package/{package.pk}/change/", "trade agreements"),
        ("channels_app/channeldatabase/", "main"),
        (f"channels_app/channeldatabase/{shop.database.pk}/change/", "stores that sell from it"),
        (f"channels_app/channeldatabase/{shop.database.pk}/compare/", "holds exactly"),
        (f"channels_app/channeldatabase/{shop.database.pk}/take-back/", "No earlier version"),
        ("channels_app/scaleunit/", "scale-unit.test"),
        (f"channels_app/scaleunit/{unit.pk}/change/", "In use"),
        ("channels_app/databasegroup/", "All channel databases"),
        ("channels_app/schedule/", "Everything, all day"),
        (f"channels_app/schedule/{schedule.pk}/change/", "With care"),
        ("channels_app/job/", "trade agreements"),
        ("channels_app/quarantinedrecord/", "a clash of numbers"),
        (f"channels_app/quarantinedrecord/{aside.pk}/change/", "a clash of numbers"),
    ):
        assert words.lower() in page(staff, f"/{path}").lower(), path


def test_who_may_not_see_them_does_not(shop: Company, sides: Sides):
    client = Client()
    user = User.objects.create_user("guest", password="x", is_staff=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for path in ("distribution/", f"channels_app/channeldatabase/{shop.database.pk}/compare/"):
        assert client.get(f"/{path}").status_code == 403
    assert client.post("/distribution/", {"action": "distribute"}).status_code == 403
    assert not Package.objects.exists()


def test_the_buttons_of_the_overview_distribute_and_collect(staff: Client, shop: Company, sides: Sides):
    sides.introduce()
    staff.post("/distribution/", {"action": "distribute"})
    sides.work()
    assert Package.objects.get().state == PackageState.APPLIED
    sides.lines["scale_unit"].requests.clear()
    assert (
        "1 scale unit asked"
        in staff.post("/distribution/", {"action": "collect"}, follow=True).content.decode()
    )
    assert [r.url.path for r in sides.lines["scale_unit"].requests] == ["/exchange/wake/"]


def test_a_link_asks_and_only_the_button_acts(staff: Client, shop: Company, sides: Sides):
    [package] = sides.distribute()
    path = f"/channels_app/package/{package.pk}/rebuild/"
    assert "Rebuild in full" in page(staff, path)
    assert Package.objects.count() == 1
    staff.post(path)
    sides.work()
    assert Package.objects.order_by("-started_at").first().kind == Package.Kind.FULL
    assert Package.objects.filter(state=PackageState.APPLIED).count() == 2


def test_a_package_is_called_off(staff: Client, shop: Company, sides: Sides):
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    staff.post(f"/channels_app/package/{package.pk}/call_off/")
    package.refresh_from_db()
    assert package.state == PackageState.CANCELLED
    answer = staff.post(f"/channels_app/package/{package.pk}/call_off/", follow=True)
    assert "cannot become cancelled" in answer.content.decode()


def test_a_bad_price_list_is_taken_back_on_a_page(staff: Client, shop: Company, sides: Sides):
    [good] = sides.distribute()
    TradeAgreement.objects.update(amount="0.01")
    sides.distribute()
    path = f"/channels_app/channeldatabase/{shop.database.pk}/take-back/"
    assert f"Version {good.version}" in page(staff, path)
    staff.post(path, {"version": good.version, "jobs": ["1020"]})
    sides.work()
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal(1)
    assert ChannelDatabase.objects.get().pinned
    staff.post(f"/channels_app/channeldatabase/{shop.database.pk}/let_go/")
    assert not ChannelDatabase.objects.get().pinned


def test_a_new_scale_unit_shows_its_credential_once(staff: Client, shop: Company, sides: Sides):
    answer = staff.post(
        "/channels_app/scaleunit/add/",
        {"name": "store-2", "kind": "store", "base_url": "http://10.0.0.5:8001", "is_active": "on"},
        follow=True,
    )
    assert "EXCHANGE_CREDENTIAL=" in answer.content.decode()
    assert ChannelDatabase.objects.filter(scale_unit__name="store-2").exists()
    assert "EXCHANGE_CREDENTIAL=" not in page(staff, "/channels_app/scaleunit/")


def test_saving_a_schedule_tells_the_scheduler(staff: Client, shop: Company, sides: Sides):
    schedule = default_schedules()[0]
    staff.post(
        f"/channels_app/schedule/{schedule.pk}/change/",
        {
            "name": "Slower", "jobs": ["9999"], "group": schedule.group_id, "interval": schedule.interval_id,
            "canary_minutes": 15, "stop_above_percent": 20, "size_limit_mb": 0,
        },
    )  # fmt: skip
    schedule.refresh_from_db()
    assert (schedule.name, schedule.is_active, schedule.periodic_task.enabled) == ("Slower", False, False)


def test_trouble_comes_first(shop: Company, sides: Sides):
    sides.distribute()
    register_scale_unit(name="a-new-one", base_url="http://nowhere.test", stores=["S2"])
    rows = database_rows()
    assert [(row.name, row.needs_somebody) for row in rows] == [("a-new-one", True), ("main", False)]
    assert {cell.kind for cell in rows[0].jobs if cell.number != "1050"} == {"never"}
    TradeAgreement.objects.update(amount=500)
    assert [cell.number for cell in database_rows()[1].jobs if cell.kind == "waiting"] == ["1020"]


def test_the_number_of_queries_does_not_grow_with_the_databases(
    shop: Company, sides: Sides, django_assert_num_queries, django_assert_max_num_queries
):
    sides.distribute()
    with django_assert_max_num_queries(13) as with_one:  # one for each way by which rows may enter a scope
        assert len(database_rows()) == 1
    for number in range(10, 30):
        a_store(f"S{number}")
        register_scale_unit(name=f"unit-{number}", base_url="http://nowhere.test", stores=[f"S{number}"])
    with django_assert_num_queries(len(with_one)):
        assert len(database_rows()) == 21


def test_the_shell_does_the_same(shop: Company, sides: Sides, tmp_path):
    sides.introduce()
    said = StringIO()
    call_command("distribute", stdout=said)
    sides.work()
    call_command("packages", stdout=said)
    package = Package.objects.get()
    call_command("verify_package", str(package.pk), save=str(tmp_path / "one.package"), stdout=said)
    call_command("compare", stdout=said)
    call_command("scale_unit", "status", stdout=said)
    for words in ("applied", "rows", "signature is good", "equal", "main: up to date"):
        assert words in said.getvalue()
    with sides.scale_unit():
        call_command("verify_package", str(tmp_path / "one.package"), stdout=said)
        call_command("scale_unit", "status", stdout=said)
        with pytest.raises(CommandError, match="headquarters"):
            call_command("distribute")
    spoiled = bytearray((tmp_path / "one.package").read_bytes())
    spoiled[-1] ^= 1
    (tmp_path / "two.package").write_bytes(bytes(spoiled))
    with pytest.raises(CommandError, match="broken"):
        call_command("verify_package", str(tmp_path / "two.package"))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["packages", "--database", "nope"], "no channel database nope"),
        (["packages", "--retry", "01a22590-f91b-7ac7-a1fa-9ffa4c6facc6"], "no package 01a22590"),
        (["packages", "--take-back", "77"], "version 77"),
        (["compare", "--database", "nope"], "no active channel database nope"),
        (["distribute", "--database", "nope"], "no active channel database nope"),
        (["distribute", "--group", "nope"], "in a group nope"),
        (["verify_package", "nope"], "neither a file nor a package"),
        (["scale_unit", "move", "nope", "S1"], "no scale unit nope"),
        (["scale_unit", "register", "Bad Name", "http://x.test"], "such as store-12"),
        (["scale_unit", "register", "new", "ftp://x.test"], "no web address"),
        (["scale_unit", "register", "new", "http://x.test", "--stores", "S9"], "no store S9"),
    ],
)
def test_the_shell_says_what_it_cannot_do_and_does_none_of_it(
    command: list[str], words: str, shop: Company, sides: Sides
):
    said = StringIO()
    with pytest.raises(CommandError, match=words):
        call_command(*command, stdout=said)
    assert not said.getvalue()
    assert ScaleUnit.objects.count() == 1 and not Package.objects.exists()


def test_what_is_done_from_a_shell_is_in_the_audit(
    staff: Client, shop: Company, sides: Sides, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SUDO_USER", "nadia")
    sides.introduce()
    for command in (
        ["scale_unit", "register", "second", "http://127.0.0.1:9001", "--stores", "S2"],
        ["scale_unit", "rotate", "second"],
        ["scale_unit", "revoke", "second"],
        ["scale_unit", "status"],
        ["distribute", "--database", "main"],
        ["packages"],
    ):
        call_command(*command, stdout=StringIO(), stderr=StringIO())
    sides.work()
    package = Package.objects.get(database__name="main")
    call_command("packages", "--rebuild", str(package.pk), stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("scale_unit", "register", "third", "http://127.0.0.1:9003", "--stores", "S9")
    told = list(LogEntry.objects.order_by("pk").values_list("object_repr", "change_message"))
    by = "(from a shell, as nadia)"
    assert told == [
        ("second", f"Added {by}"),
        ("second", f"Gave it the stores S2 {by}"),
        ("second", f"Gave it a new credential {by}"),
        ("second", f"Took its credential away {by}"),
        ("main", f"Sent what it lacks {by}"),
        (str(package), f"Had it built in full {by}"),
    ]
    assert f"Took its credential away {by}" in page(staff, "/audit/")
    shell = get_user_model().objects.get(username="shell")
    assert not (shell.is_active or shell.is_staff or shell.has_usable_password())


def test_a_scale_unit_that_does_not_answer_keeps_no_other_from_being_compared(shop: Company, sides: Sides):
    sides.distribute()
    register_scale_unit(name="away", base_url="http://nowhere.test")
    sides.lines["scale_unit"].fault = lambda request: (
        httpx.Response(503) if request.url.host == "nowhere.test" else None
    )
    said = StringIO()
    with pytest.raises(CommandError, match="away"):
        call_command("compare", stdout=said)
    assert "main  catalog_product: equal" in said.getvalue()


def test_a_second_scale_unit_takes_a_store_over(shop: Company, sides: Sides):
    said = StringIO()
    call_command("scale_unit", "register", "second", "http://127.0.0.1:9001", "--stores", "S2", stdout=said)
    call_command("scale_unit", "move", "second", "S1", stdout=said)
    placed = ScaleUnit.objects.get(name="second").channel_database.placements
    assert set(placed.values_list("store__number", flat=True)) == {"S1", "S2"}
    call_command("scale_unit", "register", "second", "http://127.0.0.1:9002", stdout=said)
    assert ScaleUnit.objects.get(name="second").base_url == "http://127.0.0.1:9002"
    call_command("scale_unit", "rotate", "second", stdout=said)
    assert "EXCHANGE_CREDENTIAL=" in said.getvalue()
    with override_settings(EXCHANGE_CREDENTIAL="what its processes have"):
        call_command("scale_unit", "register", "second", "http://127.0.0.1:9002", stdout=said)
    assert unit_with_credential("what its processes have") == ScaleUnit.objects.get(name="second")
    with pytest.raises(CommandError, match="no store"):
        call_command("scale_unit", "move", "second", "S9")
    assert Schedule.objects.count() == 2


def test_a_store_that_moves_loses_no_sale(shop: Company, sides: Sides):
    """What was sold before the move comes up from where it was sold."""
    sides.distribute()
    with sides.scale_unit():
        a_sale(an_open_shift(Register.objects.get()), 1)
    second = register_scale_unit(name="second", base_url="http://second.test", credential="another").unit
    place_stores(second.channel_database, ["S1"])
    with sides.scale_unit():
        assert upload() == 1
    assert RetailTransaction.objects.count() == 1


def leave_work_open(sides: Sides, register_number: str = "S1-1") -> None:
    """A shift, a sale and a sale on hold at the scale unit."""
    with sides.scale_unit():
        register = Register.objects.get(number=register_number)
        ensure_standing(register_id=register.pk, currency="GBP", at=timezone.now())
        RegisterState.objects.filter(register=register.pk).update(shift=uuid7())
        tender = Tender("1", "cash", "cash", "Cash", Decimal(1), Decimal(1))
        cart = Cart(id="1", register=register.pk, currency="GBP", tenders=(tender,))
        StoredCart.objects.filter(register=register.pk).update(document=pack_cart(cart))
        SuspendedCart.objects.create(
            store=register.store, register=register, worker_id=1, document=b"", total=1, currency="GBP",
            line_count=1, suspended_at=timezone.now(),
        )  # fmt: skip


def finish_work(sides: Sides) -> None:
    with sides.scale_unit():
        RegisterState.objects.update(shift=None)
        StoredCart.objects.all().delete()
        SuspendedCart.objects.all().delete()


def test_a_store_does_not_move_while_something_is_open_in_it(shop: Company, sides: Sides):
    sides.distribute()
    sides.introduce()
    second = register_scale_unit(name="second", base_url="http://second.test", credential="another").unit
    leave_work_open(sides)
    with pytest.raises(
        CommandError, match=r"an open shift at .*, an open sale at .*, 1 sale on hold at main"
    ):
        call_command("scale_unit", "move", "second", "S1")
    assert not second.channel_database.placements.exists()
    sides.lines["scale_unit"].fault = lambda request: httpx.Response(503)
    with pytest.raises(CommandError, match="Try again when main answers"):
        call_command("scale_unit", "move", "second", "S1")
    sides.lines["scale_unit"].fault = None
    finish_work(sides)
    call_command("scale_unit", "move", "second", "S1")
    assert second.channel_database.placements.get().store.number == "S1"


def placements_form(*rows: dict, initial: int) -> dict:
    """What a browser sends of the stores of a channel database."""
    head = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": initial, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    fields = head | {f"{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return {f"placements-{name}": value for name, value in fields.items()}


def test_a_store_is_moved_on_a_page_by_the_same_rules(staff: Client, shop: Company, sides: Sides):
    """It is refused while something is open there, and its registers count in a new epoch."""
    sides.distribute()
    sides.introduce()
    second = register_scale_unit(
        name="second", base_url="http://second.test", credential="another"
    ).unit.channel_database
    leave_work_open(sides)
    path = f"/channels_app/channeldatabase/{second.pk}/change/"
    form = {"name": "second", "delivery": "push", "is_active": "on"}
    moved = form | placements_form({"store": shop.near.pk, "channel_database": second.pk}, initial=0)
    refused = staff.post(path, moved).content.decode()
    assert "Store S1 has an open shift at" in refused
    sides.lines["scale_unit"].fault = lambda request: httpx.Response(503)
    assert "Try again when main answers" in staff.post(path, moved).content.decode()
    sides.lines["scale_unit"].fault = None
    assert StorePlacement.objects.get(store=shop.near).channel_database == shop.database
    assert Register.objects.get(number="S1-1").epoch == 1
    finish_work(sides)
    assert staff.post(path, moved).status_code == 302
    assert StorePlacement.objects.get(store=shop.near).channel_database == second
    assert Register.objects.get(number="S1-1").epoch == 2


def test_a_store_is_taken_out_of_a_database_by_the_same_rules(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    sides.introduce()
    leave_work_open(sides)
    path = f"/channels_app/channeldatabase/{shop.database.pk}/change/"
    form = {"name": "main", "delivery": "push", "is_active": "on"}
    row = {"id": StorePlacement.objects.get().pk, "channel_database": shop.database.pk, "DELETE": "on"}
    assert (
        "Store S1 has an open shift at"
        in staff.post(path, form | placements_form(row, initial=1)).content.decode()
    )
    assert StorePlacement.objects.exists()
    assert staff.post(path, form | placements_form(row | {"anyway": "on"}, initial=1)).status_code == 302
    assert not StorePlacement.objects.exists()
    assert Register.objects.get(number="S1-1").epoch == 2  # wherever it is placed next, no number comes twice


def test_the_page_of_a_store_moves_it_by_the_same_rules(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    sides.introduce()
    second = register_scale_unit(
        name="second", base_url="http://second.test", credential="another"
    ).unit.channel_database
    leave_work_open(sides)
    placed = sent_from_the_store(shop)
    refused = placed({"channel_database": second.pk})
    assert not refused.is_valid() and "an open shift" in str(refused.errors)
    taken = placed({"channel_database": second.pk, "anyway": "on"})
    assert taken.is_valid(), taken.errors
    taken.save()
    assert StorePlacement.objects.get(store=shop.near).channel_database == second
    assert Register.objects.get(number="S1-1").epoch == 2


def sent_from_the_store(shop: Company) -> Any:
    """The formset of the store's page, bound to what is sent."""
    request = RequestFactory().post("/")
    request.user = User.objects.get(username="ops")
    made = PlacementInline(Store, site).get_formset(request, shop.near)
    here = {"id": StorePlacement.objects.get(store=shop.near).pk, "store": shop.near.pk}
    sent = {f"placement-0-{name}": value for name, value in here.items()}
    head = {"placement-TOTAL_FORMS": 1, "placement-INITIAL_FORMS": 1}
    return lambda row: made(
        head | sent | {f"placement-0-{name}": value for name, value in row.items()},
        instance=shop.near,
        prefix="placement",
    )


def test_a_scale_unit_with_stores_or_a_past_is_not_deleted(staff: Client, shop: Company, sides: Sides):
    sides.distribute()
    made = register_scale_unit(
        name="mistyped", base_url="http://nowhere.test", credential="another", stores=["S2"]
    ).unit
    build_packages(Order([made.channel_database.pk], ["9999"]))
    main = ScaleUnit.objects.get(name="main")
    assert staff.post(f"/channels_app/scaleunit/{main.pk}/delete/", {"post": "yes"}).status_code == 403
    path = f"/channels_app/scaleunit/{made.pk}/delete/"
    assert "S2" in page(staff, path) and "is not deleted: what stands here names it" in page(staff, path)
    place_stores(shop.database, ["S2"])
    assert staff.post(path, {"post": "yes"}).status_code == 302
    assert list(ScaleUnit.objects.values_list("name", flat=True)) == ["main"]


def test_a_register_that_moved_counts_in_a_new_epoch_and_goes_on_where_it_was_when_it_comes_back(
    shop: Company, sides: Sides
):
    def standing() -> int:
        with sides.scale_unit():
            register = Register.objects.get(number="S1-1")
            ensure_standing(register_id=register.pk, currency="GBP", at=timezone.now())
            return RegisterState.objects.get(register=register.pk).epoch

    sides.distribute()
    second = register_scale_unit(name="second", base_url="http://second.test", credential="another").unit
    place_stores(shop.database, ["S1"])  # it is there already
    assert standing() == 1
    place_stores(second.channel_database, ["S1"])
    assert Register.objects.get(number="S1-1").epoch == 2
    place_stores(shop.database, ["S1"])
    for package in build_packages(Order([shop.database.pk], ["9999"])):
        push_package(package.pk)
    sides.work()
    assert standing() == 1  # its counters are still there
    with sides.scale_unit():
        RegisterState.objects.all().delete()  # installed anew
    assert standing() == 3


def test_a_channel_database_that_was_emptied_counts_in_a_new_epoch(shop: Company, sides: Sides):
    sides.distribute()
    sides.empty_channel()
    sides.introduce()
    sides.introduce()
    assert Register.objects.get(number="S1-1").epoch == 2
    assert Register.objects.get(number="S2-1").epoch == 1


def test_the_rows_move_on_a_packages_page_while_it_is_built_and_applied(
    staff: Client, shop: Company, sides: Sides, monkeypatch
):
    monkeypatch.setattr("channels_app.progress._EVERY", 0)
    finish, write, seen = PartWriter.finish, Merge.write, []

    def look_while_built(writer: PartWriter, rows: int) -> object:
        seen.append(how_far(Package.objects.get()))
        return finish(writer, rows)

    def look_while_applied(merge: Merge) -> None:
        with sides.headquarters():
            seen.append(how_far(Package.objects.get()))
            sides.lines["scale_unit"].fault = lambda request: httpx.Response(503)
            assert how_far(Package.objects.get()) is None
            sides.lines["scale_unit"].fault = None
        write(merge)

    monkeypatch.setattr(PartWriter, "finish", look_while_built)
    monkeypatch.setattr(Merge, "write", look_while_applied)
    sides.distribute()
    package = Package.objects.get()
    rows = [progress.rows for progress in seen if progress]
    assert package.state == PackageState.APPLIED and how_far(package) is None
    assert rows[:-1] == sorted(rows[:-1]) and rows[-2:] == [package.rows] * 2
    Package.objects.update(state=PackageState.STARTED, settled_at=None, rows=0, bytes=0)
    page = staff.get(f"/channels_app/package/{package.pk}/change/").content.decode()
    assert f"{package.rows} so far" in page and "Reading" in page


def test_a_version_is_taken_back_by_what_is_in_it(staff: Client, shop: Company, sides: Sides):
    """The page of a group names the tables of each version; one button takes a version back, and the audit says so."""
    sides.distribute()
    TradeAgreement.objects.update(amount="0.01")
    [bad] = sides.distribute()
    group = everybody_group()
    path = f"/channels_app/databasegroup/{group.pk}/undo/"
    assert "Trade agreements" in page(staff, path)
    staff.post(path, {"version": 999_999, "jobs": ["1020"]})
    assert "Took back" not in page(staff, "/audit/")
    staff.post(path, {"version": bad.version, "jobs": ["1020"]})
    sides.work()
    assert "Took back version" in page(staff, "/audit/")
    with sides.scale_unit():
        assert TradeAgreement.objects.get(product__number="P000").amount == Decimal(1)


def test_a_package_offers_what_its_state_allows(staff: Client, shop: Company, sides: Sides):
    def offered(package: Package) -> set[str]:
        text = page(staff, f"/channels_app/package/{package.pk}/change/")
        names = ("again", "call_off", "rebuild", "leave_out", "take_back")
        return {name for name in names if f"/{package.pk}/{name}/" in text}

    sides.introduce()
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    assert offered(package) == {"call_off", "rebuild", "leave_out"}
    Package.objects.update(state=PackageState.FAILED, settled_at=timezone.now())
    assert offered(package) == {"again", "rebuild", "leave_out"}
    Package.objects.update(state=PackageState.APPLIED)
    assert offered(package) == {"rebuild", "take_back"}
