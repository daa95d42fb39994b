"""Pages of a person that show moments, in that person's time zone."""

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest


def render_for(
    request: SignedInRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page with every moment in the time zone of who is signed in."""
    with timezone.override(zoneinfo.ZoneInfo(profiles.of(request.user).time_zone)):
        return render(request, template, dict(context), status=status)
