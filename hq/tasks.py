"""What workers do at headquarters beside the exchange. Every task may run twice: what is to be done is in rows.

The back office is imported where it is needed: its pages name these tasks, and a scale unit's worker has none.
"""

from uuid import UUID

from celery import shared_task

from channels_app.tasks import soon


@shared_task(ignore_result=True)
def work_on_list(pk: str) -> None:
    """Look at a spreadsheet that comes in, or write it."""
    from hq.admin import list_import

    list_import.work_on(UUID(pk))


@shared_task(ignore_result=True)
def tend_lists() -> None:
    """Begin anew what broke off, and forget old files."""
    from hq.admin import list_import

    for pk in list_import.waiting():
        soon(work_on_list, str(pk))
    list_import.forget_old()
