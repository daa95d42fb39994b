"""What SQL counts of an edition: which attempts, which response, which time."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection

from accounts.users.models import User
from exams.attempts import answers, drills, grading, lifecycle, staff
from exams.attempts.models import Attempt, Score
from exams.scoring.item_statistics import Pattern
from exams.statistics import counting
from tests import factories
from tests.exams.attempts.helpers import replace_sql, save
from tests.exams.attempts.practice import draw, finish_exam
from tests.exams.statistics import crowds
from tests.factories import Form

pytestmark = pytest.mark.django_db


def n(form: Form) -> int:
    return counting.count(form.edition).n


def open_paper(user: User, form: Form) -> Any:
    """Start an exam whose questions were sent."""
    begun = factories.start(user, form)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exams_attempt SET opened_at = statement_timestamp() WHERE id = %s", [begun.attempt_id]
        )
    return begun


def counted_again(form: Form, scores: Iterable[Score]) -> tuple[Counter[Any], Counter[int]]:
    """Count responses answer by answer, as scoring reads them: position, total, response, verdict."""
    by, patterns, totals = grading.marking(form.edition.pk), Counter[Any](), Counter[int]()
    for score in scores:
        chosen = answers.chosen(score.attempt_id)
        totals[score.raw] += 1
        for position, _domain, _is_scored, keys in by.places:
            response = tuple(chosen.get(position, ()))
            if response:
                patterns[(position, score.raw, response, keys.accepts(response))] += 1
    return patterns, totals


def test_every_response_is_counted_as_scoring_reads_it(form: Form) -> None:
    ids = crowds.crowd(form, 25)
    for number, attempt_id in enumerate(ids):
        # A page that took over counts its changes from 1 again, and is right; a later number of an older
        # lease is not. One in three cleared an answer.
        crowds.change(attempt_id, 1, form.others[1][:1], lease=1, seq=40)
        crowds.change(attempt_id, 1, form.keys[1], lease=2, seq=1)
        if number % 3 == 0:
            crowds.change(attempt_id, 2, [], lease=2, seq=2)
        if grading.rescore_would_change(attempt_id):
            grading.rescore(attempt_id=attempt_id, actor=None, reason="answers were added by the test")
    newest = Score.objects.filter(attempt__edition=form.edition).order_by("attempt", "-revision")
    current = list(newest.distinct("attempt"))
    assert Score.objects.count() > len(current) == 25
    found = counting.count(form.edition)
    patterns, totals = counted_again(form, current)
    assert patterns == {
        (place.position, one.total, one.chosen, one.is_right): one.count
        for place in found.places
        for one in place.counts.patterns
    }
    assert found.totals == totals
    assert sum(one.count for one in found.results) == found.n == 25
    assert {(one.total, one.scaled, one.passed) for one in found.results} == {
        (score.raw, score.scaled, score.passed) for score in current
    }
    assert found.until_score == max(score.pk for score in current)


def test_a_statement_that_takes_the_last_number_whatever_its_lease_counts_another_response(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    [attempt_id] = crowds.crowd(form, 1)
    crowds.change(attempt_id, 1, form.others[1][:1], lease=1, seq=40)
    crowds.change(attempt_id, 1, form.keys[1], lease=2, seq=1)
    first = counting.count(form.edition).places[0].counts.patterns
    assert [one.chosen for one in first] == [tuple(form.keys[1])]
    replace_sql(monkeypatch, counting, "COUNT", answers.NEWEST_FIRST, "seq DESC")
    first = counting.count(form.edition).places[0].counts.patterns
    assert [one.chosen for one in first] == [tuple(form.others[1][:1])]


def test_the_time_of_an_answer_is_the_longest_that_any_page_said(form: Form) -> None:
    attempt_id = crowds.sat(form, form.keys, seconds=60, seen_ms=[None, 90_400, 1])
    crowds.change(attempt_id, 3, form.keys[3], lease=2, seq=1, ms=70_500)
    crowds.score([attempt_id])
    seconds = [dict(place.counts.seconds) for place in counting.count(form.edition).places]
    assert seconds[:4] == [{61: 1}, {90: 1}, {71: 1}, {64: 1}]


def test_a_score_that_credits_a_blank_question_counts_as_correct(form: Form) -> None:
    given = {position: keys for position, keys in form.keys.items() if position != 2}
    attempt_id = crowds.sat(form, given)
    crowds.score([attempt_id])
    score = Score.objects.get(attempt=attempt_id)
    Score.objects.create(
        attempt_id=attempt_id,
        revision=2,
        scoring_revision=1,
        raw=7,
        scaled=1000,
        passed=True,
        result={**score.result, "right": "1" * 8},
        created_at=score.created_at,
    )
    found = counting.count(form.edition)
    assert found.places[1].counts.patterns == (Pattern(7, (), True, 1),)
    assert found.totals == {7: 1}


def test_the_first_attempt_of_a_person_counts_and_no_later_one(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=[1])
    assert n(form) == 1
    finish_exam(anna, form, right=[1, 2])
    assert n(form) == 1


def test_an_attempt_after_a_canceled_start_that_showed_the_questions_does_not_count(
    anna: User, form: Form
) -> None:
    lifecycle.cancel(user=anna, attempt_id=open_paper(anna, form).attempt_id)
    finish_exam(anna, form, right=[1])
    assert n(form) == 0


def test_an_attempt_after_a_start_that_showed_nothing_counts(anna: User, form: Form) -> None:
    lifecycle.cancel(user=anna, attempt_id=factories.start(anna, form).attempt_id)
    finish_exam(anna, form, right=[1])
    assert n(form) == 1


def test_an_attempt_of_questions_that_were_practiced_before_does_not_count_and_no_drill_does(
    anna: User, form: Form
) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=form.form.number)
    draw(anna, form)
    finish_exam(anna, form, right=[1])
    assert Attempt.objects.filter(mode="drill").exists()
    assert n(form) == 0


def test_an_attempt_some_of_whose_questions_were_in_another_exam_does_not_count(
    anna: User, bela: User, form: Form
) -> None:
    other = factories.republished(form, without=[1, 2, 3], number=2)
    finish_exam(anna, other, right=[1])
    finish_exam(anna, form, right=[1])
    assert (n(other), n(form)) == (1, 0)
    finish_exam(bela, form, right=[1])
    assert n(form) == 1


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_staff_do_not_count(form: Form, right: str) -> None:
    user = factories.make_user()
    User.objects.filter(pk=user.pk).update(**{right: True})
    finish_exam(user, form, right=[1])
    assert n(form) == 0


def test_what_runs_is_voided_or_waits_for_its_score_does_not_count(
    anna: User, bela: User, form: Form
) -> None:
    begun = factories.start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    crowds.sat(form, form.keys)
    voided = factories.start(bela, form)
    save(voided.lease, 1, 1, *form.keys[1])
    head = factories.make_staff("admin")
    staff.void(attempt_id=voided.attempt_id, actor=head, reason="a test")
    assert n(form) == 0


def test_an_attempt_in_which_nothing_is_answered_does_not_count(anna: User, form: Form) -> None:
    begun = factories.start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    save(begun.lease, 2, 1)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    assert Attempt.objects.get(pk=begun.attempt_id).answers_sha256 == counting.EMPTY_RECEIPT
    assert n(form) == 0


def test_an_attempt_with_extra_time_counts(form: Form) -> None:
    crowds.score([crowds.sat(form, form.keys, accommodation="minutes_30", minutes_allowed=210)])
    assert n(form) == 1


def test_the_attempt_of_somebody_who_was_erased_stays(anna: User, form: Form) -> None:
    finish_exam(anna, form, right=[1])
    crowds.erase(anna)
    assert n(form) == 1


def test_another_edition_of_the_exam_is_counted_by_itself(anna: User, bela: User, form: Form) -> None:
    finish_exam(anna, form, right=[1])
    newer = factories.republished(form, without=[8])
    finish_exam(bela, newer, right=[1])
    finish_exam(anna, newer, right=[1])
    assert (n(form), n(newer)) == (1, 1)


@pytest.mark.parametrize(
    "condition",
    [
        "AND NOT a.seen_before ",
        "AND (u.is_staff OR u.is_superuser) IS NOT TRUE",
        "AND a.answers_sha256 <> %(blank)s ",
        "AND a.seen_positions = '{}'",
        "AND a.edition_id = %(edition)s ",
    ],
)
def test_each_condition_keeps_somebody_out(
    form: Form, monkeypatch: pytest.MonkeyPatch, condition: str
) -> None:
    """Without one of them, the one whom it keeps out would be counted."""
    newer = factories.republished(form, without=[8])
    head = factories.make_staff("admin")
    ids = [
        crowds.sat(form, form.keys, seen_before=True),
        crowds.sat(form, form.keys, user=head),
        crowds.sat(form, {}),
        crowds.sat(form, form.keys, seen_positions=[1]),
        crowds.sat(newer, newer.keys),
    ]
    crowds.score(ids)
    assert n(form) == 0
    replace_sql(monkeypatch, counting, "COUNT", condition, "")
    assert n(form) == 1
