"""The score report of an own attempt as PDF: a job makes it, this page shows how far that is."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.jobs.models import State
from accounts.users.requests import SignedInRequest, signed_in
from exams.reports import files
from exams.web import frame


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def score_report(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """POST has the PDF made; GET offers that, shows how far it is, and leads to the file.

    Without a score it leads to the result. 404 for another's attempt.
    """
    found = files.of(request.user, attempt_id, get_language() or "")
    if found is None:
        return redirect("exams:result", attempt_id)
    if request.method == "POST":
        files.ensure(request.user, found)
        return redirect("exams:score_report", attempt_id)
    job = files.job(request.user, found)
    is_poll = bool(request.headers.get("HX-Request"))
    context = {
        "attempt_id": attempt_id,
        "title": found.document.title,
        "state": "none" if job is None else "done" if job.state == State.DONE else "making",
        "is_failed": job is not None and job.state == State.FAILED,
        "job": job,
    }
    template = "exams/score_report.html#making" if is_poll else "exams/score_report.html"
    response = frame.render_for(request, frame.profile_of(request), template, context)
    response["Cache-Control"] = "no-store, private"
    return response
