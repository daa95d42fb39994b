"""Rules for whole requests: personal pages are not kept, sessions are seen, staff need a second factor."""

import logging
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import get_language_from_path

from accounts.access import protected_sessions
from accounts.users import sessions
from accounts.users.requests import lacks_second_factor
from accounts.web.navigation import own_language, profile_language
from i18n import languages
from i18n.addresses import browser_language, in_language, match_of

logger = logging.getLogger(__name__)

type Reply = Callable[[HttpRequest], HttpResponseBase]


class PrivatePages(MiddlewareMixin):
    """Forbids keeping a page that was made for somebody who is signed in."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add `no-store` when the reply looked at who asks, and found somebody."""
        # Not `request.user`: that would read a session for every visitor.
        person = getattr(request, "_cached_user", None)
        if person is not None and person.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response


class SeenSessions(MiddlewareMixin):
    """Notes when a session was last used, for the list that its owner sees.

    The save endpoint answers before this, so that no answer of an exam waits for it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Note the session when the reply looked at who asks, and found somebody who is still signed in."""
        # As above: who was not looked at is not read for this.
        person = getattr(request, "_cached_user", None)
        if person is not None and person.is_authenticated:
            _note(request, person.pk)
        return response


def _note(request: HttpRequest, user_id: int) -> None:
    key = request.session.session_key
    if key is None or request.session.get(SESSION_KEY) != str(user_id):
        return
    try:
        sessions.seen(user_id, key, request.META.get("HTTP_USER_AGENT", ""))
    except DatabaseError:
        # The page is made, and worth more than the line of a list.
        logger.exception("A session could not be noted as used", extra={"user_id": user_id})


class AdminLocale:
    """Shows the admin in the language of the reader's profile, and moments in the zone of the site.

    By that zone its days and its numbers of today go. Addresses of the admin name no language.
    """

    def __init__(self, get_response: Reply) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand on; what is no page of the admin keeps its zone and its language."""
        # What a view of the admin activates ends with its request: the thread serves others after it.
        with timezone.override(None), translation.override(translation.get_language()):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or languages.DEFAULT)
            return response

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Choose zone and language when the view is known."""
        if request.resolver_match and "admin" in request.resolver_match.namespaces:
            timezone.activate(ZoneInfo(settings.SITE_ZONE))
            translation.activate(profile_language(request.user) or languages.DEFAULT)
            request.LANGUAGE_CODE = translation.get_language() or languages.DEFAULT


class ReaderLanguage:
    """Leads from an address without a language to the page in the reader's, where that is another one.

    The choice made in this browser counts, else the account; on `/` what the browser asks for, too.
    """

    def __init__(self, get_response: Reply) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 302 to who asks for a page in an address of the default language."""
        is_home = request.path_info == "/"
        away = _in_own_language(request) if _asks_for_page(request) else None
        response = away or self.get_response(request)
        if is_home:
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _asks_for_page(request: HttpRequest) -> bool:
    """Say whether a person opens a page, rather than a script a part of it, or anybody a file."""
    return (
        request.method in {"GET", "HEAD"}
        and request.path_info.endswith("/")
        and "HX-Request" not in request.headers
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and not get_language_from_path(request.path_info)
    )


def _in_own_language(request: HttpRequest) -> HttpResponse | None:
    code = own_language(request) or (browser_language(request) if request.path_info == "/" else "")
    address = here = request.get_full_path()
    if code and code != languages.DEFAULT:
        address = in_language(here, code)
    if address == here or _must_go_on(request):
        return None
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ("Cookie",))
    return response


def _must_go_on(request: HttpRequest) -> bool:
    """Say whether this is the page of a running exam: its copy for a lost connection has the address."""
    match = match_of(request.path_info)
    if match is None or not request.user.is_authenticated:
        return False
    return protected_sessions.goes_on(request.user, match.view_name, match.kwargs)


class StaffSecondFactor(MiddlewareMixin):
    """Lets nobody into the admin past the site's own sign-in, and staff only with a second factor."""

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Send somebody who asks for the admin to sign in, or to set up a second factor."""
        match = request.resolver_match
        if match is None or "admin" not in match.namespaces:
            return None
        if match.url_name == "login":
            return self._redirect_admin_login(request)
        if match.url_name == "password_change":
            # Only the site's own page ends the other sessions, the tokens and the leases.
            return redirect("account_change_password")
        needed = (
            settings.STAFF_NEEDS_SECOND_FACTOR and request.user.is_authenticated and request.user.is_staff
        )
        # Whoever may not stay must be able to leave.
        if not needed or match.url_name == "logout":
            return None
        if not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        return self._sign_in_again(request) if lacks_second_factor(request) else None

    def _sign_in_again(self, request: HttpRequest) -> HttpResponse:
        """End a session that began before there was a second factor: a password alone may have opened it."""
        path = request.get_full_path()
        logout(request)
        return redirect_to_login(path)

    def _redirect_admin_login(self, request: HttpRequest) -> HttpResponse:
        """Never show or take the admin's own form: it asks for a password alone. Raises PermissionDenied."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if request.user.is_staff:
            return redirect("admin:index")
        raise PermissionDenied
