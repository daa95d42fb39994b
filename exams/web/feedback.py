"""What readers say about questions: bookmark, note and report in a row of a review, and the list of reports.

A POST leads back to the row, or fills it: with htmx the reader's part of the row is the reply; without script
a redirect opens the row again.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.assembly import solutions
from exams.attempts import answers, selectors
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
        }
        for row in feedback.own_reports(request.user)
    ]
    return rendering.render_to(request, "exams/reports.html", {"rows": rows})


@require_safe
@signed_in
def own(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Return the reader's part of a row to a page that has its link in view; without script lead to it."""
    if not request.headers.get("HX-Request"):
        selectors.head(request.user, attempt_id)
        return HttpResponseRedirect(_row(request, attempt_id, position, part="own"))
    try:
        services.open_question(request.user, attempt_id, position)
    except Refused as refused:
        if refused.code in CLOSED:
            return _closed(request, attempt_id, refused, is_part=True)
        raise
    head = selectors.head(request.user, attempt_id)
    notes = review.notes_for(request, head.paper_id, head.certification_code, get_language() or "")
    return _part(request, attempt_id, position, learn=notes[position].learn)


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
        selectors.head(request.user, attempt_id)
        return HttpResponseRedirect(_row(request, attempt_id, position))
    is_part = bool(request.headers.get("HX-Request"))
    try:
        done = act()
    except Refused as refused:
        if refused.status == 404:
            raise
        if refused.code in CLOSED:
            return _closed(request, attempt_id, refused, is_part=is_part)
        error = FormError(form, str(refused), request.POST.get("text", ""), request.POST.get("reason", ""))
        if is_part:
            return _part(request, attempt_id, position, error=error, status=refused.status)
        return review.page(request, attempt_id, at=position, error=error, status=refused.status)
    if is_part:
        return _part(request, attempt_id, position, done=done)
    return HttpResponseRedirect(_row(request, attempt_id, position, done, part="own"))


def _row(
    request: SignedInRequest, attempt_id: UUID, position: int, done: str = "", *, part: str = "t"
) -> str:
    """Return the address of the row in the review, with the questions that were shown."""
    query = ReviewFilter.from_query(request.GET).query(row=str(position), done=done)
    return f"{reverse('exams:review', args=[attempt_id])}{query}#q{position}{part}"


def _closed(request: SignedInRequest, attempt_id: UUID, refused: Refused, *, is_part: bool) -> HttpResponse:
    if is_part:
        # htmx would put what a plain redirect leads to into the row.
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("exams:review", args=[attempt_id])})
    return review.closed(request, attempt_id, refused)


def _part(
    request: SignedInRequest,
    attempt_id: UUID,
    position: int,
    *,
    learn: SafeString | None = None,
    done: str = "",
    error: FormError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the reader's part of a row, and the words in the row's head."""
    head = selectors.head(request.user, attempt_id)
    place = next((one for one in solutions.places_in(head.edition_id) if one.position == position), None)
    if place is None:
        raise answers.not_found()
    context = {
        **review.forms_context(attempt_id, ReviewFilter.from_query(request.GET), error),
        "position": position,
        "own": feedback.of_places(request.user, [place]).get(position),
        "learn": learn or "",
        "done": DONE.get(done, ""),
        "error": error,
    }
    return rendering.render_to(request, "exams/review_own.html#reply", context, status)
