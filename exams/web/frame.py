"""What the signed-in pages share: who asks, refusals as pages, times in the person's own zone."""

import zoneinfo
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User

type Page[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def user_of(request: HttpRequest) -> User:
    """Return the signed-in person of a view behind `signed_in`."""
    return cast(User, request.user)


def signed_in[**P](view: Page[P]) -> Page[P]:
    """Ask for a sign-in first; absent things and those of others are the same 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.status == 404:
                raise Http404 from refused
            raise

    guarded = login_required(wrapped)

    @wraps(view)
    def with_parts(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = guarded(request, *args, **kwargs)
        if request.headers.get("HX-Request") and not request.user.is_authenticated:
            # A sign-in page must not be put into a part of this one.
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response

    return cast("Page[P]", with_parts)


def render_for(
    request: HttpRequest, profile: Profile, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page whose times are those of the person's time zone."""
    with timezone.override(zoneinfo.ZoneInfo(profile.time_zone)):
        return render(request, template, {**context, "profile": profile}, status=status)


def profile_of(request: HttpRequest) -> Profile:
    """Return the preferences of the signed-in person. One query."""
    return profiles.of(user_of(request))
