"""G5: while an attempt runs, no reply holds a key, a reason, a difficulty or what is scored.

A marker is planted in everything that is secret; then every address is asked that a candidate can ask.
"""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.users.models import User
from exams.attempts import lifecycle
from tests import factories
from tests.architecture.test_addresses import ADDRESSES, MATRIX, VALUES
from tests.exams.api.conftest import Caller, Sitting
from tests.exams.attempts.helpers import past_deadline
from tests.exams.cheatsheet.published import publish
from tests.flashcards import decks

pytestmark = pytest.mark.django_db

MARK = "canary-5e1f"
HUNGARIAN_SECRETS = ("Ez a helyes.", "Egy elv.", "Egy tipp.", "Indok.")
WORDS = re.compile(r"is_key|is_scored|difficulty|rationale|\bdomain_number\b", re.I)
# The schema names the fields of the review; it holds no content.
DESCRIBES = {"api-schema", "api-docs"}
# What would bring up every part of an item in either language, without naming the marker itself.
QUERIES = ("principle or reason or tip or right", "ferry or komptársaság", "elv or indok or helyes or tipp")


@pytest.fixture
def secret_form(db: None) -> factories.Form:
    made = factories.make_form(mark=MARK)
    publish(made.form.certification)
    decks.make_deck(made.form.certification)
    return made


@pytest.fixture
def running(anna: User, secret_form: factories.Form) -> Sitting:
    return Sitting(Caller(anna), secret_form)


def everything(user: User, attempt_id: UUID) -> dict[str, str]:
    """Return what every GET of every address says to a person, in both languages."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    values = {**VALUES, "attempt_id": attempt_id, "job_id": uuid4()}
    found = {}
    for name in MATRIX:
        wanted = ADDRESSES[name].pattern.regex.groupindex
        for position in range(1, 9) if "position" in wanted else (1,):
            for language in ("en", "hu"):
                kwargs = {key: {**values, "position": position}[key] for key in wanted}
                with translation.override(language):
                    path = reverse(name, kwargs=kwargs)
                for query in QUERIES if name.endswith(":search") else ("",):
                    asked = {"language": language, "q": query}
                    reply: Any = client.get(path, asked, follow=name.startswith("exams:"))
                    assert reply.status_code < 500, path
                    text = b"".join(reply.streaming_content) if reply.streaming else reply.content
                    found[f"{name} {path} {language} {query}"] = f"{reply.headers} {text.decode()}"
    return found


def leaks(told: dict[str, str]) -> list[str]:
    """Return the addresses whose replies hold what is secret."""
    return [
        where
        for where, text in told.items()
        if MARK in text
        or any(secret in text for secret in HUNGARIAN_SECRETS)
        or (where.split()[0] not in DESCRIBES and WORDS.search(text))
    ]


def test_no_address_tells_a_secret_of_a_running_attempt(running: Sitting, anna: User) -> None:
    running.answer(1, running.form.keys[1], flagged=True)
    told = everything(anna, running.id)
    assert len(told) > 100
    assert leaks(told) == []


def test_no_answer_to_a_write_tells_a_secret(running: Sitting) -> None:
    told: dict[str, Any] = {}
    call = running.caller.post
    told["start again"] = call("attempts/", {"form": running.form.form.pk, "language": "hu"})
    told["right answer"] = right = running.answer(2, running.form.keys[2])
    told["wrong answer"] = wrong = running.answer(2, running.form.others[2][:1])
    told["foreign option"] = running.answer(2, running.form.keys[4])
    told["lease"] = call(f"{running.path}lease/")
    told["cancel"] = call(f"{running.path}cancel/")
    assert leaks({name: json.dumps(one) for name, one in told.items()}) == []
    assert set(right[1]) == set(wrong[1])


def test_a_cancelled_attempt_tells_no_secret(running: Sitting, anna: User) -> None:
    lifecycle.cancel(user=anna, attempt_id=running.id)
    assert leaks(everything(anna, running.id)) == []


def test_an_attempt_within_its_grace_tells_no_secret(running: Sitting, anna: User) -> None:
    past_deadline(running.id, 10)
    assert leaks(everything(anna, running.id)) == []


def test_the_canary_is_seen_once_the_attempt_has_ended(running: Sitting, anna: User) -> None:
    running.submit()
    found = {where.split()[0] for where in leaks(everything(anna, running.id))}
    assert {"api:review", "exams:review", "api:search", "exams:search"} <= found


def test_search_tells_nothing_of_a_finished_exam_while_it_is_taken_again(
    running: Sitting, anna: User, bela: User
) -> None:
    running.submit()
    again = Sitting(running.caller, running.form)
    assert not [where for where in leaks(everything(anna, again.id)) if "search" in where.split()[0]]
    assert leaks(everything(bela, again.id)) == []
