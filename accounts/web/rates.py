"""Limits by person, and by address for who is not signed in: searches, and files out and in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.base import rates
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.web.lockout import address_of

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


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


def count(request: HttpRequest | Request, rate: Rate) -> None:
    """Count this request toward a limit. One statement. Raises Refused 429 `too_many_requests`."""
    key = f"{rate.name}:{_who(request)}"
    rates.count(key, most=getattr(settings, rate.setting), seconds=rate.seconds, detail=rate.detail)


def _who(request: HttpRequest | Request) -> str:
    if isinstance(request.user, User):
        return f"person:{request.user.pk}"
    # An address is kept as a digest only.
    address = address_of(request) or ""
    return f"address:{salted_hmac('accounts.rates', address, algorithm='sha256').hexdigest()}"


def limited[**P](rate: Rate) -> Callable[[View[P]], View[P]]:
    """Have a page count each request toward a limit, and answer 429 with a page beyond it."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                count(request, rate)
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
