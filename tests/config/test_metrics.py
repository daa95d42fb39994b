"""Metrics: what is counted, and who may read it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.test import Client
from prometheus_client import CollectorRegistry, Counter, values
from prometheus_client.parser import text_string_to_metric_families

from accounts.jobs.models import Job, State
from accounts.outbox.models import Mail
from accounts.users.models import User
from config import multiprocess
from exams.attempts import lifecycle
from tests import factories
from tests.exams.attempts.helpers import past_deadline

pytestmark = pytest.mark.django_db


def read(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return all samples by name and labels."""
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status_without_ids(client: Client) -> None:
    labels = (("method", "GET"), ("route", "health_live"), ("status", "200"))
    before = read(client).get(("passline_requests_total", labels), 0)
    client.get("/health/live")
    samples = read(client)
    assert samples["passline_requests_total", labels] == before + 1
    assert samples["passline_request_seconds_count", (("route", "health_live"),)] > 0


def test_an_unknown_method_does_not_make_a_label_of_its_own(client: Client) -> None:
    client.generic("BREW", "/health/live")
    labels = (("method", "other"), ("route", "health_live"), ("status", "405"))
    assert read(client)["passline_requests_total", labels] >= 1


def test_waiting_attempts_are_told(client: Client, anna: User, form: factories.Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    assert read(client)["passline_attempts_running", ()] == 1
    past_deadline(attempt_id, 60)
    lifecycle.expire(attempt_id)
    samples = read(client)
    assert samples["passline_attempts_unscored", ()] == 1
    assert 59 < samples["passline_attempts_oldest_unscored_seconds", ()] < 70


def mail(key: str, age: int, **fields: object) -> None:
    """Write a mail down that was caused so many seconds ago."""
    then = Now() - timedelta(seconds=age)
    values = {"created_at": then, "not_before": then, "not_after": Now() + timedelta(days=1), **fields}
    Mail.objects.create(kind="test", dedupe_key=key, to_address="a@example.com", language="en", **values)


def test_the_age_of_the_oldest_waiting_mail_is_told(client: Client) -> None:
    assert read(client)["passline_mails_waiting_seconds", ()] == 0
    mail("sent", 900, sent_at=Now())
    mail("given up", 800, given_up_at=Now(), sealed="x")
    mail("for later", 700, not_before=Now() + timedelta(hours=1))
    assert read(client)["passline_mails_waiting_seconds", ()] == 0
    mail("waits", 30)
    assert 30 <= read(client)["passline_mails_waiting_seconds", ()] < 60
    # A try has moved the time of the next one.
    mail("was tried", 600, tries=3, not_before=Now() + timedelta(minutes=2))
    assert 600 <= read(client)["passline_mails_waiting_seconds", ()] < 630


def test_mails_that_were_given_up_in_the_last_day_are_told(client: Client) -> None:
    assert read(client)["passline_mails_dead", ()] == 0
    mail("new", 3600, given_up_at=Now(), sealed="x")
    mail("known", 2 * 86400, given_up_at=Now() - timedelta(days=1, seconds=1), sealed="x")
    mail("waits", 3600)
    assert read(client)["passline_mails_dead", ()] == 1


def test_jobs_that_failed_in_the_last_day_are_told(client: Client) -> None:
    assert read(client)["passline_jobs_failed", ()] == 0
    Job.objects.create(kind="test", state=State.FAILED, finished_at=Now())
    Job.objects.create(kind="test", state=State.FAILED, finished_at=Now() - timedelta(days=1, seconds=1))
    Job.objects.create(kind="test", state=State.DONE, finished_at=Now())
    Job.objects.create(kind="test")
    assert read(client)["passline_jobs_failed", ()] == 1


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("10.0.0.7", {}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}),
        ("10.0.0.7", {"Authorization": "Bearer wrong"}),
        ("10.0.0.7", {"Authorization": "Bearer "}),
    ],
)
def test_strangers_may_not_read(client: Client, address: str, headers: dict[str, str]) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == 403


def test_the_token_opens_from_anywhere(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = "open sesame"  # type: ignore[attr-defined]
    headers = {"Authorization": "Bearer open sesame"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers=headers).status_code == 200


def test_all_processes_are_shown_together(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for process in (101, 102):
        kind = values.MultiProcessValue(lambda p=process: p)  # type: ignore[no-untyped-call]
        with monkeypatch.context() as patch:
            patch.setattr("prometheus_client.metrics.values.ValueClass", kind)
            Counter("passline_test_total", "A test.", registry=CollectorRegistry()).inc(2)
    assert read(client)["passline_test_total", ()] == 4


def test_a_process_that_was_forked_counts_into_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr("prometheus_client.metrics.values.ValueClass", values.ValueClass)
    multiprocess.use_known_process_id()
    counter = Counter("passline_fork_total", "A test.", registry=CollectorRegistry())
    counter.inc()
    if (child := os.fork()) == 0:
        counter.inc(2)
        os._exit(0)
    os.waitpid(child, 0)
    counter.inc()
    found = {path.name for path in tmp_path.glob("counter_*.db")}
    assert found == {f"counter_{os.getpid()}.db", f"counter_{child}.db"}
