"""Pages that are the same for every visitor may be kept for some minutes, by browsers and proxies."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

KEPT_SECONDS: Final = 300

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


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


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Say whether somebody is signed in, a message was shown, or a cookie is about to be set."""
    shown = getattr(getattr(request, "_messages", None), "used", False)
    token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
    return bool(request.user.is_authenticated or shown or token or response.cookies)
