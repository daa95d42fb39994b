"""From stored answers to scores, and the ways by which a score comes about."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import grading, lifecycle, results
from exams.attempts.models import Attempt, Score, State
from exams.bank.models import Option
from exams.scoring import rules
from tests.exams.attempts.helpers import past_deadline, save
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


def submit(user: User, form: Form, *right: int) -> lifecycle.Started:
    """Sit the form with these positions right and position 2 wrong, and submit."""
    begun = start(user, form)
    for seq, position in enumerate(right, 1):
        save(begun.lease, seq, position, *form.keys[position])
    save(begun.lease, 90, 2, form.others[2][0])
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)
    return begun


def test_a_score_counts_scored_items_by_domain_weight(anna: User, form: Form) -> None:
    begun = submit(anna, form, 1, 3, 4, 8)
    assert grading.grade(begun.attempt_id)
    score = Score.objects.get(attempt_id=begun.attempt_id)
    # Domain 1: 1 of 2, domain 2: 2 of 2, domain 3: 0 of 3; position 8 of domain 4 is not scored.
    # (20 * 1/2 + 24 * 1 + 36 * 0) / 80 = 0.425 -> 100 + 900 * 0.425 = 482.5, half up
    assert (score.scaled, score.raw, score.passed) == (483, 3, False)
    assert score.result["domains"] == [[1, 20, 1, 2], [2, 24, 2, 2], [3, 36, 0, 3]]
    assert score.result["right"] == "10110001"
    assert Attempt.objects.get(pk=begun.attempt_id).state == State.SCORED


def test_half_of_a_multiple_response_is_wrong(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 3, form.keys[3][0])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    grading.grade(begun.attempt_id)
    assert Score.objects.get().raw == 0


def test_grading_twice_changes_nothing(anna: User, form: Form) -> None:
    begun = submit(anna, form, 1)
    assert [grading.grade(begun.attempt_id) for _ in range(3)] == [True, False, False]
    assert Score.objects.count() == 1


def test_a_running_attempt_is_not_graded(anna: User, form: Form) -> None:
    assert not grading.try_to_grade(start(anna, form).attempt_id)
    assert not Score.objects.exists()


def scored_by_older_rules(user: User, form: Form) -> lifecycle.Started:
    """An attempt whose score was made by rules that gave everybody the least."""
    begun = submit(user, form, 1)
    older = {"share": "0", "scored": 7, "band": [100, 400], "chance": 0.0, "domains": [], "right": "0" * 8}
    with transaction.atomic():
        Score.objects.create(
            attempt_id=begun.attempt_id,
            revision=1,
            scoring_revision=0,
            raw=0,
            scaled=100,
            passed=False,
            result=older,
            created_at=Now(),
        )
        Attempt.objects.filter(pk=begun.attempt_id).update(state=State.SCORED)
    return begun


def test_a_rescore_by_newer_rules_adds_a_row_with_who_and_why_and_keeps_the_old_one(
    anna: User, bela: User, form: Form
) -> None:
    begun = scored_by_older_rules(anna, form)
    assert grading.rescore_would_change(begun.attempt_id)
    grading.rescore(attempt_id=begun.attempt_id, actor=bela, reason="the rules were mended")
    first, second = Score.objects.order_by("revision")
    assert (first.scaled, first.raw, first.scoring_revision) == (100, 0, 0)
    assert (second.raw, second.scoring_revision) == (1, rules.REVISION)
    assert (second.revision, second.actor, second.reason) == (2, bela, "the rules were mended")
    found = results.result(anna, begun.attempt_id, "en").score
    assert found
    assert (found.revision, found.raw, found.reason) == (2, 1, "the rules were mended")


def test_a_rescore_that_would_change_nothing_is_refused_and_stores_nothing(
    anna: User, bela: User, form: Form
) -> None:
    begun = submit(anna, form, 1)
    grading.grade(begun.attempt_id)
    assert not grading.rescore_would_change(begun.attempt_id)
    with pytest.raises(Refused) as refusal:
        grading.rescore(attempt_id=begun.attempt_id, actor=bela, reason="a wish")
    assert (refusal.value.code, refusal.value.status) == ("nothing_would_change", 409)
    assert Score.objects.count() == 1


def test_a_key_of_a_published_question_cannot_change_so_no_rescore_is_about_keys(
    anna: User, form: Form
) -> None:
    begun = submit(anna, form, 1)
    grading.grade(begun.attempt_id)
    with pytest.raises(IntegrityError, match="published version"), transaction.atomic():
        Option.objects.filter(pk=form.others[2][0]).update(is_key=True)
    assert not grading.rescore_would_change(begun.attempt_id)


def test_an_unscored_attempt_cannot_be_rescored(anna: User, form: Form) -> None:
    begun = submit(anna, form, 1)
    with pytest.raises(Refused) as refusal:
        grading.rescore(attempt_id=begun.attempt_id, actor=None, reason="x")
    assert refusal.value.code == "not_scored"


def test_the_result_page_scores_a_day_old_attempt_that_nobody_swept(anna: User, form: Form) -> None:
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    past_deadline(begun.attempt_id, 86_400)
    lifecycle.settle(user=anna, attempt_id=begun.attempt_id)
    found = results.result(anna, begun.attempt_id, "en")
    assert found.score
    assert found.score.raw == 1
    assert found.head.ended_at == found.head.deadline_at
