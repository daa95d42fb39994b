"""Where a person is signed in: the list, and the browser that is asked to confirm before it goes on."""

from dataclasses import dataclass
from typing import Any, Final, cast

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import device_limit, protected_sessions
from accounts.privacy import services
from accounts.users import sessions as user_sessions
from accounts.users import tokens
from accounts.users.models import BrowserSession, User
from accounts.users.requests import SignedInRequest, is_part, signed_in, whole_number
from accounts.web import navigation
from accounts.web.rendering import render_in_time_zone

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
    rows = [Row(one, name_of(one), one.session_id == this) for one in user_sessions.alive(person)]
    # Stable: the others stay in the order in which they were last seen.
    rows.sort(key=lambda row: not row.is_this)
    api_tokens = list(tokens.valid_tokens(person))
    context = {"rows": rows, "tokens": api_tokens, "any_other": len(rows) > 1 or bool(api_tokens)}
    return render_in_time_zone(request, "accounts/sessions.html", context)


def _end(request: SignedInRequest) -> str:
    """End what the form names; return what to say of it."""
    person, sent = request.user, request.POST
    if "others" in sent:
        ended = services.end_other_sessions(person, request.session.session_key or "")
        return ngettext("Ended %(count)d session.", "Ended %(count)d sessions.", ended) % {"count": ended}
    if "token" in sent:
        revoked = services.revoke_token(person, whole_number(sent["token"], DIGITS, 0))
        return _("The API token is revoked.") if revoked else _("This had already ended.")
    row_id = whole_number(sent.get("session"), DIGITS, 0)
    if user_sessions.is_session(person, row_id, request.session.session_key or ""):
        return _("To end this session, sign out.")
    return _("Signed out there.") if services.end_session(person, row_id) else _("This had already ended.")


def name_of(session: BrowserSession) -> str:
    """Return what the browser claims to be, as far as it says anything known."""
    return named(session.browser, session.system) or _("Unknown browser")


def named(browser: str, system: str) -> str:
    """Return the name of a browser on a system, "" when nothing known is claimed."""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# The API asks by itself, for callers with a session.
API: Final = "/api/"
# What it takes to confirm or to leave, what the law wants read at any time, and what asks for nobody.
OPEN: Final = frozenset(
    {
        "accounts:confirm_device",
        "accounts:sessions",
        "accounts:language",
        "accounts:appearance",
        "accounts:reminders",
        "accounts:study_reminders",
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "legal:privacy",
        "legal:terms",
        "legal:refunds",
        "legal:imprint",
        "legal:contact",
        "legal:accessibility",
        "stripe_webhook",
        "robots",
        "favicon",
        "sitemap",
        "service_worker",
        "metrics",
    }
)


class ConfirmedDevices(MiddlewareMixin):
    """Leads a browser that is asked to confirm to the page for it.

    It costs a browser that is not asked no statement: what reads its session says so. A form that is sent is
    still taken, or what somebody has just written would be lost; its reply leads to the page.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Have htmx open the page after a form that was taken."""
        if getattr(request, "leads_to_confirmation", False) and response.status_code < 400:
            response["HX-Redirect"] = _address(_page_of(request))
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer in place of a view that must wait; the decision falls when it is known."""
        match = request.resolver_match
        if match is None or not _may_be_asked(request, match) or not _is_held_back(request, match):
            return None
        by_htmx = is_part(request)
        if request.method not in SAFE and not protected_sessions.is_beginning(match.view_name):
            # What was written in the form is taken; only its reply leads to the page.
            request.leads_to_confirmation = by_htmx  # type: ignore[attr-defined]
            return None
        # A redirect would be followed by the script, and its page put into a part of this one.
        if by_htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": _address(_page_of(request))})
        is_safe = request.method in SAFE
        return redirect(_address(request.get_full_path() if is_safe else navigation.referring_path(request)))


def _may_be_asked(request: HttpRequest, match: ResolverMatch) -> bool:
    """Say whether the session is to be looked at: not where the view would not have done so."""
    return (
        request.session.session_key is not None
        and match.view_name not in OPEN
        and match.namespace != "old_addresses"
        and not protected_sessions.is_impersonal(match.view_name)
        and not request.path_info.startswith(API)
    )


def _is_held_back(request: HttpRequest, match: ResolverMatch) -> bool:
    # Reading anything has the session loaded, and with it `asked_at`.
    if SESSION_KEY not in request.session or _asked_at(request) is None:
        return False
    person, key = request.user, request.session.session_key
    if not isinstance(person, User) or key is None:
        return False
    return device_limit.is_held_back(person, key, match.view_name, match.kwargs)


def _asked_at(request: HttpRequest) -> object:
    return getattr(request.session, "asked_at", None)


def _page_of(request: HttpRequest) -> str:
    """Return the path of the page in which htmx asks."""
    return navigation.path_in(request.headers.get("HX-Current-URL", ""))


def _address(next_path: str) -> str:
    return navigation.leading_on(reverse("accounts:confirm_device"), next_path)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm_device(request: SignedInRequest) -> HttpResponse:
    """Say why this browser must be confirmed, and confirm it once the person has proven who they are."""
    if request.method == "POST":
        return cast(HttpResponse, _confirm(request))
    key = request.session.session_key or ""
    if _asked_at(request) is None or device_limit.release(request.user, key):
        return _back(request)
    counted = device_limit.counted(request.user)
    context = {
        "browsers": [{"name": name_of(session), "session": session} for session in counted],
        "most": settings.DEVICES_PER_ACCOUNT,
        "next_path": navigation.next_path_of(request),
        "running": protected_sessions.running(request.user),
    }
    return render_in_time_zone(request, "accounts/confirm_device.html", context)


@reauthentication_required  # type: ignore[untyped-decorator]
def _confirm(request: SignedInRequest) -> HttpResponse:
    device_limit.confirm(request.user, request.session.session_key or "")
    messages.success(request, _("This browser is confirmed."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(navigation.next_path_of(request) or "accounts:sessions")
