"""How a page is sent: in the zone of its person, compressed at the level that keeps its budget of bytes."""

import zlib
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_header_parameters
from django.utils.translation import get_language

from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User
from accounts.users.requests import is_part, or_404
from accounts.web.rendering import no_store
from exams.catalog import selectors as catalog
from exams.insights.dashboard import Here


def facts_of(request: HttpRequest, code: str) -> catalog.Facts:
    """Return the facts of a certification. Raises Http404 when who asks finds none."""
    return or_404(catalog.facts(code, request.user))


def page_of(request: HttpRequest, code: str) -> catalog.CertificationPage:
    """Return the certification in the language of the request.

    Raises Http404 when there is none, or none that who asks finds.
    """
    return or_404(catalog.certification(code, get_language() or "", request.user))


def render_for(
    request: HttpRequest,
    profile: Profile | None,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a page whose times are those of the person's time zone; visitors have no profile."""
    with timezone.override(profile.zone if profile else None):
        return render(request, template, {**context, "profile": profile}, status=status)


def render_to(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page, for a person with the times of their zone: one query more than for a visitor."""
    profile = profiles.of(request.user) if isinstance(request.user, User) else None
    return render_for(request, profile, template, context, status)


def pdf_progress(
    request: HttpRequest, state: str, *, title: str, code: str, here: str, back: str
) -> HttpResponse:
    """Show how far the job is that makes a PDF: in place of the button that was pressed, else as a page.

    The address itself leads to the file once it is there.
    """
    context = {
        "title": title,
        "code": code,
        "here": here,
        "back": back,
        "address": request.path,
        "is_ready": state == JobState.DONE,
        "is_failed": state == JobState.FAILED,
    }
    template = "exams/pdf.html#progress" if is_part(request) else "exams/pdf.html"
    return no_store(render(request, template, context))


def own_pdf(
    request: HttpRequest, job: Job | None, *, title: str, code: str, here: str, back: str
) -> HttpResponse:
    """Answer for a PDF that a job of the person makes: how far it is, then the file.

    Without a job what it would say has changed since it was asked for: that leads back to its page.
    """
    if job is None:
        if is_part(request):
            return HttpResponse(status=204, headers={"HX-Redirect": back})
        return redirect(back)
    if request.method == "POST" and not is_part(request):
        return redirect(request.path)
    if job.state == JobState.DONE and not is_part(request):
        return redirect("accounts:job_file", job.pk)
    return pdf_progress(request, job.state, title=title, code=code, here=here, back=back)


def in_preparation(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """Say that a part of a course is not there yet. Raises Http404 where there is no such course, either."""
    context = {"facts": facts_of(request, code), "part": part}
    return render_to(request, "exams/in_preparation.html", context, status=404)


def here_of(profile: Profile) -> Here:
    """Return where a person is who reads in the active language."""
    return Here(profile.zone, get_language() or "", profile.accommodation)


# zlib writes the head and the tail of gzip for this size of window.
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


def takes_gzip(request: HttpRequest) -> bool:
    """Say whether the browser reads gzip."""
    for word in request.headers.get("Accept-Encoding", "").split(","):
        name, parameters = parse_header_parameters(word.strip())
        if name == "gzip" and parameters.get("q") not in ("0", "0.0"):
            return True
    return False


def compressed(request: HttpRequest, response: HttpResponse, level: int) -> HttpResponse:
    """Compress a reply for a browser that reads gzip. What is compressed already stays as it is."""
    if response.streaming or response.has_header("Content-Encoding"):
        return response
    patch_vary_headers(response, ["Accept-Encoding"])
    if takes_gzip(request):
        squeeze = zlib.compressobj(level, zlib.DEFLATED, _GZIP_WINDOW)
        response.content = squeeze.compress(response.content) + squeeze.flush()
        response["Content-Encoding"] = "gzip"
    return response
