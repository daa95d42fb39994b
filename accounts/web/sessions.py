"""The page on which a person sees where they are signed in, and ends what they do not know."""

import zoneinfo
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.privacy import services
from accounts.profile import selectors as profiles
from accounts.users import sessions as listed
from accounts.users import tokens
from accounts.users.models import BrowserSession
from accounts.users.requests import SignedInRequest, signed_in

# A number longer than this is no key of a table.
DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Row:
    """A browser as the list shows it."""

    session: BrowserSession
    name: str
    is_this: bool


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: SignedInRequest) -> HttpResponse:
    """Show browsers and API tokens of the person; a POST ends one of them, or all others."""
    if request.method == "POST":
        messages.info(request, _end(request))
        return redirect("accounts:sessions")
    person = request.user
    this = request.session.session_key
    rows = [Row(one, name_of(one), one.session_id == this) for one in listed.alive(person)]
    rows.sort(key=lambda row: not row.is_this)
    keys = list(tokens.valid_tokens(person))
    context = {"rows": rows, "tokens": keys, "any_other": len(rows) > 1 or bool(keys)}
    with timezone.override(zoneinfo.ZoneInfo(profiles.of(person).time_zone)):
        return render(request, "accounts/sessions.html", context)


def _end(request: SignedInRequest) -> str:
    """End what the form names; return what to say of it."""
    person, sent = request.user, request.POST
    if "others" in sent:
        ended = services.end_other_sessions(person, request.session.session_key or "")
        return ngettext("Ended %(count)d session.", "Ended %(count)d sessions.", ended) % {"count": ended}
    if "token" in sent:
        done = services.revoke_token(person, _number(sent["token"]))
        return _("The API token is revoked.") if done else _("This had already ended.")
    row_id = _number(sent.get("session", ""))
    if listed.is_session(person, row_id, request.session.session_key or ""):
        return _("To end this session, sign out.")
    return _("Signed out there.") if services.end_session(person, row_id) else _("This had already ended.")


def _number(text: str) -> int:
    """Return a number of a form; 0, which is no key, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else 0


def name_of(session: BrowserSession) -> str:
    """Return what the browser claims to be, as far as it says anything known."""
    return named(session.browser, session.system) or _("Unknown browser")


def named(browser: str, system: str) -> str:
    """Return the name of a browser on a system, "" when nothing known is claimed."""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system
