"""Tokens for a password, listed and revoked by their owner; what one may open; redeeming a voucher."""

from functools import partial
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import selectors, vouchers
from accounts.api import schema
from accounts.api.authentication import person
from accounts.api.problems import Problem
from accounts.api.serializers import (
    AccessSerializer,
    CredentialsSerializer,
    IssuedSerializer,
    RedeemedSerializer,
    TokenSerializer,
    VoucherCodeSerializer,
)
from accounts.base.errors import Refused
from accounts.privacy import services as privacy
from accounts.users import lockout, tokens
from accounts.users.models import ApiToken, User
from accounts.users.requests import client_ip

_AUTH: Final = (
    (401, "not_authenticated", "invalid_token"),
    (403, "mfa_required", "device_unconfirmed"),
)
endpoint = partial(schema.endpoint, common=_AUTH)


def _device_cookie(request: Request) -> str:
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")


def _too_many(request: Request, email: str) -> Problem:
    counter = lockout.counter_of(email.lower(), _device_cookie(request))
    minutes = lockout.minutes_left(counter, client_ip(request._request))
    detail = ngettext("Try again in %(minutes)d minute.", "Try again in %(minutes)d minutes.", minutes)
    return Problem(
        "too_many_attempts",
        _("Too many incorrect passwords"),
        detail % {"minutes": minutes},
        status=status.HTTP_429_TOO_MANY_REQUESTS,
        headers={"Retry-After": str(minutes * 60)},
    )


def _authenticate(request: Request, email: str, password: str) -> User:
    """Return who this is. Raises Problem 401, the same for unknown and inactive, or 429."""
    django_request = request._request
    try:
        user = get_adapter(django_request).authenticate(django_request, email=email, password=password)
    except ValidationError:
        raise _too_many(request, email) from None
    if getattr(django_request, "axes_locked_out", False):
        raise _too_many(request, email)
    if not isinstance(user, User) or not user.is_active:
        raise Problem("invalid_credentials", _("Incorrect email or password."), status=401)
    return user


def _check_may_have_token(user: User) -> None:
    """Refuse a token to whom a password alone must not be enough. Raises Problem 403."""
    if user.is_staff or is_mfa_enabled(user):
        raise Problem(
            "mfa_required", _("This account uses two-step sign-in. Sign in on the site instead."), status=403
        )
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise Problem("email_unverified", _("Confirm your email address first."), status=403)


class IssueToken(APIView):
    """Exchange a password for a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @endpoint(
        "auth_token_create",
        {201: IssuedSerializer},
        (400, "parse_error"),
        (401, "invalid_credentials"),
        (403, "mfa_required", "email_unverified"),
        (413, "too_large"),
        (415, "unsupported_media_type"),
        (422, "invalid", "unknown_field"),
        (429, "too_many_attempts"),
        body=CredentialsSerializer,
        common=None,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Get a token for a password.

        Answer 201 {token, expires_at}; wrong passwords count toward the limits of the site's sign-in.

        An account has as many tokens as browsers: a further one ends the one that was used longest ago.
        """
        serializer = CredentialsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        credentials = serializer.validated_data
        user = _authenticate(request, credentials["email"], credentials["password"])
        _check_may_have_token(user)
        issued = privacy.issue_token(user, credentials["name"])
        body = {"token": issued.token_text, "expires_at": issued.expires_at}
        response = Response(body, status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
        # Others who try wrong passwords must not lock out a program that knows the right one.
        device_cookie = lockout.remember(_device_cookie(request), credentials["email"])
        response.set_cookie(settings.DEVICE_COOKIE_NAME, device_cookie, **lockout.cookie_options())
        return response


class ListTokens(ListAPIView[ApiToken]):
    """One's own valid tokens."""

    serializer_class = TokenSerializer
    permission_classes = (IsAuthenticated,)
    pagination_class = None
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> QuerySet[ApiToken]:
        """Only those of who asks."""
        return tokens.valid_tokens(person(self.request))

    @endpoint("auth_tokens_list", TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List your tokens.

        Answer 200 with name, beginning and times; never with a token itself.
        """
        return self.list(request)


class RevokeToken(APIView):
    """End one of one's own tokens."""

    permission_classes = (IsAuthenticated,)

    @endpoint("auth_tokens_destroy", None, (404, "not_found"))
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke one of your tokens.

        Answer 204; 404 when there is no such token or it is another's.
        """
        if not privacy.revoke_token(person(request), token_id):
            raise NotFound(_("Token not found."))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ListAccess(APIView):
    """What one was given."""

    permission_classes = (IsAuthenticated,)

    @endpoint("access_retrieve", AccessSerializer)
    def get(self, request: Request) -> Response:
        """List your entitlements.

        Answer 200 with what runs, begins later and has ended; what nobody sells needs no entitlement.
        """
        entitlements = selectors.entitlements_of(person(request))
        return Response(AccessSerializer({"entitlements": entitlements}).data)


class RedeemVoucher(APIView):
    """Redeem a code."""

    permission_classes = (IsAuthenticated,)

    @endpoint(
        "vouchers_redeem_create",
        RedeemedSerializer,
        (400, "parse_error"),
        *_AUTH,
        schema.CSRF,
        (409, "own_voucher"),
        (413, "too_large"),
        (415, "unsupported_media_type"),
        (422, "invalid_voucher", "invalid", "unknown_field"),
        (429, "too_many_attempts"),
        common=None,
        body=VoucherCodeSerializer,
    )
    def post(self, request: Request) -> Response:
        """Redeem a voucher.

        Answer 200 with what the code gave; a repeat by the same person gives the same and adds nothing.
        """
        user = person(request)
        serializer = VoucherCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            vouchers.count_try(user, client_ip(request._request))
        except Refused as refused:
            raise Problem(
                "too_many_attempts",
                _("Too many codes"),
                str(refused),
                status=refused.status,
                headers={"Retry-After": str(refused.extra["retry_after"])},
            ) from None
        redeemed = vouchers.redeem(user=user, voucher_code=serializer.validated_data["code"])
        entitlement_ids = [entitlement.pk for entitlement in redeemed.entitlements]
        entitlements = selectors.entitlements_of(user, entitlement_ids)
        return Response(RedeemedSerializer({"again": redeemed.again, "entitlements": entitlements}).data)
