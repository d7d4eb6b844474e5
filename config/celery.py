"""The task queue of this process's role. Redis carries messages only; what is to do is in rows."""

import os

from celery import Celery
from celery.signals import setup_logging

from config.mode import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())

app = Celery("tillhouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**kwargs: object) -> None:
    """Django has configured logging already; a receiver of this signal keeps Celery from doing it again."""
