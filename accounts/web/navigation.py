"""Where a person goes on, and in which language: by the address, their choice, profile, or browser."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language_from_path

from accounts.profile import selectors as profiles
from accounts.users.models import User
from i18n import languages
from i18n.addresses import chosen_language

# Longer than any page of the site with its query.
LONGEST_PATH: Final = 1000


def next_path_of(request: HttpRequest) -> str:
    """Return where the person was going: a path of this site with its query, or "" for anything else."""
    path = path_in(get_next_redirect_url(request) or "")
    ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours and path.startswith("/") and len(path) <= LONGEST_PATH else ""


def referring_path(request: HttpRequest) -> str:
    """Return path and query of the page that led here, "" where the browser names none of this site."""
    referer, own = request.headers.get("Referer", ""), {request.get_host()}
    return path_in(referer) if url_has_allowed_host_and_scheme(referer, own, request.is_secure()) else ""


def path_in(address: str) -> str:
    """Return path and query of an address, which alone lead to this site; "" for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return urlunsplit(("", "", parts.path, parts.query, ""))


def login_url(next_path: str) -> str:
    """Return the address of the sign-in page that leads on to a path of this site."""
    return leading_on(reverse("account_login"), next_path)


def leading_on(address: str, next_path: str) -> str:
    """Return an address that leads on to a path of this site."""
    return f"{address}?{urlencode({'next': next_path})}" if next_path else address


def profile_language(user: object) -> str:
    """Return the language of this person's profile, or "" for a stranger or one who has none. One query."""
    if not isinstance(user, User):
        return ""
    profile = profiles.of(user)
    # A default that nobody has stored says nothing.
    return "" if profile._state.adding else profile.ui_language


def own_language(request: HttpRequest) -> str:
    """Return the language that was chosen in this browser, else that of the account, "" without either."""
    if (chosen := chosen_language(request)) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return chosen
    return getattr(request.session, "language", "") if request.user.is_authenticated else ""


def language_to_go_on(request: HttpRequest, user: object) -> str:
    """Return the language after signing in or out: that of the page, unless nobody has chosen it.

    An address with a language was chosen, and so was that without one where a language link was followed.
    Else the profile of `user` decides.
    """
    named = get_language_from_path(request.path_info)
    if named or chosen_language(request):
        return named or languages.DEFAULT
    return profile_language(user) or languages.DEFAULT
