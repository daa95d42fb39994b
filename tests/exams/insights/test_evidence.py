"""First-seen answers: each item once, as it was answered the first time, from finished exams only."""

from typing import Any

import pytest

from accounts.users.models import User
from exams.attempts import drills, grading, lifecycle
from exams.attempts.models import Attempt, Score
from exams.insights import evidence
from exams.scoring.prediction import Evidence
from tests import factories
from tests.exams.attempts.helpers import age, past_deadline
from tests.exams.attempts.practice import draw, idle
from tests.exams.web.test_pages import answer, sit
from tests.factories import Form

pytestmark = pytest.mark.django_db
ALL = range(1, 9)
# Domains of the form's scored positions: 1 1 2 2 3 3 3; position 8 is not scored.


def seen(user: User, code: str = "mls-c01") -> list[tuple[int, int, int]]:
    return [(one.domain, one.correct, one.answered) for one in evidence.first_seen(user, code)]


def scored(user: User, form: Form, **more: Any) -> None:
    """Sit a form, have it scored, and let an hour pass."""
    attempt_id = sit(user, form, **more)
    grading.grade(attempt_id)
    age(attempt_id, 3600)


def test_scored_items_count_by_domain(anna: User, form: Form) -> None:
    scored(anna, form, right=[1, 3, 5, 6, 8], wrong=[2, 4, 7])
    assert seen(anna) == [(1, 1, 2), (2, 1, 2), (3, 2, 3)]
    assert evidence.first_seen(anna, "mls-c01")[0] == Evidence(1, 1, 2)


def test_without_a_finished_exam_there_is_nothing(anna: User, bela: User, form: Form) -> None:
    scored(bela, form, right=ALL)
    assert seen(anna) == []
    assert seen(bela, "another") == []


def test_a_second_look_at_the_same_items_does_not_count(anna: User, form: Form) -> None:
    first = sit(anna, form, wrong=ALL)
    grading.grade(first)
    age(first, 7200)
    scored(anna, form, right=ALL)
    assert seen(anna) == [(1, 0, 2), (2, 0, 2), (3, 0, 3)]


def test_another_exam_adds_its_items(anna: User, form: Form) -> None:
    scored(anna, form, right=ALL)
    other = factories.make_form(form.form.certification, number=2)
    scored(anna, other, wrong=ALL)
    assert seen(anna) == [(1, 2, 4), (2, 2, 4), (3, 3, 6)]


def test_a_running_attempt_says_nothing(anna: User, form: Form) -> None:
    attempt_id = factories.start(anna, form).attempt_id
    for position in ALL:
        answer(anna, attempt_id, position, form.keys[position])
    assert seen(anna) == []
    past_deadline(attempt_id, 60)
    assert seen(anna) == []
    lifecycle.settle(user=anna, attempt_id=attempt_id)
    assert seen(anna) == [(1, 2, 2), (2, 2, 2), (3, 3, 3)]


def test_a_canceled_attempt_says_nothing(anna: User, form: Form) -> None:
    lifecycle.cancel(user=anna, attempt_id=factories.start(anna, form).attempt_id)
    assert seen(anna) == []


def test_items_left_blank_are_incorrect_where_half_was_answered(anna: User, form: Form) -> None:
    scored(anna, form, right=[1, 3, 5, 6])
    assert seen(anna) == [(1, 1, 2), (2, 1, 2), (3, 2, 3)]


def test_of_an_exam_that_was_stopped_early_only_the_answers_count(anna: User, form: Form) -> None:
    scored(anna, form, right=[1], wrong=[3, 5])
    assert seen(anna) == [(1, 1, 1), (2, 0, 1), (3, 0, 1)]


def test_what_the_review_has_shown_never_counts_later(anna: User, form: Form) -> None:
    scored(anna, form, right=[1])
    scored(anna, form, right=ALL)
    assert seen(anna) == [(1, 1, 1)]


def test_the_current_score_counts(anna: User, form: Form) -> None:
    scored(anna, form, wrong=ALL)
    before = Score.objects.get(attempt=Attempt.objects.get())
    Score.objects.create(
        **{
            name: getattr(before, name)
            for name in ("attempt_id", "scoring_revision", "raw", "scaled", "passed", "created_at")
        },
        revision=2,
        result={**before.result, "right": "11000000"},
    )
    assert seen(anna) == [(1, 2, 2), (2, 0, 2), (3, 0, 3)]


def test_a_new_edition_counts_only_what_it_brought(anna: User, form: Form) -> None:
    """An item of the edition before was seen there, even if it stands elsewhere now."""
    scored(anna, form, wrong=ALL)
    later = factories.republished(form, without=(1,))
    scored(anna, later, right=range(1, 8))
    assert seen(anna) == [(1, 0, 2), (2, 0, 2), (3, 0, 3)]


def test_one_statement(anna: User, form: Form, django_assert_num_queries: Any) -> None:
    scored(anna, form, right=ALL)
    with django_assert_num_queries(1):
        evidence.first_seen(anna, "mls-c01")


def test_what_a_drill_has_shown_before_is_no_first_sight(anna: User, form: Form) -> None:
    other = factories.make_form(form.form.certification, number=2)
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    idle(draw(anna, form, domain=1).attempt_id, days=1)
    scored(anna, form, right=ALL)
    scored(anna, other, right=ALL)
    assert seen(anna) == [(1, 2, 2), (2, 4, 4), (3, 6, 6)]


def test_what_a_drill_shows_later_takes_nothing_away(anna: User, form: Form) -> None:
    scored(anna, form, right=ALL)
    draw(anna, form, number=65)
    assert seen(anna) == [(1, 2, 2), (2, 2, 2), (3, 3, 3)]


def test_an_exam_that_was_opened_for_practice_is_no_new_one(anna: User, form: Form) -> None:
    assert evidence.seen_forms(anna, "mls-c01") == frozenset()
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    assert evidence.seen_forms(anna, "mls-c01") == {1}
