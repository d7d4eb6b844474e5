"""Who changed what: every row of master data keeps its earlier states, at headquarters."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from channels_app.kinds import HeadquartersOnly

BASELINE = "as it was found"


class KeptHistory(HistoricalRecords):
    """History that also knows the state before the first change of a row that was made in bulk."""

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if self.cls is sender:
            models.signals.pre_save.connect(self.keep_baseline, sender=sender, weak=False)

    def keep_baseline(
        self, instance: Any, raw: bool = False, using: str | None = None, **kwargs: Any
    ) -> None:
        """Before a row without any history changes, keep how it stands in the database."""
        if raw or instance._state.adding or not getattr(settings, "SIMPLE_HISTORY_ENABLED", True):
            return
        model = type(instance)
        if getattr(model, self.manager_name).filter(**{model._meta.pk.attname: instance.pk}).exists():
            return
        found = model._base_manager.using(using).filter(pk=instance.pk).first()
        if found is not None:
            found._history_user, found._change_reason = None, BASELINE
            self.create_historical_record(found, "+", using=using)


def keep_history(*, without: Sequence[str] = ()) -> HistoricalRecords:
    """Keep each state of a row with who made it and when; fields in `without` (secrets) are left out.

    The history stays at headquarters: it is never part of a package, and `SIMPLE_HISTORY_ENABLED` is off
    where packages are applied.
    """
    return KeptHistory(bases=[HeadquartersOnly], excluded_fields=list(without))
