"""A name that moved on is noticed beside each explanation of a question that mentions it, nowhere else."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from exams.authoring import work_queue
from exams.content.records import WatchedNameRecord
from tests import caches, factories
from tests.exams.attempts import practice
from tests.exams.authoring import acts
from tests.exams.feedback.helpers import browser, ended, taking
from tests.exams.web.test_pages import review_of
from tests.exams.web.test_question_notes import row_of
from tests.factories import Form

pytestmark = pytest.mark.django_db
PAGE = "https://docs.aws.amazon.com/kendra/latest/dg/what-is-kendra.html"
CLOSED = "has been closed to new customers since July 30, 2026."


def watch(form: Form, name: str, successor: str = "", since: dt.date = dt.date(2026, 7, 30)) -> None:
    work_queue.watch(
        certification_id=form.form.certification_id,
        facts=WatchedNameRecord(name, successor, since, PAGE),
        actor=acts.staff("authors"),
    )
    caches.forget_content()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_review_says_which_service_of_a_question_closed_and_which_was_renamed(
    anna: User, form: Form
) -> None:
    attempt_id = ended(anna, form)
    watch(form, "item E1-Q02")
    watch(form, "E1-Q03", "Q Three")
    page = browser(anna).get(review_of(attempt_id, "?open=all"))
    assert f"item E1-Q02 {CLOSED}" in plain(row_of(page, 2))
    assert f'<a href="{PAGE}"' in row_of(page, 2)
    assert "E1-Q03 has been called Q Three since July 30, 2026." in plain(row_of(page, 3))
    assert "since July 30, 2026" not in plain(row_of(page, 1))
    hungarian = plain(row_of(browser(anna).get(f"/hu{review_of(attempt_id, '?open=all')}"), 2))
    assert "item E1-Q02: 2026. július 30. óta új ügyfelek nem használhatják." in hungarian


def test_a_day_to_come_is_told_as_one_to_come_in_both_languages(anna: User, form: Form) -> None:
    attempt_id, since = ended(anna, form), dt.date(2040, 4, 30)
    watch(form, "item E1-Q02", since=since)
    watch(form, "E1-Q03", "Q Three", since=since)
    page = browser(anna).get(review_of(attempt_id, "?open=all"))
    assert "item E1-Q02 closes on April 30, 2040, at least to new customers." in plain(row_of(page, 2))
    assert "E1-Q03 will be called Q Three from April 30, 2040 on." in plain(row_of(page, 3))
    page = browser(anna).get(f"/hu{review_of(attempt_id, '?open=all')}")
    closing = "item E1-Q02: legalább az új ügyfelek előtt bezár. Dátum: 2040. április 30."
    assert closing in plain(row_of(page, 2))
    assert "E1-Q03: az új neve Q Three lesz. Dátum: 2040. április 30." in plain(row_of(page, 3))


def test_a_drill_and_the_sample_say_so_once_a_question_is_explained(
    anna: User, client: Client, form: Form
) -> None:
    ended(anna, form)
    factories.make_sample(form.form.certification)
    drill_id = practice.draw(anna, form).attempt_id
    watch(form, "ferry operator")
    address, pages = reverse("exams:drill", args=[drill_id]), browser(anna)
    assert CLOSED not in plain(pages.get(f"{address}?q=1").content.decode())
    practice.close(anna, drill_id, 1, *practice.answers_of(form, drill_id)[1][0])
    assert CLOSED in plain(pages.get(f"{address}?q=1").content.decode())
    assert CLOSED not in plain(client.get("/mls-c01/sample/").content.decode())
    assert CLOSED in plain(client.get("/mls-c01/sample/?q=1&c=A").content.decode())


def test_a_running_exam_says_nothing(anna: User, form: Form) -> None:
    watch(form, "ferry operator")
    reply = browser(anna).get(reverse("exams:taking", args=[taking(anna, form)]))
    assert reply.status_code == 200
    assert CLOSED not in plain(reply.content.decode())
