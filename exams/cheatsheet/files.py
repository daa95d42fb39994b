"""The PDF of a whole sheet: made once by a job and kept by its digest, for everybody to fetch.

The job is written down by whoever publishes the sheet, and by the first who asks where a new template makes
other pages of the same sheet. It has no owner, and its key is the digest, so that many who ask at once wait
for one job. What it makes is a row of its own, since files of jobs belong to a person and end after a week.
"""

from functools import lru_cache
from typing import Final

from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, JobResult
from exams.cheatsheet import documents, selectors
from exams.cheatsheet.models import SheetFile
from exams.cheatsheet.selectors import Head
from exams.pdf import typesetting
from exams.pdf.tree import Document

KIND: Final = "cheatsheet_pdf"


class AnotherSheet(RuntimeError):
    """The process that does the job would make another file than the one that was asked for."""


@lru_cache(maxsize=32)
def pdf_digest(head: Head) -> str:
    """Return the digest of the file of a sheet; a process works it out once for an edition."""
    return typesetting.digest(documents.whole(head))


def file(head: Head) -> bytes | None:
    """Return the PDF of a sheet, or None while it is not made. One statement."""
    content = SheetFile.objects.filter(pk=pdf_digest(head)).values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def is_made(head: Head) -> bool:
    """Say whether the PDF of a sheet is there. One statement."""
    return SheetFile.objects.filter(pk=pdf_digest(head)).exists()


def ensure(head: Head) -> Job:
    """Have the PDF of a sheet made, unless that is under way, and return the job."""
    digest = pdf_digest(head)
    parameters = {"code": head.code, "language": head.language, "digest": digest}
    return jobs.start_once(KIND, digest, parameters=parameters)


def make(context: JobContext) -> JobResult:
    """Make the file of a sheet: the function of the job.

    Raises AnotherSheet where the sheet or the template is not the one that was asked for: an older image
    that still runs, or a newer edition, whose own job makes its file.
    """
    code, language, digest = (str(context.parameters[name]) for name in ("code", "language", "digest"))
    head = selectors.current(code, language)
    if head is None or pdf_digest(head) != digest:
        raise AnotherSheet(f"{code}: not the sheet with the digest {digest[:12]}")
    document: Document = documents.whole(head)
    context.progress.at(0, 1)
    content = typesetting.typeset(document)
    # Two workers may make the same file; the second one is the same bytes.
    SheetFile.objects.bulk_create(
        [SheetFile(digest=digest, edition_id=head.edition_id, content=content)], ignore_conflicts=True
    )
    context.progress.at(1, 1)
    return JobResult({"bytes": len(content)})
