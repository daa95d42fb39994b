"""Nobody is interrupted in an exam by the question about their browser; all else waits for the answer."""

import json
import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import device_limit
from accounts.users.models import BrowserSession, User
from exams.attempts.models import Attempt, Feedback, State
from tests import factories
from tests.accounts.selling import give, sell
from tests.exams.attempts.practice import draw, finish_exam
from tests.factories import Form

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sessions/confirm/"
PROBLEM = "device_unconfirmed"


@pytest.fixture
def paid(anna: User) -> User:
    """Anna, who has access to what is sold."""
    sell()
    give(anna)
    return anna


@pytest.fixture
def browser(paid: User) -> Client:
    """The first of her browsers."""
    client = Client()
    client.force_login(paid)
    return client


def sign_in_elsewhere(user: User) -> None:
    """Sign in with three more browsers: the first is asked from now on."""
    for _ in range(3):
        Client().force_login(user)
    assert BrowserSession.objects.exclude(asked_at=None).count() == 1


def api(name: str, attempt_id: UUID, key: str = "attempt_id") -> str:
    return reverse(f"api:{name}", kwargs={key: attempt_id})


def send(browser: Client, address: str, **body: Any) -> Any:
    return browser.post(address, json.dumps(body), content_type="application/json")


def is_stopped(reply: Any) -> bool:
    """Say whether a page leads to the confirmation, or the API refuses the browser."""
    if reply.status_code == 403:
        return bool(reply.json()["code"] == PROBLEM)
    return reply.status_code == 302 and str(reply["Location"]).startswith(PAGE)


def test_a_whole_exam_goes_on_from_the_page_to_its_submission(
    paid: User, browser: Client, form: Form
) -> None:
    attempt_id = factories.start(paid, form).attempt_id
    sign_in_elsewhere(paid)
    for name in ("taking", "submit"):
        reply = browser.get(reverse(f"exams:{name}", args=[attempt_id]))
        assert reply.status_code == 200
    assert browser.get(reverse("exams:question", args=[attempt_id, 1])).status_code == 200
    assert browser.get(reverse("exams:paper", args=[attempt_id, "hu"])).status_code == 200
    assert browser.get(api("attempt", attempt_id)).status_code == 200
    assert browser.get(api("clock", attempt_id)).status_code == 200
    lease = send(browser, api("lease", attempt_id)).json()["lease"]
    change = {"seq": 1, "position": 1, "selected": form.keys[1], "flagged": False}
    assert send(browser, api("answers", attempt_id), lease=lease, changes=[change]).status_code == 200
    assert send(browser, api("submit", attempt_id), lease=lease).status_code == 200
    # A page whose reply was lost asks again, and must get its receipt.
    assert send(browser, api("submit", attempt_id), lease=lease).status_code == 200
    assert browser.get(api("clock", attempt_id)).status_code == 200
    assert is_stopped(browser.get(reverse("exams:result", args=[attempt_id])))
    assert is_stopped(browser.get(api("result", attempt_id)))
    assert is_stopped(browser.get(api("attempt", attempt_id)))


def test_an_exam_without_script_goes_on(paid: User, browser: Client, form: Form) -> None:
    attempt_id = factories.start(paid, form).attempt_id
    sign_in_elsewhere(paid)
    question = reverse("exams:question", args=[attempt_id, 1])
    reply = browser.post(question, {"selected": str(form.keys[1][0]), "go": "2"}, follow=True)
    assert reply.status_code == 200
    assert PAGE not in [where for where, _status in reply.redirect_chain]
    reply = browser.post(reverse("exams:submit", args=[attempt_id]))
    assert Attempt.objects.get(pk=attempt_id).state != State.RUNNING
    assert is_stopped(browser.get(reply["Location"]))


