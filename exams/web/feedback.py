"""What readers say about questions: bookmark, note and report beside a question, and the list of reports.

A POST leads back to the question of its exam or drill; with htmx the tools of the question are the reply.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, is_part, signed_in
from exams.attempts import answers
from exams.attempts.models import Attempt, Mode, State
from exams.feedback import selectors as feedback
from exams.feedback import services
from exams.presentation import formatting
from exams.web import rendering, review
from exams.web.review import DONE, FormError, ReviewFilter

CLOSED: Final = ("exam_running", "not_finished", "attempt_closed")


@require_safe
@signed_in
def reports(request: SignedInRequest) -> HttpResponse:
    """List what the person reported and what we answered, newest first."""
    rows = [
        {
            "own": row,
            "report": row.report,
            "title": formatting.exam_title(row.certification_code, row.form_number),
            "page": "exams:review" if row.form_number else "exams:drill_result",
        }
        for row in feedback.own_reports(request.user)
    ]
    return rendering.render_to(request, "exams/reports.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bookmark(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Set or remove the bookmark, as the pressed button says."""

    def act() -> str:
        pressed = request.POST.get("bookmarked", "")
        if pressed not in ("0", "1"):
            raise Refused("invalid", 422, _("Use the button to add or remove the bookmark."))
        services.set_bookmark(
            user=request.user, attempt_id=attempt_id, position=position, bookmarked=pressed == "1"
        )
        return "bookmark" if pressed == "1" else "unbookmark"

    return _do(request, attempt_id, position, act, "bookmark")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def note(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Save the note, or delete it."""

    def act() -> str:
        text = "" if "delete" in request.POST else request.POST.get("text", "")
        stored = services.write_note(user=request.user, attempt_id=attempt_id, position=position, text=text)
        return "note" if stored else "unnote"

    return _do(request, attempt_id, position, act, "note")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Send a report of a problem."""

    def act() -> str:
        services.report(
            user=request.user,
            attempt_id=attempt_id,
            position=position,
            reason=request.POST.get("reason", ""),
            text=request.POST.get("text", ""),
        )
        return "report"

    return _do(request, attempt_id, position, act, "report")


def _do(
    request: SignedInRequest, attempt_id: UUID, position: int, act: Callable[[], str], form: str
) -> HttpResponse:
    if request.method != "POST":
        # Whoever pressed the button after their session had ended comes here from the sign-in page.
        return HttpResponseRedirect(_question(request, attempt_id, position))
    try:
        done = act()
    except Refused as refused:
        if refused.status == 404:
            raise
        if refused.code in CLOSED:
            return _closed(request, attempt_id, refused)
        error = FormError(form, str(refused), request.POST.get("text", ""), request.POST.get("reason", ""))
        if is_part(request):
            return _part(request, attempt_id, position, error=error, status=refused.status)
        if _page_of(request, attempt_id) != "review":
            messages.error(request, str(refused))
            return HttpResponseRedirect(_question(request, attempt_id, position))
        return review.page(request, attempt_id, error, at=position, status=refused.status)
    if is_part(request):
        return _part(request, attempt_id, position, done=done)
    return HttpResponseRedirect(_question(request, attempt_id, position, done))


def _page_of(request: SignedInRequest, attempt_id: UUID) -> str:
    """Return the name of the page that shows the questions of an own exam or drill. One statement."""
    row = Attempt.objects.filter(pk=attempt_id, user=request.user).values_list("mode", "state").first()
    if row is None:
        raise answers.not_found()
    mode, state = row
    if mode == Mode.EXAM:
        return "review"
    return "drill" if state == State.RUNNING else "drill_result"


def _question(request: SignedInRequest, attempt_id: UUID, position: int, done: str = "") -> str:
    """Return the address of the question on its page, with the questions that were shown."""
    page = reverse(f"exams:{_page_of(request, attempt_id)}", args=[attempt_id])
    query = ReviewFilter.from_query(request.GET).query(q=str(position), done=done)
    return f"{page}{query}#q{position}own"


def _closed(request: SignedInRequest, attempt_id: UUID, refused: Refused) -> HttpResponse:
    if is_part(request):
        page = reverse(f"exams:{_page_of(request, attempt_id)}", args=[attempt_id])
        # htmx would put what a plain redirect leads to in place of the tools.
        return HttpResponse(status=204, headers={"HX-Redirect": page})
    return review.closed(request, attempt_id, refused)


def _part(
    request: SignedInRequest,
    attempt_id: UUID,
    position: int,
    *,
    done: str = "",
    error: FormError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the tools of a question, its marks in the list, and how many the filters find now."""
    places = services.open_question(request.user, attempt_id, position).places
    own = feedback.of_places(request.user, places)
    context = {
        **review.forms_context(attempt_id, ReviewFilter.from_query(request.GET), error),
        "position": position,
        "own": own.get(position),
        "counts": review.own_counts(own.values()),
        "done": DONE.get(done, ""),
    }
    return rendering.render_to(request, "exams/review_own.html#reply", context, status)
