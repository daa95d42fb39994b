"""A person's own cheat sheet: what their incorrect answers point at, as page and as PDF."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import policy
from accounts.access.refusals import NoAccess
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, or_404, signed_in
from exams.cheatsheet import documents, personal
from exams.cheatsheet.personal import OwnSheet
from exams.web import rendering
from exams.web.cheatsheet import frame_context
from exams.web.practice import closed


@require_safe
@signed_in
def own(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the blocks, most often missed first; to who has missed nothing, what will fill the page."""
    access = policy.access_of(request.user, f"cert:{code}")
    sheet = _sheet(request.user, code)
    context: dict[str, Any] = {
        **frame_context(sheet.head),
        "access": access,
        "blocks": sheet.blocks if access else (),
        "rest": sheet.rest if access else (),
    }
    return rendering.render_to(request, "exams/own_cheatsheet.html", context)


def _sheet(user: User, code: str) -> OwnSheet:
    return or_404(personal.of(user, code, get_language() or ""))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def pdf(request: SignedInRequest, code: str) -> HttpResponse:
    """POST has the PDF made; GET shows how far that is, and leads to the file once it is there."""
    sheet, job = _sheet(request.user, code), None
    try:
        if sheet.blocks and request.method == "POST":
            job = personal.ensure(request.user, sheet)
        elif sheet.blocks:
            personal.check_access(request.user, sheet)
            job = personal.job(request.user, sheet)
    except NoAccess as refused:
        return closed(request, refused)
    back = reverse("exams:own_cheatsheet", args=[code])
    return rendering.own_pdf(
        request, job, title=documents.title_of(sheet.head), code=code, here="sheet", back=back
    )
