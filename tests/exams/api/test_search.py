"""Search by API: groups with their hits, further pages, and clear refusals."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.catalog.models import Certification
from tests import factories, snapshot
from tests.exams.api.conftest import Caller
from tests.exams.cheatsheet.published import publish
from tests.exams.cheatsheet.test_personal import sit
from tests.factories import Form
from tests.flashcards import decks

pytestmark = pytest.mark.django_db
PATH = "certifications/mls-c01/search/"


@pytest.fixture(scope="module")
def _taught(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Form]:
    yield from snapshot.for_module(django_db_blocker, _with_texts)


def _with_texts() -> Form:
    form = factories.make_form()
    _teach(form.form.certification)
    return form


@pytest.fixture
def taught(_taught: Form, db: None) -> Form:
    return deepcopy(_taught)


def _teach(certification: Certification) -> None:
    publish(certification)
    decks.make_deck(certification, size=25)


def test_a_person_gets_a_group_for_each_kind(taught: Form, anna: User, anna_calls: Caller) -> None:
    attempt = sit(anna, taught)
    status, body = anna_calls.get(f"{PATH}?q=%20ferry%20or%20fact%20or%20parquet")
    assert (status, body["query"]) == (200, "ferry or fact or parquet")
    found = [(one["kind"], one["name"], one["total"], one["next_page"]) for one in body["groups"]]
    assert found == [
        ("sheet", "Cheat Sheet", 1, None),
        ("cards", "Flashcards", 25, 2),
        ("questions", "Your questions", 8, None),
    ]
    hit = body["groups"][2]["hits"][0]
    assert hit["url"].startswith(f"/attempts/{attempt}/review/?q=")
    assert "<mark>ferry</mark>" in hit["snippet"]
    assert (hit["language"], hit["is_locked"]) == ("en", False)


def test_a_visitor_gets_the_sheet_and_the_preview(taught: Form, nobody: Caller) -> None:
    status, body = nobody.get(f"{PATH}?q=fact")
    assert status == 200
    assert [(one["kind"], one["total"]) for one in body["groups"]] == [("sheet", 0), ("cards", 2)]


def test_further_pages_of_one_kind_are_asked_for(taught: Form, anna_calls: Caller) -> None:
    status, body = anna_calls.get(f"{PATH}?q=fact&kind=cards&page=2")
    assert status == 200
    (group,) = body["groups"]
    assert (len(group["hits"]), group["total"], group["next_page"]) == (5, 25, None)


def test_the_names_of_groups_are_in_the_language_asked_for(taught: Form, client: Client) -> None:
    reply = client.get(f"/api/v1/{PATH}?q=tény&language=hu", headers={"accept-language": "hu"})
    group = reply.json()["groups"][1]
    assert group["name"] == "Tanulókártyák"
    assert group["hits"][0]["language"] == "hu"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Enter something to search for."),
        ("?q=", "Enter something to search for."),
        ("?q=%00%20%0a", "Enter something to search for."),
        (f"?q={'x' * 201}", "Search for at most 200 characters and 32 words."),
        (f"?q={'x' * 10_000}", "Search for at most 200 characters and 32 words."),
        ("?q=fact&kind=users", "There are no results of this kind."),
        ("?q=fact&kind=cards&page=0", "The page is a number from 1 to 50."),
        ("?q=fact&kind=cards&page=51", "The page is a number from 1 to 50."),
        ("?q=fact&kind=cards&page=x", "The page is a number from 1 to 50."),
    ],
)
def test_what_makes_no_sense_is_refused(taught: Form, nobody: Caller, query: str, sentence: str) -> None:
    status, body = nobody.get(PATH + query)
    assert (status, body["code"], body["detail"]) == (422, "invalid", sentence)


@pytest.mark.parametrize(
    "query", ["the%20of", "a%20%26%20%21b%20%7C%20(c", "%3A*", "'%3B%20DROP%20TABLE%20x", "a%00b"]
)
def test_what_is_no_word_is_searched_and_finds_what_it_finds(
    taught: Form, nobody: Caller, query: str
) -> None:
    status, body = nobody.get(f"{PATH}?q={query}")
    assert status == 200
    assert [one["kind"] for one in body["groups"]] == ["sheet", "cards"]


def test_an_unknown_certification_is_not_found(nobody: Caller, db: None) -> None:
    assert nobody.get("certifications/nothing/search/?q=fact")[0] == 404


def test_an_unknown_parameter_is_ignored(taught: Form, nobody: Caller) -> None:
    assert nobody.get(f"{PATH}?q=fact&color=red")[0] == 200
