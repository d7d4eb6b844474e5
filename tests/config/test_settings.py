"""Settings: what production must be told, what the roles differ in."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.settings import environment

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "ROLE": "scale_unit",
    "DATABASE_URL": "postgresql://tillhouse:secret@db.example:5432/su",
    "REDIS_URL": "redis://redis.example:6379/0",
    "SECRET_KEY": "k" * 40 + "0123456789abcdef",
    "ALLOWED_HOSTS": "till.example, pos.example",
    "DATA_DIR": "/var/lib/tillhouse",
    "HEADQUARTERS_URL": "https://hq.example",
    "PACKAGE_VERIFY_KEY": "x",
    "EXCHANGE_CREDENTIAL": "y",
    "PATH": os.environ["PATH"],
}
SHOW = "from django.conf import settings; print(settings.{})"


def ask(program: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
    return subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True)


@pytest.mark.parametrize(
    "name",
    [
        *("ROLE", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DATA_DIR"),
        *("HEADQUARTERS_URL", "PACKAGE_VERIFY_KEY", "EXCHANGE_CREDENTIAL"),
    ],
)
def test_production_names_what_it_was_not_told(name: str) -> None:
    said = ask(SHOW.format("ROLE"), **{name: None})
    assert said.returncode != 0
    assert f"Set {name} in the environment" in said.stderr.splitlines()[-1]


def test_headquarters_needs_its_signing_key() -> None:
    said = ask(SHOW.format("ROLE"), ROLE="headquarters")
    assert "Set PACKAGE_SIGNING_KEY in the environment" in said.stderr.splitlines()[-1]


def test_production_is_careful() -> None:
    names = ("ALLOWED_HOSTS", "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    said = ask(f"from django.conf import settings; print([getattr(settings, name) for name in {names}])")
    assert said.stdout.strip() == "[['till.example', 'pos.example'], False, True, True, True]", said.stderr


@pytest.mark.parametrize("role", ["headquarters", "scale_unit"])
def test_djangos_own_check_of_a_deployment_is_content(role: str) -> None:
    program = (
        "import django; django.setup(); from django.core.management import call_command;"
        "call_command('check', deploy=True, tags=['security'], fail_level='WARNING')"
    )
    said = ask(program, ROLE=role, PACKAGE_SIGNING_KEY="z")
    assert said.returncode == 0, said.stderr


def test_a_role_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE", "warehouse")
    with pytest.raises(ImproperlyConfigured, match="ROLE must be one of headquarters, scale_unit, lab"):
        environment.role()


def test_nonsense_in_a_flag_or_a_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "perhaps")
    monkeypatch.setenv("WORKER_THREADS", "many")
    monkeypatch.setenv("STATION_NETWORKS", "10.20.0.0/16, 10.30.0.7/16")
    with pytest.raises(
        ImproperlyConfigured, match=r"STATION_NETWORKS must be address ranges .*'10\.30\.0\.7/16'"
    ):
        environment.networks("STATION_NETWORKS", ())
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be 1 or 0, not 'perhaps'"):
        environment.flag("DEBUG")
    with pytest.raises(ImproperlyConfigured, match="WORKER_THREADS must be a whole number"):
        environment.number("WORKER_THREADS", 4)


def test_a_database_url_becomes_djangos_settings() -> None:
    made = environment.database("postgresql://till:p%40ss@db:6432/company?sslmode=require", pool_size=3)
    assert (made["NAME"], made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        *("company", "till", "p@ss", "db", "6432"),
    )
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["pool"]["max_size"] == 3
    for wrong in ("mysql://x/y", "postgresql://host", "company"):
        with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like"):
            environment.database(wrong)


@pytest.mark.django_db
def test_only_the_admins_pages_may_evaluate(headquarters: object, client: Client) -> None:
    assert "'unsafe-eval'" in client.get("/login/")["Content-Security-Policy"]
    assert "unsafe" not in client.get("/healthz")["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_scale_unit_has_no_admin_and_a_strict_policy(scale_unit: object, client: Client) -> None:
    answer = client.get("/healthz")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert client.get("/login/").status_code == 404


def test_roles_on_one_host_have_cookies_of_their_own() -> None:
    from config.settings.roles import role_settings

    names = [
        role_settings(role)[cookie]
        for role in environment.ROLES
        for cookie in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    ]
    assert len(names) == len(set(names))


def test_packages_lie_in_a_bucket_where_one_is_named() -> None:
    shown = SHOW.format("STORAGES.get('packages')")
    headquarters = {"ROLE": "headquarters", "PACKAGE_SIGNING_KEY": "x"}
    bucket = {"PACKAGE_BUCKET": "till-packages", "S3_ENDPOINT_URL": "https://s3.example"}
    assert ask(shown, **headquarters).stdout.strip() == "None"
    said = ask(shown, **headquarters, **bucket).stdout
    assert "storages.backends.s3.S3Storage" in said
    assert "'bucket_name': 'till-packages'" in said and "'endpoint_url': 'https://s3.example'" in said
    assert ask(shown, **bucket).stdout.strip() == "None", "a scale unit needs no access to it"
