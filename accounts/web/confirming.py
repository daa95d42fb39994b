"""The way of an address through a browser: where it waits, which mail it causes, what follows from proof."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import consume_email_verification_rate_limit
from allauth.account.utils import get_next_redirect_url, perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.base import destinations
from accounts.confirmation import services
from accounts.confirmation.models import PendingConfirmation
from accounts.profile import zones
from accounts.users.models import User
from i18n import languages

SESSION_KEY: Final = "pending_confirmation"
NEXT_KEY: Final = "after_confirmation"
REFUSAL_KEY: Final = "refused_code"
LONGEST_PATH: Final = 1000


def next_path_of(request: HttpRequest) -> str:
    """Return where the person was going: a path of this site with its query, or "" for anything else."""
    parts = urlsplit(get_next_redirect_url(request) or "")
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours and path.startswith("/") and len(path) <= LONGEST_PATH else ""


def start_sign_up(request: HttpRequest, address: str, password: str, time_zone: str) -> HttpResponse:
    """Store a sign-up, post its mail, and lead to the page that waits for the code.

    A stranger sees the same, and it takes the same, whether the address has an account.
    """
    language = get_language() or languages.DEFAULT
    pending = services.begin_sign_up(
        address,
        password,
        language=language,
        time_zone=zones.valid_or_default(time_zone, language),
        next_path=next_path_of(request),
    )
    wait_here(request, pending)
    if not post_mail(request, pending):  # counted by address, whether it has an account or not
        say_too_soon(request)
    return redirect("account_email_verification_sent")


def start_address(request: HttpRequest, user: User, address: str) -> PendingConfirmation:
    """Let the code of an account's address be typed in this browser, whose owner has proven the password."""
    language = get_language() or languages.DEFAULT
    pending = services.begin_address(user, address, language=language, next_path=next_path_of(request))
    wait_here(request, pending)
    return pending


def wait_here(request: HttpRequest, pending: PendingConfirmation) -> None:
    """Remember in the session whose code may be typed in this browser, and where they were going."""
    request.session[SESSION_KEY] = str(pending.pk)
    request.session[NEXT_KEY] = pending.next_path


def waiting_in(request: HttpRequest) -> PendingConfirmation | None:
    """Return what waits in this browser for its code."""
    return services.find(request.session.get(SESSION_KEY, ""))


def was_waiting_in(request: HttpRequest) -> bool:
    """Say whether a code was to be typed in this browser, even if it is confirmed or expired by now."""
    return SESSION_KEY in request.session


def goal_in(request: HttpRequest) -> str:
    """Return where whoever waits or waited in this browser was going, a path of this site or ""."""
    return str(request.session.get(NEXT_KEY, ""))


def refuse_code(request: HttpRequest, said: str) -> HttpResponse:
    """Lead back to where the code is typed, which says why: so that Back and Reload send no form again."""
    request.session[REFUSAL_KEY] = said
    return redirect("account_email_verification_sent")


def take_refusal(request: HttpRequest) -> str:
    """Return, once, why the code was refused that was typed last; "" when none was."""
    return str(request.session.pop(REFUSAL_KEY, ""))


def post_mail(request: HttpRequest, pending: PendingConfirmation) -> bool:
    """Post the mail with code and link; False when this address has had enough mails for now.

    To an address that has an account goes another mail, which says so: only its owner reads it.
    """
    if not consume_email_verification_rate_limit(request, pending.address):
        return False
    if pending.user is None and services.is_taken(pending.address):
        post_already_exists(request, pending)
    else:
        post_confirmation(request, pending)
    return True


def post_confirmation(request: HttpRequest, pending: PendingConfirmation) -> None:
    """Post the mail with the code and the link; with the link alone after the last code."""
    kind = "email_confirmation" if pending.user else "email_confirmation_signup"
    link = reverse("account_confirm_email", args=[services.key_of(pending)])
    parameters = {
        "user": pending.user,
        "address": pending.address,
        "code": "" if services.has_no_more_codes(pending) else services.code_of(pending),
        "code_minutes": int(services.CODE_LIFETIME.total_seconds() // 60),
        "activate_url": request.build_absolute_uri(link),
        "goal": destinations.name_of(pending.next_path),
    }
    get_adapter(request).send_mail(f"account/email/{kind}", pending.address, parameters)


def post_already_exists(request: HttpRequest, pending: PendingConfirmation) -> None:
    """Post the mail that there is an account already, with the ways into it."""
    reset_url = leading_on(reverse("account_reset_password"), pending.next_path)
    parameters = {
        "address": pending.address,
        "login_url": request.build_absolute_uri(login_url(pending.next_path)),
        "password_reset_url": request.build_absolute_uri(reset_url),
        "goal": destinations.name_of(pending.next_path),
    }
    get_adapter(request).send_mail("account/email/account_already_exists", pending.address, parameters)


def finish(request: HttpRequest, confirmed: services.Confirmed, *, by_link: bool) -> HttpResponse:
    """Sign in whose address was confirmed, and lead where they were going.

    A link proves the mailbox. That makes whoever presses it the owner of an account which had no confirmed
    address before; one that has is opened by its password, so there the link only confirms.
    """
    request.session.pop(SESSION_KEY, None)
    if not by_link:  # whoever typed the code here is led on from here
        request.session.pop(NEXT_KEY, None)
    if request.user.is_authenticated and request.user.pk == confirmed.user.pk:
        _say_confirmed(request, confirmed)
        return redirect(confirmed.next_path or "account_email")
    if by_link and not confirmed.is_first:
        _say_confirmed(request, confirmed)
        return redirect(login_url(confirmed.next_path))
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    response: HttpResponse = perform_login(
        request,
        confirmed.user,
        redirect_url=confirmed.next_path or settings.LOGIN_REDIRECT_URL,
        signup=confirmed.is_new,
        email=confirmed.address,
    )
    return response


def login_url(next_path: str) -> str:
    """Return the address of the sign-in page that leads on to a path of this site."""
    return leading_on(reverse("account_login"), next_path)


def leading_on(address: str, next_path: str) -> str:
    """Return an address that leads on to a path of this site."""
    return f"{address}?{urlencode({'next': next_path})}" if next_path else address


def say_too_soon(request: HttpRequest) -> None:
    """Say that no further mail was sent for now."""
    text = _("We sent an email a moment ago. Wait a minute before you ask for another.")
    messages.warning(request, text)


def _say_confirmed(request: HttpRequest, confirmed: services.Confirmed) -> None:
    messages.success(request, _("%(address)s is confirmed.") % {"address": confirmed.address})
