"""The Celery application: tasks are hints, the database is the truth (reliability.md, part E)."""

import os

from celery import Celery
from celery.signals import beat_init, task_prerun, worker_init
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("passline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def drop_dead_connections(**_: object) -> None:
    """Do before a task what Django does before a request: a connection that is old or dead is left."""
    close_old_connections()


@worker_init.connect
@beat_init.connect
def serve_metrics(**_: object) -> None:
    """Serve the metrics of this container, where METRICS_PORT names a port."""
    # Not at the top: the counters read settings, which Celery loads later than this module.
    from config import exporter

    exporter.start()
