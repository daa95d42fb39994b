"""The roof: settings, addresses, Celery, and what `make run` starts. Knows everyone; nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
