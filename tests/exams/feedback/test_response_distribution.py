"""How others answered: each ended exam is counted once, a person's first one, from 30 answers up."""

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.users.models import User
from exams.attempts import drills, lifecycle
from exams.feedback import response_distribution, selectors
from exams.feedback.models import CountedAttempt, CountingRun, OptionCount
from tests import factories
from tests.exams.attempts.helpers import replace_sql
from tests.exams.attempts.practice import draw, positions_in
from tests.exams.feedback.helpers import ended, taking
from tests.exams.web.test_pages import answer
from tests.factories import Form

pytestmark = pytest.mark.django_db


def counts(form: Form, position: int) -> dict[int, tuple[int, int]]:
    """Return (chosen, answers) of each option of a position."""
    ids = [*form.keys[position], *form.others[position]]
    rows = OptionCount.objects.filter(option_id__in=ids)
    return {row.option_id: (row.chosen, row.answers) for row in rows}


def crowd(form: Form, size: int) -> None:
    """Have strangers answer question 1, every third of them correctly."""
    for number in range(size):
        user = factories.make_user()
        attempt_id = taking(user, form)
        answer(user, attempt_id, 1, form.keys[1] if number % 3 == 0 else form.others[1][:1])
        lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
        lifecycle.settle(user=user, attempt_id=attempt_id)


def test_the_answers_that_counted_are_counted_once(anna: User, bela: User, form: Form) -> None:
    for user in (anna, bela):
        attempt_id = taking(user, form)
        answer(user, attempt_id, 1, form.others[1][:1])
        answer(user, attempt_id, 1, form.keys[1])
        answer(user, attempt_id, 2, form.keys[2])
        answer(user, attempt_id, 2, [])
        answer(user, attempt_id, 3, form.keys[3])
        lifecycle.submit(user=user, attempt_id=attempt_id, lease=None)
        lifecycle.settle(user=user, attempt_id=attempt_id)
    assert response_distribution.count() == 2
    assert response_distribution.count() == 0
    key, (first, *_) = form.keys[1][0], form.others[1]
    assert counts(form, 1)[key] == (2, 2)
    assert counts(form, 1)[first] == (0, 2)
    assert counts(form, 2) == {}
    assert [counts(form, 3)[one] for one in form.keys[3]] == [(2, 2), (2, 2)]


def test_only_the_first_time_that_a_person_met_a_question_counts(anna: User, form: Form) -> None:
    ended(anna, form)
    ended(anna, form)
    assert response_distribution.count() == 2
    assert counts(form, 1)[form.keys[1][0]] == (1, 1)


def test_a_person_who_saw_the_questions_in_a_canceled_start_is_not_counted(anna: User, form: Form) -> None:
    attempt_id = taking(anna, form)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exams_attempt SET opened_at = statement_timestamp()")
    lifecycle.cancel(user=anna, attempt_id=attempt_id)
    ended(anna, form)
    assert response_distribution.count() == 1
    assert counts(form, 1) == {}


def test_what_runs_is_not_counted(anna: User, form: Form) -> None:
    answer(anna, taking(anna, form), 1, form.keys[1])
    assert response_distribution.count() == 0
    assert not CountedAttempt.objects.exists()


def test_without_the_row_of_an_attempt_its_answers_would_be_counted_again(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(anna, form)
    response_distribution.count()
    replace_sql(
        monkeypatch,
        response_distribution,
        "_COUNT",
        "NOT EXISTS (SELECT 1 FROM exams_countedattempt c WHERE c.attempt_id = a.id)",
        "true",
    )
    assert response_distribution._count_batch() == 0, "the key of the table still stops it"
    insert = "INSERT INTO exams_countedattempt (attempt_id, counted_at)\n  SELECT a.id, statement_timestamp()"
    replace_sql(monkeypatch, response_distribution, "_COUNT", insert, "SELECT a.id AS attempt_id")
    replace_sql(
        monkeypatch, response_distribution, "_COUNT", "ON CONFLICT DO NOTHING RETURNING attempt_id", ""
    )
    response_distribution._count_batch()
    assert counts(form, 1)[form.keys[1][0]] == (2, 2)


def test_counting_is_due_once_an_hour_whoever_asks(anna: User, bela: User, form: Form) -> None:
    ended(anna, form)
    assert response_distribution.count_if_due() == 1
    ended(bela, form)
    assert response_distribution.count_if_due() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE exams_countingrun SET began_at = began_at - interval '1 hour'")
    assert response_distribution.count_if_due() == 1
    assert CountingRun.objects.count() == 1


def test_shares_are_told_from_enough_answers_up(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    version_ids = tuple(form.edition.items.values_list("version_id", flat=True))
    monkeypatch.setattr(selectors, "LEAST_ANSWERS", 30)
    crowd(form, 29)
    response_distribution.count()
    assert selectors.distributions(version_ids) == {}
    crowd(form, 1)
    response_distribution.count()
    (found,) = selectors.distributions(version_ids).values()
    assert found.answers == 30
    assert (found.percent(form.keys[1][0]), found.percent(form.others[1][0])) == (37, 63)
    assert found.percent(form.others[1][1]) == 0


def test_an_answer_to_a_question_that_a_drill_had_shown_does_not_count(
    anna: User, bela: User, form: Form
) -> None:
    drills.open_for_practice(user=anna, certification=form.form.certification, number=1)
    assert sorted(positions_in(form, draw(anna, form, domain=1).attempt_id)) == [1, 2]
    for user in (anna, bela):
        ended(user, form)
        draw(user, form, number=65)
    assert response_distribution.count() == 2
    assert counts(form, 1)[form.keys[1][0]] == (1, 1)


@pytest.mark.parametrize("model", [OptionCount, CountingRun])
def test_the_site_may_not_delete_what_was_counted(db: None, model: type[OptionCount | CountingRun]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        model.objects.all()._raw_delete("default")
