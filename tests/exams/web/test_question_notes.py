"""What a review says beside a question to everybody: changes, how others answered, where it is taught."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from accounts.users.models import User
from exams.bank import services as bank
from exams.bank.models import Item
from exams.feedback import selectors as feedback
from exams.feedback.models import OptionCount
from exams.presentation import sections
from exams.web import question_notes
from tests import factories
from tests.exams.feedback.helpers import browser, ended
from tests.exams.web.test_pages import review_of
from tests.factories import Form, publish_log
from tests.hooked import register_only
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def attempt_id(anna: User, form: Form) -> UUID:
    return ended(anna, form)


def row_of(reply: Any, position: int) -> str:
    """Return the HTML of a question of a review that shows all of them."""
    html = str(reply.content.decode()).split(f'<h2 id="q{position}t"')[1]
    return html.split("</article>")[0]


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_changed_question_says_so_and_shows_how_it_reads_now(anna: User, attempt_id: UUID) -> None:
    made = factories.item_draft("E1-Q02", 1, keys=(False, True, False, False))
    text = replace(made.text, stem=made.text.stem.replace("ferry", "railway"), why="Rails say so.")
    bank.publish(bank.draft_version(Item.objects.get(code="E1-Q02"), replace(made, text=text), publish_log()))
    page = browser(anna).get(review_of(attempt_id, "?open=all"))
    row = row_of(page, 2)
    assert "changed since: the question and the explanation. Below is what you answered." in plain(row)
    now, taken = row.split("</details>", 1)
    assert "A railway operator" in now
    assert "Rails say so." in now
    assert "A railway operator" not in taken
    assert "A ferry operator" in taken
    assert taken.count("Your answer, incorrect") == 1
    assert "changed since" not in row_of(page, 1)
    hungarian = row_of(browser(anna).get(f"/hu{review_of(attempt_id, '?open=all')}"), 2)
    assert "Ez a kérdés azóta megváltozott" in hungarian


def test_how_others_answered_is_told_with_their_number_from_a_hundred_up(
    anna: User, attempt_id: UUID, form: Form
) -> None:
    key, (first, *others) = form.keys[1][0], form.others[1]
    version_id = form.edition.items.get(position=1).version_id
    for option_id, chosen in ((key, 67), (first, 32), *((one, 0) for one in others)):
        OptionCount.objects.create(option_id=option_id, version_id=version_id, chosen=chosen, answers=99)
    said = "How people answered on their first try"
    assert said not in browser(anna).get(review_of(attempt_id, "?open=all")).content.decode()
    OptionCount.objects.update(answers=100)
    feedback._read.cache_clear()
    question_notes._read.cache_clear()
    page = browser(anna).get(review_of(attempt_id, "?open=all"))
    assert f"{said} (n = 100): A 32% B 67% C 0% D 0%" in plain(row_of(page, 1))
    assert '<span class="key">B 67%</span>' in row_of(page, 1)
    assert said not in row_of(page, 2)


def test_links_of_whoever_teaches_it_are_shown_under_learn_this(
    anna: User, attempt_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser(anna)
    assert "Learn this" not in page.get(review_of(attempt_id, "?open=all")).content.decode()
    asked = []

    def teach(code: str, coverage: object, language: str) -> list[sections.Link]:
        asked.append((code, coverage, language))
        taught = sections.Link("sheet", "S3 & <buckets>", "/mls-c01/cheatsheet/#s3", ("s3",))
        return [taught, sections.Link("card", "Mi az S3?", "/mls-c01/flashcards/#s3", ("s3",), language="hu")]

    register_only(monkeypatch, "coverage_links", teach)
    feedback._read.cache_clear()
    question_notes._read.cache_clear()
    for _ in range(2):
        row = squeezed(row_of(page.get(review_of(attempt_id, "?open=all")), 1))
    assert '<h3>Learn this</h3><ul role="list"><li>Cheat sheet:<a href="/mls-c01/cheatsheet/#s3">' in row
    assert row.count("S3 &amp; &lt;buckets&gt;") == 1
    assert 'Flashcard:<a href="/mls-c01/flashcards/#s3" lang="hu">Mi az S3?</a>' in row
    assert asked == [("mls-c01", ["s3"], "en")], "once for all items, then kept for a minute"
