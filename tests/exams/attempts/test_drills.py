"""Drills: what they draw from, how their positions are closed, how they end, and what never leaves early."""

import datetime as dt
from typing import Any

import pytest
from django.test import override_settings

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import (
    answers,
    drill_reads,
    drills,
    leases,
    lifecycle,
    pools,
    results,
    selectors,
    staff,
    sweeps,
)
from exams.attempts.answers import Change
from exams.attempts.drills import Options
from exams.attempts.models import AnswerEvent, Attempt, Feedback, PracticeOpening, Score, State
from exams.attempts.pools import Filters, Pool
from tests.exams.attempts.helpers import age, past_deadline, save
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
from tests.factories import Form, make_form, start
from tests.flows.sat import code

pytestmark = pytest.mark.django_db


# --- What a drill draws from
def test_a_drill_draws_from_exams_that_were_finished(anna: User, form: Form) -> None:
    make_form(form.form.certification, number=2)
    finish_exam(anna, form)
    begun = draw(anna, form, number=65)
    assert sorted(positions_in(form, begun.attempt_id)) == list(range(1, 9))


def test_a_drill_has_as_many_questions_as_were_asked_for_and_none_twice(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drawn = {tuple(versions_of(draw(anna, form, number=5).attempt_id)) for _ in range(8)}
    assert {len(set(versions)) for versions in drawn} == {5}
    assert len(drawn) > 1


def test_nobody_draws_who_has_finished_nothing_and_is_told_what_to_do(anna: User, form: Form) -> None:
    with pytest.raises(Refused) as refusal:
        draw(anna, form)
    assert refusal.value.code == "nothing_to_draw"
    assert refusal.value.status == 409
    assert "Finish an exam first" in str(refusal.value)
    assert not Attempt.objects.exists()


def test_a_canceled_exam_is_not_finished(anna: User, form: Form) -> None:
    lifecycle.cancel(user=anna, attempt_id=start(anna, form).attempt_id)
    assert code(lambda: draw(anna, form)) == "nothing_to_draw"


def test_an_exam_of_somebody_else_opens_nothing(anna: User, bela: User, form: Form) -> None:
    finish_exam(bela, form)
    assert code(lambda: draw(anna, form)) == "nothing_to_draw"


def test_an_exam_opened_for_practice_is_drawn_from_and_no_longer_new(anna: User, form: Form) -> None:
    certification = form.form.certification
    assert not selectors.of_form(anna, form.form.pk).seen
    for _ in range(2):
        drills.open_for_practice(user=anna, certification=certification, number=1)
    assert PracticeOpening.objects.count() == 1
    assert selectors.of_form(anna, form.form.pk).seen
    assert len(versions_of(draw(anna, form, number=65).attempt_id)) == 8
    assert Attempt.objects.get(pk=start(anna, form).attempt_id).seen_before


def test_the_next_exam_that_a_result_offers_is_none_that_was_opened_for_practice(
    anna: User, form: Form
) -> None:
    certification = form.form.certification
    for number in (2, 3):
        make_form(certification, number=number)
    attempt_id = finish_exam(anna, form)
    assert results.result(anna, attempt_id, "en").next_form == 2
    drills.open_for_practice(user=anna, certification=certification, number=2)
    assert results.result(anna, attempt_id, "en").next_form == 3


def test_opening_what_is_finished_changes_nothing_and_what_runs_is_refused(
    anna: User, bela: User, form: Form
) -> None:
    certification = form.form.certification
    finish_exam(anna, form)
    drills.open_for_practice(user=anna, certification=certification, number=1)
    assert not PracticeOpening.objects.exists()
    start(bela, form)
    for number, refusal in ((1, "exam_running"), (9, "not_found")):
        act = lambda: drills.open_for_practice(user=bela, certification=certification, number=number)  # noqa: B023, E731
        assert code(act) == refusal


def test_no_item_of_an_exam_that_the_person_is_taking_is_drawn(anna: User, bela: User, form: Form) -> None:
    other = make_form(form.form.certification, number=2)
    for one in (form, other):
        finish_exam(anna, one)
    begun = start(anna, form)
    assert sorted(positions_in(other, draw(anna, form, number=65).attempt_id)) == list(range(1, 9))
    finish_exam(bela, form)
    assert len(versions_of(draw(bela, form, number=65).attempt_id)) == 8
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert len(versions_of(draw(anna, form, number=65).attempt_id)) == 16


def test_who_is_taking_all_that_they_may_practice_is_told_so(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    start(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form)
    assert refusal.value.code == "nothing_to_draw"
    assert "You're taking the exam" in str(refusal.value)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"domain": 3}, {5, 6, 7}),
        ({"task": "2.1"}, {3, 4}),
        ({"difficulty": "medium"}, set(range(1, 9))),
        ({"domain": 4, "task": "4.1"}, {8}),
    ],
)
def test_filters_narrow_what_is_drawn(
    anna: User, form: Form, filters: dict[str, Any], expected: set[int]
) -> None:
    finish_exam(anna, form)
    assert set(positions_in(form, draw(anna, form, number=65, **filters).attempt_id)) == expected


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"domain": 9}, "No question matches"),
        ({"difficulty": "hard"}, "No question matches"),
        ({"pool": Pool.FLAGGED}, "in this group"),
        ({"days": 7}, "Leave out fewer days"),
    ],
)
def test_an_empty_pool_says_what_to_change(
    anna: User, form: Form, filters: dict[str, Any], sentence: str
) -> None:
    finish_exam(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form, **filters)
    assert refusal.value.code == "nothing_to_draw"
    assert sentence in str(refusal.value)
    assert Attempt.objects.count() == 1


