"""The review on one page and the result: what they say, and what they cost in bytes."""

import re
import time
import zlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.attempts import lifecycle
from exams.attempts.models import RefusedAnswer, Score
from exams.catalog.models import TaskStatement
from exams.feedback import selectors as feedback
from exams.presentation import formatting, item_review
from exams.web import question_notes
from tests import factories, snapshot
from tests.exams.web.test_pages import answer, overdue, result_of, review_of, signed_in, sit, text_of
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request leaves its language behind; each test begins in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def long_form(db: None) -> Form:
    """As many questions as the real exam has."""
    domains = [1 + n % 4 for n in range(65)]
    return snapshot.first(
        "65 questions",
        lambda: factories.make_form(domains=domains, unscored=range(51, 66), multiple=range(1, 10)),
    )


def page_of(user: User, address: str) -> str:
    return str(signed_in(user).get(address).content.decode())


def forget() -> None:
    """Empty what a process keeps of reviews, as in a process that has just started."""
    papers.forget()
    solutions.forget()
    for kept in (
        *(item_review.answers, item_review.explanation, item_review.marks, solutions._read_topics),
        *(solutions._read_places, feedback._read, question_notes._read),
    ):
        kept.cache_clear()


def test_all_questions_are_listed_in_order_and_one_is_shown(anna: User, long_form: Form) -> None:
    attempt_id = sit(anna, long_form)
    signed_in(anna).get(result_of(attempt_id))
    page = page_of(anna, review_of(attempt_id))
    assert [int(number) for number in re.findall(r'<li id="q(\d+)"', page)] == list(range(1, 66))
    assert re.findall(r'<h2 id="q(\d+)t"', page) == ["1"]
    assert re.findall(r'<li id="q(\d+)"><a[^>]*aria-current="true"', page) == ["1"]
    opened = page_of(anna, review_of(attempt_id, "?open=all"))
    assert [int(number) for number in re.findall(r'<h2 id="q(\d+)t"', opened)] == list(range(1, 66))


