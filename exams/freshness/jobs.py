"""When texts are looked through for watched names: every night, by a job."""

from typing import Final

from celery import shared_task

from accounts.jobs import services as jobs
from accounts.jobs.registry import JobContext, JobResult
from exams.catalog.models import Certification
from exams.freshness import tasks
from exams.freshness.models import WatchedName

KIND: Final = "freshness"


def make(context: JobContext) -> JobResult:
    """Open and close the tasks of every certification. Done again it changes nothing."""
    ids = list(Certification.objects.order_by("pk").values_list("pk", flat=True))
    opened = closed = 0
    for number, certification_id in enumerate(ids, start=1):
        done = tasks.refresh(certification_id)
        opened, closed = opened + done.opened, closed + done.closed
        context.progress.at(number, len(ids))
    return JobResult({"opened": opened, "closed": closed})


def start_if_due() -> None:
    """Write down the job of this night, once whoever asks; none where no name was ever watched."""
    jobs.start_nightly(KIND, WatchedName.objects.all())


@shared_task(name="exams.refresh_freshness", expires=300)
def refresh_freshness() -> None:
    """Start the work of a night by Celery beat."""
    start_if_due()
