"""What a browser may keep of a running attempt: a page that names nobody, as long as the sign-in lasts."""

from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import Feedback
from tests import clockwork, factories
from tests.exams.attempts.practice import draw, finish_exam

pytestmark = pytest.mark.django_db

DAY = 24 * 3600


@pytest.fixture
def attempt_id(anna: User, form: factories.Form) -> UUID:
    """Anna's running exam, with an answer."""
    started = factories.start(anna, form)
    lifecycle.answer_without_script(
        user=anna, attempt_id=started.attempt_id, position=2, selected=(form.keys[2][0],), flagged=True
    )
    return started.attempt_id


def sign_in(client: Client, user: User, **more: str) -> None:
    sent = {"login": user.email, "password": factories.PASSWORD, **more}
    assert client.post("/accounts/login/", sent).status_code == 302


def kept(client: Client) -> dict[str, str]:
    """Return the cookies of copies that a browser has."""
    return {name: one.value for name, one in client.cookies.items() if name.startswith("copy_") and one.value}


def test_the_copy_of_the_page_names_nobody_and_has_no_token_no_answer_and_no_question(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    sign_in(client, anna)
    client.post("/accounts/logout/")  # leaves a message
    sign_in(client, anna)
    path = f"/attempts/{attempt_id}/"
    copy = client.get(f"{path}?copy").content.decode()
    page = client.get(path).content.decode()
    for word in (anna.email, 'name="csrfmiddlewaretoken"', "data-left", 'flow messages"', "]],1]"):
        assert word not in copy, word
    assert 'flow messages"' in page
    assert anna.email in page
    assert "data-copy" in copy
    assert "data-copy" not in page
    assert copy.count("<!--paper-->") == 1  # where the script puts the questions
    assert 'class="wrap question" id="q' not in copy


def test_the_cookie_lives_as_long_as_the_sign_in_and_a_day_after_the_deadline_at_most(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    sign_in(client, anna, remember="on")
    clockwork.leave_seconds(attempt_id, 600)
    cookie = client.get(f"/attempts/{attempt_id}/").cookies[f"copy_{attempt_id.hex}"]
    assert 0 <= 600 + DAY - int(cookie["max-age"]) < 30
    client.post("/accounts/logout/")
    sign_in(client, anna)  # only until the browser is closed
    assert client.get(f"/attempts/{attempt_id}/").cookies[f"copy_{attempt_id.hex}"]["max-age"] == ""


def test_a_drill_without_a_time_limit_has_a_copy_for_31_days(
    client: Client, anna: User, form: factories.Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    sign_in(client, anna, remember="on")
    assert client.get(f"/drills/{drill_id}/").cookies[f"copy_{drill_id.hex}"]["max-age"] == 31 * DAY


def test_each_sign_in_has_a_cookie_of_its_own_and_signing_out_takes_it_back(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    sign_in(client, anna)
    client.get(f"/attempts/{attempt_id}/")
    first = kept(client)
    client.get(f"/attempts/{attempt_id}/?copy")
    client.get("/attempts/")
    assert kept(client) == first
    client.post("/accounts/logout/")
    assert kept(client) == {}
    sign_in(client, anna)
    client.get(f"/attempts/{attempt_id}/")
    assert kept(client).keys() == first.keys()
    assert kept(client) != first


def test_a_session_that_ended_elsewhere_or_with_the_browser_takes_its_copies_along(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    sign_in(client, anna)
    client.get(f"/attempts/{attempt_id}/")
    session = client.cookies.pop("sessionid")
    assert kept(client)
    client.get("/privacy/")
    assert kept(client) == {}
    client.cookies["sessionid"] = session.value
    client.get(f"/attempts/{attempt_id}/")
    assert kept(client)
    Session.objects.all().delete()
    client.get("/attempts/")
    assert kept(client) == {}


def test_the_result_takes_back_the_copy_of_its_own_exam_alone(
    client: Client, anna: User, attempt_id: UUID
) -> None:
    sign_in(client, anna)
    client.get(f"/attempts/{attempt_id}/")
    client.cookies["copy_0123"] = "another"
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    client.get(f"/attempts/{attempt_id}/result/")
    assert kept(client) == {"copy_0123": "another"}


def test_canceling_takes_back_the_copy(client: Client, anna: User, form: factories.Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    sign_in(client, anna)
    client.get(f"/attempts/{attempt_id}/")
    assert kept(client)
    client.post(f"/attempts/{attempt_id}/cancel/")
    assert kept(client) == {}


def test_a_browser_keeps_ten_copies(client: Client, anna: User, attempt_id: UUID) -> None:
    sign_in(client, anna)
    for number in range(12):
        client.cookies[f"copy_{number:04}"] = "left"
    client.get(f"/attempts/{attempt_id}/")
    assert len(kept(client)) == 10
    assert f"copy_{attempt_id.hex}" in kept(client)


def test_the_worker_is_a_script_that_browsers_ask_for_again(client: Client) -> None:
    reply = client.get("/sw.js")
    assert reply["Content-Type"] == "text/javascript; charset=utf-8"
    assert reply["Cache-Control"] == "no-cache"
    assert b"addEventListener('fetch'" in reply.content
    assert client.post("/sw.js").status_code == 405
