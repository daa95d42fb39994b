"""A ruling whose process is killed while it rescores and while it writes mails: rows as without the kills."""

from typing import Any
from uuid import UUID

import pytest

from accounts.jobs.models import Job
from accounts.outbox.models import Mail
from accounts.users.models import User
from exams.attempts import grading, sweeps
from exams.attempts.models import Attempt, Score
from exams.bank import rulings
from exams.corrections import impact, rescoring, services
from exams.corrections.models import RulingRun
from exams.corrections.proposals import Proposal
from tests import factories
from tests.factories import Form
from tests.faults.conftest import eventually, lease_ends
from tests.faults.ledger import Ledger
from tests.faults.masses import overdue
from tests.faults.stack import Stack

pytestmark = pytest.mark.thorough

MANY = 80
NUMBER = 77
"""An exam of its own: what is ruled stays ruled for the tests that follow."""
SLOW = "tests.faults.slow_rulings"


def figures(row: Score) -> tuple[Any, ...]:
    return row.revision, row.raw, row.scaled, row.passed, row.result


def run_of(ruling_id: int) -> RulingRun:
    return RulingRun.objects.get(pk=ruling_id)


def test_killed_while_it_rescores_and_while_it_tells_a_ruling_ends_with_the_same_rows(
    stack: Stack, form: Form, ledger: Ledger
) -> None:
    own = factories.make_form(form.form.certification, number=NUMBER)
    made = overdue(ledger, own, MANY, events=12, name="ruled")
    sweeps.sweep()
    assert Score.objects.filter(attempt__in=made).count() == MANY
    version = own.edition.items.get(position=1).version_id
    wanted = Proposal(version, "also", (own.others[1][0],), False, "second")
    until = rulings.newest()
    under = wanted.added_to(until)
    expected: dict[UUID, tuple[Any, ...]] = {
        before.attempt_id: figures(after)
        for before, after in grading.rescored(
            list(Attempt.objects.filter(pk__in=made)), lambda edition: grading.marking_under(edition, under)
        )
    }
    previewed = impact.of(wanted, until)
    assert 0 < len(expected) < MANY
    # Staff of other tests could be asked to confirm it first.
    User.objects.filter(is_staff=True).update(is_active=False)
    ruling = services.rule(proposal=wanted, seen=until, actor=None, reason="both are correct")

    options = ("--loop", "--every", "0.2")
    job = Job.objects.get(kind=rescoring.KIND)
    first = stack.sweeper(*options, name="ruled-1", module=SLOW, FAULTS_PAUSE="0.3")
    eventually(lambda: run_of(ruling.pk).examined >= 20, 40)
    first.kill()
    killed = run_of(ruling.pk)
    assert killed.rescored_at is None
    assert 0 < Score.objects.filter(attempt__in=made, revision=2).count() < len(expected)

    lease_ends(job.pk)
    second = stack.sweeper(*options, name="ruled-2", module=SLOW, FAULTS_PAUSE="0.3")
    eventually(lambda: run_of(ruling.pk).told >= 10, 60)
    second.kill()
    assert run_of(ruling.pk).finished_at is None

    lease_ends(job.pk)
    stack.sweeper(*options, name="ruled-3")
    eventually(lambda: run_of(ruling.pk).finished_at, 40)
    rows = Score.objects.filter(attempt__in=made, revision__gt=1)
    assert {row.attempt_id: figures(row) for row in rows} == expected
    assert rows.count() == len(expected)
    run = run_of(ruling.pk)
    assert (run.examined, run.revised, run.raised, run.lowered, run.kept) == (
        MANY,
        previewed.changed,
        previewed.raised,
        0,
        0,
    )
    told = Mail.objects.filter(dedupe_key__startswith=f"ruling-{ruling.pk}-")
    assert told.count() == run.told == previewed.raised
    job.refresh_from_db()
    assert job.tries == 3
