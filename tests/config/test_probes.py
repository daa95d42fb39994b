"""Machines ask by address, pages for people demand an allowed name. Tasks of the schedule exist."""

import subprocess
import sys

import pytest
from django.test import Client

from tools.devstack import paths

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_a_probe_is_answered_under_any_host_name(client: Client, path: str) -> None:
    reply = client.get(path, headers={"Host": "172.18.0.7:8000"})
    assert reply.status_code == 200
    assert reply["X-Request-ID"]
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in reply["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/hu/", "/api/v1/schema/", "/health/live/x"])
def test_every_other_page_refuses_a_host_name_that_is_not_allowed(client: Client, path: str) -> None:
    assert client.get(path, headers={"Host": "172.18.0.7:8000"}).status_code in {400, 404}
    assert client.get("/", headers={"Host": "172.18.0.7:8000"}).status_code == 400


def test_metrics_refuse_a_stranger_who_is_answered_before_the_host_check(client: Client) -> None:
    reply = client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers={"Host": "172.18.0.7:8000"})
    assert reply.status_code == 403


def test_a_probe_takes_reading_only(client: Client) -> None:
    assert client.post("/health/ready").status_code == 405


UNKNOWN = """
from config.celery import app
app.loader.import_default_modules()
print(*{entry["task"] for entry in app.conf.beat_schedule.values()} - set(app.tasks))
"""


def test_every_task_of_the_schedule_is_known_to_the_worker() -> None:
    # In a process of its own: here other tests have imported more than a worker does.
    command = [sys.executable, "-c", UNKNOWN]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr
