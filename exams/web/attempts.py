"""My exams: the ones that run, with the time left, and the ones that are over, with their scores."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import selectors
from exams.presentation import formatting
from exams.web import frame


@require_safe
@signed_in
def attempts(request: SignedInRequest) -> HttpResponse:
    """List the person's own attempts, newest first."""
    rows = selectors.own_attempts(request.user)
    context = {
        "running": [_row(row) for row in rows if row.head.running],
        "past": [_row(row) for row in rows if not row.head.running],
    }
    return frame.render_for(request, frame.profile_of(request), "exams/attempts.html", context)


def _row(row: selectors.AttemptRow) -> dict[str, Any]:
    return {
        "attempt": row,
        "head": row.head,
        "title": formatting.exam_title(row.head.certification_code, row.head.form_number),
        "left": formatting.duration(row.head.seconds_left),
    }
