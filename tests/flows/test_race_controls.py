"""Each protection is taken away once and is then missed: or the tests of races would prove nothing."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from kombu.exceptions import OperationalError as BrokerDown
from pytest_django.fixtures import Settings

from accounts.base import enqueue
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, grading, lifecycle, results, selectors, sweeps
from exams.attempts.models import AnswerEvent, Attempt, Score, State
from tests import roles
from tests.exams.attempts.helpers import age, past_deadline, replace_sql, save
from tests.factories import Form, start
from tests.flows import ledger
from tests.flows.crew import Crew, parallel
from tests.flows.dropped import dropped
from tests.flows.save_races import first_loss, submit
from tests.flows.test_races import fresh_version, part_slips_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.controls]


# --- The row lock ------------------------------------------------------------------------------------
def close_and_read_in_one_statement(user: User, attempt_id: UUID, lease: str) -> str:
    """Submit as it must not be done: what waited for the lock reads the answers of before the wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH closed AS (UPDATE exams_attempt SET state = 2, ended_at = statement_timestamp(),"
            "  end_reason = 'submitted' WHERE id = %s AND user_id = %s AND state = 1 RETURNING id)"
            " SELECT DISTINCT ON (position) position, selected"
            " FROM exams_answerevent JOIN closed ON closed.id = attempt_id"
            " ORDER BY position, lease_no DESC, seq DESC",
            [str(attempt_id), user.pk],
        )
        return ledger.receipt(dict(cursor.fetchall()))


def read_on_the_snapshot_of_the_start(user: User, attempt_id: UUID, lease: str) -> str:
    """Submit as the product does, but REPEATABLE READ."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return submit(user, attempt_id, lease)


@pytest.mark.usefixtures("hints")
@pytest.mark.parametrize("end", [close_and_read_in_one_statement, read_on_the_snapshot_of_the_start])
def test_a_submit_that_reads_too_early_loses_an_acknowledged_answer(
    anna: User, form: Form, end: Callable[[User, UUID, str], str]
) -> None:
    assert first_loss(anna, form, end=end)


# FOR UPDATE of a submit would wait even for a key lock; a plain UPDATE, or FOR NO KEY UPDATE, does not.
@pytest.mark.usefixtures("hints")
@pytest.mark.parametrize(
    ("of_the_save", "of_the_submit"),
    [("", "FOR UPDATE"), ("", "FOR NO KEY UPDATE"), ("FOR KEY SHARE", "FOR NO KEY UPDATE")],
)
@override_settings(DATABASE_PREPARES=False)
def test_a_save_without_its_row_lock_loses_an_acknowledged_answer(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch, of_the_save: str, of_the_submit: str
) -> None:
    replace_sql(monkeypatch, answers, "SAVE", "FOR SHARE", of_the_save)
    replace_sql(monkeypatch, lifecycle, "LOCK", "FOR UPDATE", of_the_submit)
    assert first_loss(anna, form)


# --- The freeze of parts -----------------------------------------------------------------------------
def test_without_the_lock_of_the_parent_a_part_slips_into_a_published_version(form: Form) -> None:
    luck = random.Random(5)
    with function_without("passline_refuse_option", " FOR SHARE"), Crew(2) as crew:
        assert any(part_slips_in(crew, fresh_version(n), luck) for n in range(200))


@contextmanager
def function_without(name: str, part: str) -> Iterator[None]:
    """Take a part out of a function of the database, and put the function back afterwards."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
        source = cursor.fetchone()[0]
        assert part in source
        cursor.execute(source.replace(part, "").replace("%", "%%"), [])
    try:
        yield
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute(source.replace("%", "%%"), [])


