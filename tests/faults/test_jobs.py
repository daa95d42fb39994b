"""Jobs whose process is killed, and scores that do not wait for jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.jobs import registry, services
from accounts.jobs.models import Job, State
from accounts.users.models import User
from exams.attempts.models import Attempt
from exams.attempts.models import State as AttemptState
from tests.factories import Form
from tests.faults import with_kinds
from tests.faults.candidates import begin
from tests.faults.conftest import eventually, lease_ends
from tests.faults.ledger import Ledger
from tests.faults.stack import Stack, Web

pytestmark = pytest.mark.thorough

KIND = "tests.wait"
APPLICATION = with_kinds.__name__


@pytest.fixture
def go(stack: Stack) -> Iterator[Path]:
    """The file for which the jobs of these tests wait."""
    file = stack.folder / "go"
    file.unlink(missing_ok=True)
    Job.objects.all().delete()
    assert registry.kind_of(KIND)
    yield file
    file.touch()


def in_state(job: Job, state: State) -> bool:
    job.refresh_from_db()
    return job.state == state


def effects(job: Job) -> int:
    return User.objects.filter(email=f"{job.pk}@example.org").count()


def test_a_job_whose_process_is_killed_is_taken_again_and_done_once(stack: Stack, go: Path) -> None:
    job = services.start(KIND, owner=None)
    options = ("--loop", "--every", "0.2")
    first = stack.sweeper(*options, name="first", module=APPLICATION, JOB_LEASE_SECONDS="3")
    eventually(lambda: in_state(job, State.RUNNING) and job.done == 1)
    assert (job.total, job.tries) == (2, 1)
    first.kill()
    lease_ends(job.pk)
    second = stack.sweeper(*options, name="second", module=APPLICATION)
    eventually(lambda: in_state(job, State.RUNNING) and job.tries == 2)
    assert effects(job) == 0
    go.touch()
    eventually(lambda: in_state(job, State.DONE))
    assert job.result == {"by": second.pid}
    assert (effects(job), job.tries) == (1, 2)


def test_a_job_that_lives_is_not_taken_by_another(stack: Stack, go: Path) -> None:
    job = services.start(KIND, owner=None)
    options = ("--loop", "--every", "0.2")
    for name in ("one", "two"):
        stack.sweeper(*options, name=name, module=APPLICATION, JOB_LEASE_SECONDS="4")
    eventually(lambda: in_state(job, State.RUNNING))

    def kept_longer_than_the_lease() -> bool:
        assert in_state(job, State.RUNNING)
        assert job.heartbeat_at
        assert job.started_at
        return (job.heartbeat_at - job.started_at).total_seconds() > 5

    eventually(kept_longer_than_the_lease)
    assert job.tries == 1
    go.touch()
    eventually(lambda: in_state(job, State.DONE))
    assert (effects(job), job.tries) == (1, 1)


def test_a_score_does_not_wait_for_a_job(
    stack: Stack, site: Web, form: Form, ledger: Ledger, go: Path
) -> None:
    """Two workers: the one of the queue `slow` is busy, the other scores by the hint."""
    stack.worker()
    stack.worker("slow", application=APPLICATION, queues="slow")
    job = services.start(KIND, owner=None)
    eventually(lambda: in_state(job, State.RUNNING), 30)
    candidate = begin(ledger, site.link, form)
    candidate.submit()
    attempt = Attempt.objects.get(pk=candidate.attempt_id)
    eventually(lambda: Attempt.objects.get(pk=attempt.pk).state == AttemptState.SCORED)
    assert in_state(job, State.RUNNING)
    go.touch()
    eventually(lambda: in_state(job, State.DONE))
