"""Without script: a refused answer is told by a page that Back may load again, and "Save" tells the truth."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.attempts import answers, lifecycle
from tests import factories


@pytest.fixture
def attempt_id(anna: User, form: factories.Form) -> UUID:
    """Anna's running attempt."""
    return factories.start(anna, form).attempt_id


@pytest.fixture
def page(client: Client, anna: User) -> Client:
    """Anna's browser."""
    client.force_login(anna)
    return client


def checked(html: str) -> list[str]:
    """Return what is checked in a form: its name, for the confidence also its value."""
    found = re.findall(r'name="(selected|confidence)"[^>]* value="(\d*)"[^>]* checked>', html)
    return [name if name == "selected" else f"{name}={value}" for name, value in found]


def at(attempt_id: UUID, position: int) -> str:
    return reverse("exams:question", args=[attempt_id, position])


@pytest.mark.parametrize("sent", [["0"], ["x"], ["99999999999999999999"], ["-5"], [""]])
def test_an_impossible_answer_is_refused_by_a_redirect_to_the_question(
    page: Client, attempt_id: UUID, sent: list[str]
) -> None:
    reply = page.post(at(attempt_id, 1), {"selected": sent, "go": "save"})
    assert (reply.status_code, reply["Location"]) == (302, at(attempt_id, 1))
    shown = page.get(at(attempt_id, 1))
    assert shown.status_code == 200
    assert 'role="alert"' in shown.content.decode()
    assert answers.current(attempt_id) == []


def test_why_it_was_refused_is_told_once_and_at_its_question_only(
    page: Client, attempt_id: UUID, form: factories.Form
) -> None:
    page.post(at(attempt_id, 3), {"selected": form.others[3], "confidence": "2", "go": "next"})
    assert 'role="alert"' not in page.get(at(attempt_id, 2)).content.decode()
    told = page.get(at(attempt_id, 3)).content.decode()
    assert "Too many answers to question 3" in told
    assert checked(told) == ["selected", "selected", "selected", "confidence=2"]
    again = page.get(at(attempt_id, 3)).content.decode()
    assert 'role="alert"' not in again
    assert checked(again) == ["confidence="]


def test_a_refused_answer_of_one_exam_is_not_shown_in_another(
    page: Client, attempt_id: UUID, anna: User, form: factories.Form
) -> None:
    page.post(at(attempt_id, 3), {"selected": form.others[3], "go": "next"})
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    other = factories.start(anna, form).attempt_id
    assert 'role="alert"' not in page.get(at(other, 3)).content.decode()


def test_saving_with_nothing_chosen_does_not_say_saved(page: Client, attempt_id: UUID) -> None:
    reply = page.post(at(attempt_id, 1), {"flagged": "0", "go": "save"}, follow=True)
    told = reply.content.decode()
    assert "Nothing is chosen, so this question has no answer." in told
    assert "<p>Saved</p>" not in told


def test_clearing_an_answer_says_that_the_question_has_none(
    page: Client, attempt_id: UUID, form: factories.Form
) -> None:
    page.post(at(attempt_id, 3), {"selected": form.keys[3], "flagged": "0", "go": "save"})
    reply = page.post(at(attempt_id, 3), {"flagged": "0", "go": "save"}, follow=True)
    assert "Nothing is chosen, so this question has no answer." in reply.content.decode()
    assert answers.current(attempt_id)[0].selected == ()


def test_a_flag_alone_is_saved_and_said_to_be(page: Client, attempt_id: UUID) -> None:
    reply = page.post(at(attempt_id, 1), {"flagged": "0", "go": "flag"}, follow=True)
    told = reply.content.decode()
    assert "<p>Saved</p>" in told
    assert "Nothing is chosen" not in told


def test_an_old_address_never_calls_an_answer_that_is_stored_none(
    page: Client, attempt_id: UUID, form: factories.Form
) -> None:
    page.post(at(attempt_id, 1), {"selected": form.keys[1], "flagged": "0", "go": "save"})
    assert "Nothing is chosen" not in page.get(at(attempt_id, 1) + "?none").content.decode()
