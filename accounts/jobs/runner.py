"""Doing the jobs that wait: run the function of the kind within its limits, and keep what it made."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from celery import shared_task
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Now, NullIf

from accounts.base import statements
from accounts.jobs import queue, registry
from accounts.jobs.models import MOST_BYTES, Job, JobFile, State
from accounts.jobs.registry import JobContext, JobKind, JobResult

DIED = Coalesce(NullIf("error", Value("")), Value("the process that did it ended"))


class FileTooBig(ValueError):
    """A job made a file of more than 20 MB."""


# The row is the queue, so the hint is acknowledged at once: a long job must not come back after five minutes.
@shared_task(name="accounts.run_jobs", expires=60, acks_late=False)
def run_jobs() -> None:
    """Do what waits, by a worker."""
    run_due()


def run_due() -> int:
    """Do the jobs that wait, one after the other, and return how many ended well."""
    queue.give_up(Job.objects.filter(state=State.RUNNING), error=DIED)
    done = 0
    while job := claim():
        done += queue.attempt(job, partial(_do, job)) is None
    return done


def claim() -> Job | None:
    """Take a job of a kind that this process knows."""
    return queue.claim(
        Job.objects.filter(state__in=(State.WAITING, State.RUNNING), kind__in=registry.names())
    )


def _do(job: Job) -> None:
    kind = registry.kind_of(job.kind)
    with _limits(kind):
        finished = kind.function(JobContext(job.pk, job.owner_id, job.parameters, job.progress))
        _keep(job, finished)


@contextmanager
def _limits(kind: JobKind) -> Iterator[None]:
    """Set the time limits of the kind; those of the site are for requests."""
    limits = ("statement_timeout", "idle_in_transaction_session_timeout")
    if kind.atomic:
        # Within the transaction, so that the connection has its old limits after a rollback, too.
        with transaction.atomic():
            for limit in limits:
                statements.run(f"SET LOCAL {limit} = '{kind.statement_seconds}s'")
            yield
        return
    for limit in limits:
        statements.run(f"SET {limit} = '{kind.statement_seconds}s'")
    try:
        yield
    finally:
        for limit in limits:
            statements.run(f"RESET {limit}")


def _keep(job: Job, finished: JobResult) -> None:
    """Keep what was made and mark the job as done, both or neither. Raises Lost, FileTooBig."""
    done, total, step = job.progress.read()
    file = finished.file
    with transaction.atomic():
        # First, since it says whether this claim still holds.
        job.finish(
            state=State.DONE,
            finished_at=Now(),
            result=dict(finished.result),
            error="",
            done=done,
            total=total,
            step=step,
        )
        if file and len(file.content) > MOST_BYTES:
            raise FileTooBig(f"{file.name} has {len(file.content)} bytes; at most {MOST_BYTES} are kept")
        if file:
            JobFile.objects.create(job=job, name=file.name, media_type=file.media_type, content=file.content)
