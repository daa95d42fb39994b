"""When statistics are computed: every night what is due, and at once where somebody asks, by a job."""

from typing import Final

from celery import shared_task
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.base import locks
from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.jobs.registry import JobContext, JobResult
from accounts.users.models import User
from exams.attempts.models import Score
from exams.statistics import services

KIND: Final = "statistics"
STATEMENT_SECONDS: Final = 600


def make(context: JobContext) -> JobResult:
    """Compute the edition that the job names, or all that are due; each commits by itself."""
    asked = context.parameters.get("edition")
    # Read before what is due: a score of meanwhile is left to the next night.
    until = Score.objects.aggregate(newest=Max("pk"))["newest"] or 0
    editions = [int(str(asked))] if asked is not None else services.due(_known())
    context.progress.at(0, len(editions))
    for number, edition_id in enumerate(editions, start=1):
        services.compute(edition_id)
        context.progress.at(number, len(editions))
    return JobResult({"editions": len(editions), "until": until})


def unfinished(edition_id: int) -> Job | None:
    """Return the job that computes an edition now or soon, or None."""
    # By its parameters alone: whoever asks waits for whoever asked first.
    rows = Job.objects.filter(
        kind=KIND, parameters={"edition": edition_id}, state__in=(State.WAITING, State.RUNNING)
    )
    return rows.first()


def request(*, edition_id: int, actor: User) -> Job:
    """Have an edition computed. Raises Refused while a job for it waits or runs."""
    with transaction.atomic():
        # By the edition: whoever asks for another one waits for nobody.
        locks.hold(f"exams:statistics:{edition_id}")
        # Looked at behind the lock, since two who ask at once would both see no job.
        if unfinished(edition_id):
            raise Refused("already_asked", 409, _("These statistics are already being computed."))
        return jobs.start(KIND, owner=actor, parameters={"edition": edition_id})


def start_if_due() -> None:
    """Write down the job of this night, once whoever asks; none where nobody got a score since the last."""
    jobs.start_nightly(KIND, Score.objects.filter(pk__gt=_known()))


def _known() -> int:
    """Return the id of the newest score that was there when the last finished night began."""
    # What was asked for by day says nothing of the other editions, so only nights count.
    nights = Job.objects.filter(kind=KIND, owner=None, parameters={}, state=State.DONE)
    results = nights.order_by("-finished_at").values_list("result", flat=True)
    return int((results.first() or {}).get("until", 0))


@shared_task(name="exams.compute_statistics", expires=300)
def compute_statistics() -> None:
    """Start the work of a night by Celery beat."""
    start_if_due()
