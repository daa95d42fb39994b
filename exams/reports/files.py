"""The PDF of a score report: made by a job of the person, once for what it says."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import override

from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, JobResult, MadeFile
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.attempts import results
from exams.pdf import typesetting
from exams.pdf.tree import Document
from exams.reports import documents

KIND: Final = "score_report_pdf"


class NoScore(RuntimeError):
    """There is no score to report on."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report on the score of an attempt as it is now."""

    attempt_id: UUID
    certification_code: str
    file_name: str
    document: Document

    @property
    def parameters(self) -> dict[str, str]:
        """What names the job that makes exactly this report."""
        return {
            "attempt": str(self.attempt_id),
            "language": self.document.language,
            "digest": typesetting.digest(self.document),
        }


def of(user: User, attempt_id: UUID, language: str) -> Report | None:
    """Return the report on an own attempt, or None without a score. Raises Refused: not_found."""
    result = results.result(user, attempt_id, language)
    if result.score is None:
        return None
    tasks = results.task_results(result.head, result.score, language)
    zone = profiles.of(user).zone
    with override(language):
        analysis = results.analysis_of(user, result)
        document = documents.report(user.email, result, result.score, tasks, analysis, zone)
    code = result.head.certification_code
    name = f"{code}-exam-{result.head.form_number}-score-report-{language}.pdf"
    return Report(attempt_id, code, name, document)


def job(user: User, report: Report) -> Job | None:
    """Return the job that makes or has made this very report, or None. One statement."""
    return jobs.find_own(KIND, owner=user, parameters=report.parameters)


def ensure(user: User, report: Report) -> Job:
    """Have the PDF of this report made, unless it is there or under way, and return the job."""
    return jobs.start_own(KIND, owner=user, parameters=report.parameters)


def make(context: JobContext) -> JobResult:
    """Make the report of its owner: the function of the job. Raises NoScore.

    A report that says something else by now is not made: it has a job of its own once somebody asks for it,
    and this one must not answer for it when things are as they were.
    """
    user = User.objects.get(jobs=context.job_id)
    report = of(user, UUID(str(context.parameters["attempt"])), str(context.parameters["language"]))
    if report is None:
        raise NoScore("there is no score to report on")
    # The score was revised, or who reads it lives in another zone now.
    if report.parameters != context.parameters:
        return JobResult()
    return JobResult(
        file=MadeFile(report.file_name, typesetting.MEDIA_TYPE, typesetting.typeset(report.document))
    )
