"""Your reports: what a person reported, and what we answered."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.users.requests import SignedInRequest, signed_in
from exams.feedback import selectors
from exams.presentation import formatting
from exams.web import frame


@require_safe
@signed_in
def reports(request: SignedInRequest) -> HttpResponse:
    """List the person's reports, newest first."""
    rows = [
        {
            "own": row,
            "report": row.report,
            "title": formatting.exam_title(row.certification_code, row.form_number),
        }
        for row in selectors.own_reports(request.user)
    ]
    return frame.render_for(request, frame.profile_of(request), "exams/reports.html", {"rows": rows})
