"""Groups from before "Use another hardware station" get it where they may sell, as new companies have it.

Written at headquarters alone: to channel databases it travels in the next package, like any change.
"""

from typing import Any

from django.db import migrations
from django.utils import timezone

from channels_app.roles import is_headquarters

BASELINE = "as it was found"
WHY = "A permission that is new: whoever sells may choose another station."


def give_permission(apps: Any, schema_editor: Any) -> None:
    """Run again it changes nothing: a group that has the permission is left alone."""
    if not is_headquarters():
        return
    groups, history = (
        apps.get_model("hq", name) for name in ("PermissionGroup", "HistoricalPermissionGroup")
    )
    for group in groups.objects.filter(permissions__contains=["sell"]).exclude(
        permissions__contains=["choose_station"]
    ):
        if not history.objects.filter(id=group.pk).exists():  # made in bulk: how it was, too
            _keep(history, group, "+", BASELINE)
        group.permissions = [*group.permissions, "choose_station"]
        group.save(update_fields=["permissions"])
        _keep(history, group, "~", WHY)


def _keep(history: Any, group: Any, kind: str, why: str) -> None:
    row = {field.attname: getattr(group, field.attname) for field in group._meta.concrete_fields}
    history.objects.create(**row, history_date=timezone.now(), history_type=kind, history_change_reason=why)


class Migration(migrations.Migration):
    dependencies = [("hq", "0009_numbers_are_letters_and_figures")]

    operations = [migrations.RunPython(give_permission, migrations.RunPython.noop)]
