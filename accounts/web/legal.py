"""The pages on who runs the site, what it stores and what is agreed: privacy, terms, imprint and so on.

Figures in them come from settings and code, so that they cannot say what the software does not do.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.base import site_operator
from accounts.users import lockout, tokens
from accounts.web.rendering import cached_for_visitors
from i18n.context import CHOICE_SECONDS, THEME_COOKIE

# When privacy notice or terms last changed in a way that a reader would want to know of.
CHANGED_ON: Final = dt.date(2026, 12, 1)
# Django has no setting for its name: django.contrib.messages.storage.cookie.
MESSAGES_COOKIE: Final = "messages"
DAY: Final = 24 * 3600
# Django's own age of the CSRF cookie is 52 weeks.
YEAR_DAYS: Final = range(364, 367)


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that the site sets: its name, what it is for, and how long it stays."""

    name: str
    purpose: str
    lifetime: str


def _lasting(seconds: int) -> str:
    """Return a lifetime in words."""
    days = round(seconds / DAY)
    if days in YEAR_DAYS:
        return _("1 year")
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def cookies() -> list[Cookie]:
    """Return every cookie that the site can set, in the language of the reader."""
    signed_in = _(
        "at most %(time)s; if you signed in without “Keep me signed in on this device”, "
        "only until you close the browser"
    )
    return [
        Cookie(
            settings.SESSION_COOKIE_NAME,
            _("Keeps you signed in, and remembers where you are while you sign up or reset your password."),
            signed_in % {"time": _lasting(settings.SESSION_COOKIE_AGE)},
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Proves that a form was sent from this site. Set only by pages with such a form."),
            _lasting(settings.CSRF_COOKIE_AGE),
        ),
        Cookie(
            settings.DEVICE_COOKIE_NAME,
            _(
                "Recognizes a browser you've signed in with, so that other people's wrong passwords "
                "can't lock you out of your account there."
            ),
            _lasting(lockout.DEVICE_MAX_AGE),
        ),
        Cookie(
            settings.PLACE_COOKIE_NAME,
            _("Remembers which question of an exam you saw last, in browsers without JavaScript."),
            _("until you close the browser"),
        ),
        Cookie(
            f"{settings.COPY_COOKIE_PREFIX}…",
            _(
                "One for each exam or practice set in progress: lets this browser show it "
                "when you reload it without a connection."
            ),
            _(
                "until you submit or sign out, at most a day after the time limit (31 days without one); "
                "if you signed in without “Keep me signed in on this device”, "
                "only until you close the browser"
            ),
        ),
        Cookie(
            MESSAGES_COOKIE,
            _("Carries a short message such as “Saved.” to the next page."),
            _("until the message is shown"),
        ),
        Cookie(
            settings.LANGUAGE_COOKIE_NAME, _("Remembers the language you chose."), _lasting(CHOICE_SECONDS)
        ),
        Cookie(THEME_COOKIE, _("Remembers the appearance you chose."), _lasting(CHOICE_SECONDS)),
    ]


def contact_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `contact_email`, the address for mail to the operator."""
    return {"contact_email": site_operator.contact_email()}


def _privacy_figures() -> dict[str, Any]:
    return {
        "cookies": cookies(),
        "session_days": settings.SESSION_COOKIE_AGE // DAY,
        "token_days": tokens.LIFETIME.days,
        "mail_days": settings.MAIL_DAYS,
        "refused_days": settings.REFUSED_ANSWER_DAYS,
        "lockout_minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        "backups": settings.BACKUPS_KEPT,
    }


def _terms_figures() -> dict[str, Any]:
    return {"starts": settings.EXAM_STARTS_PER_DAY, "devices": settings.DEVICES_PER_ACCOUNT}


# What a page says that comes from settings and code. Each is an address and a template of its name.
PAGES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "privacy": _privacy_figures,
    "terms": _terms_figures,
    "refunds": dict,
    "imprint": dict,
    "contact": dict,
    "accessibility": dict,
}


@require_safe
@cached_for_visitors
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one of `PAGES`."""
    context = {**site_operator.facts(), "changed_on": CHANGED_ON, **PAGES[name]()}
    return render(request, f"legal/{name}.html", context)