@pytest.mark.parametrize("feedback", list(Feedback))
def test_a_drill_that_runs_goes_on(paid: User, browser: Client, form: Form, feedback: Feedback) -> None:
    finish_exam(paid, form)
    drill_id = draw(paid, form, feedback=feedback).attempt_id
    sign_in_elsewhere(paid)
    assert browser.get(reverse("exams:drill", args=[drill_id])).status_code == 200
    assert browser.get(api("drill", drill_id, "drill_id")).status_code == 200


def test_the_page_of_the_question_leads_back_to_the_exam_that_runs(
    paid: User, browser: Client, form: Form
) -> None:
    attempt_id = factories.start(paid, form).attempt_id
    sign_in_elsewhere(paid)
    reply = browser.get("/mls-c01/", follow=True)
    assert reply.redirect_chain[-1][0].startswith(PAGE)
    page = reply.content.decode()
    assert f'<a href="/attempts/{attempt_id}/">continue MLS-C01 Practice Exam 1</a>' in page


def test_nothing_new_is_begun_before_the_answer(paid: User, browser: Client, form: Form) -> None:
    finish_exam(paid, form)
    other = factories.make_second(form)
    sign_in_elsewhere(paid)
    assert is_stopped(browser.post("/mls-c01/exams/2/", {"language": "en"}))
    assert is_stopped(browser.post("/mls-c01/practice/", {"pool": "all", "number": "5"}))
    assert is_stopped(send(browser, reverse("api:attempts"), form=other.form.pk))
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(
    ("page", "form_address"),
    [
        ("/mls-c01/exams/2/?from=list", "/mls-c01/exams/2/"),
        ("/hu/mls-c01/practice/?pool=all", "/hu/mls-c01/practice/"),
    ],
)
def test_who_was_asked_before_beginning_comes_back_to_the_page_of_the_form(
    paid: User, browser: Client, form: Form, page: str, form_address: str
) -> None:
    factories.make_second(form)
    sign_in_elsewhere(paid)
    sent = {"language": "en", "pool": "all", "number": "5"}
    reply = browser.post(form_address, sent, headers={"referer": f"http://testserver{page}"})
    asked = browser.get(reply["Location"])
    assert asked.status_code == 200
    named = re.findall(r'name="next" value="([^"]*)"', asked.content.decode())
    assert page in map(unescape, named)
    device_limit.confirm(paid, str(browser.session.session_key))
    assert browser.get(reply["Location"])["Location"] == page
    assert browser.get(page).status_code == 200


@pytest.mark.parametrize(
    "named",
    ["", "https://evil.example/mls-c01/", "http://testserver//evil.example/", "http://[", "//evil.example/x"],
)
def test_no_page_of_another_site_is_led_back_to(paid: User, browser: Client, form: Form, named: str) -> None:
    sign_in_elsewhere(paid)
    reply = browser.post("/mls-c01/exams/1/", {"language": "en"}, headers={"referer": named})
    assert is_stopped(reply)
    device_limit.confirm(paid, str(browser.session.session_key))
    assert browser.get(reply["Location"])["Location"] == "/accounts/sessions/"


def test_the_exam_of_somebody_else_opens_nothing(paid: User, browser: Client, bela: User, form: Form) -> None:
    give(bela)
    attempt_id = factories.start(bela, form).attempt_id
    sign_in_elsewhere(paid)
    assert is_stopped(browser.get(reverse("exams:taking", args=[attempt_id])))
    assert is_stopped(browser.get(api("attempt", attempt_id)))
    # These tell nothing of it either: it is as absent as for everybody else.
    assert browser.get(api("clock", attempt_id)).status_code == 404
    assert send(browser, api("lease", attempt_id)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/v1/attempts/", "/api/v1/certifications/mls-c01/flashcards/due/", "/attempts/"]
)
def test_everything_else_waits(paid: User, browser: Client, form: Form, path: str) -> None:
    factories.start(paid, form)
    sign_in_elsewhere(paid)
    assert is_stopped(browser.get(path))
