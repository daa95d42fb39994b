"""When statistics are computed: every night what is due, and at once where somebody asks, by a job."""

from typing import Final

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job, State
from accounts.jobs.registry import Context, Finished
from accounts.users.models import User
from exams.statistics import services

KIND: Final = "statistics"
STATEMENT_SECONDS: Final = 600
NIGHT_BEGINS: Final = 2
"""At what hour of the site's own zone the work of a night may begin."""

LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('exams:statistics:' || %s, 0))"
# The night that it is, where there is a score that the last night did not know. What was asked for by day
# says nothing of the other editions.
_NIGHT: Final = f"""
SELECT to_char(statement_timestamp() AT TIME ZONE %(zone)s - make_interval(hours => %(hour)s), 'YYYY-MM-DD')
WHERE EXISTS (SELECT 1 FROM exams_score WHERE id > (
  SELECT coalesce(max((result ->> 'until')::bigint), 0) FROM accounts_job
  WHERE owner_id IS NULL AND kind = '{KIND}' AND parameters = '{{}}' AND state = 'done'))
"""  # noqa: S608  (made of constants)
_NEWEST_SCORE: Final = "SELECT coalesce(max(id), 0) FROM exams_score"


def make(context: Context) -> Finished:
    """Compute the edition that the job names, or all that are due; each commits by itself."""
    asked = context.parameters.get("edition")
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_SCORE)
        until: int = cursor.fetchone()[0]
    wanted = [int(str(asked))] if asked is not None else services.due()
    context.progress.at(0, len(wanted))
    for number, edition_id in enumerate(wanted, start=1):
        services.compute(edition_id)
        context.progress.at(number, len(wanted))
    return Finished({"editions": len(wanted), "until": until})


def unfinished(edition_id: int) -> Job | None:
    """Return the job that computes an edition now or soon, or None."""
    rows = Job.objects.filter(
        kind=KIND, parameters={"edition": edition_id}, state__in=(State.WAITING, State.RUNNING)
    )
    return rows.first()


def request(*, edition_id: int, actor: User) -> Job:
    """Have an edition computed. Raises Refused while a job for it waits or runs."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [edition_id])
        # Looked at behind the lock, since two who ask at once would both see no job.
        if unfinished(edition_id):
            raise Refused("already_asked", 409, _("These statistics are already being computed."))
        return jobs.start(KIND, owner=actor, parameters={"edition": edition_id})


def start_if_due() -> None:
    """Write down the job of this night, once whoever asks; none where nobody got a score since the last."""
    with connection.cursor() as cursor:
        cursor.execute(_NIGHT, {"zone": settings.SITE_ZONE, "hour": NIGHT_BEGINS})
        row = cursor.fetchone()
    if row:
        jobs.start_once(KIND, row[0])


@shared_task(name="exams.compute_statistics", expires=300)
def compute_statistics() -> None:
    """Start the work of a night by Celery beat."""
    start_if_due()
