"""Programs get the questions with the start, or by reading the attempt: from then on they count as seen."""

import json

import pytest
from django.test import Client

from accounts.users import tokens
from accounts.users.models import User
from exams.attempts.models import Attempt
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(anna: User) -> Client:
    """A program that Anna gave a token."""
    return Client(headers={"Authorization": f"Token {tokens.issue(anna)}"})


def begin(program: Client, form: Form) -> int:
    body = json.dumps({"form": form.form.pk})
    return program.post("/api/v1/attempts/", body, content_type="application/json").status_code


def test_a_start_by_a_program_is_opened_from_the_start(program: Client, form: Form) -> None:
    assert begin(program, form) == 201
    attempt = Attempt.objects.get()
    assert attempt.opened_at == attempt.started_at


def test_what_runs_and_was_never_opened_is_opened_by_a_second_start(
    program: Client, anna: User, form: Form
) -> None:
    start(anna, form)
    assert begin(program, form) == 200
    assert Attempt.objects.get().opened_at


def test_what_runs_is_opened_by_reading_it(program: Client, anna: User, form: Form) -> None:
    begun = start(anna, form)
    assert program.get(f"/api/v1/attempts/{begun.attempt_id}/").status_code == 200
    assert Attempt.objects.get().opened_at
