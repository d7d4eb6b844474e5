"""What a database needs beside its tables: change tracking, and the rows of the jobs."""

from django.db import connection

from channels_app.changes import install_tracking, remove_tracking
from channels_app.models import Job
from channels_app.registry import JOBS, carried, is_upload
from channels_app.roles import is_headquarters


def prepare_tables(app: str) -> None:
    """Bring the change tracking of one app's tables, and the jobs, to what this version of the code says."""
    present = set(connection.introspection.table_names())
    tables = [t for t in carried() if t.model._meta.app_label == app and t.name in present]
    if not is_headquarters():
        remove_tracking(tables)
        return
    if "channels_app_change" in present:
        install_tracking(tables)
    if app == "channels_app" and Job._meta.db_table in present:
        name_jobs()


def name_jobs() -> None:
    """Have a row for each job that the code knows."""
    Job.objects.bulk_create(
        [
            Job(
                number=number,
                name=name,
                direction=Job.Direction.UP if is_upload(number) else Job.Direction.DOWN,
            )
            for number, name in JOBS.items()
        ],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["name", "direction"],
    )
