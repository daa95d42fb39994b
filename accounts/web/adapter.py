"""How allauth behaves here: its addresses, its mails, its words, and what a new password ends."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.conf import settings
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
from accounts.users import devices, lockout
from accounts.users.addresses import normalized
from accounts.users.models import User
from accounts.web import recovery
from accounts.web.lockout import counter_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The site's own answers to allauth's questions."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Incorrect email or password."),
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

    def clean_email(self, email: str) -> str:
        """Return the address in the one spelling that is stored: at sign-up, reset and a further address."""
        return normalized(email)

    def set_password(self, user: User, password: str) -> None:
        """Set the password, by change or reset, and end all tokens and leases of this person."""
        with transaction.atomic():
            super().set_password(user, password)
            lockout.reset_failures(user.email)
            privacy.end_sessions(user)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Go on in the language that the person chose, once; after that the address decides."""
        response: HttpResponse = super().post_login(request, user, **options)
        chosen = Profile.objects.filter(user_id=user.pk).values_list("ui_language", flat=True).first()
        if chosen and chosen != get_language() and response.has_header("Location"):
            response["Location"] = translate_url(response["Location"], chosen)
        _remember_device(request, response, options.get("email") or user.email)
        recovery.warn(request, user)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ANN401
        """Count by account or known device; allauth also counts by Host, which a caller may vary at will."""
        return counter_of(request, credentials)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """After a reset by mail forget the tries of strangers too, not only those of this known device."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        key = lockout.counter_of(credentials["email"].lower(), "")
        ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail down and return: no page waits for a mail server, or fails with it.

        Its links are on the site's own address, whatever Host the request claims.
        """
        links = {name: _on_site(url) for name, url in context.items() if name.endswith("_url")}
        context = {**context, **links, "site_url": settings.SITE_URL}
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
            answer = JsonResponse({"location": redirect_to, "data": data}, status=status)
            answer.cookies = response.cookies
            return answer
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


def _remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    name = settings.DEVICE_COOKIE_NAME
    value = devices.remember(request.COOKIES.get(name, ""), email)
    response.set_cookie(name, value, **devices.cookie_options())


def _on_site(url: str) -> str:
    """Return the same address on the site's own host, whatever Host the request claimed."""
    return settings.SITE_URL + urlunsplit(("", "", *urlsplit(url)[2:]))


def is_plain(value: object) -> bool:
    """Say whether a template of a mail can be given this value later, in another process."""
    return isinstance(value, str | int | datetime | Promise)


def plain(value: Any) -> str | int:  # noqa: ANN401
    """Return the value as the template would show it in the language of the request."""
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    return value if isinstance(value, str | int) else str(value)
