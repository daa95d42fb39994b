"""My exams: the ones that run, with the time left, and the ones that are over, with their scores."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from exams.attempts import selectors
from exams.web import frame, phrases


@require_safe
@frame.signed_in
def attempts(request: HttpRequest) -> HttpResponse:
    """List the person's own attempts, newest first."""
    rows = selectors.own_attempts(user=frame.user_of(request))
    context = {
        "running": [_row(row) for row in rows if row.is_running],
        "past": [_row(row) for row in rows if not row.is_running],
    }
    return frame.render_for(request, frame.profile_of(request), "exams/attempts.html", context)


def _row(row: selectors.AttemptRow) -> dict[str, Any]:
    return {
        "attempt": row,
        "title": phrases.exam_title(row.certification_code, row.form_number),
        "left": phrases.duration(row.seconds_left),
    }
