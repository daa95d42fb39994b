"""The notice of maintenance that an operator announces by settings."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Notice:
    """What pages show: a text of the operator's own, or a start (UTC) and a length for the built-in one."""

    text: str
    start: dt.datetime | None
    minutes: int
    urgent: bool


def notice(now: dt.datetime, language: str) -> Notice | None:
    """Return what is announced at this moment, or None: nothing is, or it is over.

    Words that are missing in a language are shown in the default one. Words without a start stay until the
    setting is taken away.
    """
    start, minutes = settings.MAINTENANCE_START, settings.MAINTENANCE_MINUTES
    if start and now >= start + dt.timedelta(minutes=minutes):
        return None
    texts = settings.MAINTENANCE_TEXTS
    text = texts.get(language) or texts.get(settings.LANGUAGE_CODE, "")
    if not text and not start:
        return None
    return Notice(text, start, minutes, settings.MAINTENANCE_URGENT)


def banner(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `maintenance`, the notice or None."""
    return {"maintenance": notice(dt.datetime.now(dt.UTC), get_language() or settings.LANGUAGE_CODE)}
