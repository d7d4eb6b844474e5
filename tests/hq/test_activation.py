"""A browser becomes a register with a one-time code, and stops being one when it is revoked."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from hq.models import ActivationCode, Device
from hq.services.activation import (
    ActivationRefused,
    RegisterNotActive,
    code_hash,
    issue_activation_code,
    revoke_device,
    use_activation_code,
)
from tests.factories.company import a_placement, a_register, a_user


def test_a_code_is_readable_and_kept_only_as_a_hash() -> None:
    user = a_user()
    issued = issue_activation_code(register=a_register(), by=user)
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", issued.code)
    row = ActivationCode.objects.get()
    assert row.code_hash == code_hash(issued.code.lower().replace("-", " "))
    assert issued.code not in str(row.__dict__) and row.issued_by == user


def test_a_code_makes_one_browser_a_register() -> None:
    register = a_register()
    issued = issue_activation_code(register=register, by=None)
    device = use_activation_code(code=issued.code, device=uuid4(), description="Chromium")
    assert (device.register, device.status) == (register, Device.Status.ACTIVE)
    with pytest.raises(ActivationRefused):
        use_activation_code(code=issued.code, device=uuid4(), description="Another")
    assert Device.objects.count() == 1


def test_the_same_browser_with_the_same_code_gets_the_same_answer() -> None:
    issued, browser = issue_activation_code(register=a_register(), by=None), uuid4()
    first = use_activation_code(code=issued.code, device=browser, description="Chromium")
    assert use_activation_code(code=issued.code, device=browser, description="Chromium") == first
    revoke_device(device=first)
    with pytest.raises(ActivationRefused):
        use_activation_code(code=issued.code, device=browser, description="Chromium")


def test_late_wrong_and_replaced_codes_are_refused_alike() -> None:
    register, now = a_register(), timezone.now()
    late = issue_activation_code(register=register, by=None, lifetime=timedelta(minutes=5), at=now)
    refusals = []
    for code, at in ((late.code, now + timedelta(minutes=5)), ("ZZZZ-9999", now)):
        with pytest.raises(ActivationRefused) as refused:
            use_activation_code(code=code, device=uuid4(), description="", at=at)
        refusals.append(str(refused.value))
    issue_activation_code(register=register, by=None, at=now + timedelta(minutes=1))
    with pytest.raises(ActivationRefused) as refused:
        use_activation_code(code=late.code, device=uuid4(), description="", at=now + timedelta(minutes=2))
    assert {*refusals} == {str(refused.value)} and not Device.objects.exists()


def test_no_code_for_a_register_that_is_switched_off() -> None:
    with pytest.raises(RegisterNotActive, match="switched off"):
        issue_activation_code(register=a_register(is_active=False), by=None)
    assert not ActivationCode.objects.exists()


def test_the_page_shows_the_code_once_with_the_address_of_the_till(back_office: Client) -> None:
    register = a_register()
    a_placement(register.store)
    url = f"/hq/register/{register.pk}/activation/"
    asked = back_office.get(url)
    assert asked.status_code == 200 and not ActivationCode.objects.exists()
    shown = back_office.post(url)
    assert "http://cloud.test" in shown.text and "no-store" in shown["Cache-Control"]
    code = re.search(r"data-copy=\"([2-9A-Z]{4}-[2-9A-Z]{4})\"", shown.text)
    assert code and ActivationCode.objects.get().code_hash == code_hash(code[1])
    assert code[1] not in back_office.get(url).text


def test_a_revoked_browser_is_named_as_such_and_stays_on_record(back_office: Client) -> None:
    code = issue_activation_code(register=a_register(), by=None).code
    device = use_activation_code(code=code, device=uuid4(), description="Chromium on till 1")
    assert "Chromium on till 1" in back_office.get(f"/hq/device/{device.pk}/revoke/").text
    back_office.post(f"/hq/device/{device.pk}/revoke/")
    device.refresh_from_db()
    assert device.status == Device.Status.REVOKED
    assert device.history.first().history_user.username == "ada"


def test_a_viewer_may_neither_activate_nor_revoke() -> None:
    register, client = a_register(), Client()
    client.force_login(a_user(groups=["Viewer"]), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/hq/register/{register.pk}/change/").status_code == 200
    assert client.post(f"/hq/register/{register.pk}/activation/").status_code == 403
    assert not ActivationCode.objects.exists()
