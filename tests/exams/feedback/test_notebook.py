"""The notebook: what was noted, bookmarked or missed over all exams and drills, and how it went each time."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.users.models import User
from exams.attempts import answers, drills, grading, leases, lifecycle, pools
from exams.attempts.answers import Change
from exams.attempts.models import Feedback
from exams.attempts.pools import Pool
from exams.feedback import notebook, services
from exams.feedback.notebook import Entry
from exams.presentation import formatting
from tests import factories
from tests.exams.attempts.helpers import save
from tests.exams.attempts.practice import (
    answers_of,
    check,
    close,
    draw,
    finish_check,
    finish_exam,
    make_check,
    positions_in,
)
from tests.exams.feedback.helpers import browser, ended, taking
from tests.exams.web.test_pages import review_of, sit, text_of
from tests.factories import Form, start
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


def of(user: User, form: Form) -> list[Entry]:
    return notebook.entries(user, form.form.certification)


def items_of(entries: list[Entry], form: Form) -> set[int]:
    """Return at which positions of the form the items of the notebook are."""
    places = dict(form.edition.items.values_list("version__item_id", "position"))
    return {places[entry.item_id] for entry in entries}


def drilled(user: User, form: Form, *, right: bool, confidence: int | None = None) -> UUID:
    """Answer every question of a drill of five at once, correctly or not, and end it."""
    drill_id = draw(user, form).attempt_id
    for position, (keys, others) in answers_of(form, drill_id).items():
        chosen = keys if right else others[: len(keys)]
        close(user, drill_id, position, *chosen, confidence=confidence)
    drills.finish(user=user, attempt_id=drill_id)
    grading.grade(drill_id)
    return drill_id


def page(user: User, query: str = "", language: str = "en") -> str:
    with translation.override(language):
        prefix = "" if language == "en" else f"/{language}"
        text = text_of(browser(user).get(f"{prefix}/mls-c01/notebook/{query}"))
    return " ".join(text.replace("&nbsp;", " ").split())


def test_what_was_missed_noted_or_bookmarked_is_there_once_and_nothing_else(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form, right=(1, 2, 3, 4, 5, 6))
    assert items_of(of(anna, form), form) == {7, 8}
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="Mind the gap")
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=7, bookmarked=True)
    found = of(anna, form)
    assert items_of(found, form) == {1, 7, 8}
    assert [(one.note, one.bookmarked, one.counted[0].correct) for one in found] == [
        ("Mind the gap", False, True),
        ("", True, False),
        ("", False, False),
    ]


def test_each_exam_and_drill_is_told_the_last_one_first(anna: User, form: Form) -> None:
    exam = finish_exam(anna, form)
    drill_id = drilled(anna, form, right=True, confidence=3)
    met = set(positions_in(form, drill_id))
    for entry in of(anna, form):
        was_drilled = items_of([entry], form) <= met
        told = [(one.attempt_id, one.form_number, one.correct, one.confidence) for one in entry.meetings]
        assert told == [(drill_id, None, True, 3)] * was_drilled + [(exam, 1, False, None)]


def test_what_a_question_of_another_person_or_course_says_is_not_there(
    anna: User, bela: User, form: Form
) -> None:
    finish_exam(bela, form)
    assert of(anna, form) == []
    finish_exam(anna, form)
    other = factories.make_form(factories.make_certification("mla-c01")).form.certification
    assert notebook.entries(anna, other) == []


def test_a_blank_is_missed_where_half_of_the_exam_was_answered(anna: User, form: Form) -> None:
    grading.grade(sit(anna, form, right=[1, 2, 3], wrong=[4]))
    found = {next(iter(items_of([entry], form))): entry.counted[0] for entry in of(anna, form)}
    assert {position: one.answered for position, one in found.items()} == {4: True} | dict.fromkeys(
        range(5, 9), False
    )


def test_a_blank_of_an_exam_that_was_stopped_early_is_not_missed_by_any_reader(
    anna: User, form: Form
) -> None:
    attempt_id = ended(anna, form)
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=3, bookmarked=True)
    missed = [entry for entry in of(anna, form) if entry.missed]
    assert items_of(missed, form) == {2}
    assert items_of(of(anna, form), form) == {2, 3}
    assert positions_in(form, draw(anna, form, pool=Pool.MISSED).attempt_id) == [2]
    assert len(pools.missed(anna, "mls-c01")) == 1


def test_a_blank_of_an_exam_that_was_stopped_early_leaves_what_was_told_before(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5, 6))
    ended(anna, form)
    missed = [entry for entry in of(anna, form) if entry.missed]
    assert items_of(missed, form) == {2, 7, 8}
    assert set(positions_in(form, draw(anna, form, pool=Pool.MISSED).attempt_id)) == {2, 7, 8}


def test_practice_and_notebook_count_alike_after_practice_that_was_stopped(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lease = leases.read(begun.lease or "")
    assert lease
    answers.save(lease, [Change(n, n, tuple(form.others[n][:1]), False, 3) for n in form.keys])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    drill_id = draw(anna, form, pool=Pool.SURE).attempt_id
    close(anna, drill_id, 1, *answers_of(form, drill_id)[1][0])
    drills.finish(user=anna, attempt_id=drill_id)
    grading.grade(drill_id)
    found = pools.items(anna, form.form.certification).values()
    for pool, counts in (
        (Pool.SURE, [one.sure_but_incorrect for one in of(anna, form)]),
        (Pool.MISSED, [one.missed for one in of(anna, form)]),
    ):
        assert sum(pool in one.pools for one in found) == sum(counts) == 7, pool


# --- While an exam, a check or a drill has the question ---------------------------------------------------


def test_nothing_of_an_exam_being_taken_is_there_until_it_has_its_score(
    anna: User, bela: User, form: Form
) -> None:
    finish_exam(anna, form)
    taking(bela, form)
    assert len(of(anna, form)) == 8
    again = taking(anna, form)
    assert of(anna, form) == []
    lifecycle.submit(user=anna, attempt_id=again, lease=None)
    grading.grade(again)
    assert {len(entry.meetings) for entry in of(anna, form)} == {2}


def test_nothing_of_a_drill_with_answers_at_its_end_is_there_until_it_has_its_score(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    held = set(positions_in(form, begun.attempt_id))
    assert items_of(of(anna, form), form) == set(range(1, 9)) - held
    assert len(held) == 5
    said = "Questions of an exam or practice you're taking are hidden here until it ends. My exams"
    assert said in page(anna)
    save(begun.lease, 1, 1, *answers_of(form, begun.attempt_id)[1][0])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    assert items_of(of(anna, form), form) == set(range(1, 9))
    assert said not in page(anna)


def test_nothing_of_a_check_is_there_while_it_runs(anna: User, form: Form) -> None:
    make_check(form)
    first = check(anna, form)
    finish_check(anna, first, right=range(1, 11), blank=(11, 12))
    assert len(of(anna, form)) == 10
    check(anna, form)
    assert of(anna, form) == []


# --- The page ---------------------------------------------------------------------------------------------


def test_the_page_has_filters_with_counts_and_leads_to_each_question(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form, right=(1, 2, 3, 4, 5, 6))
    services.write_note(user=anna, attempt_id=attempt_id, position=1, text="Mind the gap")
    text = page(anna)
    assert "All 3 With a note 1 Bookmarked 0 Missed 2 Sure but incorrect 0 Correct since 0" in text
    assert "Mind the gap" in text
    assert "Practice Exam 1 · incorrect" in text
    everything = squeezed(browser(anna).get("/mls-c01/notebook/").content.decode())
    assert '?pool=missed">Practice the missed ones</a>' in everything
    html = squeezed(browser(anna).get("/mls-c01/notebook/?show=missed").content.decode())
    assert f'href="{review_of(attempt_id)}?q=7"' in html
    assert f'href="{review_of(attempt_id)}?q=1"' not in html
    assert 'href="/mls-c01/practice/?pool=missed"' in html
    assert "1. gyakorló teszt · hibás" in page(anna, language="hu")


def test_a_drill_moves_a_question_from_missed_to_correct_since_or_to_sure(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drill_id = drilled(anna, form, right=True)
    assert "Missed 3 Sure but incorrect 0 Correct since 5" in page(anna)
    again = drilled(anna, form, right=False, confidence=3)
    both = len(set(positions_in(form, drill_id)) & set(positions_in(form, again)))
    assert f"Sure but incorrect 5 Correct since {5 - both}" in page(anna)
    html = browser(anna).get("/mls-c01/notebook/?show=sure").content.decode()
    assert f'href="/drills/{again}/result/?q=1"' in html
    assert f"Practice · incorrect · {formatting.confidence(3)}" in page(anna)


def test_own_notes_are_searched_in_whatever_case(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    for position, text in ((1, "Őszi fény"), (2, "Spring")):
        services.write_note(user=anna, attempt_id=attempt_id, position=position, text=text)
    assert "All 1 With a note 1" in page(anna, "?words=%C5%91SZI")
    assert "No questions match" in page(anna, "?words=winter")
    assert "All 8 With a note 2" in page(anna, "?words=")


def test_questions_are_searched_too_but_none_of_an_exam_being_taken(
    anna: User, form: Form, django_assert_num_queries: Any
) -> None:
    finish_exam(anna, form)
    with CaptureQueriesContext(connection) as without:
        page(anna)
    with django_assert_num_queries(len(without)):
        assert "All 8 With a note 0" in page(anna, "?words=FERRY+operator")
    assert "No questions match" in page(anna, "?words=zeppelin")
    start(anna, form)
    assert "FERRY" not in page(anna).upper()
    assert "All 8" not in page(anna, "?words=ferry")


def test_the_notebook_is_paged(anna: User, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exams.web.notebook.ON_A_PAGE", 3)
    finish_exam(anna, form)
    shown: list[Any] = [browser(anna).get(f"/mls-c01/notebook/?page={n}").content.decode() for n in (1, 3, 9)]
    assert [html.count('<li class="entry">') for html in shown] == [3, 2, 2]
    assert "Page 3 of 3" in squeezed(shown[1])


def test_an_empty_notebook_says_how_it_fills(anna: User, form: Form) -> None:
    assert "Nothing here yet" in page(anna)


def test_where_no_answer_was_sure_and_incorrect_the_filter_says_what_comes_there(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    for show, there in (("sure", True), ("bookmarked", False), ("sure&words=gap", False)):
        html = browser(anna).get(f"/mls-c01/notebook/?show={show}").content.decode()
        assert "No questions match" in html
        assert ("Answers that you mark as sure and that turn out incorrect come here." in html) is there


def test_what_practice_counts_as_missed_within_a_tutor_drill_that_runs_the_notebook_has_too(
    anna: User, form: Form
) -> None:
    """A tutor drill runs for up to 30 days; each answer is told at once, and practice counts it at once."""
    finish_exam(anna, form, right=range(1, 9))
    assert of(anna, form) == []
    drill_id = draw(anna, form).attempt_id
    position, (keys, others) = next(iter(answers_of(form, drill_id).items()))
    close(anna, drill_id, position, *others[: len(keys)])
    found = pools.items(anna, form.form.certification).values()
    assert sum(Pool.MISSED in item.pools for item in found) == 1
    assert sum(entry.missed for entry in of(anna, form)) == 1