@pytest.mark.parametrize("address", [result_of, review_of])
def test_pages_are_compressed_only_for_who_reads_it(anna: User, form: Form, address: Any) -> None:
    attempt_id = sit(anna, form)
    client = signed_in(anna)
    client.get(result_of(attempt_id))
    plain = client.get(address(attempt_id))
    small = client.get(address(attempt_id), headers={"Accept-Encoding": "br, gzip;q=0.5"})
    refused = client.get(address(attempt_id), headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    told = zlib.decompress(small.content, 16 + zlib.MAX_WBITS).decode()
    assert without_tokens(told) == without_tokens(plain.content.decode())


def without_tokens(html: str) -> str:
    """Leave out what differs in each reply."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


# --- What is kept, and for whom -----------------------------------------------------------------------


def test_two_readers_of_one_paper_see_their_own_marks(anna: User, bela: User, form: Form) -> None:
    hers, his = sit(anna, form, right=[1]), sit(bela, form, wrong=[1])
    for user, attempt_id in ((anna, hers), (bela, his)):
        signed_in(user).get(result_of(attempt_id))
    for _ in range(2):
        assert "Your answer, incorrect" not in page_of(anna, review_of(hers))
        assert "Your answer, correct" in page_of(anna, review_of(hers))
        assert "Your answer, correct" not in page_of(bela, review_of(his))
        assert "Your answer, incorrect" in page_of(bela, review_of(his))


def test_a_running_exam_shows_nothing_of_a_review_that_this_process_has_kept(
    anna: User, bela: User, db: None
) -> None:
    form = factories.make_form(mark="canary-9b")
    done = sit(bela, form)
    signed_in(bela).get(result_of(done))
    assert "canary-9b" in page_of(bela, review_of(done))
    running = factories.start(anna, form).attempt_id
    client = signed_in(anna)
    for address in (f"/attempts/{running}/", f"/attempts/{running}/questions/1/"):
        assert "canary-9b" not in client.get(address).content.decode()


def test_every_mark_is_said_in_words_beside_its_option(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1], wrong=[2])
    signed_in(anna).get(result_of(attempt_id))
    page = squeezed(page_of(anna, review_of(attempt_id, "?open=all")))
    items = dict(re.findall(r'<h2 id="q(\d)t".*?(<ol.*?</ol>)', page, re.DOTALL))
    words = {
        number: [re.findall(r"</svg>([^<]+)</p>", row) for row in html.split("<li")[1:]]
        for number, html in items.items()
    }
    assert words["1"] == [[], ["Your answer, correct"], [], []]
    assert words["2"] == [["Your answer, incorrect"], ["Correct answer"], [], []]
    assert words["4"] == [[], ["Correct answer"], [], []]


def test_marks_are_in_the_language_of_the_page_whoever_asked_first(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1])
    signed_in(anna).get(result_of(attempt_id))
    forget()
    english, hungarian = (
        page_of(anna, prefix + review_of(attempt_id, "?open=all")) for prefix in ("", "/hu")
    )
    assert "Your answer, correct" in english
    assert "A te válaszod, helyes" in hungarian
    assert "Miért a B a helyes válasz" in hungarian
    assert "Miért az A és a C a helyes válasz" in hungarian


def test_questions_are_in_the_language_that_the_reader_chose_for_them(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form)
    profiles.update(anna, content_language="hu")
    signed_in(anna).get(result_of(attempt_id))
    page = page_of(anna, review_of(attempt_id))
    assert '<div class="stem" lang="hu"><p>Egy komptársaság' in page
    assert "Correct answer" in page
    assert "only" not in text_of(signed_in(anna).get(review_of(attempt_id))).split("Filter")[0]


@pytest.mark.parametrize(
    ("shown", "wanted", "said"),
    [
        (["en", "en"], "en", ""),
        (["en", "en"], "hu", "The questions are only available in English for now."),
        (["hu", "hu"], "en", "The questions are only available in these languages for now: Hungarian."),
        (["hu", "en"], "hu", "1 of the 2 questions isn't translated yet. It's shown in: English."),
    ],
)
def test_the_language_of_the_questions_is_told_truly(shown: list[str], wanted: str, said: str) -> None:
    assert formatting.questions_note(shown, wanted) == said


def test_a_moved_task_is_seen_after_a_minute(anna: User, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = sit(anna, form)
    signed_in(anna).get(result_of(attempt_id))
    assert "1.1 Domain 1.1" in page_of(anna, review_of(attempt_id))
    TaskStatement.objects.filter(code="1.1").update(code="1.9")
    later = time.monotonic() + solutions.KEPT_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert "1.9 Domain 1.1" in page_of(anna, review_of(attempt_id))


# --- Rows ---------------------------------------------------------------------------------------------


@pytest.fixture
def reviewed(anna: User, form: Form) -> UUID:
    """Question 1 correct, 2 and 4 incorrect, the rest open."""
    attempt_id = sit(anna, form, right=[1], wrong=[2, 4])
    signed_in(anna).get(result_of(attempt_id))
    return attempt_id


def part(user: User, address: str, target: str) -> str:
    """Return what htmx gets in place of a part of the page."""
    headers = {"HX-Request": "true", "HX-Target": target}
    return str(signed_in(user).get(address, headers=headers).content.decode())


def shown_in(html: str) -> list[str]:
    """Return the positions in the list, and the one that is shown."""
    return re.findall(r'<li id="q(\d)"', html) + re.findall(r'data-q="(\d)"', html)


def test_previous_and_next_lead_through_the_questions_that_are_shown(anna: User, reviewed: UUID) -> None:
    for position, led in ((2, {"next": "4"}), (4, {"prev": "2"})):
        page = squeezed(page_of(anna, review_of(reviewed, f"?show=incorrect&q={position}")))
        found = re.findall(r'rel="(\w+)" href="[^"]*\?show=incorrect&amp;q=(\d)"', page)
        assert dict(found) == led


def test_the_first_question_of_a_filter_is_shown_and_one_that_is_asked_for_whatever_it_says(
    anna: User, reviewed: UUID
) -> None:
    for query, shown in (
        ("?show=incorrect", "242"),
        ("?show=incorrect&q=4", "244"),
        ("?show=incorrect&q=3", "2343"),
        ("?show=incorrect&q=99", "242"),
        ("?show=incorrect&q=2b", "242"),
    ):
        assert shown_in(page_of(anna, review_of(reviewed, query))) == list(shown)
    assert "No questions match" in page_of(anna, review_of(reviewed, "?show=flagged"))


def test_a_topic_is_a_domain_or_a_task_and_older_addresses_lead_to_it(anna: User, reviewed: UUID) -> None:
    for query in ("?topic=1", "?topic=1.1", "?task=1.1", "?domain=1"):
        text = text_of(signed_in(anna).get(review_of(reviewed, query)))
        assert "2 of 8 questions" in text


def test_a_question_and_a_filtered_list_come_without_their_page(anna: User, reviewed: UUID) -> None:
    question = part(anna, review_of(reviewed, "?show=incorrect&q=4"), "pane")
    assert question.strip().startswith('<article class="flow" id="pane" data-q="4">')
    assert shown_in(question) == ["4"]
    filtered = part(anna, review_of(reviewed, "?show=incorrect"), "found")
    assert filtered.strip().startswith('<div class="flow" id="found">')
    assert '<article class="flow" id="pane" hx-swap-oob="true" data-q="2">' in filtered
    assert shown_in(filtered) == ["2", "4", "2"]
    assert "<html" not in question + filtered


def test_each_filter_says_how_many_questions_it_has(anna: User, reviewed: UUID) -> None:
    text = text_of(signed_in(anna).get(review_of(reviewed, "?show=flagged")))
    assert "All 8 Incorrect 2 Unanswered 5 Flagged 0 Bookmarked 0 With a note 0 More filters" in text
    assert "1: Domain 1 (2) 1.1 Domain 1.1 (2) 2: Domain 2 (2) 2.1 Domain 2.1 (2)" in text
    assert "medium (8)" in text
    assert "0 of 8 questions" in text


# --- Result -------------------------------------------------------------------------------------------


def test_a_result_sums_up_each_task_statement(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1, 5, 6, 8], wrong=[2])
    page = squeezed(page_of(anna, result_of(attempt_id)))
    table = page.split('<table class="bars tasks">')[1].split("</table>")[0]
    rows = re.findall(r'\?task=([\d.]+)">([^<]+)</a></th><td>([^<]+)<', table)
    # Question 8, the only one of task 4.1, does not count.
    assert rows == [
        ("1.1", "1.1 Domain 1.1", "1 of 2"),
        ("2.1", "2.1 Domain 2.1", "0 of 2"),
        ("3.1", "3.1 Domain 3.1", "2 of 3"),
    ]
    assert "résztéma" in page_of(anna, "/hu" + result_of(attempt_id)).lower()


def test_the_task_that_cost_most_points_is_named(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1, 2, 3, 5, 6])
    text = text_of(signed_in(anna).get(result_of(attempt_id)))
    # One of two in a domain of weight 24 costs as much as one of three in one of weight 36: the first.
    assert "Task 2.1, Domain 2.1, cost you the most points: 1 of 2 correct." in text
    best = sit(anna, form, right=range(1, 9))
    assert "cost you the most" not in text_of(signed_in(anna).get(result_of(best)))


@pytest.mark.parametrize(
    ("right", "wrong", "query"),
    [([1, 2, 3], [4], "?show=incorrect"), ([1, 2, 3, 4], [], "?show=unanswered"), (range(1, 9), [], "")],
)
def test_the_next_step_leads_to_what_is_worth_reading(
    anna: User, form: Form, right: list[int], wrong: list[int], query: str
) -> None:
    attempt_id = sit(anna, form, right=right, wrong=wrong)
    page = page_of(anna, result_of(attempt_id))
    assert f'<a class="button primary" href="{review_of(attempt_id, query)}">' in page


def test_the_time_used_is_told_once(anna: User, form: Form) -> None:
    text = text_of(signed_in(anna).get(result_of(sit(anna, form))))
    assert text.count("of 3 h") == 1
    assert "180" not in text


def test_answers_that_arrived_after_the_end_are_told_on_both_pages(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    answer(anna, attempt_id, 1, form.keys[1])
    overdue(attempt_id, 40)
    lifecycle.settle(user=anna, attempt_id=attempt_id)
    client = signed_in(anna)
    assert "arrived after" not in text_of(client.get(result_of(attempt_id)))
    for seq, position in enumerate((2, 3, 3), 1):
        RefusedAnswer.objects.create(
            attempt_id=attempt_id,
            lease_no=1,
            seq=seq,
            position=position,
            selected=form.keys[position],
            flagged=False,
            received_at="2026-01-01T00:00:00Z",
            reason="late",
        )
    for address in (result_of(attempt_id), review_of(attempt_id)):
        assert "The answers to 2 questions arrived after the exam had ended." in text_of(client.get(address))


def test_a_revised_score_says_why_on_both_pages(anna: User, form: Form) -> None:
    attempt_id = sit(anna, form, right=[1])
    client = signed_in(anna)
    client.get(result_of(attempt_id))
    first = Score.objects.get()
    first.pk, first.revision, first.reason = None, 2, "Question 7 was ambiguous."
    first.save(force_insert=True)
    for address in (result_of(attempt_id), review_of(attempt_id)):
        text = text_of(client.get(address))
        assert "This score was revised." in text
        assert "Question 7 was ambiguous." in text


def test_an_item_has_the_marks_of_what_was_chosen_and_no_others(anna: User, form: Form) -> None:
    text = solutions.of_paper(form.papers["en"].pk)[2].text
    html = item_review.html(text, "en", {"A"})
    assert html.count("data-own") == 1
    assert "You chose fewer than 2 options" in html
    assert "You chose fewer" not in item_review.html(text, "en", {"A", "C"})
    assert "You chose fewer" not in item_review.html(text, "en")
