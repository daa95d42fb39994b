"""The pages before an exam know the person: what runs, what is next, what the last result was."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from tests import factories
from tests.exams.web.test_pages import answer, result_of, signed_in, sit, text_of
from tests.factories import Form

pytestmark = pytest.mark.django_db
ALL = range(1, 9)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def second(form: Form) -> Form:
    """A second exam of the same certification."""
    return factories.make_second(form)


def scored(user: User, form: Form, **more: Any) -> Client:
    """Sit a form and have it scored; return the person's browser."""
    client = signed_in(user)
    client.get(result_of(sit(user, form, **more)))
    return client


# --- Home --------------------------------------------------------------------------------------------


def test_a_visitor_finds_the_certification_at_the_first_button(client: Client, form: Form) -> None:
    page = client.get("/").content.decode()
    assert '<a class="button primary" href="/mls-c01/">See MLS-C01</a>' in page
    assert "Take exam" not in page


def test_who_has_started_nothing_is_led_to_the_first_exam(anna: User, form: Form) -> None:
    page = signed_in(anna).get("/").content.decode()
    assert '<a class="button primary" href="/mls-c01/exams/1/">Take exam 1</a>' in page


def test_home_offers_to_resume_what_runs_before_anything_else(anna: User, form: Form, second: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    page = signed_in(anna).get("/")
    assert f'<a class="button primary" href="/attempts/{attempt_id}/">Resume</a>' in page.content.decode()
    assert "Machine Learning Archive Practice Exam 1" in text_of(page)
    assert "Take exam" not in text_of(page)


def test_after_an_exam_the_next_one_and_the_last_result_are_offered(
    anna: User, form: Form, second: Form
) -> None:
    page = scored(anna, form, right=ALL).get("/")
    assert '<a class="button primary" href="/mls-c01/exams/2/">Take exam 2</a>' in page.content.decode()
    assert "Last result: 1000. Pass, but not yet safe." in text_of(page)
    assert "A sample result" not in text_of(page)


def test_who_has_taken_every_exam_is_told_so(anna: User, form: Form) -> None:
    page = scored(anna, form, right=ALL).get("/")
    assert "You've seen the questions of every exam." in unescape(text_of(page))
    assert re.search(r'<a class="button primary" href="/attempts/[^"]+/review/">', page.content.decode())


def test_courses_are_those_that_the_person_works_on_and_the_others_stand_below(
    anna: User, form: Form
) -> None:
    other = factories.make_form(factories.make_certification("xyz-1"))
    mine, others = scored(anna, other, right=ALL).get("/").content.decode().split("Other certifications")
    assert ("/xyz-1/" in mine, "/mls-c01/" in mine) == (True, False)
    assert ("/xyz-1/" in others, "/mls-c01/" in others) == (False, True)


def test_a_tile_shows_the_result_that_counts_though_a_later_one_was_stopped_early(
    anna: User, form: Form
) -> None:
    client = scored(anna, form, right=[1, 2, 3])
    assert "Exam 1 Stopped early" in text_of(client.get("/mls-c01/"))
    scored(anna, form, wrong=ALL)
    scored(anna, form, right=[1, 2, 3])
    text = text_of(client.get("/mls-c01/")).split("All results")[1]
    assert "Exam 1 Below 100" in text
    assert "Exam 1 Stopped early" not in text


# --- Brochure ----------------------------------------------------------------------------------------


def test_the_landing_page_says_that_it_is_not_the_vendors(client: Client, form: Form) -> None:
    said = "Passline isn't affiliated with Amazon Web Services."
    assert said in text_of(client.get("/mls-c01/"))
    assert said in text_of(client.get("/mls-c01/exams/1/"))
    Certification.objects.update(vendor="Example Org")
    assert "isn't affiliated with Example Org." in text_of(client.get("/mls-c01/"))


def test_who_signs_in_from_the_brochure_comes_back_to_it(client: Client, form: Form) -> None:
    assert 'href="/accounts/login/?next=/mls-c01/about/"' in client.get("/mls-c01/about/").content.decode()


def test_the_weights_are_bars_from_nothing(client: Client, form: Form) -> None:
    page = client.get("/mls-c01/").content.decode()
    assert re.findall(r'<rect class="fill"([^>]*)/>', page) == [
        f' width="{width}" height="6" rx="3"' for width in ("20.0%", "24.0%", "36.0%", "20.0%")
    ]


@pytest.mark.parametrize("address", ["/hu/mls-c01/", "/hu/mls-c01/exams/1/"])
def test_who_reads_hungarian_is_told_before_the_start_that_all_questions_are_english(
    client: Client, address: str
) -> None:
    factories.make_form(languages=("en",))
    assert "A kérdések egyelőre csak angolul érhetők el." in text_of(client.get(address))


@pytest.mark.parametrize(
    "address", ["/hu/mls-c01/", "/hu/mls-c01/exams/1/", "/mls-c01/", "/mls-c01/exams/1/"]
)
def test_where_the_questions_are_in_the_language_of_the_page_nothing_is_said(
    client: Client, form: Form, address: str
) -> None:
    text = text_of(client.get(address))
    assert "csak angolul" not in text
    assert "only available in" not in text


def test_languages_are_named_in_the_language_of_the_page(client: Client, form: Form) -> None:
    assert "1 practice exam · English, Hungarian" in text_of(client.get("/"))
    assert "1 gyakorló teszt · angol, magyar" in text_of(client.get("/hu/"))


# --- Start -------------------------------------------------------------------------------------------


def test_another_running_exam_is_named_with_its_end_and_the_start_is_still_allowed(
    anna: User, form: Form, second: Form
) -> None:
    profiles.update(anna, time_zone="Pacific/Kiritimati")
    attempt_id = factories.start(anna, form).attempt_id
    client = signed_in(anna)
    page = client.get("/mls-c01/exams/2/")
    assert "MLS-C01 Practice Exam 1 is still in progress." in text_of(page)
    assert re.search(r"It ends at [0-9]{2}:[0-9]{2} UTC\+14( tomorrow| on .+)?\.", text_of(page))
    assert (
        f'<a class="button primary" href="/attempts/{attempt_id}/">Resume MLS-C01 Practice Exam 1</a>'
        in page.content.decode()
    )
    assert "Start exam 2" in text_of(page)
    assert client.post("/mls-c01/exams/2/").status_code == 302


def test_an_exam_that_is_over_is_not_named_before_a_start(anna: User, form: Form, second: Form) -> None:
    assert "still in progress" not in text_of(scored(anna, form).get("/mls-c01/exams/2/"))


def test_a_newcomer_is_offered_an_account_that_leads_back_here(client: Client, form: Form) -> None:
    page = client.get("/mls-c01/exams/1/").content.decode()
    assert 'href="/accounts/signup/?next=/mls-c01/exams/1/">Create a free account' in page
    assert 'href="/accounts/login/?next=/mls-c01/exams/1/">Sign in' in page


def test_the_button_that_starts_comes_again_after_the_rules(anna: User, form: Form) -> None:
    page = signed_in(anna).get("/mls-c01/exams/1/").content.decode()
    before, after = page.split("Before you start", 1)
    assert '<button class="primary" type="submit">Start exam 1</button>' in before
    assert '<button class="primary" type="submit" form="start">Start exam 1</button>' in after


# --- My exams ----------------------------------------------------------------------------------------


def test_my_exams_show_the_band_and_on_which_side_of_the_line_it_is(anna: User, form: Form) -> None:
    text = text_of(scored(anna, form, right=ALL).get("/attempts/"))
    assert re.search(r"band \d+ to 1000 · 8 of 8 answered", text)
    assert "1000 · Close" in text


def test_a_history_needs_two_results_that_count(anna: User, form: Form, second: Form) -> None:
    client = scored(anna, form, right=ALL)
    scored(anna, second, right=[1])
    assert "Scores over time" not in text_of(client.get("/mls-c01/exams/"))
    scored(anna, second, wrong=ALL)
    text = text_of(client.get("/mls-c01/exams/"))
    assert "Scores over time: 1000, 100" in text


def test_an_exam_that_was_stopped_early_is_marked_and_explained(anna: User, form: Form) -> None:
    text = text_of(scored(anna, form, right=[1, 2]).get("/attempts/"))
    assert "Stopped early" in text
    assert "· Stopped early" not in text
    assert "fewer than half of the questions were answered" in text


def test_a_running_exam_is_neither_stopped_nor_a_result(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    answer(anna, attempt_id, 1, form.keys[1])
    text = text_of(signed_in(anna).get("/attempts/"))
    assert "Stopped early" not in text
    assert "The clock keeps running while you're away." in text


def test_the_list_says_in_what_order_to_take_exams_until_there_is_a_result(
    anna: User, form: Form, second: Form
) -> None:
    sentence = "Take exam 1 first, and keep the last one for the week before your exam."
    assert sentence in text_of(signed_in(anna).get("/mls-c01/exams/"))
    assert sentence not in text_of(scored(anna, form, right=ALL).get("/mls-c01/exams/"))


# --- The plan ----------------------------------------------------------------------------------------


def test_the_plan_leads_to_the_review_of_an_exam_that_is_taken_and_to_no_other(
    anna: User, form: Form, second: Form
) -> None:
    Certification.objects.update(retired_on=None)
    scored(anna, form, right=range(1, 8), wrong=[8])
    client = scored(anna, second, right=[1])
    today = timezone.localdate()
    exam_dates.set_to(anna, "mls-c01", today + timedelta(days=40), today)
    plan = client.get("/mls-c01/").context["plan"]
    reviews = [
        (day["is_tomorrow"], task["title"], task["address"].partition("?")[2])
        for day in plan["next"] + plan["later"]
        for task in day["tasks"]
        if task["title"].startswith("Review your incorrect answers")
    ]
    assert reviews[0] == (True, "Review your incorrect answers in exam 1", "show=incorrect")
    assert reviews[1:]
    assert {address for _, _, address in reviews[1:]} == {""}


def test_a_saved_exam_date_says_when_the_chosen_email_comes(anna: User, form: Form) -> None:
    Certification.objects.update(retired_on=None)
    client = scored(anna, form, right=ALL)
    day = timezone.localdate() + timedelta(days=12)
    reply = client.post("/mls-c01/exam-date/", {"day": day.isoformat(), "study_mail": "1"}, follow=True)
    assert "When something is due, you'll get an email after 7 a.m." in unescape(text_of(reply))
