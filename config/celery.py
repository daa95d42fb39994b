"""The Celery application: tasks are hints, the database is the truth (docs/decisions/0009)."""

import os

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("passline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def drop_dead_connections(**_: object) -> None:
    """Do before a task what Django does before a request: a connection that is old or dead is left."""
    close_old_connections()
