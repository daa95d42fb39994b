"""Forms of the account pages: allauth's with labels of the site, and the profile."""

from typing import Any, ClassVar, Self

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.confirmation.codes import CODE_LENGTH, is_whole
from accounts.profile import zones
from accounts.profile.models import Accommodation, Profile
from accounts.users.addresses import LONGEST, checked, normalized
from accounts.web import confirming, recovery
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
    hints: ClassVar = {
        "email": _("We'll send a code there to confirm it. We don't send advertising."),
        "password1": NEW_PASSWORD_HINT,
    }
    autocomplete: ClassVar = {"email": "username"}
    # Filled by the script of the page; without it the language of the page decides.
    time_zone = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""})
    )

    def validate_unique_email(self, value: str) -> str:
        """Return the address: whether it has an account is looked up once, where the mail is written."""
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """Store the sign-up until its address is confirmed: only then the account is made."""
        given = self.cleaned_data
        response = confirming.start_sign_up(request, given["email"], given["password1"], given["time_zone"])
        return None, response


class CodeForm(forms.Form):
    """The code of a mail."""

    @classmethod
    def refused(cls, said: str) -> Self:
        """Return the empty form which says at its field why the code was refused; "" says nothing."""
        form = cls()
        if said:
            form.errors["code"] = form.error_class([said], renderer=form.renderer)
        return form

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": CODE_LENGTH + 4}
        ),
    )

    def clean_code(self) -> str:
        """Return what was typed; refuse what no code can be, so that it costs no try."""
        typed: str = self.cleaned_data["code"]
        if not is_whole(typed):
            raise ValidationError(_("Enter all 6 digits of the code."))
        return typed


class AskForCodeForm(forms.Form):
    """The address to which a code to sign in is sent."""

    email = forms.EmailField(
        label=_("Email"), max_length=LONGEST, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )

    def clean_email(self) -> str:
        """Return the address in the one spelling that is stored."""
        return checked(self.cleaned_data["email"])


class SignUpPasswordForm(forms.Form):
    """The password of a sign-up, asked where its link is opened in another browser."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("The one you chose when you signed up. We ask because this is another browser."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangeAddressForm(forms.Form):
    """Another address for a sign-up that waits."""

    email = forms.EmailField(
        label=_("Correct email address"),
        max_length=LONGEST,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )

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
    """Preferences. Its choices are made when it is, so that a new language needs no migration."""

    class Meta:
        model = Profile
        fields = [
            "ui_language",
            "content_language",
            "time_zone",
            "single_keys",
            "access_reminders",
            "accommodation",
        ]
        labels: ClassVar = {
            "ui_language": _("Language of the site"),
            "content_language": _("Language of the questions"),
            "time_zone": _("Time zone"),
            "single_keys": _("Keyboard shortcuts"),
            "access_reminders": _("Email me when my access is about to end"),
            "accommodation": _("Extra time"),
        }
        help_texts: ClassVar = {
            "content_language": _("Where there's no translation, you'll see the original language."),
            "accommodation": _(
                "Choose what you'll get in the real exam. It applies to exams you start from now on."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        named = [(language.code, language.name) for language in languages.LANGUAGES]
        self.fields["ui_language"] = forms.ChoiceField(
            choices=named, label=self.fields["ui_language"].label, help_text=""
        )
        self.fields["content_language"] = forms.ChoiceField(
            choices=[("", _("Same as the site")), *named],
            required=False,
            label=self.fields["content_language"].label,
            help_text=self.fields["content_language"].help_text,
        )
        self.fields["time_zone"] = forms.ChoiceField(
            choices=zones.choices(get_language() or languages.DEFAULT, stored=self.instance.time_zone),
            label=self.fields["time_zone"].label,
        )
        self.fields["accommodation"].choices = Accommodation.choices  # type: ignore[attr-defined]
