"""Forms of passkeys: what a browser sends and cannot be read is refused like a wrong passkey."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.web.forms import LabelsMixin

NAME_LENGTH: Final = 80
# What the library raises on bytes that no authenticator has made; allauth foresees few of them.
UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    struct.error,
    InvalidSignature,
    UnsupportedAlgorithm,
)


@contextmanager
def _refused_if_unreadable() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_passkey") from error


class NameMixin(LabelsMixin):
    """The name by which a person knows a passkey."""

    labels: ClassVar = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        is_required = self.fields["name"].required
        self.fields["name"] = forms.CharField(
            label=self.labels["name"], max_length=NAME_LENGTH, required=is_required
        )


class AddPasskeyForm(NameMixin, allauth_forms.AddWebAuthnForm):  # type: ignore[misc]
    """Add a passkey: always one that signs in alone, behind finger, face, or PIN."""

    hints: ClassVar = {"name": _("For example, the device that keeps it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["name"].help_text = self.hints["name"]

    def clean(self) -> dict[str, Any]:
        """Check what the browser sent; the key itself must have verified the person."""
        self.cleaned_data["passwordless"] = True
        try:
            with _refused_if_unreadable():
                found: dict[str, Any] = super().clean()
        except forms.ValidationError as error:
            self.add_error("credential", error)
            return dict(self.cleaned_data)
        return found


class EditPasskeyForm(NameMixin, allauth_forms.EditWebAuthnForm):  # type: ignore[misc]
    """Rename a passkey."""


class _AskedMixin:
    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered."""
        with _refused_if_unreadable():
            return super().clean_credential()  # type: ignore[misc]


class LoginPasskeyForm(_AskedMixin, allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """Sign in by a passkey alone."""


class AuthenticatePasskeyForm(_AskedMixin, allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of signing in, by a passkey."""


class ReauthenticatePasskeyForm(_AskedMixin, allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Confirm by a passkey that it is you."""
