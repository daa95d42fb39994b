"""What a person may open and until when, and redeeming a voucher."""

from allauth.core.internal import ratelimit
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import selectors, vouchers
from accounts.api.authentication import person
from accounts.api.problems import Problem
from accounts.api.schema import replies
from accounts.api.serializers import AccessSerializer, RedeemedSerializer, VoucherCodeSerializer

_AUTH = (
    (401, "not_authenticated"),
    (401, "invalid_token"),
    (403, "mfa_required"),
    (403, "device_unconfirmed"),
)
_HOUR = 3600


class ListAccess(APIView):
    """What one was given."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="access_retrieve",
        summary="List your entitlements",
        responses=replies({200: AccessSerializer}, *_AUTH),
    )
    def get(self, request: Request) -> Response:
        """Answer 200 with what runs, begins later and has ended; what nobody sells needs no entitlement."""
        held = selectors.held_by(person(request))
        return Response(AccessSerializer({"entitlements": held}).data)


class RedeemVoucher(APIView):
    """Redeem a code."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="vouchers_redeem_create",
        summary="Redeem a voucher",
        request=VoucherCodeSerializer,
        responses=replies(
            {200: RedeemedSerializer},
            (400, "parse_error"),
            *_AUTH,
            (403, "csrf"),
            (409, "own_voucher"),
            (413, "too_large"),
            (415, "unsupported_media_type"),
            (422, "invalid_voucher"),
            (422, "invalid"),
            (422, "unknown_field"),
            (429, "too_many_attempts"),
        ),
    )
    def post(self, request: Request) -> Response:
        """Answer 200 with what the code gave; a repeat by the same person gives the same and adds nothing."""
        user = person(request)
        asked = VoucherCodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plain = request._request
        if not ratelimit.consume(plain, app="allauth.account", action="redeem_voucher", user=user):
            raise Problem(
                "too_many_attempts",
                _("Too many codes"),
                _("Too many codes were tried. Wait an hour, and then try again."),
                status=status.HTTP_429_TOO_MANY_REQUESTS,
                headers={"Retry-After": str(_HOUR)},
            )
        redeemed = vouchers.redeem(user=user, code=asked.validated_data["code"])
        held = selectors.held_by(user, [entitlement.pk for entitlement in redeemed.entitlements])
        return Response(RedeemedSerializer({"again": redeemed.again, "entitlements": held}).data)
