"""`manage.py sweep`: what it says, what it changes, how it ends. Signals and lost servers: `tests/faults`."""

from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.attempts import grading, lifecycle, sweeps
from exams.attempts.models import Attempt, State
from tests.exams.attempts.helpers import age, claimed_ago, past_deadline
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


def sweep(*options: str) -> str:
    """Run the command; return what it said."""
    said = StringIO()
    call_command("sweep", *options, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def waiting(anna: User, bela: User, form: Form, monkeypatch: pytest.MonkeyPatch) -> list[Attempt]:
    """One attempt that is overdue, one that was submitted and has no score."""
    monkeypatch.setattr(grading, "score_at_once", grading.enqueue_score)
    left, handed_in = start(anna, form), start(bela, form)
    past_deadline(left.attempt_id, 60)
    lifecycle.submit(user=bela, attempt_id=handed_in.attempt_id, lease=handed_in.lease)
    age(handed_in.attempt_id, 60)
    return [Attempt.objects.get(pk=one.attempt_id) for one in (left, handed_in)]


def states(attempts: list[Attempt]) -> list[int]:
    return [Attempt.objects.get(pk=attempt.pk).state for attempt in attempts]


def test_one_pass_ends_and_scores_what_is_due_and_says_so(waiting: list[Attempt]) -> None:
    assert sweep().startswith("expired 1, scored 2 in ")
    assert states(waiting) == [State.SCORED, State.SCORED]


def test_a_dry_run_counts_and_changes_nothing(waiting: list[Attempt]) -> None:
    assert sweep("--dry-run") == "would expire 1, would score 1; set aside: 0\n"
    assert states(waiting) == [State.RUNNING, State.SUBMITTED]


def test_a_pass_that_the_database_refuses_ends_with_1_and_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(sweeps, "sweep", away)
    monkeypatch.setattr("exams.management.commands.sweep.connection.close", lambda: None)
    with pytest.raises(CommandError) as ended:
        sweep()
    assert ended.value.returncode == 1


@pytest.mark.parametrize("every", ["0", "-1"])
def test_an_interval_that_cannot_be_is_refused_with_2(every: str) -> None:
    with pytest.raises(CommandError) as ended:
        sweep("--loop", "--every", every)
    assert ended.value.returncode == 2


# --- Release --------------------------------------------------------------------------------------------
@pytest.fixture
def set_aside(waiting: list[Attempt]) -> list[Attempt]:
    """Both attempts ended, and tried five times in vain, the last time just now."""
    lifecycle.expire(waiting[0].pk)
    for attempt in waiting:
        for _ in range(5):
            claimed_ago(attempt.pk, 30)
            grading.claim([attempt.pk])
    return waiting


def test_a_release_of_one_attempt_scores_it_and_leaves_the_other(set_aside: list[Attempt]) -> None:
    one, other = set_aside
    assert sweep("--release", str(one.pk)) == "released 1, scored 1; still waiting: 0\n"
    assert states([one, other]) == [State.SCORED, State.SUBMITTED]
    audit = AuditEntry.objects.get()
    assert (UUID(audit.subject_id), audit.action, audit.actor) == (one.pk, "release", None)
    assert audit.reason == "released by command"


def test_a_release_of_all_takes_everything_that_was_set_aside(set_aside: list[Attempt]) -> None:
    assert sweep("--release", "--all", "--reason", "disk repaired").startswith("released 2, scored 2")
    assert states(set_aside) == [State.SCORED, State.SCORED]
    assert {row.reason for row in AuditEntry.objects.all()} == {"disk repaired"}


def test_a_dry_run_of_a_release_names_the_attempts_and_why_and_changes_nothing(
    set_aside: list[Attempt],
) -> None:
    Attempt.objects.filter(pk=set_aside[0].pk).update(score_error="OperationalError: the disk is full")
    said = sweep("--release", "--all", "--dry-run")
    assert f"would release {set_aside[0].pk}: 5 tries, OperationalError: the disk is full\n" in said
    assert f"would release {set_aside[1].pk}: 5 tries\n" in said
    assert not AuditEntry.objects.exists()
    assert states(set_aside) == [State.EXPIRED, State.SUBMITTED]


def test_a_release_that_does_not_help_ends_with_1(
    set_aside: list[Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("still broken")

    monkeypatch.setattr(grading, "compute", fail)
    with pytest.raises(CommandError) as ended:
        sweep("--release", "--all")
    assert ended.value.returncode == 1
    assert "still waiting: 2" in str(ended.value)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--release"], 2),
        (["--all"], 2),
        (["--release", "no-id"], 2),
        (["--release", str(uuid4()), "--all"], 2),
        (["--release", "--all", "--loop"], 2),
        (["--release", str(uuid4())], 1),
    ],
)
def test_a_release_of_nothing_or_of_what_is_not_there_is_refused(
    db: None, options: list[str], code: int
) -> None:
    with pytest.raises(CommandError) as ended:
        sweep(*options)
    assert ended.value.returncode == code


def test_a_release_of_what_does_not_wait_is_refused_with_1(anna: User, form: Form) -> None:
    running = start(anna, form)
    with pytest.raises(CommandError) as ended:
        sweep("--release", str(running.attempt_id))
    assert ended.value.returncode == 1
    assert "Only an attempt that is waiting for its score can be released." in str(ended.value)


@pytest.mark.django_db(transaction=True)
def test_a_pass_of_which_a_part_fails_says_what_and_ends_with_1_after_the_rest(
    waiting: list[Attempt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "OVERDUE", sweeps.Due("no_such_column", "deadline_at"))
    said = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("sweep", stdout=said, stderr=said)
    assert ended.value.returncode == 1
    assert "sweep failed: ProgrammingError: column" in said.getvalue()
    assert "expired 0, scored 1 in " in said.getvalue()
    assert states(waiting) == [State.RUNNING, State.SCORED]
    # Nor do mails and jobs wait until somebody has mended it.
    assert "sent 0 mails (0 failed), did 0 jobs" in said.getvalue()
