"""Wiring: settings, URLs, ASGI, Celery, and the embedded mode that starts all of it with one command."""
