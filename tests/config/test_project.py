"""What holds for the project as a whole."""

import pytest
from django.contrib.staticfiles import finders
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.celery import app
from config.schedules import beat_schedule


@pytest.mark.django_db
def test_the_migrations_say_all_that_the_models_say() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_a_database_from_before_the_steps_were_made_one_is_told_what_to_do() -> None:
    recorder = MigrationRecorder(connection)
    for name in ("0001_tables", "0005_attributes_are_names_with_values"):
        recorder.record_unapplied("catalog", name)
    with pytest.raises(CommandError, match=r"tables of catalog .* of commit 24b7d54"):
        call_command("migrate")


@pytest.mark.django_db
def test_a_database_that_has_all_former_steps_needs_none_of_the_new_ones() -> None:
    recorder = MigrationRecorder(connection)
    for key, step in MigrationLoader(None).disk_migrations.items():
        if step.replaces:
            recorder.record_unapplied(*key)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


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
