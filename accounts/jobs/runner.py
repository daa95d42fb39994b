"""Doing what waits: claim a row, show that we live, run the function, finish.

A worker that dies leaves a row without heartbeat; after `JOB_LEASE_SECONDS` another takes it. Whoever was
only asleep finds a foreign claim when it wants to finish, and rolls its work back.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from accounts.base.errors import describe
from accounts.jobs import registry
from accounts.jobs.models import MOST_BYTES, Job, JobFile
from accounts.jobs.registry import MAX_TRIES, Context, Finished, Kind, Progress

PAUSE_SECONDS: Final = 30
HEARTBEATS_IN_A_LEASE: Final = 6
MOST_SECONDS_TO_A_HEARTBEAT: Final = 1.0

logger = logging.getLogger(__name__)

_DUE: Final = """
(state = 'waiting' AND not_before <= statement_timestamp()
 OR state = 'running' AND heartbeat_at < statement_timestamp() - make_interval(secs => %(lease)s))
"""
CLAIM: Final = f"""
UPDATE accounts_job
SET state = 'running', tries = tries + 1, claim = %(claim)s, heartbeat_at = statement_timestamp(),
    started_at = statement_timestamp(), done = 0, total = 0, step = ''
WHERE id = (
  SELECT id FROM accounts_job WHERE {_DUE} AND tries < {MAX_TRIES} AND kind = ANY(%(kinds)s)
  ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""  # noqa: S608  (made of constants)
# The last try ended its process, or this would be known already.
HOPELESS: Final = f"""
UPDATE accounts_job
SET state = 'failed', claim = NULL, finished_at = statement_timestamp(),
    error = coalesce(nullif(error, ''), 'the process that did it ended')
WHERE id IN (
  SELECT id FROM accounts_job WHERE state = 'running' AND {_DUE} AND tries >= {MAX_TRIES}
  FOR UPDATE SKIP LOCKED)
"""  # noqa: S608  (made of constants)
HEARTBEAT: Final = """
UPDATE accounts_job
SET heartbeat_at = statement_timestamp(), done = %(done)s, total = %(total)s, step = %(step)s
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running'
"""
FINISH: Final = """
UPDATE accounts_job
SET state = 'done', claim = NULL, finished_at = statement_timestamp(), result = %(result)s, error = '',
    done = %(done)s, total = %(total)s, step = %(step)s
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running'
"""
FAIL: Final = f"""
UPDATE accounts_job
SET state = CASE WHEN tries >= {MAX_TRIES} THEN 'failed' ELSE 'waiting' END, claim = NULL, error = %(error)s,
    finished_at = CASE WHEN tries >= {MAX_TRIES} THEN statement_timestamp() END,
    not_before = statement_timestamp() + make_interval(secs => {PAUSE_SECONDS} * tries)
WHERE id = %(id)s AND claim = %(claim)s AND state = 'running'
"""  # noqa: S608  (made of constants)


class Lost(Exception):
    """Another worker has taken the job, because this one was silent for too long."""


class FileTooBig(ValueError):
    """A job made a file of more than 20 MB."""


def run_due() -> int:
    """Do the jobs that wait, one after the other, and return how many ended well."""
    _execute(HOPELESS, lease=settings.JOB_LEASE_SECONDS)
    done = 0
    while job := _claim():
        done += _run(job)
    return done


def _execute(sql: str, **values: str | int | uuid.UUID | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _claim() -> Job | None:
    claim = uuid.uuid4()
    lease: int = settings.JOB_LEASE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"claim": claim, "kinds": registry.names(), "lease": lease})
        row = cursor.fetchone()
    return Job.objects.get(pk=row[0], claim=claim) if row else None


def _run(job: Job) -> bool:
    """Do one job. A failure is kept in the row and never raised: the next job must not suffer."""
    kind, progress = registry.kind_of(job.kind), Progress()
    try:
        with _heartbeat(job, progress), _limits(kind):
            finished = kind.function(Context(job.pk, job.owner_id, job.parameters, progress))
            _finish(job, finished, progress)
    except Lost:
        logger.warning("a job was taken by another worker", extra={"job": str(job.pk), "kind": job.kind})
    except Exception as error:
        logger.exception("a job failed", extra={"job": str(job.pk), "kind": job.kind})
        # The log has the whole traceback; the row, which staff and owner read, gets one line.
        _execute(FAIL, id=job.pk, claim=job.claim, error=describe(error))
    else:
        return True
    return False


@contextmanager
def _limits(kind: Kind) -> Iterator[None]:
    """Set the time limits of the kind; those of the site are for requests."""
    limits = (
        f"statement_timeout = '{kind.statement_seconds}s'",
        f"idle_in_transaction_session_timeout = '{kind.statement_seconds}s'",
    )
    if kind.atomic:
        with transaction.atomic():
            for limit in limits:
                _execute(f"SET LOCAL {limit}")
            yield
        return
    for limit in limits:
        _execute(f"SET {limit}")
    try:
        yield
    finally:
        for limit in limits:
            _execute(f"RESET {limit.partition(' ')[0]}")


@contextmanager
def _heartbeat(job: Job, progress: Progress) -> Iterator[None]:
    """Show from a thread with a connection of its own that the job lives, and how far it is."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, progress, ended), name="job-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(job: Job, progress: Progress, ended: threading.Event) -> None:
    every = min(MOST_SECONDS_TO_A_HEARTBEAT, settings.JOB_LEASE_SECONDS / HEARTBEATS_IN_A_LEASE)
    try:
        while not ended.wait(every):
            done, total, step = progress.read()
            try:
                if not _execute(HEARTBEAT, id=job.pk, claim=job.claim, done=done, total=total, step=step):
                    return
            except Exception:
                # The database may be back for the next one; if not, another worker takes the job.
                logger.warning("a heartbeat was lost", extra={"job": str(job.pk)})
                connection.close()
    finally:
        connection.close()


def _finish(job: Job, finished: Finished, progress: Progress) -> None:
    """Keep what was made and mark the job as done, both or neither. Raises Lost, FileTooBig."""
    done, total, step = progress.read()
    with transaction.atomic():
        marked = _execute(
            FINISH,
            id=job.pk,
            claim=job.claim,
            result=json.dumps(dict(finished.result)),
            done=done,
            total=total,
            step=step,
        )
        if not marked:
            raise Lost
        if finished.file:
            _keep(job, finished)


def _keep(job: Job, finished: Finished) -> None:
    made = finished.file
    assert made  # noqa: S101
    if len(made.content) > MOST_BYTES:
        raise FileTooBig(f"{made.name} has {len(made.content)} bytes; at most {MOST_BYTES} are kept")
    JobFile.objects.create(job=job, name=made.name, media_type=made.media_type, content=made.content)