# --- Indexes -----------------------------------------------------------------------------------------
@override_settings(DATABASE_PREPARES=False)
def test_without_the_key_of_the_log_a_replay_is_stored_twice_and_a_number_has_two_contents(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflict = "ON CONFLICT (attempt_id, lease_no, seq) DO NOTHING"
    replace_sql(monkeypatch, answers, "SAVE", conflict, "")
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    with pytest.raises(IntegrityError):  # the key alone holds the line
        save(begun.lease, 1, 1, *form.keys[1])
    with dropped("exams_answerevent", "exams_answerevent_pkey"):
        save(begun.lease, 1, 1, *form.keys[1])
        save(begun.lease, 1, 1, form.others[1][0])
        stored = AnswerEvent.objects.filter(attempt_id=begun.attempt_id).values_list("selected", flat=True)
        assert sorted(stored) == sorted([form.keys[1], form.keys[1], form.others[1][:1]])


def test_without_the_partial_index_starts_at_once_make_several_running_attempts(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflict = "ON CONFLICT (user_id, form_id) WHERE mode = 'exam' AND state = 1 DO NOTHING"
    replace_sql(monkeypatch, lifecycle, "START", conflict, "")
    assert most_running(anna, form) == 1  # the index alone holds the line
    with dropped("exams_attempt", "attempt_one_running"):
        assert most_running(anna, form) > 1


def most_running(user: User, form: Form) -> int:
    """Start by 30 threads at once, up to ten rounds; return how many attempts ever ran together."""
    most = 0
    for _ in range(10):
        parallel(30, lambda: start(user, form))
        running = Attempt.objects.filter(state=State.RUNNING)
        most = max(most, running.count())
        if most > 1:
            break
        running.update(state=State.VOIDED, ended_at=running.get().deadline_at)
    return most


def test_without_unique_revisions_graders_that_take_no_lock_store_several_scores(
    anna: User, form: Form
) -> None:
    assert scores_by_careless_graders(anna, form) == 1  # the index alone holds the line
    with dropped("exams_score", "score_revision_once"):
        assert scores_by_careless_graders(anna, form) > 1


def scores_by_careless_graders(user: User, form: Form) -> int:
    """Submit, let 20 threads score without the row lock, and return the number of first scores."""
    begun = start(user, form)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease)

    def grade() -> None:
        attempt = Attempt.objects.get(pk=begun.attempt_id)
        time.sleep(0.02)
        Score.objects.bulk_create([grading._row(attempt, answers.chosen(attempt.pk))], ignore_conflicts=True)

    assert parallel(20, grade) == [None] * 20
    return Score.objects.filter(attempt_id=begun.attempt_id, revision=1).count()


# --- Ownership ---------------------------------------------------------------------------------------
def acts_open_to(stranger: User, owner: User, attempt_id: UUID, lease: str | None) -> set[str]:
    """Return what a stranger gets through with someone else's attempt, and what is not refused as absent."""
    acts: dict[str, Callable[[User, UUID], Any]] = {
        "head": selectors.head,
        "taking": selectors.taking,
        "result": lambda user, attempt: results.result(user, attempt, "en"),
        "review": lambda user, attempt: results.review(user, attempt, "en"),
        "lease": lambda user, attempt: lifecycle.take_lease(user=user, attempt_id=attempt, holder="x"),
        "answer": lambda user, attempt: lifecycle.answer_without_script(
            user=user, attempt_id=attempt, position=1, selected=(), flagged=True
        ),
        "settle": lambda user, attempt: lifecycle.settle(user=user, attempt_id=attempt),
        "submit": lambda user, attempt: lifecycle.submit(user=user, attempt_id=attempt, lease=lease),
        "cancel": lambda user, attempt: lifecycle.cancel(user=user, attempt_id=attempt),
    }
    return {name for name, act in acts.items() if refusal(act, stranger, attempt_id) != ABSENT} | {
        name for name, act in acts.items() if refusal(act, owner, uuid4()) != ABSENT
    }


ABSENT = ("not_found", 404, "Attempt not found.")


def refusal(act: Callable[[User, UUID], Any], user: User, attempt_id: UUID) -> tuple[str, int, str] | None:
    """Return code, status and words of a refusal, or None when the act went through."""
    try:
        with transaction.atomic():
            act(user, attempt_id)
    except Refused as refused:
        return refused.code, refused.status, str(refused)
    return None


def test_a_foreign_attempt_is_refused_at_every_door_as_if_it_were_absent(
    anna: User, bela: User, form: Form
) -> None:
    begun = start(anna, form)
    assert acts_open_to(bela, anna, begun.attempt_id, begun.lease) == set()


OWNER_FILTERS = {
    ("selectors", "ONE", "a.user_id = %(user)s"): {"head"},
    ("selectors", "_TAKING", "a.user_id = %(user)s"): {"taking"},
    ("results", "RESULT", " a.user_id = %(user)s"): {"result", "review"},
    ("lifecycle", "TAKE", "user_id = %(user)s"): {"lease"},
    ("lifecycle", "LOCK", "(user_id = %s OR %s)"): {"answer", "submit", "cancel"},
}


@pytest.mark.usefixtures("hints")
@pytest.mark.parametrize("where", list(OWNER_FILTERS), ids=lambda where: where[1])
def test_without_an_ownership_filter_a_foreign_attempt_opens(
    anna: User,
    bela: User,
    form: Form,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    where: tuple[str, str, str],
) -> None:
    module, name, condition = where
    modules = {"selectors": selectors, "results": results, "lifecycle": lifecycle}
    settings.DATABASE_PREPARES = False  # a prepared statement would stay as it was
    replace_sql(monkeypatch, modules[module], name, condition, f"({condition} OR true)")
    begun = start(anna, form)
    opened = acts_open_to(bela, anna, begun.attempt_id, begun.lease)
    assert OWNER_FILTERS[where] <= opened


# --- The hint and the sweep --------------------------------------------------------------------------
def broker_down(*_: Any, **__: Any) -> None:
    """Stand in for a publication while the broker refuses connections."""
    raise BrokerDown("no broker")


def broker_frozen(*_: Any, **__: Any) -> None:
    """Stand in for a publication while the broker neither answers nor refuses."""
    time.sleep(1.5)
    raise BrokerDown("no reply")


def plainly(attempt_id: UUID) -> None:
    """Publish a hint as one would without thinking."""
    grading.score_attempt.apply_async((str(attempt_id),))


@pytest.mark.parametrize("is_frozen", [False, True], ids=["down", "frozen"])
def test_a_submit_neither_fails_nor_waits_for_the_broker(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch, is_frozen: bool
) -> None:
    thaws, has_failed = threading.Event(), threading.Event()

    def publish(*_: Any, **__: Any) -> None:
        if is_frozen:
            thaws.wait(20)
        has_failed.set()
        broker_down()

    monkeypatch.setattr(grading.score_attempt, "apply_async", publish)
    monkeypatch.setattr(grading, "score_at_once", grading.enqueue_score)
    begun = start(anna, form)
    assert submit(anna, begun.attempt_id, begun.lease or "") == ledger.receipt({})
    # Whoever waits for a broker that is frozen comes back after it has failed.
    assert not (is_frozen and has_failed.is_set())
    thaws.set()
    enqueue.drain()
    assert has_failed.is_set()


def test_without_the_fail_safe_publication_a_dead_broker_fails_the_submit(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading.score_attempt, "apply_async", broker_down)
    monkeypatch.setattr(grading, "score_at_once", plainly)
    begun = start(anna, form)
    with pytest.raises(BrokerDown):
        submit(anna, begun.attempt_id, begun.lease or "")


def test_without_the_fail_safe_publication_a_frozen_broker_holds_the_submit(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading.score_attempt, "apply_async", broker_frozen)
    monkeypatch.setattr(grading, "score_at_once", plainly)
    begun = start(anna, form)
    began = time.monotonic()
    with pytest.raises(BrokerDown):
        submit(anna, begun.attempt_id, begun.lease or "")
    assert time.monotonic() - began >= 1.5


def waiting_for_a_score() -> int:
    """Return how many attempts are past their time or ended, and have no score."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM exams_attempt a"
            " WHERE deadline_at + interval '31 seconds' < statement_timestamp()"
            " AND state <> 5 AND NOT EXISTS (SELECT FROM exams_score WHERE attempt_id = a.id)"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("hints")
@pytest.mark.parametrize("sweeping", [True, False])
def test_with_no_worker_and_no_visitor_it_is_the_sweep_that_scores(
    anna: User, bela: User, form: Form, sweeping: bool
) -> None:
    left, submitted = start(anna, form), start(bela, form)
    submit(bela, submitted.attempt_id, submitted.lease or "")
    past_deadline(left.attempt_id, 60)
    age(submitted.attempt_id, 181 * 60)
    if sweeping:
        sweeps.sweep()
    assert waiting_for_a_score() == (0 if sweeping else 2)
