"""The first page of who is new to a course: three free steps in order, ticked once done, and the price."""

import re
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.users.models import User
from exams.assembly import sample as samples
from exams.cheatsheet.models import SheetOpening
from flashcards.models import Card
from flashcards.services import reviews
from tests import factories
from tests.accounts import selling
from tests.exams.attempts.practice import check, finish_check, finish_exam, make_check
from tests.exams.cheatsheet.published import publish
from tests.exams.web.test_pages import signed_in, text_of
from tests.factories import Form
from tests.flashcards import decks

pytestmark = pytest.mark.django_db
PAGE, SHEET = "/mls-c01/", "/mls-c01/cheatsheet/"
READ = f"{SHEET}?read"
ALL = frozenset(range(1, 21))


@pytest.fixture
def course(form: Form) -> Form:
    """A certification that is sold, with sample, deck and sheet."""
    make_check(form)
    publish(form.form.certification)
    decks.make_deck(form.form.certification)
    selling.sell_all()
    return form


def steps(client: Client, language: str = "") -> list[tuple[str, bool, bool]]:
    """Return the title of each step, whether it is done, and whether it is the one to take."""
    page = unescape(client.get(f"{language}{PAGE}").content.decode())
    found = page.partition('<ol class="steps"')[2].partition("</ol>")[0].split("<li>")[1:]
    titles = [re.search(r"<h2[^>]*>([^<]*)", one) for one in found]
    return [
        (title[1].strip(), "data-done" in one, 'data-tone="accent"' in one)
        for title, one in zip(titles, found, strict=True)
        if title
    ]


def learn(user: User, number: int) -> None:
    for card in Card.objects.filter(is_preview=True).order_by("position")[:number]:
        reviews.review(user, card.pk, 4, zone=ZoneInfo("UTC"))


def test_each_step_is_ticked_once_it_is_done_and_the_next_one_stands_out(anna: User, course: Form) -> None:
    browser = signed_in(anna)
    few = min(Card.objects.filter(is_preview=True).count(), 10)
    names = ["Where do you stand?", f"Learn {few} cards", "Read the cheat sheet"]
    assert "<h1>Welcome</h1>" in browser.get(PAGE).content.decode()
    assert steps(browser) == [(names[0], False, True), (names[1], False, False), (names[2], False, False)]
    browser.get(SHEET)
    assert steps(browser)[2] == (names[2], False, False)
    browser.head(READ)
    assert steps(browser)[2] == (names[2], True, False)
    begun = check(anna, course)
    assert steps(browser)[0] == (names[0], False, True)
    assert f'href="/drills/{begun.attempt_id}/"' in browser.get(PAGE).content.decode()
    finish_check(anna, begun, ALL)
    learn(anna, few - 1)
    assert steps(browser) == [(names[0], True, False), (names[1], False, True), (names[2], True, False)]
    assert "<h1>Your course</h1>" in browser.get(PAGE).content.decode()
    assert f"Next, and free: {names[1]}" in text_of(browser.get(PAGE))
    assert "Answer each, and you get a score" not in text_of(browser.get(PAGE))
    learn(anna, few)
    assert [done for _, done, _ in steps(browser)] == [True] * 3
    page = browser.get(PAGE).content.decode()
    assert 'class="button primary" href="/pricing/"' in page
    assert page.index("Where you stand") < page.index('<ol class="steps"')
    assert "Only the first time counts" not in page


def test_the_price_is_said_beside_what_is_free_and_locked_exams_lead_to_their_pages(
    anna: User, course: Form
) -> None:
    with selling.gateway():
        reply = signed_in(anna).get(PAGE)
    text, page = text_of(reply), reply.content.decode()
    assert "€29" in text
    assert "Expires automatically. Never renews. Full refund within 14 days" in text
    assert "1 practice exam, 8 questions" in text
    assert "Locked" in text
    assert 'href="/mls-c01/exams/1/"' in page


def test_it_speaks_hungarian(anna: User, course: Form) -> None:
    assert steps(signed_in(anna), "/hu")[0][0] == "Hol tartasz?"
    assert "Ingyen" in text_of(signed_in(anna).get("/hu" + PAGE))


def test_a_sample_without_a_check_and_nothing_else_is_a_step_too(anna: User, form: Form) -> None:
    factories.make_sample(form.form.certification)
    selling.sell()
    total = samples.size("mls-c01").open
    assert steps(signed_in(anna)) == [(f"Try {total} questions first", False, True)]


@pytest.mark.parametrize("who", ["bought", "had it", "took an exam"])
def test_who_is_not_new_meets_the_course_itself(anna: User, form: Form, who: str) -> None:
    if who == "took an exam":
        finish_exam(anna, form)
    selling.sell()
    if who != "took an exam":
        selling.give(anna, days=(-1, 30) if who == "bought" else (-90, -1))
    assert 'class="steps"' not in signed_in(anna).get(PAGE).content.decode()


def test_whoever_has_not_confirmed_their_address_is_asked_for_that_first(course: Form) -> None:
    page = signed_in(factories.make_user(verified=False)).get(PAGE).content.decode()
    assert "Confirm your email address" in page
    assert "Start the check" not in page


def test_the_page_of_all_courses_names_the_same_step(anna: User, course: Form) -> None:
    browser = signed_in(anna)
    learn(anna, 1)
    finish_check(anna, check(anna, course), ALL)
    [title] = [title for title, _, is_next in steps(browser) if is_next]
    assert f'<h2 id="next-step">{title}</h2>' in browser.get("/").content.decode()


@pytest.mark.parametrize("read", [READ, f"{SHEET}?q=the"])
def test_reading_the_sheet_is_kept_once_for_each_person_and_for_no_visitor(
    client: Client, anna: User, bela: User, course: Form, read: str
) -> None:
    client.get(read)
    assert not SheetOpening.objects.exists()
    signed_in(anna).get(SHEET)
    assert not SheetOpening.objects.exists()
    for who in (anna, anna, bela):
        signed_in(who).get(read)
    assert sorted(SheetOpening.objects.values_list("user", flat=True)) == sorted([anna.pk, bela.pk])


def test_a_date_that_a_newcomer_cannot_set_is_refused_on_the_welcome(anna: User, course: Form) -> None:
    page = signed_in(anna).post(f"{PAGE}exam-date/", {"day": "2020-01-01"})
    assert page.status_code == 422
    assert "This day is over." in page.content.decode()
    assert '<ol class="steps"' in page.content.decode()
