"""What is not on the site yet: staff who work on content find and take it, nobody else finds anything."""

import datetime as dt
from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from config import seo
from exams.attempts import drills, lifecycle
from exams.attempts.models import Attempt, PracticeOpening
from exams.authoring import certifications
from exams.catalog.models import Certification
from exams.insights.models import ExamDate
from flashcards.models import Card
from tests import snapshot
from tests.exams.authoring import acts, made, nothing
from tests.exams.authoring.refusals import refused

pytestmark = pytest.mark.django_db

PAGES = ("/", "/hu/")
OWN = (
    f"/{nothing.CODE}/",
    f"/hu/{nothing.CODE}/",
    f"/{nothing.CODE}/corrections/",
    f"/{nothing.CODE}/about/",
    f"/{nothing.CODE}/exams/",
    f"/{nothing.CODE}/pass-mark.css",
    f"/{nothing.CODE}/exams/1/",
    f"/{nothing.CODE}/search/",
)
SIGNED = (f"/{nothing.CODE}/practice/",)
API = (
    f"/api/v1/certifications/{nothing.CODE}/",
    f"/api/v1/certifications/{nothing.CODE}/forms/",
    f"/api/v1/certifications/{nothing.CODE}/search/?q=lamp",
)
NEVER = (f"/{nothing.CODE}/sample/", f"/{nothing.CODE}/cheatsheet/", f"/{nothing.CODE}/flashcards/")


@pytest.fixture(scope="module")
def _written(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Certification]:
    yield from snapshot.for_module(django_db_blocker, _whole)


def _whole() -> Certification:
    found = made.written()
    made.with_questions(found)
    made.with_exam(found)
    return found


@pytest.fixture
def certification(_written: Certification, db: None) -> Certification:
    """One with ten questions and an exam of them, that nobody has put on the site."""
    return deepcopy(_written)


def form_of(certification: Certification) -> int:
    return int(certification.forms.get().pk)


def listed(certification: Certification) -> None:
    reviewer = acts.staff("reviewers")
    certifications.put_on_site(certification_id=certification.pk, actor=reviewer, reason="ready")


def statuses(client: Client, paths: tuple[str, ...]) -> set[int]:
    return {client.get(path).status_code for path in paths}


def test_visitors_and_candidates_find_nothing_of_it(
    client: Client, anna: User, certification: Certification
) -> None:
    for person in (None, anna, acts.staff("support")):
        if person:
            client.force_login(person)
            assert statuses(client, SIGNED) == {404}
        assert statuses(client, (*OWN, *API, *NEVER)) == {404}
        for path in PAGES:
            assert "Lamp" not in client.get(path).content.decode()
        assert client.get("/api/v1/certifications/").json() == []
    assert not any(nothing.CODE in place.address("en") for place in seo.places())


def test_nobody_else_starts_or_drills_it_by_any_way(
    client: Client, anna: User, certification: Certification
) -> None:
    with refused("not_found"):
        lifecycle.start(user=anna, form_id=form_of(certification), language="en", holder="session:a")
    with refused("not_found"):
        drills.certification(nothing.CODE, anna)
    client.force_login(anna)
    for path in (f"/{nothing.CODE}/exams/1/", SIGNED[0]):
        assert client.post(path, {"language": "en", "open": "1"}).status_code == 404
    asked: dict[str, dict[str, object]] = {
        f"{API[0]}practice/1/": {},
        "/api/v1/attempts/": {"form": form_of(certification)},
        "/api/v1/drills/": {"certification": nothing.CODE, "number": 5, "minutes": 0, "feedback": "at_once"},
    }
    for path, body in asked.items():
        assert client.post(path, body, content_type="application/json").status_code == 404, path
    assert not (Attempt.objects.exists() or PracticeOpening.objects.exists())


def test_nobody_else_stores_or_reads_anything_of_their_own_for_it(
    client: Client, anna: User, certification: Certification
) -> None:
    client.force_login(anna)
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    cards = f"{API[0]}flashcards/own/"
    card: dict[str, object] = {"front": "Lamp", "back": "Light", "tags": [], "domain": None}
    sent: dict[str, list[tuple[str, dict[str, object]]]] = {
        "post": [(cards, card)],
        "put": [(f"{API[0]}exam-date/", {"day": tomorrow})],
        "get": [(cards, {}), (f"{cards}csv/", {}), (f"/{nothing.CODE}/flashcards/own/cards.csv", {})],
    }
    for method, calls in sent.items():
        for path, body in calls:
            reply = getattr(client, method)(path, body, content_type="application/json")
            assert reply.status_code == 404, path
    assert client.post(f"/{nothing.CODE}/exam-date/", {"day": tomorrow}).status_code == 404
    assert not (Card.objects.filter(owner=anna).exists() or ExamDate.objects.exists())


def test_an_author_reads_its_pages_and_takes_its_exam_as_candidates_will(
    client: Client, certification: Certification
) -> None:
    client.force_login(acts.staff("authors"))
    assert statuses(client, (*OWN, *SIGNED)) == {200}
    assert statuses(client, API) == {200}
    page = client.get(f"{OWN[0]}about/").content.decode()
    assert "Only staff see this" in page
    assert client.post(f"/{nothing.CODE}/exams/1/", {"language": "en"}).status_code == 302
    assert Attempt.objects.get().form.certification == certification  # type: ignore[union-attr]


def test_once_it_is_on_the_site_everybody_finds_it(
    client: Client, anna: User, certification: Certification
) -> None:
    listed(certification)
    assert statuses(client, (*OWN, *API)) == {200}
    page = client.get(OWN[0]).content.decode()
    assert "Only staff see this" not in page
    assert "Exam fee" in page
    assert "Lamp Keeper" in client.get("/").content.decode()
    assert any(f"/{nothing.CODE}/exams/1/" in place.address("en") for place in seo.places())
    assert statuses(client, NEVER) == {404}
    client.force_login(anna)
    assert statuses(client, SIGNED) == {200}
    assert client.post(f"/{nothing.CODE}/exams/1/", {"language": "en"}).status_code == 302


def test_what_somebody_of_staff_began_goes_on_when_they_are_staff_no_more(
    client: Client, certification: Certification
) -> None:
    author = acts.staff("authors")
    started = lifecycle.start(user=author, form_id=form_of(certification), language="en", holder="session:a")
    author.groups.clear()
    client.force_login(User.objects.get(pk=author.pk))
    assert client.get(f"/attempts/{started.attempt_id}/").status_code == 200
    assert client.get(OWN[0]).status_code == 404


def test_no_exam_of_a_certification_without_published_facts_is_found_by_anybody(client: Client) -> None:
    draft = made.begun("lk-08")
    client.force_login(acts.staff("authors"))
    paths = tuple(path.replace(nothing.CODE, draft.certification.code) for path in OWN)
    assert statuses(client, paths) == {404}


def test_the_pages_name_its_own_length_and_scale(client: Client, certification: Certification) -> None:
    listed(certification)
    page = client.get(OWN[0]).content.decode()
    assert "10 questions, 10 scored" in page
    assert "20 minutes" in page
    assert "70 on the scale from 0 to 100" in page