def test_missed_are_those_that_were_incorrect_the_last_time(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5))
    begun = draw(anna, form, number=65, pool=Pool.MISSED)
    assert set(positions_in(form, begun.attempt_id)) == {6, 7, 8}
    given = answers_of(form, begun.attempt_id)
    close(anna, begun.attempt_id, 1, *given[1][0])
    still = set(positions_in(form, begun.attempt_id)[1:])
    assert set(positions_in(form, draw(anna, form, pool=Pool.MISSED).attempt_id)) == still


def test_what_was_drawn_and_never_closed_says_nothing_about_a_person(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=range(1, 9))
    begun = draw(anna, form, number=8)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert code(lambda: draw(anna, form, pool=Pool.MISSED)) == "nothing_to_draw"


def test_flagged_unsure_and_slow_are_those_of_the_last_time(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lease = leases.read(begun.lease or "")
    assert lease
    slow = pools.slow_ms(form.form.certification)
    assert slow == 180 * 60_000 // 65
    answers.save(
        lease,
        [
            Change(1, 1, (), True),
            Change(2, 2, tuple(form.keys[2]), False, 1),
            Change(3, 4, tuple(form.keys[4]), False, 2),
            Change(4, 5, tuple(form.keys[5]), False, 3, slow),
            Change(5, 6, tuple(form.keys[6]), False, None, slow + 1),
        ],
    )
    lifecycle.submit(
        user=anna, attempt_id=begun.attempt_id, lease=begun.lease, seen_ms=[None] * 6 + [slow + 1, 5]
    )
    for pool, expected in ((Pool.FLAGGED, {1}), (Pool.UNSURE, {2, 4}), (Pool.SLOW, {6, 7})):
        assert set(positions_in(form, draw(anna, form, pool=pool).attempt_id)) == expected, pool


def test_new_are_those_that_were_never_shown(anna: User, form: Form) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    first = draw(anna, form, number=5, pool=Pool.NEW)
    second = draw(anna, form, number=65, pool=Pool.NEW)
    assert sorted(versions_of(first.attempt_id) + versions_of(second.attempt_id)) == sorted(
        form.edition.items.values_list("version_id", flat=True)
    )
    assert code(lambda: draw(anna, form, pool=Pool.NEW)) == "nothing_to_draw"


def test_what_was_shown_in_the_last_days_is_left_out(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    age(attempt_id, 8 * 86_400)
    lately = versions_of(draw(anna, form, number=5).attempt_id)
    left = versions_of(draw(anna, form, number=65, days=7).attempt_id)
    assert len(left) == 3
    assert not set(left) & set(lately)
    assert code(lambda: draw(anna, form, days=30)) == "nothing_to_draw"


def test_positions_that_were_shown_before_are_stamped_at_the_start(anna: User, form: Form) -> None:
    assert Attempt.objects.get(pk=finish_exam(anna, form)).seen_positions == []
    assert Attempt.objects.get(pk=start(anna, form).attempt_id).seen_positions == list(range(1, 9))
    other = make_form(form.form.certification, number=2)
    drills.open_for_practice(user=anna, certification=form.form.certification, number=2)
    shown = positions_in(other, draw(anna, other, number=5).attempt_id)
    assert Attempt.objects.get(pk=start(anna, other).attempt_id).seen_positions == sorted(shown)


@pytest.mark.parametrize(
    "options",
    [
        {"number": 0},
        {"number": 4},
        {"number": 66},
        {"minutes": -1},
        {"minutes": 601},
        {"days": 366},
        {"days": -1},
    ],
)
def test_a_drill_that_cannot_be_is_refused_by_a_sentence(
    anna: User, form: Form, options: dict[str, Any]
) -> None:
    finish_exam(anna, form)
    with pytest.raises(Refused) as refusal:
        draw(anna, form, **options)
    assert refusal.value.code == "invalid"
    assert refusal.value.status == 422
    assert str(refusal.value).startswith("Choose ")
    assert Attempt.objects.count() == 1


def test_drills_and_exams_are_limited_each_for_itself(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    with override_settings(DRILL_STARTS_PER_DAY=2, EXAM_STARTS_PER_DAY=2):
        draw(anna, form)
        draw(anna, form)
        assert code(lambda: draw(anna, form)) == "too_many_starts"
        assert start(anna, form).created


def test_without_access_nothing_is_drawn(anna: User, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_exam(anna, form)
    monkeypatch.setattr(policy, "has_access", lambda user, wanted: False)
    assert code(lambda: draw(anna, form)) == "no_access"


def test_texts_are_in_the_language_asked_for_or_in_the_original(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    for language, word in (("hu", "Egy komptársaság"), ("de", "A ferry operator")):
        begun = draw(anna, form, language=language)
        paper = drill_reads.taking(anna, begun.attempt_id, "en").paper
        assert all(item.stem.startswith(f"<p>{word}") for item in paper.items), paper.items[0].stem


# --- Feedback at once
def test_a_full_choice_closes_a_position_and_returns_its_review(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    assert begun.lease is None
    keys, others = answers_of(form, begun.attempt_id)[1]
    review = close(anna, begun.attempt_id, 1, *keys, confidence=3, seen_ms=1_200, flagged=True)
    assert (review.position, review.correct, review.flagged) == (1, True, True)
    assert review.why_html
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
    found = drill_reads.taking(anna, begun.attempt_id, "en")
    assert list(found.reviews) == [2]
    assert (found.next_open, found.drill.done) == (1, 1)


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
    assert drill_reads.taking(anna, begun.attempt_id, "en").reviews == {}


def test_nothing_is_closed_after_the_end_but_what_was_closed_is_shown(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    close(anna, begun.attempt_id, 1, show=True)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert code(lambda: close(anna, begun.attempt_id, 2, show=True)) == "attempt_closed"
    assert close(anna, begun.attempt_id, 1).position == 1


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
        lambda: drill_reads.taking(bela, begun.attempt_id, "en"),
        lambda: drill_reads.review(bela, begun.attempt_id, "en"),
        lambda: drills.hide(user=bela, attempt_id=begun.attempt_id),
        lambda: again(bela, begun.attempt_id),
        lambda: close(anna, finish_exam(anna, form), 1, show=True),
    ]
    assert [code(act) for act in acts] == ["not_found"] * 5 + ["not_at_once"]


# --- While an exam runs
def test_while_an_exam_holds_a_question_nothing_of_it_leaves_by_a_drill(anna: User, form: Form) -> None:
    other = make_form(form.form.certification, number=2)
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
    found = drill_reads.taking(anna, begun.attempt_id, "en")
    assert found.held == frozenset(theirs)
    assert not {item.position for item in found.items} & set(theirs)
    assert found.reviews == {}
    free = next(n for n in range(1, 17) if n not in theirs)
    close(anna, begun.attempt_id, free, show=True)
    lifecycle.submit(user=anna, attempt_id=exam.attempt_id, lease=exam.lease)
    assert close(anna, begun.attempt_id, theirs[0]).position == theirs[0]
    assert set(drill_reads.taking(anna, begun.attempt_id, "en").reviews) == {theirs[0], free}


def test_the_result_of_a_drill_does_not_tell_whether_a_question_of_a_running_exam_was_right(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form, feedback=Feedback.AT_END)
    save(begun.lease, 1, 1, *answers_of(form, begun.attempt_id)[1][0])
    exam = start(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    for found in (drill_reads.drill(anna, begun.attempt_id), drill_reads.own_drills(anna)[0]):
        assert (found.head.held, found.raw, found.share) == (True, None, None)
    assert code(lambda: drill_reads.review(anna, begun.attempt_id, "en")) == "exam_running"
    lifecycle.submit(user=anna, attempt_id=exam.attempt_id, lease=exam.lease)
    lifecycle.settle(user=anna, attempt_id=exam.attempt_id)
    found, items = drill_reads.review(anna, begun.attempt_id, "en")
    assert (found.raw, found.share, len(items)) == (1, 0.2, 5)


def test_the_review_of_an_earlier_exam_is_closed_while_its_questions_are_in_a_running_one(
    anna: User, bela: User, form: Form
) -> None:
    other = make_form(form.form.certification, number=2)
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
    found = drill_reads.drill(anna, begun.attempt_id)
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
        lambda: drill_reads.drill(anna, attempt_id),
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


def test_an_untimed_drill_cannot_be_extended(anna: User, bela: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    act = lambda: staff.extend(attempt_id=begun.attempt_id, minutes=5, actor=bela, reason="power cut")  # noqa: E731
    assert code(act) == "cannot_extend"
    staff.void(attempt_id=begun.attempt_id, actor=bela, reason="a test")
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.VOIDED


def test_a_hidden_drill_is_off_the_list_and_still_there(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = draw(anna, form)
    drills.hide(user=anna, attempt_id=begun.attempt_id)
    assert drill_reads.own_drills(anna) == []
    assert [one.head.hidden for one in drill_reads.own_drills(anna, hidden=True)] == [True]
    assert close(anna, begun.attempt_id, 1, show=True)
    drills.hide(user=anna, attempt_id=begun.attempt_id, hidden=False)
    assert [one.head.attempt_id for one in drill_reads.own_drills(anna, "mls-c01")] == [begun.attempt_id]
    assert drill_reads.own_drills(anna, "another") == []


def test_an_exam_cannot_be_hidden(anna: User, form: Form) -> None:
    attempt_id = finish_exam(anna, form)
    assert code(lambda: drills.hide(user=anna, attempt_id=attempt_id)) == "not_found"


# --- Once more
def again(user: User, attempt_id: Any, *positions: int) -> lifecycle.Started:
    return drills.again(
        user=user,
        attempt_id=attempt_id,
        positions=positions or None,
        options=Options(),
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
    asked = drill_reads.drill(anna, begun.attempt_id).head.asked
    assert asked == {
        "pool": "all",
        "domain": 3,
        "task": None,
        "difficulty": None,
        "days": 0,
        "number": 6,
    }
    assert Filters(domain=3) == Filters(Pool(asked["pool"]), asked["domain"])
