"""`manage.py migrate`, in a third of its time: a new installation is set up while somebody waits for it."""

import gc
from typing import Any
from unittest.mock import patch

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

_reload_model = ProjectState.reload_model
# So many new objects before the collector looks: models that were rendered anew are all that it would find.
COLLECT_AFTER = 200_000
LAST_WITH_ALL_STEPS = "24b7d54"


class Command(Migrate):
    """Django's own, but for when it renders models anew.

    At each step Django renders every model that hangs together with the changed one over any number of relations,
    which here is the whole company. For steps of which it knows that they cannot reach so far it has a way to renew
    only the neighbours (`delay`), and to renew the rest before a step in Python that might look; we go that way
    always.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_half_way(connections[options["database"]])
        thresholds = gc.get_threshold()
        gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
        try:
            with patch.object(ProjectState, "reload_model", _reload_neighbours):
                super().handle(*args, **options)
        finally:
            gc.set_threshold(*thresholds)


def _refuse_half_way(connection: Any) -> None:
    """Raise CommandError when the database has some, but not all, of the former steps that one step stands for now."""
    applied = MigrationRecorder(connection).applied_migrations()
    for (app, _), step in MigrationLoader(None).disk_migrations.items():
        if 0 < sum(former in applied for former in step.replaces) < len(step.replaces):
            raise CommandError(
                f"The tables of {app} were last migrated by a version that lacks some of the steps which are one by"
                f" now. Run 'manage.py migrate' of commit {LAST_WITH_ALL_STEPS} on this database, then this one again."
            )


def _reload_neighbours(state: ProjectState, app_label: str, model_name: str, delay: bool = True) -> None:
    if "apps" in vars(state) and model_name not in state.apps.all_models[app_label]:
        state.apps.render_multiple([state.models[app_label, model_name]])  # a new one changes no other
    else:
        _reload_model(state, app_label, model_name, delay=True)
