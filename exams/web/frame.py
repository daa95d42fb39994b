"""What the signed-in pages share: who asks, refusals as pages, times in the person's own zone."""

import zoneinfo
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User
from accounts.users.requests import signed_in

# Pages name it as part of the frame.
__all__ = ["profile_of", "render_for", "signed_in", "user_of"]


def user_of(request: HttpRequest) -> User:
    """Return the signed-in person of a view behind `signed_in`."""
    return cast(User, request.user)


def render_for(
    request: HttpRequest, profile: Profile, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page whose times are those of the person's time zone."""
    with timezone.override(zoneinfo.ZoneInfo(profile.time_zone)):
        return render(request, template, {**context, "profile": profile}, status=status)


def profile_of(request: HttpRequest) -> Profile:
    """Return the preferences of the signed-in person. One query."""
    return profiles.of(user_of(request))
