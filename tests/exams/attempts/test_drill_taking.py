"""Drills as they are taken: how positions close, how a drill ends, what never leaves early, once more."""

import datetime as dt
from typing import Any

import pytest

from accounts.users.models import User
from exams.attempts import (
    drills,
    lifecycle,
    results,
    selectors,
    staff,
    sweeps,
)
from exams.attempts.drills import DrillSettings
from exams.attempts.models import AnswerEvent, Attempt, Feedback, Mode, Score, State
from tests.exams.attempts.helpers import past_deadline, save
from tests.exams.attempts.practice import (
    answers_of,
    close,
    closed,
    draw,
    finish_exam,
    idle,
    positions_in,
    versions_of,
)
from tests.factories import Form, make_second, start
from tests.flows.sat import code

pytestmark = pytest.mark.django_db


# --- Feedback at once
def test_a_full_choice_closes_a_position_and_returns_its_review(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    assert begun.lease is None
    keys, others = answers_of(form, begun.attempt_id)[1]
    review = close(anna, begun.attempt_id, 1, *keys, confidence=3, seen_ms=1_200, flagged=True)
    assert (review.solution.position, review.correct, review.flagged) == (1, True, True)
    assert review.solution.text.why_html
    event = AnswerEvent.objects.get(attempt_id=begun.attempt_id)
    assert (event.closes, event.selected, event.confidence, event.seen_ms) == (True, sorted(keys), 3, 1_200)
    repeated = close(anna, begun.attempt_id, 1, *others[: len(keys)])
    assert repeated == review
    assert closed(begun.attempt_id) == {1: sorted(keys)}


def test_show_the_answer_closes_a_position_as_incorrect_whatever_was_chosen(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    keys, _ = answers_of(form, begun.attempt_id)[2]
    review = close(anna, begun.attempt_id, 2, *keys, show=True)
    assert (review.correct, review.answered) == (False, False)
    assert closed(begun.attempt_id) == {2: []}


def test_fewer_than_the_question_asks_for_closes_nothing(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, number=65)
    two = positions_in(form, begun.attempt_id).index(3) + 1
    keys, others = answers_of(form, begun.attempt_id)[two]
    for selected in ((), keys[:1], keys + others[:1], [1_000_000, 1_000_001], keys[:1] * 2):
        assert code(lambda: close(anna, begun.attempt_id, two, *selected)) == "invalid_answer"  # noqa: B023
    assert code(lambda: close(anna, begun.attempt_id, 9, *keys)) == "invalid_answer"
    assert closed(begun.attempt_id) == {}


def test_only_closed_positions_have_reviews(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    close(anna, begun.attempt_id, 2, show=True)
    found = selectors.taking(anna, begun.attempt_id, Mode.DRILL)
    assert list(results.closed_reviews(found, "en")) == [2]
    assert found.drill
    assert (list(found.answers), found.drill.done) == ([2], 1)


def test_a_drill_with_feedback_at_once_takes_no_lease_and_no_save(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    keys, _ = answers_of(form, begun.attempt_id)[1]
    acts = [
        lambda: lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="x"),
        lambda: lifecycle.answer_without_script(
            user=anna, attempt_id=begun.attempt_id, position=1, selected=tuple(keys), flagged=False
        ),
    ]
    assert {code(act) for act in acts} == {"feedback_at_once"}
    assert Attempt.objects.get(pk=begun.attempt_id).lease_no == 0
    assert not AnswerEvent.objects.filter(attempt_id=begun.attempt_id).exists()


def test_a_drill_with_feedback_at_the_end_is_not_closed_by_position(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    assert code(lambda: close(anna, begun.attempt_id, 1, show=True)) == "not_at_once"
    assert results.closed_reviews(selectors.taking(anna, begun.attempt_id, Mode.DRILL), "en") == {}


def test_nothing_is_closed_after_the_end_but_what_was_closed_is_shown(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    close(anna, begun.attempt_id, 1, show=True)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert code(lambda: close(anna, begun.attempt_id, 2, show=True)) == "attempt_closed"
    assert close(anna, begun.attempt_id, 1).solution.position == 1


def test_a_position_closes_within_the_grace_and_not_after_it(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, minutes=10)
    past_deadline(begun.attempt_id, 10)
    close(anna, begun.attempt_id, 1, show=True)
    past_deadline(begun.attempt_id, 45)
    assert code(lambda: close(anna, begun.attempt_id, 2, show=True)) == "late"
    assert list(closed(begun.attempt_id)) == [1]


def test_nobody_closes_what_is_not_theirs(anna: User, bela: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    acts = [
        lambda: close(bela, begun.attempt_id, 1, show=True),
        lambda: selectors.taking(bela, begun.attempt_id, Mode.DRILL),
        lambda: results.drill_review(bela, begun.attempt_id, "en"),
        lambda: drills.hide(user=bela, attempt_id=begun.attempt_id),
        lambda: again(bela, begun.attempt_id),
        lambda: close(anna, finish_exam(anna, form), 1, show=True),
    ]
    assert [code(act) for act in acts] == ["not_found"] * 5 + ["not_at_once"]


# --- While an exam runs
def test_while_an_exam_holds_a_question_nothing_of_it_leaves_by_a_drill(anna: User, form: Form) -> None:
    other = make_second(form)
    for one in (form, other):
        finish_exam(anna, one)
    begun = draw(anna, form, number=65)
    theirs = [
        n
        for n, version in enumerate(versions_of(begun.attempt_id), 1)
        if form.edition.items.filter(version_id=version).exists()
    ]
    close(anna, begun.attempt_id, theirs[0], show=True)
    exam = start(anna, form)
    assert code(lambda: close(anna, begun.attempt_id, theirs[0])) == "exam_running"
    assert code(lambda: close(anna, begun.attempt_id, theirs[1], show=True)) == "exam_running"
    found = selectors.taking(anna, begun.attempt_id, Mode.DRILL)
    assert found.held == frozenset(theirs)
    assert not {item.position for item in found.items} & set(theirs)
    assert results.closed_reviews(found, "en") == {}
    free = next(n for n in range(1, 17) if n not in theirs)
    close(anna, begun.attempt_id, free, show=True)
    lifecycle.submit(user=anna, attempt_id=exam.attempt_id, lease=exam.lease)
    assert close(anna, begun.attempt_id, theirs[0]).solution.position == theirs[0]
    found = selectors.taking(anna, begun.attempt_id, Mode.DRILL)
    assert set(results.closed_reviews(found, "en")) == {theirs[0], free}


def test_the_result_of_a_drill_does_not_tell_whether_a_question_of_a_running_exam_was_right(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    save(begun.lease, 1, 1, *answers_of(form, begun.attempt_id)[1][0])
    exam = start(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    for found in (selectors.drill(anna, begun.attempt_id), selectors.own_drills(anna)[0]):
        assert (found.head.held, found.raw, found.share) == (True, None, None)
    assert code(lambda: results.drill_review(anna, begun.attempt_id, "en")) == "exam_running"
    lifecycle.submit(user=anna, attempt_id=exam.attempt_id, lease=exam.lease)
    lifecycle.settle(user=anna, attempt_id=exam.attempt_id)
    found, items = results.drill_review(anna, begun.attempt_id, "en")
    assert (found.raw, found.share, len(items)) == (1, 0.2, 5)


def test_the_review_of_an_earlier_exam_is_closed_while_its_questions_are_in_a_running_one(
    anna: User, bela: User, form: Form
) -> None:
    other = make_second(form)
    before, elsewhere = finish_exam(anna, form), finish_exam(anna, other)
    theirs = finish_exam(bela, form)
    exam = start(anna, form)
    assert code(lambda: results.review(anna, before, "en")) == "exam_running"
    assert results.review(anna, elsewhere, "en").items
    assert results.review(bela, theirs, "en").items
    past_deadline(exam.attempt_id, 60)
    assert code(lambda: results.review(anna, before, "en")) == "exam_running"
    lifecycle.settle(user=anna, attempt_id=exam.attempt_id)
    assert results.review(anna, before, "en").items


# --- How a drill ends
def test_a_drill_has_raw_and_share_and_no_scaled_score(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    for position, (keys, _) in answers_of(form, begun.attempt_id).items():
        if position < 4:
            close(anna, begun.attempt_id, position, *keys)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    score = Score.objects.get(attempt_id=begun.attempt_id)
    assert (score.raw, score.scaled, score.passed) == (3, None, None)
    assert score.result == {"share": "3/5", "scored": 5, "right": "11100"}
    found = selectors.drill(anna, begun.attempt_id)
    assert (found.raw, found.share, found.done, found.head.state) == (3, 0.6, 3, State.SCORED)


def test_drills_are_in_no_list_and_no_read_of_exams(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    begun = draw(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert [row.head.attempt_id for row in selectors.own_attempts(anna)] == [attempt_id]
    reads = [
        lambda: selectors.head(anna, begun.attempt_id),
        lambda: selectors.taking(anna, begun.attempt_id),
        lambda: results.result(anna, begun.attempt_id, "en"),
        lambda: results.review(anna, begun.attempt_id, "en"),
        lambda: selectors.drill(anna, attempt_id),
    ]
    assert {code(read) for read in reads} == {"not_found"}


def test_a_timed_drill_ends_by_the_sweep_and_an_untimed_one_does_not(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    timed, untimed = draw(anna, form, minutes=10), draw(anna, form)
    attempt = Attempt.objects.get(pk=timed.attempt_id)
    assert attempt.deadline_at
    assert attempt.deadline_at - attempt.started_at == dt.timedelta(minutes=10)
    past_deadline(timed.attempt_id, 60)
    idle(untimed.attempt_id, 29)
    sweeps.sweep()
    states = dict(Attempt.objects.filter(mode="drill").values_list("pk", "state"))
    assert states == {timed.attempt_id: State.SCORED, untimed.attempt_id: State.RUNNING}


def test_a_drill_that_nobody_answered_for_30_days_is_ended_and_scored(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    left, touched = draw(anna, form), draw(anna, form)
    close(anna, left.attempt_id, 1, *answers_of(form, left.attempt_id)[1][0])
    for begun in (left, touched):
        idle(begun.attempt_id, 31)
    close(anna, touched.attempt_id, 1, show=True)
    sweeps.sweep()
    ended = Attempt.objects.get(pk=left.attempt_id)
    assert (ended.state, ended.end_reason, ended.scores.get().raw) == (State.SCORED, "idle", 1)
    assert Attempt.objects.get(pk=touched.attempt_id).state == State.RUNNING


def test_an_untimed_drill_cannot_be_extended(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    act = lambda: staff.extend(attempt_id=begun.attempt_id, minutes=5, actor=None, reason="power cut")  # noqa: E731
    assert code(act) == "cannot_extend"
    staff.void(attempt_id=begun.attempt_id, actor=None, reason="a test")
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.VOIDED


def test_a_hidden_drill_is_off_the_list_and_still_there(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    drills.hide(user=anna, attempt_id=begun.attempt_id)
    assert selectors.own_drills(anna) == []
    assert [drill.head.hidden for drill in selectors.own_drills(anna, hidden=True)] == [True]
    assert close(anna, begun.attempt_id, 1, show=True)
    drills.hide(user=anna, attempt_id=begun.attempt_id, hidden=False)
    assert [drill.head.attempt_id for drill in selectors.own_drills(anna, "mls-c01")] == [begun.attempt_id]
    assert selectors.own_drills(anna, "another") == []


def test_an_exam_cannot_be_hidden(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    assert code(lambda: drills.hide(user=anna, attempt_id=attempt_id)) == "not_found"


# --- Once more
def again(user: User, attempt_id: Any, *positions: int) -> lifecycle.Started:
    return drills.again(
        user=user,
        attempt_id=attempt_id,
        positions=positions or None,
        drill_settings=DrillSettings(),
        language="en",
        holder="session:test",
    )


def test_questions_of_an_exam_can_be_practiced_again(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    assert set(positions_in(form, again(anna, attempt_id, 2, 5).attempt_id)) == {2, 5}
    assert len(versions_of(again(anna, attempt_id).attempt_id)) == 8


def test_questions_of_a_drill_can_be_practiced_again_once_it_has_ended(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    assert code(lambda: again(anna, begun.attempt_id)) == "not_finished"
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert sorted(versions_of(again(anna, begun.attempt_id).attempt_id)) == sorted(
        versions_of(begun.attempt_id)
    )


def test_what_a_running_exam_holds_is_not_practiced_again(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    start(anna, form)
    assert code(lambda: again(anna, attempt_id)) == "nothing_to_draw"


def test_the_filters_of_a_drill_are_kept_with_its_paper(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, number=6, domain=3)
    asked = selectors.drill(anna, begun.attempt_id).head.asked
    assert asked == {
        "pool": "all",
        "domain": 3,
        "task": None,
        "domains": [3],
        "tasks": [],
        "difficulties": [],
        "days": 0,
        "number": 6,
    }
