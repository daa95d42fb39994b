"""Serializers: a base that refuses fields it does not know, and those of the tokens."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.access.models import EffectiveEntitlement, Source, State
from accounts.users.addresses import normalized
from accounts.users.models import ApiToken


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields with the code `unknown_field`, so that a typing error never goes unnoticed."""

    default_error_messages = {"unknown_field": _("There is no field %(name)s.")}

    def to_internal_value(self, data: Any) -> Any:  # noqa: ANN401
        """Check the names, then the values. Raises ValidationError."""
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name) for name in data.keys() - writable)
            if unknown:
                message = str(self.error_messages["unknown_field"])
                raise serializers.ValidationError(
                    {
                        name: [serializers.ErrorDetail(message % {"name": name}, code="unknown_field")]
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class CredentialsSerializer(StrictSerializer):
    """Who asks for a token."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})
    name = serializers.CharField(
        max_length=80,
        required=False,
        default="",
        allow_blank=True,
        help_text=_("To recognize it in the list."),
    )

    def validate_email(self, value: str) -> str:
        """Return the address in the one spelling that is stored."""
        return normalized(value)


class IssuedSerializer(StrictSerializer):
    """A new token. Its plain text is shown only here."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token in the list of its owner."""

    class Meta:
        model = ApiToken
        fields = ["id", "name", "prefix", "created_at", "last_used_at", "expires_at"]
        read_only_fields = fields


class EntitlementSerializer(serializers.Serializer[EffectiveEntitlement]):
    """What a person may open, from when until when."""

    code = serializers.CharField(help_text=_("What it opens, such as cert:mls-c01."))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(
        help_text=_(
            "From then on it's closed. A subscription stays open for up to a day more while its next payment "
            "is on its way."
        )
    )
    source = serializers.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=[one.value for one in State])


class AccessSerializer(serializers.Serializer[Any]):
    """Everything that a person was given."""

    entitlements = EntitlementSerializer(many=True)


class VoucherCodeSerializer(StrictSerializer):
    """A code as it was typed."""

    code = serializers.CharField(max_length=80)


class RedeemedSerializer(serializers.Serializer[Any]):
    """What a voucher gave."""

    again = serializers.BooleanField(
        help_text=_("Whether you had redeemed it before: a repeat adds nothing.")
    )
    entitlements = EntitlementSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """Every error of the API."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text=_("Stable, for programs."))
    reason = serializers.CharField(
        required=False, help_text=_("With no_access: not_entitled, ended, or email_unverified.")
    )
    until = serializers.DateTimeField(
        required=False, help_text=_("With no_access, when access has ended: when that was.")
    )
