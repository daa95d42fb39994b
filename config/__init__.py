"""Settings, URLs, Celery, and what `make run` starts. Imports every package; no package imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
