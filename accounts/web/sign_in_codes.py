"""Two pages: one asks for the address to sign in with, the other for the code that was mailed there."""

from http import HTTPStatus
from typing import Any, Final

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_login_redirect_url, perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.base import destinations, rates
from accounts.base.errors import Refused
from accounts.email_verification import sign_in
from accounts.email_verification.models import SignInCode
from accounts.outbox import services as outbox
from accounts.users import lockout
from accounts.users.requests import client_ip
from accounts.web import email_verification, navigation
from accounts.web.email_verification import CodeForm
from accounts.web.forms import AskForCodeForm

SESSION_KEY: Final = "sign_in_code"
ENTER_PAGE: Final = "account_confirm_login_code"
MINUTE: Final = 60
DAY: Final = 24 * 3600
# How often strangers may act on one address, and one network on all. A known browser has counts of its own,
# so that nobody can use up those of its owner. A guess is right once in a million: 20 a day find a code with
# a chance of 0.7 % in a year.
MAILS_A_DAY: Final = 10
GUESSES_A_DAY: Final = 20
REQUESTS_A_MINUTE_OF_NETWORK: Final = 20
GUESSES_A_DAY_OF_NETWORK: Final = 300

TOO_MANY_MAILS: Final = gettext_lazy(
    "We've sent many codes to this address today. Sign in with your password, or try again tomorrow."
)
TOO_MANY_REQUESTS: Final = gettext_lazy("You've asked for many codes in the last minute. Wait a moment.")
TOO_MANY_GUESSES: Final = gettext_lazy(
    "Too many codes were tried today. Sign in with your password, or try again tomorrow."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address, and mail a code there: the same is shown whether it has an account."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    form = AskForCodeForm(request.POST or None)
    if request.method != "POST":
        return render(request, "account/request_login_code.html", {"form": form})
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            return _start(request, form.cleaned_data["email"])
        except Refused as refused:
            form.add_error("email", str(refused))
            status = refused.status
    return render(request, "account/request_login_code.html", {"form": form}, status=status)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code, take it, or mail it again."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    waiting = _waiting_in(request)
    if waiting is None:
        return _ask_again(request)
    if request.method != "POST":
        return _show(request, waiting)
    act = _resend if request.POST.get("action") == "resend" else _verify
    return act(request, waiting)


def _show(request: HttpRequest, waiting: SignInCode) -> HttpResponse:
    next_path = _kept(request)["next"]
    context = {
        "address": waiting.address,
        "form": CodeForm.refused(email_verification.take_refusal(request, ENTER_PAGE)),
        "code_minutes": _minutes(),
        "goal_name": destinations.name_of(next_path),
        "ask_url": navigation.leading_on(reverse("account_request_login_code"), next_path),
        "password_url": navigation.login_url(next_path),
    }
    return render(request, "account/confirm_login_code.html", context)


def _ask_again(request: HttpRequest) -> HttpResponse:
    """Lead back to where a code is asked for, from a browser in which none waits anymore."""
    if SESSION_KEY not in request.session:
        return redirect("account_request_login_code")
    next_path = _kept(request)["next"]
    del request.session[SESSION_KEY]
    email_verification.take_refusal(request, ENTER_PAGE)
    try:
        request.session.save()
    except UpdateError:
        # Pressed twice: the first press has signed in just now, and with that ended this session.
        return redirect(ENTER_PAGE)
    finally:
        request.session.modified = False
    messages.warning(request, _("This code was used already, or it has expired. Ask for a new one."))
    return redirect(navigation.leading_on(reverse("account_request_login_code"), next_path))


def _start(request: HttpRequest, address: str) -> HttpResponse:
    """Mail a code and lead to where it is typed. Raises Refused: too_many_requests.

    A browser that has asked already for this address stays where it was, so that the code of the first mail
    is still the right one.
    """
    next_path = navigation.next_path_of(request)
    waiting = _waiting_in(request)
    if waiting is not None and waiting.address == address:
        _send_again(request, waiting, next_path)
    else:
        _count_mail(request, address)
        waiting = sign_in.begin(address)
        _post(waiting, next_path)
    request.session[SESSION_KEY] = {"id": str(waiting.pk), "next": next_path}
    return redirect(ENTER_PAGE)


def _resend(request: HttpRequest, waiting: SignInCode) -> HttpResponse:
    if _send_again(request, waiting, _kept(request)["next"]):
        messages.success(request, _("We've sent the email again."))
    return redirect(ENTER_PAGE)


def _verify(request: HttpRequest, waiting: SignInCode) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return email_verification.refuse_code(request, ENTER_PAGE, " ".join(map(str, form.errors["code"])))
    try:
        _count_guess(request, waiting.address)
        account = sign_in.take(waiting.pk, form.cleaned_data["code"])
    except Refused as refused:
        if refused.code == "gone":
            # Whoever was first has signed in, and with that ended this session: nothing can be kept in it.
            return redirect(ENTER_PAGE)
        return email_verification.refuse_code(request, ENTER_PAGE, str(refused))
    return _finish(request, account)


def _finish(request: HttpRequest, account: sign_in.Account) -> HttpResponse:
    """Sign in whose code it was, as after the right password: a second factor is still asked for."""
    next_path = _kept(request)["next"]
    del request.session[SESSION_KEY]
    record_authentication(request, account.user, method="code", email=account.address)
    response: HttpResponse = perform_login(
        request,
        account.user,
        redirect_url=next_path or settings.LOGIN_REDIRECT_URL,
        email=account.address,
    )
    return response


def _kept(request: HttpRequest) -> dict[str, str]:
    """Return which code waits in this browser, and where the person is going."""
    kept: dict[str, str] = request.session.get(SESSION_KEY, {"id": "", "next": ""})
    return kept


def _waiting_in(request: HttpRequest) -> SignInCode | None:
    return sign_in.find(_kept(request)["id"])


def _send_again(request: HttpRequest, waiting: SignInCode, next_path: str) -> bool:
    """Mail a code that can be typed; say so where that is too soon."""
    try:
        _count_mail(request, waiting.address)
    except Refused as refused:
        messages.warning(request, str(refused))
        return False
    _post(sign_in.renew(waiting.pk) or waiting, next_path)
    return True


def _post(waiting: SignInCode, next_path: str) -> None:
    """Post the code, or a mail that there is no account: only who reads the mailbox learns which."""
    account = sign_in.account_of(waiting.address)
    sign_up = navigation.leading_on(reverse("account_signup"), next_path)
    parameters: dict[str, Any] = {
        "code": sign_in.code_of(waiting) if account else "",
        "code_minutes": _minutes(),
        "goal": destinations.name_of(next_path),
        "signup_url": f"{settings.SITE_URL}{sign_up}",
    }
    outbox.post(
        "account/email/login_code" if account else "account/email/login_code_unknown",
        account.address if account else waiting.address,
        parameters,
        person=account.user if account else None,
        useful_for=sign_in.CODE_LIFETIME,
    )


def _minutes() -> int:
    return int(sign_in.CODE_LIFETIME.total_seconds() // MINUTE)


def _count_mail(request: HttpRequest, address: str) -> None:
    """Count a mail to this address, with an account or without. Raises Refused: too_many_requests."""
    owner, network = _who(request, address)
    _count("mails", network, REQUESTS_A_MINUTE_OF_NETWORK, MINUTE, TOO_MANY_REQUESTS)
    _count("mail", owner, 1, MINUTE, email_verification.TOO_SOON)
    _count("mails", owner, MAILS_A_DAY, DAY, TOO_MANY_MAILS)


def _count_guess(request: HttpRequest, address: str) -> None:
    """Count a code that was typed before it is looked at. Raises Refused: too_many_requests."""
    owner, network = _who(request, address)
    _count("guesses", network, GUESSES_A_DAY_OF_NETWORK, DAY, TOO_MANY_GUESSES)
    _count("guesses", owner, GUESSES_A_DAY, DAY, TOO_MANY_GUESSES)


def _count(act: str, who: str, most: int, seconds: int, detail: Promise) -> None:
    rates.count_or_refuse(f"sign_in_code:{act}", who, most=most, seconds=seconds, detail=detail)


def _who(request: HttpRequest, address: str) -> tuple[str, str]:
    """Return whose counts a request adds to: those of the address, and those of the network.

    Both are those of the browser alone where somebody has signed in with this address.
    """
    device = lockout.device_of(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), address) or ""
    return f"{address.lower()} {device}", f"{client_ip(request)} {device}"
