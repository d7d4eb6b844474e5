"""Wiring: settings, URLs, ASGI, Celery, and the embedded mode that starts all of it with one command."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
