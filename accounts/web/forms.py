"""Forms of the account pages: allauth's with labels of the site, and the profile."""

from copy import copy
from secrets import token_hex
from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.profile.models import Accommodation, Profile, time_zones
from accounts.users.addresses import normalized
from accounts.web import recovery
from i18n import languages


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


class SignupForm(LabelsMixin, allauth_forms.SignupForm):  # type: ignore[misc]
    """Create an account."""

    labels: ClassVar = {"email": _("Email"), "password1": _("Password")}
    hints: ClassVar = {"email": _("We send a link there. Nothing else."), "password1": NEW_PASSWORD_HINT}
    autocomplete: ClassVar = {"email": "username"}

    def try_save(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """Make the account; for an address that has one, do the same work first and undo it.

        Otherwise the time of the reply would tell whether the address has an account.
        """
        if self.account_already_exists:
            self._save_and_roll_back(request)
        return super().try_save(request)

    def _save_and_roll_back(self, request: HttpRequest) -> None:
        decoy = copy(self)
        decoy.account_already_exists = False
        decoy.cleaned_data = {**self.cleaned_data, "email": f"{token_hex(8)}@decoy.invalid"}
        with transaction.atomic():
            decoy.save(request)
            transaction.set_rollback(True)


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
    hints: ClassVar = {"email": _("We send a link there to confirm it.")}


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
    """Set up the app."""

    labels: ClassVar = {"code": _("Code that the app shows")}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """Preferences. Its choices are made when it is, so that a new language needs no migration."""

    class Meta:
        model = Profile
        fields = ["ui_language", "content_language", "time_zone", "single_keys", "accommodation"]
        labels: ClassVar = {
            "ui_language": _("Language of the site"),
            "content_language": _("Language of the questions"),
            "time_zone": _("Time zone"),
            "single_keys": _("Single keys choose answers during an exam"),
            "accommodation": _("Extra time"),
        }
        help_texts: ClassVar = {
            "content_language": _(
                "A text that is missing in this language is shown in the original, and says so."
            ),
            "accommodation": _(
                "Choose what the vendor grants you in the real exam. It holds from your next exam on."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        named = [(language.code, language.name) for language in languages.LANGUAGES]
        self.fields["ui_language"] = forms.ChoiceField(
            choices=named, label=self.fields["ui_language"].label, help_text=""
        )
        self.fields["content_language"] = forms.ChoiceField(
            choices=[("", _("As the site")), *named],
            required=False,
            label=self.fields["content_language"].label,
            help_text=self.fields["content_language"].help_text,
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[(name, name.replace("_", " ")) for name in time_zones()],
            label=self.fields["time_zone"].label,
        )
        self.fields["accommodation"].choices = Accommodation.choices  # type: ignore[attr-defined]
