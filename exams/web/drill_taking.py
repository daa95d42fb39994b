"""A drill with feedback at the end without JavaScript: one question a request, on the pages of an exam.

One with feedback at once has its own page, to which these addresses lead.
"""

from functools import wraps
from typing import cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, SignedInView, View
from exams.web import seats, taking


def _at_end[**P](view: SignedInView[P]) -> View[P]:
    """Lead a drill that is not taken here to where it is."""

    @wraps(view)
    def led(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.code != "feedback_at_once":
                raise
            return redirect("exams:drill", kwargs["drill_id"])

    return taking.own_attempt(cast("SignedInView[P]", led))


@require_http_methods(["GET", "HEAD", "POST"])
@_at_end
def question(request: SignedInRequest, drill_id: UUID, position: int) -> HttpResponse:
    """Show one question; a POST saves its answer and goes where the pressed button says."""
    return taking.question_page(request, seats.of_drill(request.user, drill_id), position)


@require_http_methods(["GET", "HEAD", "POST"])
@_at_end
def submit(request: SignedInRequest, drill_id: UUID) -> HttpResponse:
    """Show what is open and flagged before the end; a POST ends the drill."""
    return taking.submit_page(request, seats.of_drill(request.user, drill_id))
