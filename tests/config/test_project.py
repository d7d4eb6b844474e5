"""What holds for the project as a whole."""

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from config.celery import app
from config.schedules import beat_schedule


@pytest.mark.django_db
def test_the_migrations_say_all_that_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("role", ["headquarters", "scale_unit"])
def test_what_is_scheduled_exists(role: str) -> None:
    app.loader.import_default_modules()
    missing = [entry["task"] for entry in beat_schedule(role).values() if entry["task"] not in app.tasks]
    assert missing == []


@pytest.mark.parametrize(
    "path",
    [
        "django_htmx/htmx-2.min.js",
        "django_htmx/ext/hx-ws-2.min.js",
        "unfold/fonts/inter/Inter-Regular.woff2",
    ],
)
def test_the_files_that_we_take_from_packages_are_there(path: str) -> None:
    assert finders.find(path), path
