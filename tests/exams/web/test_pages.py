"""The pages on exams, as visitors and candidates meet them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts import lifecycle, staff
from exams.attempts.models import Attempt, State
from exams.catalog.models import Certification, CertificationText
from tests import factories
from tests.exams.attempts.helpers import past_deadline
from tests.factories import Form

pytestmark = pytest.mark.django_db

SEEN = "You've seen the questions of this exam before."


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request leaves its language behind; each test begins in English."""
    with translation.override("en"):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def sit(user: User, form: Form, right: Sequence[int] = (), wrong: Sequence[int] = (), **more: Any) -> UUID:
    """Start, answer some positions right and some wrong, and submit."""
    attempt_id = factories.start(user, form, **more).attempt_id
    for position in (*right, *wrong):
        ids = form.keys[position] if position in right else form.others[position][: len(form.keys[position])]
        answer(user, attempt_id, position, ids)
    lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
    return attempt_id


def answer(user: User, attempt_id: UUID, position: int, ids: Sequence[int], *, flagged: bool = False) -> None:
    lifecycle.answer_without_script(
        user=user, attempt_id=attempt_id, position=position, selected=tuple(ids), flagged=flagged
    )


def overdue(attempt_id: UUID, seconds: int) -> None:
    """Put the deadline so many seconds into the past."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    past_deadline(attempt_id, seconds)


def text_of(response: Any) -> str:
    """Return a page as a reader sees it: one line, no tags."""
    assert response.status_code == 200, response.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def result_of(attempt_id: UUID) -> str:
    return reverse("exams:result", args=[attempt_id])


def review_of(attempt_id: UUID, query: str = "") -> str:
    return reverse("exams:review", args=[attempt_id]) + query


# --- Catalog and landing ---------------------------------------------------------------------------


def test_the_catalog_says_so_when_it_is_empty(client: Client) -> None:
    assert "No certifications yet" in text_of(client.get("/"))


def test_the_catalog_lists_certifications_with_their_exams(client: Client, form: Form) -> None:
    page = client.get("/")
    assert "1 practice exam · English" in text_of(page)
    assert 'href="/mls-c01/"' in page.content.decode()


def test_a_certification_without_an_exam_is_in_preparation(client: Client) -> None:
    factories.make_certification()
    assert "In preparation" in text_of(client.get("/"))


def test_the_landing_page_offers_what_exists_and_announces_the_rest(client: Client, form: Form) -> None:
    page = client.get("/mls-c01/")
    text = text_of(page)
    assert "Practice Exam 1 8 questions, 7 scored · 180 minutes" in text
    assert "5 more practice exams" in text
    assert text.count("In preparation") == 1
    assert "120 flashcards and a cheat sheet are in preparation." in text
    assert "/mls-c01/exams/1/" in page.content.decode()
    assert "/mls-c01/exams/2/" not in page.content.decode()


def test_the_landing_page_tells_that_the_exam_is_retired(client: Client, form: Form) -> None:
    assert "The last exam day was March 31, 2026" in text_of(client.get("/mls-c01/"))


def test_the_landing_page_shows_weights_and_task_statements(client: Client, form: Form) -> None:
    text = text_of(client.get("/mls-c01/"))
    assert "Domain 3 36%" in text
    assert "3.1 Domain 3.1" in text


def test_the_landing_page_speaks_the_language_of_its_address(client: Client, form: Form) -> None:
    assert "Gépi tanulás" in text_of(client.get("/hu/mls-c01/"))


def test_a_missing_translation_falls_back_to_the_original_and_says_so(client: Client, form: Form) -> None:
    CertificationText.objects.filter(language="hu").delete()
    page = client.get("/hu/mls-c01/")
    assert "Machine Learning" in text_of(page)
    assert '<h1 lang="en">' in page.content.decode()
    assert "angol" in re.findall(r'<p class="meta">([^<]*)</p>', page.content.decode())[0]


def test_an_unknown_certification_is_not_found(client: Client) -> None:
    assert client.get("/no-such-exam/").status_code == 404


def test_only_another_pass_mark_asks_for_its_own_place_of_the_line(client: Client, form: Form) -> None:
    assert "pass-mark.css" not in client.get("/mls-c01/").content.decode()
    Certification.objects.update(pass_mark=550)
    assert "/mls-c01/pass-mark.css" in client.get("/mls-c01/").content.decode()
    reply = client.get("/mls-c01/pass-mark.css")
    assert reply["Content-Type"] == "text/css"
    assert reply.content == b":root { --cut: 50.0000%; }\n"


# --- Start -------------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_sign_in_instead_of_starting(client: Client, form: Form) -> None:
    page = client.get("/mls-c01/exams/1/")
    assert "Sign in to start" in text_of(page)
    assert "?next=/mls-c01/exams/1/" in page.content.decode()
    assert "Start exam 1" not in text_of(page)


def test_a_start_by_a_visitor_makes_no_attempt(client: Client, form: Form) -> None:
    assert client.post("/mls-c01/exams/1/").status_code == 401
    assert not Attempt.objects.exists()


def test_an_unconfirmed_address_must_be_confirmed_first(form: Form) -> None:
    page = signed_in(factories.make_user(verified=False)).get("/mls-c01/exams/1/")
    assert "Confirm your email address first" in text_of(page)


def test_a_start_leads_to_the_exam_in_the_language_chosen(anna: User, form: Form) -> None:
    reply = signed_in(anna).post("/mls-c01/exams/1/", {"language": "hu"})
    attempt = Attempt.objects.get()
    assert reply.status_code == 302
    assert reply["Location"] == f"/attempts/{attempt.pk}/"
    assert attempt.paper == form.papers["hu"]


def test_an_unknown_language_starts_in_the_first_of_the_site(anna: User, form: Form) -> None:
    signed_in(anna).post("/mls-c01/exams/1/", {"language": "xx"})
    assert Attempt.objects.get().paper == form.papers["en"]


def test_a_second_start_goes_on_with_the_running_exam(anna: User, form: Form) -> None:
    client = signed_in(anna)
    first = client.post("/mls-c01/exams/1/")["Location"]
    assert client.post("/mls-c01/exams/1/")["Location"] == first
    assert Attempt.objects.count() == 1


def test_a_running_exam_offers_to_resume_and_no_start(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    page = signed_in(anna).get("/mls-c01/exams/1/")
    assert "This exam is in progress" in text_of(page)
    assert f"/attempts/{attempt_id}/" in page.content.decode()
    assert "Start exam 1" not in text_of(page)


def test_a_refused_start_says_why_and_that_nothing_was_started(form: Form) -> None:
    person = factories.make_user(verified=False)
    reply = signed_in(person).post("/mls-c01/exams/1/")
    assert reply.status_code == 403
    assert "The exam wasn't started." in reply.content.decode()
    assert not Attempt.objects.exists()


def test_extra_time_is_shown_before_the_start(anna: User, form: Form) -> None:
    profiles.update(anna, accommodation="percent_50")
    text = text_of(signed_in(anna).get("/mls-c01/exams/1/"))
    assert "Time, including 90 min extra 270 min" in text


def test_who_took_the_exam_before_is_told_what_that_means(anna: User, form: Form) -> None:
    client = signed_in(anna)
    assert SEEN not in text_of(client.get("/mls-c01/exams/1/"))
    sit(anna, form)
    assert SEEN in text_of(client.get("/mls-c01/exams/1/"))


def test_a_form_that_does_not_exist_is_not_found(client: Client, form: Form) -> None:
    assert client.get("/mls-c01/exams/2/").status_code == 404


# --- Result ------------------------------------------------------------------------------------------


def test_the_result_is_there_at_once_with_no_worker_running(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=range(1, 9))
    text = text_of(signed_in(anna).get(result_of(attempt_id)))
    assert "1000" in text
    assert "7 of 7" in text
    assert Attempt.objects.get().state == State.SCORED


def test_a_fail_is_said_in_a_sentence_beside_its_color(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, wrong=[1, 2, 3, 4])
    page = signed_in(anna).get(result_of(attempt_id))
    assert "Below the pass line" in text_of(page)
    assert "650 points below the pass line." in text_of(page)
    assert 'aria-labelledby="verdict" data-tone="wrong">' in page.content.decode()


def test_the_result_shows_the_receipt_and_the_scoring_revision(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1])
    receipt = Attempt.objects.get().answers_sha256
    text = text_of(signed_in(anna).get(result_of(attempt_id)))
    assert receipt in text
    assert f"{receipt[:4]}-{receipt[4:8]}-{receipt[8:12]}" in text
    assert "scoring revision 1" in text


def test_a_second_attempt_is_marked_as_seen_before(anna: User, form: Form) -> None:
    first, second = sit(anna, form), sit(anna, form)
    client = signed_in(anna)
    assert "You had seen these questions before." not in text_of(client.get(result_of(first)))
    assert "You had seen these questions before." in text_of(client.get(result_of(second)))


def test_the_result_of_a_running_exam_leads_back_to_it(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    reply = signed_in(anna).get(result_of(attempt_id))
    assert (reply.status_code, reply["Location"]) == (302, f"/attempts/{attempt_id}/")


def test_between_deadline_and_close_the_page_offers_to_submit(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    overdue(attempt_id, 5)
    page = signed_in(anna).get(result_of(attempt_id))
    assert re.search(r"This exam closes in 2\d seconds", text_of(page))
    assert f'action="/attempts/{attempt_id}/submit/"' in page.content.decode()
    assert Attempt.objects.get().state == State.RUNNING


def test_after_the_close_the_result_is_there_and_says_that_the_clock_ended_it(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    overdue(attempt_id, 31)
    text = text_of(signed_in(anna).get(result_of(attempt_id)))
    assert "time ran out" in text
    assert "3 h of 3 h" in text


def test_while_the_score_is_missing_the_page_asks_again_and_has_a_link(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = sit(anna, form)
    monkeypatch.setattr(lifecycle, "settle", lambda **_: None)
    page = signed_in(anna).get(result_of(attempt_id)).content.decode()
    assert f'hx-get="{result_of(attempt_id)}"' in page
    assert f'<a href="{result_of(attempt_id)}">Check again</a>' in page


def test_a_poll_gets_only_the_waiting_part_and_a_reload_once_the_score_is_there(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = sit(anna, form)
    client = signed_in(anna)
    with monkeypatch.context() as broken:
        broken.setattr(lifecycle, "settle", lambda **_: None)
        part = client.get(result_of(attempt_id), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div class="flow" id="waiting"')
    assert "<html" not in part
    done = client.get(result_of(attempt_id), headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"


def test_a_poll_loads_the_page_anew_where_staff_gave_more_time_or_took_the_exam_away(
    anna: User, form: Form
) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    client = signed_in(anna)
    assert client.get(result_of(attempt_id), headers={"HX-Request": "true"}).get("HX-Refresh") == "true"
    staff.void(attempt_id=attempt_id, actor=None, reason="a wrong exam")
    assert client.get(result_of(attempt_id), headers={"HX-Request": "true"}).get("HX-Refresh") == "true"


def test_whoever_looks_for_the_result_of_an_exam_without_one_is_told_why(anna: User, form: Form) -> None:
    voided = factories.start(anna, form).attempt_id
    staff.void(attempt_id=voided, actor=None, reason="a wrong exam")
    said = signed_in(anna).get(result_of(voided), follow=True).content.decode()
    assert "We voided this exam" in said
    canceled = factories.start(anna, form).attempt_id
    lifecycle.cancel(user=anna, attempt_id=canceled)
    said = signed_in(anna).get(result_of(canceled), follow=True).content.decode()
    assert "This exam was canceled. It has no result." in said


def test_a_cancelled_exam_has_no_result_and_leads_to_the_list(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    lifecycle.cancel(user=anna, attempt_id=attempt_id)
    assert signed_in(anna).get(result_of(attempt_id))["Location"] == "/attempts/"


@pytest.mark.parametrize("name", ["result", "review"])
def test_what_belongs_to_another_is_the_same_as_absent(anna: User, bela: User, form: Form, name: str) -> None:
    attempt_id = sit(anna, form)
    assert signed_in(bela).get(reverse(f"exams:{name}", args=[attempt_id])).status_code == 404


@pytest.mark.parametrize("name", ["result", "review"])
def test_a_visitor_is_sent_to_sign_in_and_back(client: Client, anna: User, form: Form, name: str) -> None:
    address = reverse(f"exams:{name}", args=[sit(anna, form)])
    assert client.get(address)["Location"].endswith(f"?next={address}")


def test_times_are_those_of_the_persons_own_zone(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form)
    profiles.update(anna, time_zone="Pacific/Kiritimati")
    page = signed_in(anna).get(result_of(attempt_id)).content.decode()
    assert "+14:00" in page


# --- Review ------------------------------------------------------------------------------------------


@pytest.fixture
def reviewed(anna: User, form: Form) -> UUID:
    """One right, one wrong, one incomplete, one flagged without an answer, the rest open."""
    attempt_id = factories.start(anna, form).attempt_id
    answer(anna, attempt_id, 1, form.keys[1])
    answer(anna, attempt_id, 2, form.others[2][:1])
    answer(anna, attempt_id, 3, form.keys[3][:1])
    answer(anna, attempt_id, 4, [], flagged=True)
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    signed_in(anna).get(result_of(attempt_id))
    return attempt_id


def positions(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="q(\d+)"', page)]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("?show=all", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("?show=incorrect", [2, 3]),
        ("?show=unanswered", [4, 5, 6, 7, 8]),
        ("?show=incomplete", [3]),
        ("?show=correct", [1]),
        ("?show=flagged", [4]),
        ("?domain=3", [5, 6, 7]),
        ("?show=incorrect&domain=1", [2]),
        ("?task=3.1", [5, 6, 7]),
        ("?task=3.1&show=correct", []),
        ("?difficulty=medium", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("?difficulty=hard", []),
        ("?domain=x", []),
        ("?show=nonsense&page=-1", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("?show=&domain=&task=&difficulty=", [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_the_review_shows_what_the_filters_ask_for(
    anna: User, reviewed: UUID, query: str, shown: list[int]
) -> None:
    assert positions(signed_in(anna).get(review_of(reviewed, query)).content.decode()) == shown


def test_a_filter_that_finds_nothing_says_so(anna: User, reviewed: UUID) -> None:
    page = signed_in(anna).get(review_of(reviewed, "?show=flagged&domain=1"))
    assert "No questions match" in text_of(page)
    assert f'<a class="button" href="{review_of(reviewed)}">Show all</a>' in page.content.decode()


def test_the_review_gives_every_reason_and_names_the_states_of_answers(anna: User, reviewed: UUID) -> None:
    text = text_of(signed_in(anna).get(review_of(reviewed, "?open=all")))
    for n in range(4):
        assert f"Reason {n} of E1-Q01" in text
    for words in (
        "A principle of E1-Q01.",
        "A tip for E1-Q01.",
        "Your answer, correct",
        "Your answer, incorrect",
        "Correct answer",
    ):
        assert words in text
    assert "Why B is correct" in text
    assert "Why A and C are correct" in text
    assert "Incorrect: incomplete" in text
    assert "You chose fewer than 2 options, so the whole answer is incorrect." in text
    assert "Unanswered" in text


def test_the_review_names_the_questions_that_did_not_count(anna: User, reviewed: UUID) -> None:
    page = signed_in(anna).get(review_of(reviewed, "?open=all")).content.decode()
    heads = re.findall(r'<h2 id="q\d+t".*?</header>', page, re.DOTALL)
    assert ["not scored" in head for head in heads] == [False] * 7 + [True]


def test_a_filter_by_script_gets_only_the_questions(anna: User, reviewed: UUID) -> None:
    headers = {"HX-Request": "true", "HX-Target": "found"}
    reply = signed_in(anna).get(review_of(reviewed, "?show=flagged"), headers=headers)
    assert reply.content.decode().strip().startswith('<div class="flow" id="found">')
    assert positions(reply.content.decode()) == [4]


def test_the_review_before_the_end_leads_to_the_exam(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    reply = signed_in(anna).get(review_of(attempt_id))
    assert reply["Location"] == result_of(attempt_id)


def test_the_review_is_in_the_language_of_the_page(anna: User, reviewed: UUID) -> None:
    page = signed_in(anna).get("/hu" + review_of(reviewed, "?show=all")).content.decode()
    assert "Egy komptársaság kérdése" in page
    assert 'id="q1"' in page


def test_a_review_without_a_translation_says_in_which_language_it_is(anna: User) -> None:
    form = factories.make_form(languages=("en",))
    attempt_id = sit(anna, form)
    client = signed_in(anna)
    client.get(result_of(attempt_id))
    page = client.get("/hu" + review_of(attempt_id)).content.decode()
    assert '<div class="stem" lang="en">' in page
    assert "A kérdések egyelőre csak angolul érhetők el." in page


# --- My exams ----------------------------------------------------------------------------------------


def test_who_has_no_exam_is_led_to_the_catalog(anna: User) -> None:
    page = signed_in(anna).get("/attempts/")
    assert "No exams yet" in text_of(page)
    assert 'href="/"' in page.content.decode()


def test_my_exams_show_the_running_one_with_its_time_and_the_past_with_scores(anna: User, form: Form) -> None:
    client = signed_in(anna)
    past = sit(anna, form, right=range(1, 9))
    client.get(result_of(past))
    running = factories.start(anna, form).attempt_id
    answer(anna, running, 1, form.keys[1])
    page = client.get("/attempts/")
    assert "2 h 59 min left" in text_of(page) or "3 h left" in text_of(page)
    assert "1 of 8 answered" in text_of(page)
    assert "1000 · Close" in text_of(page)
    assert f'href="/attempts/{running}/"' in page.content.decode()
    assert f'href="{result_of(past)}"' in page.content.decode()


def test_my_exams_name_what_was_canceled_or_voided_where_nothing_else_is(anna: User, form: Form) -> None:
    voided = factories.start(anna, form).attempt_id
    staff.void(attempt_id=voided, actor=None, reason="a wrong exam")
    canceled = factories.start(anna, form).attempt_id
    lifecycle.cancel(user=anna, attempt_id=canceled)
    text = text_of(signed_in(anna).get("/attempts/"))
    assert "No exams yet" not in text
    assert re.search(r"Practice Exam 1 \S+ \d+, \d{4} Canceled MLS-C01 Practice Exam 1 .* Voided by us", text)
    assert "No results yet" in text


def test_my_exams_show_nothing_of_others(anna: User, bela: User, form: Form) -> None:
    sit(anna, form)
    assert "No exams yet" in text_of(signed_in(bela).get("/attempts/"))
