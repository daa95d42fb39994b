"""What the save endpoint shares with every other address: host, HTTPS, language, id, log line, metrics."""

import io
import json
import logging
from typing import Any

import pytest
from django.test import Client

from config import logging as logs
from exams.attempts.models import AnswerEvent
from tests.config.test_metrics import read
from tests.exams.api.conftest import Sitting
from tests.exams.attempts.helpers import past_deadline

pytestmark = pytest.mark.django_db


def post(sitting: Sitting, content: Any, **options: Any) -> Any:
    path = f"/api/v1/{sitting.path}answers/"
    return Client().post(path, json.dumps(content), content_type="application/json", **options)


def change(sitting: Sitting, position: int = 1) -> dict[str, Any]:
    one = {"seq": 1, "position": position, "selected": sitting.form.keys[1], "flagged": False}
    return {"lease": sitting.lease, "changes": [one]}


def test_a_refusal_speaks_the_language_of_the_request_whatever_ran_before(sitting: Sitting) -> None:
    details = []
    for before, asked in (("/hu/", "en"), ("/", "hu")):
        Client().get(before)  # somebody else on this thread
        headers = {"Accept-Language": asked}
        none = {"lease": sitting.lease, "changes": []}
        details.append(
            [post(sitting, body, headers=headers).json()["detail"] for body in (none, change(sitting, 99))]
        )
    past_deadline(sitting.id, 60)
    for before, asked in (("/hu/", "en"), ("/", "hu")):
        Client().get(before)
        details.append([post(sitting, change(sitting), headers={"Accept-Language": asked}).json()["detail"]])
    english, hungarian, english_late, hungarian_late = details
    assert english[0] == "Send 1 to 100 changes."
    for texts, others in ((english, hungarian), (english_late, hungarian_late)):
        assert all(text.isascii() for text in texts)
        assert not {*texts} & {*others}


def test_a_foreign_host_is_refused(sitting: Sitting) -> None:
    reply = post(sitting, change(sitting), headers={"Host": "evil.example"})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")
    assert not AnswerEvent.objects.exists()


def test_in_production_an_answer_over_plain_http_is_not_taken(sitting: Sitting, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    reply = post(sitting, change(sitting))
    assert (reply.status_code, reply["Location"][:17]) == (301, "https://testserve")
    assert not AnswerEvent.objects.exists()
    assert post(sitting, change(sitting), secure=True).status_code == 200


def test_a_save_has_an_id_a_log_line_and_is_counted_and_timed(
    sitting: Sitting, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    # A save that is stored is worth a line only to who asks for all lines.
    caplog.set_level(logging.DEBUG, "passline.request")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(readable=False))
    labels = (("method", "POST"), ("route", "api:answers"), ("status", "200"))
    before = read(client).get(("passline_requests_total", labels), 0)
    logging.getLogger().addHandler(handler)
    try:
        reply = post(sitting, change(sitting), headers={"X-Request-ID": "from-the-proxy-1"})
    finally:
        logging.getLogger().removeHandler(handler)
    assert (reply.status_code, reply["X-Request-ID"]) == (200, "from-the-proxy-1")
    (line,) = [json.loads(text) for text in stream.getvalue().splitlines()]
    assert (line["event"], line["route"], line["status"]) == ("request", "api:answers", 200)
    assert (line["request_id"], line["level"]) == ("from-the-proxy-1", "debug")
    samples = read(client)
    assert samples["passline_requests_total", labels] == before + 1
    assert samples["passline_request_seconds_count", (("route", "api:answers"),)] > 0


def test_a_save_costs_no_session_and_no_cookie(sitting: Sitting, anna: Any) -> None:
    client = Client()
    client.force_login(anna)
    path = f"/api/v1/{sitting.path}answers/"
    reply = client.post(path, json.dumps(change(sitting)), content_type="application/json")
    assert reply.status_code == 200
    assert not reply.cookies
    assert "Cookie" not in reply.get("Vary", "")
