"""How allauth behaves here: its addresses, its mails, its words, and what a new password ends."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import cache_lock
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.base import moments
from accounts.outbox import services as outbox
from accounts.privacy import services as privacy
from accounts.profile import selectors as profiles
from accounts.users import lockout
from accounts.users.addresses import checked
from accounts.users.models import User
from accounts.users.requests import client_ip
from accounts.users.sessions import browser_and_system
from accounts.web import email_verification, navigation, recovery, sessions
from accounts.web.limits import counter_of, known_device_of
from accounts.web.navigation import language_to_go_on
from i18n.addresses import in_language


class HasAddress(Protocol):
    """What is needed of a confirmation of allauth."""

    email_address: EmailAddress


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The site's own answers to allauth's questions."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Incorrect email or password."),
        "too_many_login_attempts": _("Too many incorrect passwords. Try again in a few minutes."),
        "email_taken": _("This address already belongs to an account."),
        "enter_current_password": _("Enter your current password."),
        "incorrect_password": _("Incorrect password."),
        "invalid_password_reset": _("This link isn't valid anymore."),
        "password_reset_token_invalid": _("This link isn't valid anymore."),
        "max_email_addresses": _("You can't have more than %d addresses."),
    }

    def clean_email(self, email: str) -> str:
        """Return the address in the one spelling that is stored: at sign-up, reset and a further address."""
        return checked(email)

    def is_safe_url(self, url: str) -> bool:
        """Say whether `next` may lead there; what is no address, or cannot be stored, leads nowhere."""
        try:
            return "\0" not in url and bool(super().is_safe_url(url))
        except ValueError:
            return False

    def set_password(self, user: User, password: str) -> None:
        """Set the password, by change or reset, and end all tokens and leases of this person."""
        # No session or token of the old password may outlive it.
        with transaction.atomic():
            super().set_password(user, password)
            lockout.reset_failures(user.email)
            privacy.end_sessions(user)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:  # noqa: ANN401
        """Go on in the language of the page, or in that of the profile when nobody has chosen one."""
        response: HttpResponse = super().post_login(request, user, **options)
        if response.has_header("Location"):
            response["Location"] = in_language(response["Location"], language_to_go_on(request, user))
        remember_device(request, response, options.get("email") or "", user.email)
        recovery.warn(request, user)
        return response

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Return the home page in the language of the page, or of the profile when nobody has chosen one."""
        return in_language(super().get_logout_redirect_url(request), language_to_go_on(request, request.user))

    def should_send_confirmation_mail(
        self, request: HttpRequest, email_address: EmailAddress, signup: bool
    ) -> bool:
        """Let the code be typed in this browser, also when the address has had enough mails for now."""
        email_verification.start_address(request, email_address.user, email_address.email)
        return True

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: HasAddress, signup: bool
    ) -> None:
        """Post the mail with code and link for an address of an account; allauth has asked the limits."""
        address = emailconfirmation.email_address
        pending = email_verification.start_address(request, address.user, address.email)
        email_verification.post_confirmation(request, pending)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return whose tries the limits by address count: those of a known device are counted for it alone.

        Others behind the same address, as in a cafe or a mobile network, cannot use them up.
        """
        address = client_ip(request) or super().get_client_ip(request)
        device = known_device_of(request)
        return f"{address} {device}" if device else address

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Return the ways to prove who it is; a passkey is called as everywhere else on the site."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        passkey = {"mfa_reauthenticate:webauthn": _("Use a passkey")}
        return [{**one, "description": passkey.get(one["id"], one["description"])} for one in methods]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:  # noqa: ANN401
        """Judge a password; of those for one account from one address one at a time, however many come.

        A failure is counted after the comparison: those at once would all be compared before any counts.
        """
        tried = f"{counter_of(request, credentials)} {client_ip(request)}"
        digest = salted_hmac("accounts.passwords", tried, algorithm="sha256").hexdigest()
        with cache_lock(f"password:{digest}") as is_held:
            if not is_held:
                raise self.validation_error("too_many_login_attempts")
            person: User | None = super().authenticate(request, **credentials)
        return person

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ANN401
        """Count by account or known device; allauth also counts by Host, which a caller may vary at will."""
        return counter_of(request, credentials)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401
        """After a reset by mail forget the tries of strangers too, not only those of this known device."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        key = lockout.counter_of(credentials["email"].lower(), "")
        ratelimit.clear(request, action="login_failed", key=key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of the mail; it leads on where the person was going who asked for it."""
        url = super().get_reset_password_from_key_url(key)
        return navigation.leading_on(url, navigation.next_path_of(self.request))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner of something that was done to the account, and when by their own clock."""
        facts = {
            "user": user,
            "timestamp": moments.in_full(timezone.localtime(timezone=profiles.of(user).zone)),
        }
        super().send_notification_mail(template_prefix, user, {**facts, **(context or {})}, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail down and return: no page waits for a mail server, or fails with it.

        Its links are on the site's own address, whatever Host the request claims.
        """
        links = {name: _on_site(url) for name, url in context.items() if name.endswith("_url")}
        context = {**context, **links, "site_url": settings.SITE_URL}
        if agent := context.get("user_agent"):
            context["user_agent"] = sessions.named(*browser_and_system(agent)) or agent
        person = context.get("user")
        reset = template_prefix == "account/email/password_reset_key"
        useful = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) if reset else outbox.USEFUL
        outbox.post(
            template_prefix,
            email,
            {name: mail_parameter(value) for name, value in context.items() if is_mail_parameter(value)},
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
    """The words of two-step sign-in."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("To add an address, turn off two-step sign-in first."),
        "incorrect_code": _("Incorrect code."),
        "incorrect_passkey": _("This passkey couldn't be checked. Try again."),
        "unverified_email": _("Confirm your email address first."),
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """Return the name that a new passkey is offered."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1} if count else str(_("Passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return for which site a passkey is; a browser shows the name."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Passline"}

    def build_totp_svg(self, url: str) -> str:
        """Return the picture for the page itself, on white, as an app needs it in either theme."""
        svg: str = super().build_totp_svg(url)
        opening, rest = svg[svg.index("<svg") :].split(">", 1)
        return f'{opening} aria-hidden="true"><rect width="100%" height="100%" fill="#fff"/>{rest}'


def remember_device(request: HttpRequest, response: HttpResponse, *emails: str) -> None:
    """Make this browser known to the addresses, also the primary one of who signed in by another."""
    name = settings.DEVICE_COOKIE_NAME
    value = request.COOKIES.get(name, "")
    for email in {email.lower() for email in emails if email}:
        value = lockout.remember(value, email)
    response.set_cookie(name, value, **lockout.cookie_options())


def _on_site(url: str) -> str:
    """Return the same address on the site's own host, whatever Host the request claimed."""
    return settings.SITE_URL + urlunsplit(("", "", *urlsplit(url)[2:]))


def is_mail_parameter(value: object) -> bool:
    """Say whether a template of a mail can be given this value later, in another process."""
    return isinstance(value, str | int | datetime | Promise)


def mail_parameter(value: Any) -> str | int:  # noqa: ANN401
    """Return the value as the template would show it in the language of the request."""
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    return value if isinstance(value, str | int) else str(value)
