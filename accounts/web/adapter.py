"""How allauth behaves here: its addresses, its mails, its words, and what a new password ends."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import translate_url
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.outbox import services as outbox
from accounts.privacy import services as privacy
from accounts.profile import services as profile_services
from accounts.profile.models import Profile
from accounts.users import lockout
from accounts.users.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The site's own answers to allauth's questions."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Email and password do not match."),
        "too_many_login_attempts": _("Too many wrong passwords. Try again in a few minutes."),
        "email_taken": _("This address already belongs to an account."),
        "enter_current_password": _("Enter the password that you have now."),
        "incorrect_password": _("This password is not right."),
        "invalid_password_reset": _("This link is not valid any more."),
        "password_reset_token_invalid": _("This link is not valid any more."),
        "max_email_addresses": _("You cannot have more than %d addresses."),
    }

    def save_user(self, request: HttpRequest, user: User, form: forms.BaseForm, commit: bool = True) -> User:
        """Make the person who signs up, and remember in which language they did."""
        with transaction.atomic():
            made: User = super().save_user(request, user, form, commit)
            if commit:
                profile_services.update(made, ui_language=get_language())
        return made

    def set_password(self, user: User, password: str) -> None:
        """Set the password, by change or reset, and end all tokens and leases of this person."""
        with transaction.atomic():
            super().set_password(user, password)
            lockout.forget(user.email)
            privacy.end_all_sessions(user)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Go on in the language that the person chose, once; after that the address decides."""
        response: HttpResponse = super().post_login(request, user, **options)
        chosen = Profile.objects.filter(user_id=user.pk).values_list("ui_language", flat=True).first()
        if chosen and chosen != get_language() and response.has_header("Location"):
            response["Location"] = translate_url(response["Location"], chosen)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail down and return: no page waits for a mail server, or fails with it."""
        person = context.get("user")
        reset = template_prefix == "account/email/password_reset_key"
        useful = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) if reset else outbox.USEFUL
        outbox.post(
            template_prefix,
            email,
            {name: plain(value) for name, value in context.items() if is_plain(value)},
            person=person if isinstance(person, User) else None,
            useful_for=useful,
        )

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner; hash once, so that the time taken does not tell whether the account exists."""
        make_password("as long as a new account takes")
        super().send_account_already_exists_mail(email)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        """Return the link, on the site's own address whatever Host the request claims."""
        return _on_site(request, super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link, on the site's own address whatever Host the request claims."""
        return _on_site(self.request, super().get_reset_password_from_key_url(key))

    def ajax_response(
        self,
        request: HttpRequest,
        response: HttpResponse,
        redirect_to: str | None = None,
        form: forms.BaseForm | None = None,
        data: object = None,
    ) -> HttpResponse:
        """Answer a script: {location} after success, else {form: {errors, fields}}; never what was typed."""
        if redirect_to or form is None:
            status = 200 if redirect_to else response.status_code
            return JsonResponse({"location": redirect_to, "data": data}, status=status)
        failed = form.is_bound and not form.is_valid()
        fields = {bound.html_name: {"errors": list(map(str, bound.errors))} for bound in form}
        spec = {"fields": fields, "errors": list(map(str, form.non_field_errors()))}
        return JsonResponse({"form": spec, "data": data}, status=400 if failed else 200)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor's words."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right."),
        "unverified_email": _("Confirm your email address first."),
    }

    def build_totp_svg(self, url: str) -> str:
        """Return the picture for the page itself, on white, as an app needs it in either theme."""
        svg: str = super().build_totp_svg(url)
        opening, rest = svg[svg.index("<svg") :].split(">", 1)
        return f'{opening} aria-hidden="true"><rect width="100%" height="100%" fill="#fff"/>{rest}'


def is_plain(value: object) -> bool:
    """Say whether a template of a mail can be given this value later, in another process."""
    return isinstance(value, str | int | datetime | Promise)


def plain(value: Any) -> str | int:  # noqa: ANN401
    """Return the value as the template would show it in the language of the request."""
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    return value if isinstance(value, str | int) else str(value)


def _on_site(request: HttpRequest, url: str) -> str:
    return settings.SITE_URL + url.removeprefix(
        f"{settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL}://{request.get_host()}"
    )
