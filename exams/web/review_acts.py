"""What a reader does in a row of a review: bookmark, note, report. A POST leads back to the row, or fills it.

With htmx the reader's part of the row is the reply; without script a redirect opens the row again.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.assembly import selectors as assembly
from exams.attempts import answers, selectors
from exams.feedback import checks, marks, reports
from exams.feedback import selectors as feedback
from exams.web import frame, review, review_own
from exams.web.review_own import Fault

CLOSED: Final = ("exam_running", "not_finished", "attempt_closed")


@require_safe
@signed_in
def own(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Return the reader's part of a row to a page that has its link in view; without script lead to it."""
    if not request.headers.get("HX-Request"):
        selectors.head(request.user, attempt_id)
        return HttpResponseRedirect(_row(request, attempt_id, position, part="own"))
    try:
        checks.target(request.user, attempt_id, position)
    except Refused as refused:
        if refused.code in CLOSED:
            return _closed(request, attempt_id, refused, is_part=True)
        raise
    head, ui_language = selectors.head(request.user, attempt_id), get_language() or ""
    extras = review.extras_for(request, head.paper_id, head.certification_code, ui_language)
    part = _part(request, attempt_id, position)
    return HttpResponse(extras[position].learn.encode() + part.content)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bookmark(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Set or remove the bookmark, as the pressed button says."""

    def act() -> str:
        wanted = request.POST.get("bookmarked", "")
        if wanted not in ("0", "1"):
            raise Refused("invalid", 422, _("Use the button to add or remove the bookmark."))
        marks.set_bookmark(
            user=request.user, attempt_id=attempt_id, position=position, bookmarked=wanted == "1"
        )
        return "bookmark" if wanted == "1" else "unbookmark"

    return _do(request, attempt_id, position, act, "bookmark")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def note(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Save the note, or delete it."""

    def act() -> str:
        text = "" if "delete" in request.POST else request.POST.get("text", "")
        stored = marks.write_note(user=request.user, attempt_id=attempt_id, position=position, text=text)
        return "note" if stored else "unnote"

    return _do(request, attempt_id, position, act, "note")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: SignedInRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Send a report of a problem."""

    def act() -> str:
        reports.report(
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
        sent = request.POST
        fault = Fault(form, str(refused), sent.get("text", ""), sent.get("reason", ""))
        if is_part:
            return _part(request, attempt_id, position, fault=fault, status=refused.status)
        return review.page(request, attempt_id, at=position, fault=fault, status=refused.status)
    if is_part:
        return _part(request, attempt_id, position, done=done)
    return HttpResponseRedirect(_row(request, attempt_id, position, done, part="own"))


def _row(
    request: SignedInRequest, attempt_id: UUID, position: int, done: str = "", *, part: str = "t"
) -> str:
    """Return the address of the row in the review, with the questions that were shown."""
    query = review.Choice.of(request.GET).address(row=str(position), done=done)
    return f"{reverse('exams:review', args=[attempt_id])}{query}#q{position}{part}"


def _closed(request: SignedInRequest, attempt_id: UUID, refused: Refused, *, is_part: bool) -> HttpResponse:
    if is_part:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("exams:review", args=[attempt_id])})
    return review.closed(request, frame.profile_of(request), attempt_id, refused)


def _part(
    request: SignedInRequest,
    attempt_id: UUID,
    position: int,
    *,
    done: str = "",
    fault: Fault | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the reader's part of a row, and the words in the row's head."""
    head, ui_language = selectors.head(request.user, attempt_id), get_language() or ""
    place = next((one for one in assembly.places_in(head.edition_id) if one.position == position), None)
    if place is None:
        raise answers.not_found()
    own = feedback.of_places(request.user, [place]).get(position)
    page = review.own_page(request, frame.profile_of(request), attempt_id)
    part = review_own.html(position, own, page, ui_language, done=done, fault=fault)
    words = {"position": position, "marks": review_own.marks(own, ui_language)}
    return HttpResponse(part + render_to_string("exams/review_own.html#head", words), status=status)
