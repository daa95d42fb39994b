"""How pages are answered: in the reader's time zone; kept for minutes where all visitors see the same."""

from collections.abc import Mapping
from functools import wraps
from typing import Any, Final, cast

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header

from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, View

KEPT_SECONDS: Final = 300


def cached_for_visitors[**P](view: View[P]) -> View[P]:
    """Allow keeping a page for five minutes, unless it was made for somebody or brings a cookie.

    The theme comes from a cookie, so the page varies by all of them.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return kept_for_visitors(request, view(request, *args, **kwargs))

    return cast("View[P]", answer)


def kept_for_visitors(
    request: HttpRequest, response: HttpResponse, seconds: int = KEPT_SECONDS
) -> HttpResponse:
    """Allow keeping this page, as `cached_for_visitors` does."""
    patch_vary_headers(response, ["Cookie"])
    if response.status_code == 200 and not _is_personal(request, response):
        patch_cache_control(response, public=True, max_age=seconds)
    return response


def attachment(content: bytes | memoryview, media_type: str, name: str) -> HttpResponse:
    """Send a file, to be saved and not shown."""
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": disposition})


def no_store(response: HttpResponse) -> HttpResponse:
    """Forbid keeping what is about a person."""
    response["Cache-Control"] = "no-store, private"
    return response


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether somebody is signed in, a message was shown, or a cookie is about to be set."""
    shows_message = getattr(get_messages(request), "used", False)
    token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return bool(request.user.is_authenticated or shows_message or token or response.cookies)


def render_in_time_zone(
    request: SignedInRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page with every moment in the time zone of who is signed in."""
    with timezone.override(profiles.of(request.user).zone):
        return render(request, template, dict(context), status=status)
