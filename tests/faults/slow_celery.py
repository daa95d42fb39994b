"""The Celery application with the faults of `broken`, and with a clock that can be hurried."""

import os

from config.celery import app
from tests.faults import broken

# Nobody waits for the result of a killed child.
app.conf.update(worker_lost_wait=0.5)
if os.environ.get("FAULTS_BEAT_SECONDS"):
    schedule = app.conf.beat_schedule["sweep"]
    schedule["schedule"] = float(os.environ["FAULTS_BEAT_SECONDS"])

__all__ = ["app", "broken"]
