"""The Celery application: tasks are hints, the database is the truth (reliability.md, part E)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("passline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
