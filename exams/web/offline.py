"""What a browser keeps of a running attempt, so that a reload without a connection shows it.

`static/js/attempt/offline.js` keeps the copy under the name of a cookie, `static/js/sw.js` shows it as long
as that cookie is there. So whatever ends a sign-in takes the copy out of sight, also where no script runs.
"""

import functools
from functools import wraps
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.users.requests import View
from exams.attempts.selectors import AttemptFacts

DAY: Final = 24 * 3600
UNTIMED: Final = 31 * DAY
"""A drill without a time limit ends after 30 days without an answer."""
MOST: Final = 10
"""Copies that one browser keeps."""


def is_copy(request: HttpRequest) -> bool:
    """Say whether the page is asked for to be kept: it names nobody then, and holds no token."""
    return "copy" in request.GET


def cookie_of(attempt_id: UUID) -> str:
    """Return the name of the cookie on which the copy of an attempt depends."""
    return f"{settings.COPY_COOKIE_PREFIX}{attempt_id.hex}"


def allow(request: HttpRequest, response: HttpResponse, attempt: AttemptFacts) -> None:
    """Let the browser keep a copy for this sign-in, until a day after the deadline."""
    left = attempt.seconds_left
    only_while_open = request.session.get_expire_at_browser_close()
    sign_in = salted_hmac("exams.web.offline", request.session.session_key or "", algorithm="sha256")
    # Many copies would make the header of each request too long: those of drills that were left go first.
    names = [name for name in request.COOKIES if name.startswith(settings.COPY_COOKIE_PREFIX)]
    for name in names[: -(MOST - 1)]:
        response.delete_cookie(name, samesite="Lax")
    response.set_cookie(
        cookie_of(attempt.attempt_id),
        sign_in.hexdigest()[:16],
        max_age=None if only_while_open else UNTIMED if left is None else left + DAY,
        samesite="Lax",
        secure=request.is_secure(),
    )


def takes_back[**P](view: View[P]) -> View[P]:
    """Take back the copy of what a view shows the result of. What runs gets it again from its own page."""

    @wraps(view)
    def taking_back(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for attempt_id in kwargs.values():
            if isinstance(attempt_id, UUID) and cookie_of(attempt_id) in request.COOKIES:
                response.delete_cookie(cookie_of(attempt_id), samesite="Lax")
        return response

    return cast("View[P]", taking_back)


class CopyCookies(MiddlewareMixin):
    """Takes the copies of a browser back once its session is another one or over, whatever ended it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Compare the session cookie that came with the one that leaves."""
        copies = [name for name in request.COOKIES if name.startswith(settings.COPY_COOKIE_PREFIX)]
        if copies and not _is_same_session(request, response):
            for name in copies:
                response.delete_cookie(name, samesite="Lax")
        return response


def _is_same_session(request: HttpRequest, response: HttpResponse) -> bool:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    sent = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return bool(key) and (sent is None or sent.value == key)


@functools.cache
def _script() -> str:
    return (Path(settings.BASE_DIR) / "static" / "js" / "sw.js").read_text()


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker. At the root it may serve any attempt, and its address never changes."""
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
