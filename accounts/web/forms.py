"""Forms of the account pages: allauth's with labels of the site, those of passkeys, and the profile."""

import logging
import struct
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.profile import zones
from accounts.profile.models import Accommodation, Profile
from accounts.users import person_lock
from accounts.users.addresses import LONGEST, checked, normalized
from accounts.users.models import User
from accounts.web import recovery
from i18n import languages

logger = logging.getLogger(__name__)


class LabelsMixin:
    """Gives the fields of an allauth form the site's labels and hints, and takes their placeholders away."""

    labels: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}
    autocomplete: ClassVar[dict[str, str]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")
            if name in self.autocomplete:
                field.widget.attrs["autocomplete"] = self.autocomplete[name]


NEW_PASSWORD_HINT = _("At least 10 characters. Several unrelated words work well, spaces included.")


class LoginForm(LabelsMixin, allauth_forms.LoginForm):  # type: ignore[misc]
    """Sign in."""

    labels: ClassVar = {
        "login": _("Email"),
        "password": _("Password"),
        "remember": _("Keep me signed in on this device"),
    }
    autocomplete: ClassVar = {"login": "username"}

    def clean_login(self) -> str:
        """Return the address in the one spelling that is stored."""
        return normalized(super().clean_login())


class AskForCodeForm(LabelsMixin, forms.Form):
    """The address to which a code to sign in is sent."""

    labels: ClassVar = {"email": _("Email")}
    email = forms.EmailField(max_length=LONGEST, widget=forms.EmailInput(attrs={"autocomplete": "username"}))

    def clean_email(self) -> str:
        """Return the address in the one spelling that is stored."""
        return checked(self.cleaned_data["email"])


class ResetPasswordForm(LabelsMixin, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Ask for a link to set a new password."""

    labels: ClassVar = {"email": _("Email")}

    def clean_email(self) -> str:
        """Return the address in the one spelling that is stored: the limit of mails counts by it."""
        return normalized(super().clean_email())


class ResetPasswordKeyForm(LabelsMixin, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """Set a new password after the link."""

    labels: ClassVar = {"password1": _("New password"), "password2": _("Confirm new password")}
    hints: ClassVar = {"password1": NEW_PASSWORD_HINT}
    user: User

    def save(self) -> None:
        """Set it, unless the link was used since it was checked. Raises ValidationError."""
        with transaction.atomic():
            person_lock.hold(self.user.pk)
            # Read under the lock: the link is for the password that it replaces.
            person = User.objects.filter(pk=self.user.pk).first()
            if person is None or not allauth_forms.default_token_generator.check_token(person, self.temp_key):
                raise account_adapter().validation_error("invalid_password_reset")
            # The view signs this very person in, who must know the new password.
            self.user.refresh_from_db()
            super().save()


class ChangePasswordForm(LabelsMixin, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """Change the password."""

    labels: ClassVar = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("Confirm new password"),
    }
    hints: ClassVar = {"password1": NEW_PASSWORD_HINT}


class SetPasswordForm(LabelsMixin, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """Set a first password."""

    labels: ClassVar = {"password1": _("New password"), "password2": _("Confirm new password")}
    hints: ClassVar = {"password1": NEW_PASSWORD_HINT}


class AddEmailForm(LabelsMixin, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """Add an address."""

    labels: ClassVar = {"email": _("Another email address")}
    hints: ClassVar = {"email": _("We'll send a code there to confirm it.")}


class ReauthenticateForm(LabelsMixin, allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    """Confirm that it is you."""

    labels: ClassVar = {"password": _("Password")}


class AuthenticateForm(LabelsMixin, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    """Second step of signing in."""

    labels: ClassVar = {"code": _("Code")}

    def no_recovery_codes(self) -> bool:
        """Say whether only the app can sign this person in; the password was correct already."""
        return recovery.codes_left(self.user) == 0


class ReauthenticateByCodeForm(LabelsMixin, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    """Confirm by the second factor that it is you."""

    labels: ClassVar = {"code": _("Code")}


class ActivateTOTPForm(LabelsMixin, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """Set up the authenticator app."""

    labels: ClassVar = {"code": _("Code from the app")}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Preferences, or one `part` of them. Its choices are made when it is, so that a new language needs no
    migration.
    """

    PARTS: ClassVar = {
        "language": _("Language and time"),
        "exam": _("Exams and questions"),
        "mail": _("Emails"),
    }
    PART_OF: ClassVar = {
        "ui_language": "language",
        "content_language": "language",
        "time_zone": "language",
        "single_keys": "exam",
        "accommodation": "exam",
    }
    """All others are about emails."""

    class Meta:
        model = Profile
        fields = [
            "ui_language",
            "content_language",
            "time_zone",
            "single_keys",
            "study_reminders",
            "access_reminders",
            "accommodation",
        ]
        labels: ClassVar = {
            "ui_language": _("Language of the site"),
            "content_language": _("Language of the questions"),
            "time_zone": _("Time zone"),
            "single_keys": _("Keyboard shortcuts"),
            "study_reminders": _("Email me in the morning when something is due"),
            "access_reminders": _("Email me when my access is about to end"),
            "accommodation": _("Extra time"),
        }
        help_texts: ClassVar = {
            "content_language": _("Where there's no translation, you'll see the original language."),
            "accommodation": _(
                "Choose what you'll get in the real exam. It applies to exams you start from now on."
            ),
        }

    def __init__(self, *args: Any, part: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if part in ("", "language"):
            self._make_choices()
        if part in ("", "exam"):
            self.fields["accommodation"].choices = Accommodation.choices  # type: ignore[attr-defined]
        for name in list(self.fields):
            if part and self.PART_OF.get(name, "mail") != part:
                del self.fields[name]

    def _make_choices(self) -> None:
        language_choices = [(language.code, language.name) for language in languages.LANGUAGES]
        self.fields["ui_language"] = forms.ChoiceField(
            choices=language_choices, label=self.fields["ui_language"].label, help_text=""
        )
        self.fields["content_language"] = forms.ChoiceField(
            choices=[("", _("Same as the site")), *language_choices],
            required=False,
            label=self.fields["content_language"].label,
            help_text=self.fields["content_language"].help_text,
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=zones.choices(get_language() or languages.DEFAULT, stored=self.instance.time_zone),
            label=self.fields["time_zone"].label,
        )


NAME_LENGTH: Final = 80
LONGEST_ERROR: Final = 200
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
        # A fault of ours or of the library would look like garbage of a browser. Not all that was sent: it is
        # of strangers.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        facts = {"error": repr(error)[:LONGEST_ERROR], "place": f"{frame.filename}:{frame.lineno}"}
        logger.warning("A passkey could not be read", extra=facts)
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


class AddPasskeyForm(NameMixin, webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]
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
                cleaned: dict[str, Any] = super().clean()
        except forms.ValidationError as error:
            self.add_error("credential", error)
            return dict(self.cleaned_data)
        return cleaned


class EditPasskeyForm(NameMixin, webauthn_forms.EditWebAuthnForm):  # type: ignore[misc]
    """Rename a passkey."""


# Longer than any request lasts that has read the challenge before it was answered.
CHALLENGE_SECONDS: Final = 600


class _AskedMixin:
    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered: for each challenge once, however many answers come at once."""
        challenge = (webauthn.get_state() or {}).get("challenge")
        with _refused_if_unreadable():
            passkey: Authenticator = super().clean_credential()  # type: ignore[misc]
        # The session forgets the challenge only when it is stored: those at once have all read it.
        if not cache.add(f"passkey:{challenge}", True, CHALLENGE_SECONDS):
            raise get_adapter().validation_error("incorrect_passkey")
        return passkey


class LoginPasskeyForm(_AskedMixin, webauthn_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """Sign in by a passkey alone."""


class AuthenticatePasskeyForm(_AskedMixin, webauthn_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of signing in, by a passkey."""


class ReauthenticatePasskeyForm(_AskedMixin, webauthn_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Confirm by a passkey that it is you."""
