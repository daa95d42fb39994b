"""Asking for work, looking how far it is, fetching what it made."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.enqueue import enqueue_on_commit
from accounts.base.errors import Refused
from accounts.jobs import registry
from accounts.jobs.models import Job, JobFile, State
from accounts.jobs.runner import run_jobs
from accounts.users import person_lock
from accounts.users.models import User

FILE_DAYS: Final = timedelta(days=7)
NEWS: Final = timedelta(days=1)
NIGHT_BEGINS: Final = timedelta(hours=2)
"""At what time of the site's own zone the work of a night may begin."""
ONCE: Final = UUID("6b1f6c1e-0d0b-4f2a-9a55-5d2f8f1f7c31")  # any fixed one: names within it are kind and key


def start(kind: str, *, owner: User | None, parameters: Mapping[str, object] | None = None) -> Job:
    """Write a job down and return it; a worker or the sweep does it. Raises KeyError for an unknown kind."""
    job = Job(kind=registry.kind_of(kind).name, owner=owner, parameters=dict(parameters or {}))
    job.save(force_insert=True)
    enqueue_on_commit(run_jobs)
    return job


def start_once(kind: str, key: str, *, parameters: Mapping[str, object] | None = None) -> Job:
    """Return the one job of this kind and key, written down when it is not there yet; it has no owner.

    Many at once get the same: the id is made of kind and key. A failed one stays failed until staff retry
    it. Raises KeyError for an unknown kind.
    """
    row = {"kind": registry.kind_of(kind).name, "parameters": dict(parameters or {})}
    job, is_new = Job.objects.get_or_create(pk=_id_of(kind, key), defaults=row)
    if is_new:
        enqueue_on_commit(run_jobs)
    return job


def start_nightly(kind: str, rows: QuerySet[Any]) -> None:
    """Write down the one job of this night and kind, whoever asks, where there is such a row."""
    night = TruncDate(Now() - NIGHT_BEGINS, tzinfo=ZoneInfo(settings.SITE_ZONE))
    if day := rows.values_list(night, flat=True).first():
        start_once(kind, day.isoformat())


def find(kind: str, key: str) -> Job | None:
    """Return the one job of this kind and key, or None where `start_once` wrote none down."""
    return Job.objects.filter(pk=_id_of(kind, key)).first()


def _id_of(kind: str, key: str) -> UUID:
    return uuid5(ONCE, f"{kind}:{key}")


def start_own(kind: str, *, owner: User, parameters: Mapping[str, object]) -> Job:
    """Return this person's job with exactly these parameters, unless it failed or its file is gone; else a
    new one. Two requests at once get the same.
    """
    with transaction.atomic():
        # Two requests at once would both find none.
        person_lock.hold(owner.pk)
        job = find_own(kind, owner=owner, parameters=parameters)
        if job is None or job.state == State.FAILED:
            return start(kind, owner=owner, parameters=parameters)
        return job


def find_own(kind: str, *, owner: User, parameters: Mapping[str, object]) -> Job | None:
    """Return this person's newest job with exactly these parameters, or None where there is none.

    A job whose file is gone counts as none. One statement.
    """
    has_file = ~Q(state=State.DONE) | Q(file__created_at__gt=Now() - FILE_DAYS)
    rows = Job.objects.filter(has_file, owner=owner, kind=kind, parameters=dict(parameters))
    return rows.order_by("-created_at").first()


def file_of(*, job_id: UUID, owner: User) -> JobFile:
    """Return what a job of this person made. Raises Refused when they have none, or may not have it now."""
    rows = JobFile.objects.select_related("job").filter(
        job_id=job_id, job__owner=owner, job__state=State.DONE, created_at__gt=Now() - FILE_DAYS
    )
    file = rows.first()
    needed = registry.permission_of(file.job.kind) if file else ""
    if file is None or (needed and not owner.has_perm(needed)):
        raise Refused("not_found", 404, _("File not found. Files are kept for 7 days."))
    return file


def forget_old_files() -> int:
    """Delete the files that are older than a week; return how many."""
    deleted, _by_model = old_files().delete()
    return deleted


def old() -> QuerySet[Job]:
    """Return jobs of people that ended `JOB_DAYS` ago; those without an owner stay, known by their id."""
    oldest = Now() - timedelta(days=settings.JOB_DAYS)
    ended = Job.objects.filter(state__in=(State.DONE, State.FAILED), finished_at__lte=oldest)
    return ended.exclude(owner=None)


def old_files() -> QuerySet[JobFile]:
    """Return the files that are older than a week."""
    return JobFile.objects.filter(created_at__lte=Now() - FILE_DAYS)


def count_failed() -> int:
    """Return how many jobs failed for good within the last day and were not tried again."""
    return Job.objects.filter(state=State.FAILED, finished_at__gt=Now() - NEWS).count()


def retry(*, job_id: UUID, actor: User | None, reason: str) -> None:
    """Let a failed job be tried again. Raises Refused when it did not fail."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
        if job is None:
            raise Refused("not_found", 404, _("Job not found."))
        if job.state != State.FAILED:
            raise Refused("not_failed", 409, _("Only a failed job can be tried again."))
        audit.record(
            actor=actor,
            action="retry",
            subject=job,
            reason=reason,
            before={"state": job.state, "tries": job.tries, "error": job.error},
            after={"state": State.WAITING, "tries": 0},
        )
        Job.objects.filter(pk=job_id).update(
            state=State.WAITING, tries=0, claim=None, finished_at=None, not_before=Now()
        )
    enqueue_on_commit(run_jobs)
