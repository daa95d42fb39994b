"""When texts are looked through for watched names: every night, by a job."""

from typing import Final

from celery import shared_task
from django.conf import settings
from django.db import connection

from accounts.jobs import services as jobs
from accounts.jobs.registry import Context, Finished
from exams.catalogue.models import Certification
from exams.freshness import tasks

KIND: Final = "freshness"
NIGHT_BEGINS: Final = 2
"""At what hour of the site's own zone the work of a night may begin."""

_NIGHT: Final = """
SELECT to_char(statement_timestamp() AT TIME ZONE %(zone)s - make_interval(hours => %(hour)s), 'YYYY-MM-DD')
WHERE EXISTS (SELECT 1 FROM exams_watchedname)
"""


def make(context: Context) -> Finished:
    """Open and close the tasks of every certification. Done again it changes nothing."""
    ids = list(Certification.objects.order_by("pk").values_list("pk", flat=True))
    opened = closed = 0
    for number, certification_id in enumerate(ids, start=1):
        done = tasks.refresh(certification_id)
        opened, closed = opened + done.opened, closed + done.closed
        context.progress.at(number, len(ids))
    return Finished({"opened": opened, "closed": closed})


def start_if_due() -> None:
    """Write down the job of this night, once whoever asks; none where no name was ever watched."""
    with connection.cursor() as cursor:
        cursor.execute(_NIGHT, {"zone": settings.SITE_ZONE, "hour": NIGHT_BEGINS})
        row = cursor.fetchone()
    if row:
        jobs.start_once(KIND, row[0])


@shared_task(name="exams.refresh_freshness", expires=300)
def refresh_freshness() -> None:
    """Start the work of a night by Celery beat."""
    start_if_due()
