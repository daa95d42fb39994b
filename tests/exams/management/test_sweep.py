"""`manage.py sweep`: what it says, what it changes, how it ends. Signals and lost servers: `tests/faults`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.users.models import User
from exams.attempts import lifecycle, sweeps
from exams.attempts.models import Attempt, State
from tests.exams.attempts.helpers import age, past_deadline
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


def sweep(*options: str) -> str:
    """Run the command; return what it said."""
    said = StringIO()
    call_command("sweep", *options, stdout=said, stderr=said)
    return said.getvalue()


@pytest.fixture
def waiting(anna: User, bela: User, form: Form) -> list[Attempt]:
    """One attempt that is overdue, one that was submitted and has no score."""
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
    assert sweep("--dry-run") == "would expire 1, would score 1; in quarantine: 0\n"
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
