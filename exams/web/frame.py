"""What pages that know the person share: times in the person's own zone."""

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.insights.dashboard import Here


def render_for(
    request: HttpRequest, profile: Profile, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page whose times are those of the person's time zone."""
    with timezone.override(zoneinfo.ZoneInfo(profile.time_zone)):
        return render(request, template, {**context, "profile": profile}, status=status)


def render_to(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render a page that visitors see too; for a person with the times of their zone, one query more."""
    if isinstance(request.user, User):
        return render_for(request, profiles.of(request.user), template, context)
    return render(request, template, context)


def here_of(profile: Profile) -> Here:
    """Return where a person is who reads in the active language."""
    return Here(zoneinfo.ZoneInfo(profile.time_zone), get_language() or "")


def profile_of(request: SignedInRequest) -> Profile:
    """Return the preferences of the signed-in person. One query."""
    return profiles.of(request.user)
