"""Who calls the API: `Authorization: Token ...`, or the session of the site."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.access import device_limit
from accounts.api.problems import Problem
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from accounts.users.requests import lacks_second_factor

KEYWORD: Final = "Token"


class TokenAuthentication(authentication.BaseAuthentication):
    """Takes a hashed token; an unknown, expired, revoked one or an inactive owner is 401.

    A view names the scope that it asks for as `token_scope`; tokens of candidates have none.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the owner and the token, or None when the header names another scheme."""
        scheme, _space, token_text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != KEYWORD.lower():
            return None
        token = tokens.find(token_text.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token isn't valid."), code="invalid_token")
        # Behind such a token is a password alone, and staff show a second factor as well.
        if token.user.is_staff and not token.scope:
            raise Problem("mfa_required", str(_("Staff accounts sign in on the site.")), status=403)
        if token.scope != required_scope(request):
            raise Problem("wrong_scope", str(_("This token is for another part of the API.")), status=403)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme for WWW-Authenticate, which makes a refusal a 401."""
        return KEYWORD


class SessionAuthentication(authentication.SessionAuthentication):
    """The site's session, with its CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the person of the session.

        Raises Problem 403 while this browser waits to be confirmed, and where a view of staff is asked for by
        one that the admin would not let in.
        """
        user_and_auth: tuple[User, None] | None = super().authenticate(request)
        if user_and_auth is None:
            return None
        user, _auth = user_and_auth
        if _must_confirm_browser(request, user):
            raise Problem(
                "device_unconfirmed",
                str(_("Confirm this browser")),
                str(_("Too many browsers are signed in. Open the site here and confirm that it's you.")),
                status=403,
                confirm_url=reverse("accounts:confirm_device"),
            )
        if required_scope(request) and lacks_second_factor(request._request):
            detail = _("Sign in with the second step, or use a token.")
            raise Problem("mfa_required", str(detail), status=403)
        return user_and_auth

    def enforce_csrf(self, request: Request) -> None:
        """Refuse with the code `csrf`, so that a script knows to fetch a fresh token."""
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise Problem("csrf", str(_("The CSRF token is missing or too old.")), status=403) from None

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme for WWW-Authenticate, which makes a refusal a 401."""
        return KEYWORD


def required_scope(request: Request) -> str:
    """Return the scope of the view that is asked, "" for one of candidates."""
    return str(getattr(request.parser_context.get("view"), "token_scope", ""))


def _must_confirm_browser(request: Request, user: User) -> bool:
    """Say whether the session is asked to confirm, and nothing that must not be interrupted asks here."""
    session, match = request.session, request.resolver_match
    if getattr(session, "asked_at", None) is None or match is None or session.session_key is None:
        return False
    return device_limit.is_held_back(user, session.session_key, match.view_name, match.kwargs)


class _TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ANN401
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"{KEYWORD} <token>, from POST /api/v1/auth/token/",
        }


class _SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ANN401
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def person(request: Request) -> User:
    """Return who calls. Raises NotAuthenticated, a 401."""
    if not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user
