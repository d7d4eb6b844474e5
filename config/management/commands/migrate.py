"""`manage.py migrate`, in a third of its time: a new installation is set up while somebody waits for it."""

import gc
from typing import Any
from unittest.mock import patch

from django.core.management.commands.migrate import Command as Migrate
from django.db.migrations.state import ProjectState

_reload_model = ProjectState.reload_model
# So many new objects before the collector looks: models that were rendered anew are all that it would find.
COLLECT_AFTER = 200_000


class Command(Migrate):
    """Django's own, but for when it renders models anew.

    At each step Django renders every model that hangs together with the changed one over any number of relations,
    which here is the whole company. For steps of which it knows that they cannot reach so far it has a way to renew
    only the neighbours (`delay`), and to renew the rest before a step in Python that might look; we go that way
    always.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        thresholds = gc.get_threshold()
        gc.set_threshold(COLLECT_AFTER, *thresholds[1:])
        try:
            with patch.object(ProjectState, "reload_model", _reload_neighbours):
                super().handle(*args, **options)
        finally:
            gc.set_threshold(*thresholds)


def _reload_neighbours(state: ProjectState, app_label: str, model_name: str, delay: bool = True) -> None:
    if "apps" in vars(state) and model_name not in state.apps.all_models[app_label]:
        state.apps.render_multiple([state.models[app_label, model_name]])  # a new one changes no other
    else:
        _reload_model(state, app_label, model_name, delay=True)
