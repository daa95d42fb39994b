"""Who has done something too often: by account, device, person or address, and the pages that say so."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from accounts.base import rates
from accounts.base.errors import Refused
from accounts.users import lockout
from accounts.users.addresses import normalized
from accounts.users.models import User
from accounts.users.requests import View, client_ip


def counter_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the counter that a try counts toward: that of the account, or of a device known to it."""
    typed = credentials or {}
    address = typed.get("email") or typed.get("username") or request.POST.get("login", "")
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return lockout.counter_of(normalized(str(address)).lower(), cookie)


def known_device_of(request: HttpRequest) -> str | None:
    """Return the number of the device that signs in, when it is known to the address that was typed.

    Only of the form that asks for an address and its password: another one could be sent an address of the
    sender's own, with each device that was ever known to it, and would so have as many limits.
    """
    match = request.resolver_match
    if request.method != "POST" or match is None or match.view_name != "account_login":
        return None
    address = normalized(request.POST.get("login", "")).lower()
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return lockout.device_of(cookie, address) if address else None


def respond(
    request: HttpRequest, original_response: HttpResponse, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Answer 429 with the minutes to wait: JSON for a script, else a page. The API has answered itself."""
    if original_response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return original_response
    minutes = lockout.minutes_left(counter_of(request, credentials), client_ip(request))
    message = ngettext("Try again in %(minutes)d minute.", "Try again in %(minutes)d minutes.", minutes) % {
        "minutes": minutes
    }
    response: HttpResponse
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        response = JsonResponse(
            {"code": "too_many_attempts", "form": {"fields": {}, "errors": [message]}},
            status=HTTPStatus.TOO_MANY_REQUESTS,
        )
    else:
        response = render(request, "429.html", {"wait": message}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(minutes * 60)
    response["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True, slots=True)
class Rate:
    """What is limited: the setting that says how many, in how many seconds, and what a person is told."""

    name: str
    setting: str
    seconds: int
    detail: Promise


SEARCH: Final = Rate(
    "search",
    "SEARCHES_PER_MINUTE",
    60,
    _("You've searched very often in the last minute. Wait a moment, then try again."),
)
EXPORT: Final = Rate(
    "export",
    "EXPORTS_PER_HOUR",
    3600,
    _("You've downloaded very many files in the last hour. Try again later."),
)
IMPORT: Final = Rate(
    "import",
    "IMPORTS_PER_HOUR",
    3600,
    _("You've imported very many files in the last hour. Try again later."),
)


def count_or_refuse(request: HttpRequest | Request, rate: Rate) -> None:
    """Count this request toward a limit. One statement. Raises Refused 429 `too_many_requests`."""
    rates.count_or_refuse(
        rate.name,
        _who(request),
        most=getattr(settings, rate.setting),
        seconds=rate.seconds,
        detail=rate.detail,
    )


def _who(request: HttpRequest | Request) -> str:
    if isinstance(request.user, User):
        return f"person:{request.user.pk}"
    return f"address:{client_ip(request)}"


def limited[**P](rate: Rate) -> Callable[[View[P]], View[P]]:
    """Have a page count each request toward a limit, and answer 429 with a page beyond it."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                count_or_refuse(request, rate)
            except Refused as refused:
                return too_many(request, refused)
            return view(request, *args, **kwargs)

        return cast("View[P]", counted)

    return decorate


def too_many(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Return the page of a limit that was reached."""
    response = render(request, "accounts/too_many.html", {"refused": refused}, status=refused.status)
    response["Retry-After"] = str(refused.extra["retry_after"])
    response["Cache-Control"] = "no-store"
    return response
