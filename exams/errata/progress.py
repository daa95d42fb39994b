"""How far a ruling is carried out, for who looks on."""

from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from exams.bank.models import KeyRuling
from exams.errata import rescoring
from exams.errata.models import RulingRun


def job_of(ruling: KeyRuling) -> Job | None:
    """Return the job that carries a ruling out, or None where its row is gone."""
    return jobs.find(rescoring.KIND, str(ruling.pk))


def is_going_on(ruling_id: str) -> bool:
    """Say whether a ruling is not carried out yet; False for what is no ruling."""
    if not ruling_id.isdecimal():
        return False
    return RulingRun.objects.filter(pk=int(ruling_id), finished_at=None).exists()
