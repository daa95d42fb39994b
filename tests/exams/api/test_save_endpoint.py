"""What the save endpoint shares with every other address: host, HTTPS, language, id, log line, metrics."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from config import logging as logs
from exams.attempts.models import AnswerEvent
from tests.config.test_metrics import read
from tests.exams.api.conftest import RunningAttempt
from tests.exams.attempts.helpers import past_deadline

REQUESTS = "passline.request"

pytestmark = pytest.mark.django_db


def post(attempt: RunningAttempt, content: Any, **options: Any) -> Any:
    path = f"/api/v1/{attempt.path}answers/"
    return Client().post(path, json.dumps(content), content_type="application/json", **options)


def change(attempt: RunningAttempt, position: int = 1) -> dict[str, Any]:
    one = {"seq": 1, "position": position, "selected": attempt.form.keys[1], "flagged": False}
    return {"lease": attempt.lease, "changes": [one]}


def test_a_refusal_speaks_the_language_of_the_request_whatever_ran_before(attempt: RunningAttempt) -> None:
    details = []
    for before, asked in (("/hu/", "en"), ("/", "hu")):
        Client().get(before)  # somebody else on this thread
        headers = {"Accept-Language": asked}
        none = {"lease": attempt.lease, "changes": []}
        details.append(
            [post(attempt, body, headers=headers).json()["detail"] for body in (none, change(attempt, 99))]
        )
    past_deadline(attempt.id, 60)
    for before, asked in (("/hu/", "en"), ("/", "hu")):
        Client().get(before)
        details.append([post(attempt, change(attempt), headers={"Accept-Language": asked}).json()["detail"]])
    english, hungarian, english_late, hungarian_late = details
    assert english[0] == "Send 1 to 100 changes."
    for texts, others in ((english, hungarian), (english_late, hungarian_late)):
        assert all(text.isascii() for text in texts)
        assert not {*texts} & {*others}


def test_a_foreign_host_is_refused(attempt: RunningAttempt) -> None:
    reply = post(attempt, change(attempt), headers={"Host": "evil.example"})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")
    assert not AnswerEvent.objects.exists()


def test_in_production_an_answer_over_plain_http_is_not_taken(attempt: RunningAttempt, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    reply = post(attempt, change(attempt))
    assert (reply.status_code, reply["Location"][:17]) == (301, "https://testserve")
    assert not AnswerEvent.objects.exists()
    assert post(attempt, change(attempt), secure=True).status_code == 200


@contextmanager
def request_lines(level: int) -> Iterator[list[dict[str, Any]]]:
    """Collect the log lines about requests that are written at a level."""
    stream, found = io.StringIO(), list[dict[str, Any]]()
    handler, root, log = logging.StreamHandler(stream), logging.getLogger(), logging.getLogger(REQUESTS)
    handler.setFormatter(logs.formatter(readable=False))
    before = log.level
    root.addHandler(handler)
    log.setLevel(level)
    try:
        yield found
    finally:
        log.setLevel(before)
        root.removeHandler(handler)
        lines = [json.loads(text) for text in stream.getvalue().splitlines()]
        found += [line for line in lines if line["event"] == "request"]


def test_a_save_has_an_id_is_counted_and_timed_and_has_a_log_line_for_who_asks_for_details(
    attempt: RunningAttempt, client: Client
) -> None:
    labels = (("method", "POST"), ("route", "api:answers"), ("status", "200"))
    before = read(client).get(("passline_requests_total", labels), 0)
    with request_lines(logging.DEBUG) as lines:
        reply = post(attempt, change(attempt), headers={"X-Request-ID": "from-the-proxy-1"})
    assert (reply.status_code, reply["X-Request-ID"]) == (200, "from-the-proxy-1")
    (line,) = lines
    assert (line["event"], line["route"], line["status"]) == ("request", "api:answers", 200)
    assert (line["request_id"], line["level"]) == ("from-the-proxy-1", "debug")
    samples = read(client)
    assert samples["passline_requests_total", labels] == before + 1
    assert samples["passline_request_seconds_count", (("route", "api:answers"),)] > 0


def test_usually_only_a_refused_save_has_a_log_line(attempt: RunningAttempt) -> None:
    with request_lines(logging.INFO) as lines:
        assert post(attempt, change(attempt)).status_code == 200
        assert post(attempt, change(attempt, 99)).status_code == 422
    found = [(line["route"], line["status"], line["level"]) for line in lines]
    assert found == [("api:answers", 422, "info")]


def test_an_acknowledgment_has_the_headers_of_a_refusal_and_its_own_dict(attempt: RunningAttempt) -> None:
    good, bad = post(attempt, change(attempt)), post(attempt, change(attempt, 99))
    names = {*good.headers} - {"Content-Type", "X-Request-ID"}
    assert names >= {"Cache-Control", "X-Content-Type-Options", "Content-Security-Policy"}
    assert {name: good[name] for name in names} == {name: bad[name] for name in names}
    good["X-Mine"] = "1"
    assert "X-Mine" not in post(attempt, change(attempt)).headers


def test_a_save_costs_no_session_and_no_cookie(attempt: RunningAttempt, anna: Any) -> None:
    client = Client()
    client.force_login(anna)
    path = f"/api/v1/{attempt.path}answers/"
    reply = client.post(path, json.dumps(change(attempt)), content_type="application/json")
    assert reply.status_code == 200
    assert not reply.cookies
    assert "Cookie" not in reply.get("Vary", "")
