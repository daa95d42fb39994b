"""Drills in My exams: what runs and what ended, hidden and shown again, by page and by API."""

import json
from html import unescape
from uuid import UUID

import pytest
from django.test import Client

from accounts.users.models import User
from exams.attempts import drills, lifecycle
from exams.attempts.models import Attempt, Feedback
from tests.exams.attempts.practice import answers_of, close, draw, finish_exam
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def ended(anna: User, form: Form) -> UUID:
    """A drill of Anna's that ended with two of five correct."""
    finish_exam(anna, form)
    begun = draw(anna, form, domain=None)
    for position in (1, 2):
        close(anna, begun.attempt_id, position, *answers_of(form, begun.attempt_id)[position][0])
    drills.finish(user=anna, attempt_id=begun.attempt_id)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    return begun.attempt_id


def own(client: Client, query: str = "", language: str = "") -> str:
    return unescape(client.get(f"{language}/attempts/{query}").content.decode())


def test_my_exams_lead_on_to_what_runs_and_to_the_review_of_what_ended(
    browser: Client, anna: User, form: Form, ended: UUID
) -> None:
    running = draw(anna, form, domain=3, feedback=Feedback.AT_END).attempt_id
    page = own(browser)
    assert '<h2 id="drills">Practice</h2>' in page
    assert f'<a class="button" href="/drills/{running}/">Resume' in page
    assert "All questions, domain 3" in page
    # Of two that were answered; the others aren't counted.
    assert "100% correct" in page
    assert f'href="/drills/{ended}/result/">Review' in page
    assert "hidden practice" not in page


def test_who_only_practices_is_not_told_of_nothing(browser: Client, anna: User, form: Form) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    draw(anna, form)
    assert "No exams yet" not in own(browser)


def test_a_drill_is_hidden_and_shown_again_from_my_exams(browser: Client, ended: UUID) -> None:
    path = f"/drills/{ended}/hide/"
    reply = browser.post(path, {"hidden": "1", "back": "attempts"}, follow=True)
    page = unescape(reply.content.decode())
    assert reply.redirect_chain[0][0] == "/attempts/"
    assert "Practice hidden. You can show it again in My exams." in page
    assert f"/drills/{ended}/" not in page
    assert '<a href="?drills=hidden#drills">Show 1 hidden practice set</a>' in page
    page = own(browser, "?drills=hidden")
    assert f"/drills/{ended}/result/" in page
    assert 'name="hidden" value="0">Show again' in page
    reply = browser.post(path, {"hidden": "0", "back": "hidden"}, follow=True)
    assert reply.redirect_chain[0][0] == "/attempts/?drills=hidden"
    assert "The practice is back in your lists." in reply.content.decode()
    assert f"/drills/{ended}/result/" in own(browser)
    assert Attempt.objects.get(pk=ended).hidden_at is None


def test_practice_leads_to_hidden_drills(browser: Client, ended: UUID) -> None:
    browser.post(f"/drills/{ended}/hide/", {"hidden": "1", "back": "practice"})
    page = browser.get("/mls-c01/practice/").content.decode()
    assert f"/drills/{ended}/" not in page
    assert '<a href="/attempts/#drills">All of your practice</a>' in page


def test_the_buttons_and_their_messages_are_hungarian_too(browser: Client, ended: UUID) -> None:
    reply = browser.post(f"/hu/drills/{ended}/hide/", {"hidden": "1", "back": "attempts"}, follow=True)
    page = unescape(reply.content.decode())
    assert "A gyakorlást elrejtettük." in page
    assert "1 elrejtett gyakorlás megjelenítése" in page
    assert "Megjelenítés" in own(browser, "?drills=hidden", "/hu")


def test_nobody_hides_or_shows_the_drill_of_another_person(bela: User, ended: UUID) -> None:
    other = Client()
    other.force_login(bela, backend="allauth.account.auth_backends.AuthenticationBackend")
    for hidden in ("1", "0"):
        assert other.post(f"/drills/{ended}/hide/", {"hidden": hidden}).status_code == 404
    assert other.get(f"/drills/{ended}/hide/").status_code == 405
    assert "Practice</h2>" not in own(other)


def test_the_api_hides_a_drill_and_shows_it_again(browser: Client, ended: UUID) -> None:
    for hidden in (True, False):
        body = json.dumps({"hidden": hidden})
        reply = browser.post(f"/api/v1/drills/{ended}/hide/", body, content_type="application/json")
        assert (reply.status_code, reply.json()["hidden"]) == (200, hidden)
        assert (f"/drills/{ended}/result/" in own(browser)) is not hidden


def test_a_result_that_an_exam_holds_is_not_told_in_the_list(
    browser: Client, anna: User, form: Form, ended: UUID
) -> None:
    start(anna, form)
    page = own(browser)
    assert "40% correct" not in page
    assert "Opens when your exam has ended" in page
