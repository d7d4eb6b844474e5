"""The demo company is whole, the same every time, and never in the way of another."""

from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from api.demo import company
from api.demo.welcome import A_CODE, welcome_path
from channels_app.kinds import MasterData
from channels_app.models import StorePlacement
from channels_app.services.scale_units import register_scale_unit
from hq.models import (
    ActivationCode,
    Currency,
    LegalEntity,
    Store,
    User,
    Worker,
)
from hq.services.activation import code_hash, issue_activation_code, use_activation_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("headquarters")]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo_company", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def data_dir(tmp_path: Path, settings):
    settings.DATA_DIR = tmp_path
    return tmp_path


def rows_of_everything() -> dict[str, list[tuple]]:
    """Every row of master data by what it says, without keys and hashes."""
    found = {}
    for model in apps.get_models():
        if issubclass(model, MasterData):
            names = [
                f.attname for f in model._meta.concrete_fields if not f.primary_key and not f.is_relation
            ]
            names = [name for name in names if name != "pin"] or ["pk"]
            rows = sorted(model.objects.values_list(*names), key=str)
            found[model._meta.label] = rows if names != ["pk"] else [(len(rows),)]
    return found


def test_the_command_says_who_gets_in_and_changes_nothing_the_second_time(data_dir):
    assert company.NAME in run()
    first = rows_of_everything()
    text = welcome_path().read_text()
    assert welcome_path().stat().st_mode & 0o777 == 0o600
    assert "1001 Amara" in text
    codes = [word for word in text.split() if A_CODE.fullmatch(word)]
    assert len(codes) == 9
    assert ActivationCode.objects.filter(code_hash__in=[code_hash(code) for code in codes]).count() == 9
    Worker.objects.filter(staff_id="1001").update(name="Amara Eze")
    assert "already" in run()
    assert Worker.objects.get(staff_id="1001").name == "Amara Eze"
    Worker.objects.filter(staff_id="1001").update(name="Amara Okafor")
    assert rows_of_everything() == first
    assert run("--show") == text


def test_a_code_that_opens_nothing_any_more_is_struck_out(data_dir, django_capture_on_commit_callbacks):
    run()
    written = welcome_path().read_text()
    first, second, third = A_CODE.findall(written)[:3]
    with django_capture_on_commit_callbacks(execute=True):
        use_activation_code(code=first, device=uuid4(), description="a browser")
        issue_activation_code(
            register=ActivationCode.objects.get(code_hash=code_hash(second)).register, by=None
        )
    text = welcome_path().read_text()
    assert text == written.replace(first, "(spent)  ").replace(second, "(spent)  ")
    assert third in text
    assert welcome_path().stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_every_time(data_dir):
    run("--password", "one-password", "--pin", "4321")
    first = rows_of_everything()
    call_command("flush", "--noinput", verbosity=0)
    run("--password", "another-password", "--pin", "8765")
    assert rows_of_everything() == first


def test_an_installed_system_gets_secrets_of_its_own(data_dir):
    run()
    text = welcome_path().read_text()
    password = text.splitlines()[0].rpartition(" ")[2]
    assert password != "harbour-and-hale"
    assert User.objects.get(username="admin").check_password(password)
    pin = text.split()[-1]
    assert Worker.objects.get(staff_id="1003").check_pin(pin)


def test_it_keeps_out_of_another_company(data_dir):
    Currency.objects.create(code="CHF", name="Franc", symbol="Fr.")
    LegalEntity.objects.create(code="OTHER", name="Other AG", country="CH", currency_id="CHF")
    with pytest.raises(CommandError, match="already holds Other AG"):
        run()
    assert Store.objects.count() == 0
    run("--force")
    assert Store.objects.count() == 3


def test_it_is_refused_in_a_scale_unit(scale_unit):
    with pytest.raises(CommandError, match="made in headquarters"):
        run()


def test_there_is_nothing_to_show_before(data_dir):
    with pytest.raises(CommandError, match="nothing to show"):
        run("--show")


def test_a_pin_is_four_to_eight_digits(data_dir):
    with pytest.raises(CommandError, match="4 to 8 digits"):
        run("--pin", "12a")
    assert LegalEntity.objects.count() == 0


def test_its_stores_sell_from_the_only_channel_database(data_dir):
    register_scale_unit(name="cloud", base_url="http://127.0.0.1:8001")
    run()
    placed = StorePlacement.objects.values_list("store__number", "channel_database__name")
    assert sorted(placed) == [("1", "cloud"), ("2", "cloud"), ("3", "cloud")]
