"""The sweep: ends what is overdue, scores what was forgotten, leaves the rest alone."""

import pytest
from django.db import connection

from accounts.users.models import User
from exams.attempts import grading, lifecycle, sweeps
from exams.attempts.models import Attempt, Score, State
from tests.exams.attempts.helpers import age, past_deadline, save
from tests.factories import Form, make_user, start

pytestmark = pytest.mark.django_db


def states() -> dict[object, int]:
    return dict(Attempt.objects.values_list("pk", "state"))


def test_a_sweep_ends_and_scores_what_is_31_seconds_overdue_and_nothing_else(form: Form) -> None:
    begun = {seconds: start(make_user(), form).attempt_id for seconds in (-60, 10, 30.5, 32, 90_000)}
    for seconds, attempt_id in begun.items():
        past_deadline(attempt_id, seconds)
    report = sweeps.sweep()
    assert (report.expired, report.scored) == (2, 2)
    found = states()
    assert [found[begun[s]] for s in (-60, 10, 30.5, 32, 90_000)] == [1, 1, 1, 4, 4]
    late = Attempt.objects.get(pk=begun[90_000])
    assert late.ended_at == late.deadline_at
    assert late.end_reason == "expired"


def test_a_second_sweep_finds_nothing(anna: User, form: Form) -> None:
    past_deadline(start(anna, form).attempt_id, 60)
    sweeps.sweep()
    report = sweeps.sweep()
    assert (report.expired, report.scored) == (0, 0)
    assert Score.objects.count() == 1


def test_an_expired_attempt_keeps_its_answers_and_their_receipt(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    past_deadline(begun.attempt_id, 60)
    sweeps.sweep()
    receipt = lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)
    assert (receipt.state, Score.objects.get().raw) == ("expired", 1)
    assert len(receipt.receipt) == 64


def test_a_submitted_attempt_whose_hint_was_lost_is_scored_after_5_seconds(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert sweeps.sweep().scored == 0
    age(begun.attempt_id, 6)
    assert sweeps.sweep().scored == 1


def test_one_poisoned_attempt_does_not_keep_the_others_from_their_scores(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = [start(make_user(), form).attempt_id for _ in range(4)]
    for attempt_id in begun:
        past_deadline(attempt_id, 60)
    real = grading._row

    def poisoned(attempt: Attempt, *rest: object, **named: object) -> Score:
        if attempt.pk == begun[1]:
            raise RuntimeError("poison")
        return real(attempt, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(grading, "_row", poisoned)
    for _ in range(8):
        sweeps.sweep()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exams_attempt SET score_claimed_at = score_claimed_at - interval '1 minute'"
            )
    found = states()
    assert [found[one] for one in begun] == [State.SCORED, State.EXPIRED, State.SCORED, State.SCORED]
    bad = Attempt.objects.get(pk=begun[1])
    assert (bad.score_tries, bool(bad.quarantined_at)) == (5, True)


def test_an_attempt_that_was_tried_before_never_shares_a_batch(anna: User, bela: User, form: Form) -> None:
    tried, fresh = start(anna, form).attempt_id, start(bela, form).attempt_id
    for attempt_id in (tried, fresh):
        past_deadline(attempt_id, 60)
    while sweeps._end_batch(sweeps._take(sweeps.OVERDUE)):
        pass
    grading.claim([tried])
    assert sweeps._take(sweeps.FORGOTTEN) == [fresh]
