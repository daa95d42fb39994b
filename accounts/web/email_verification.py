"""Proving an address in the browser: where it waits, its mails, and the two pages of code and link."""

from http import HTTPStatus
from typing import ClassVar, Final, Self, cast

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.base import destinations, rates
from accounts.base.errors import Refused
from accounts.email_verification import services
from accounts.email_verification.codes import CODE_LENGTH, is_whole
from accounts.email_verification.models import PendingConfirmation
from accounts.profile import zones
from accounts.users.models import User
from accounts.users.requests import client_ip
from accounts.web.forms import NEW_PASSWORD_HINT, AskForCodeForm, LabelsMixin
from accounts.web.navigation import leading_on, login_url, next_path_of
from i18n import languages

SESSION_KEY: Final = "pending_confirmation"
NEXT_KEY: Final = "after_confirmation"
REFUSAL_KEY: Final = "refused_code"
WAITING_PAGE: Final = "account_email_verification_sent"
GUESSES_A_MINUTE_OF_NETWORK: Final = 60
GUESSES_AN_HOUR: Final = 30
TOO_SOON: Final = gettext_lazy("We sent an email a moment ago. Wait a minute before you ask for another.")
TOO_MANY_CODES: Final = gettext_lazy("Too many incorrect codes. Use the link in the email, or wait an hour.")
TOO_MANY_PASSWORDS: Final = gettext_lazy("Too many incorrect passwords. Wait an hour, or sign up again.")


class SignupForm(LabelsMixin, allauth_forms.SignupForm):  # type: ignore[misc]
    """Create an account."""

    labels: ClassVar = {"email": gettext_lazy("Email"), "password1": gettext_lazy("Password")}
    hints: ClassVar = {
        "email": gettext_lazy("We'll send a code there to confirm it. No marketing emails."),
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
        data = self.cleaned_data
        response = start_sign_up(request, data["email"], data["password1"], data["time_zone"])
        return None, response


class CodeForm(forms.Form):
    """The code of a mail."""

    @classmethod
    def refused(cls, reason: str) -> Self:
        """Return the empty form which says at its field why the code was refused; "" says nothing."""
        form = cls()
        if reason:
            form.errors["code"] = form.error_class([reason], renderer=form.renderer)
        return form

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autofocus": True,
                "inputmode": "numeric",
                "size": CODE_LENGTH + 4,
            }
        ),
    )

    def clean_code(self) -> str:
        """Return what was typed; refuse what no code can be, so that it costs no try."""
        typed: str = self.cleaned_data["code"]
        if not is_whole(typed):
            raise ValidationError(gettext_lazy("Enter all 6 digits of the code."))
        return typed


class SignUpPasswordForm(forms.Form):
    """The password of a sign-up, asked where its link is opened in another browser."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy(
            "The one you chose when you signed up. We ask because this is another browser."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangeAddressForm(AskForCodeForm):
    """Another address for a sign-up that waits."""

    labels: ClassVar = {"email": gettext_lazy("Correct email address")}


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
        messages.warning(request, TOO_SOON)
    return redirect(WAITING_PAGE)


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


def refuse_code(request: HttpRequest, page: str, reason: str) -> HttpResponse:
    """Lead back to the page where the code is typed, which says why: so that Back and Reload send no form."""
    request.session[f"{REFUSAL_KEY}:{page}"] = reason
    return redirect(page)


def take_refusal(request: HttpRequest, page: str) -> str:
    """Return, once, why the code was refused that was typed last on a page; "" when none was."""
    return str(request.session.pop(f"{REFUSAL_KEY}:{page}", ""))


def post_mail(request: HttpRequest, pending: PendingConfirmation) -> bool:
    """Post the mail with code and link; False when this address has had enough mails for now.

    To an address that has an account goes another mail, which says so: only its owner reads it.
    """
    # The same count as when allauth asks for a mail to an address of an account.
    if not ratelimit.consume(request, action="confirm_email", key=pending.address.lower()):
        return False
    # After the count, so that neither the page nor its time tells which mail is sent.
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
    if request.user.is_authenticated:
        text = _("%(address)s is confirmed, and you're signed in.")
        messages.success(request, text % {"address": confirmed.address})
    else:  # a second step is asked for first
        _say_confirmed(request, confirmed)
    return response


def _say_confirmed(request: HttpRequest, confirmed: services.Confirmed) -> None:
    messages.success(request, _("%(address)s is confirmed.") % {"address": confirmed.address})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Show where the code is typed; take it, send the mail again, or mend the address."""
    pending = waiting_in(request)
    if pending is None and request.user.is_authenticated:
        # Confirmed meanwhile by the link, in another window of this browser.
        return redirect(goal_in(request) or "account_email")
    if pending is None or request.method != "POST":
        return _show(request, pending)
    acts = {"resend": _resend, "change": _change}
    return acts.get(request.POST.get("action", ""), _verify)(request, pending)


def _show(
    request: HttpRequest,
    pending: PendingConfirmation | None,
    change_form: ChangeAddressForm | None = None,
) -> HttpResponse:
    context = {
        "pending": pending,
        "was_waiting": was_waiting_in(request),
        "login_url": login_url(goal_in(request)),
        "code_form": CodeForm.refused(take_refusal(request, WAITING_PAGE)),
        "has_no_more_codes": pending is not None and services.has_no_more_codes(pending),
        "change_form": change_form or ChangeAddressForm(),
        "can_change": pending is not None and pending.user_id is None,
        "code_minutes": int(services.CODE_LIFETIME.total_seconds() // 60),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if change_form else HTTPStatus.OK
    return render(request, "account/verification_sent.html", context, status=status)


def _verify(request: HttpRequest, pending: PendingConfirmation) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return refuse_code(request, WAITING_PAGE, " ".join(map(str, form.errors["code"])))
    try:
        _count_guess(request, pending, TOO_MANY_CODES)
        confirmed = services.confirm_by_code(pending.pk, form.cleaned_data["code"])
    except Refused as refused:
        return refuse_code(request, WAITING_PAGE, str(refused))
    return finish(request, confirmed, by_link=False)


def _count_guess(request: HttpRequest, pending: PendingConfirmation, detail: Promise) -> None:
    """Count a guess before it is looked at. Raises Refused: too_many_requests."""
    rates.count_or_refuse(
        "confirm", client_ip(request), most=GUESSES_A_MINUTE_OF_NETWORK, seconds=60, detail=detail
    )
    # For the address, too: a sign-up begun anew must not give more of them.
    rates.count_or_refuse(
        "confirm", pending.address.lower(), most=GUESSES_AN_HOUR, seconds=3600, detail=detail
    )


def _resend(request: HttpRequest, pending: PendingConfirmation) -> HttpResponse:
    renewed = services.renew_code(pending.pk)
    if renewed and post_mail(request, renewed):
        messages.success(request, _("We've sent the email again."))
    else:
        messages.warning(request, TOO_SOON)
    return redirect(WAITING_PAGE)


def _change(request: HttpRequest, pending: PendingConfirmation) -> HttpResponse:
    """Mend the address; it sends a mail to an address of a stranger's choice, so it counts as a sign-up."""
    too_many = ratelimit.consume_or_429(request, action="signup")
    if too_many:
        return cast(HttpResponse, too_many)
    form = ChangeAddressForm(request.POST)
    if not form.is_valid():
        return _show(request, pending, change_form=form)
    try:
        changed = services.change_address(pending.pk, form.cleaned_data["email"])
    except Refused as refused:
        form.add_error("email", str(refused))
        return _show(request, pending, change_form=form)
    post_mail(request, changed)
    return redirect(WAITING_PAGE)


def _knows_password(request: HttpRequest, pending: PendingConfirmation, form: SignUpPasswordForm) -> bool:
    """Compare what was typed with the password of the sign-up; the form says what is wrong."""
    if not form.is_valid():
        return False
    try:
        _count_guess(request, pending, TOO_MANY_PASSWORDS)
    except Refused as refused:
        form.add_error("password", str(refused))
        return False
    if not check_password(form.cleaned_data["password"], pending.password):
        form.add_error(
            "password",
            _("Incorrect password. If you signed up more than once, use the newest email, or sign up again."),
        )
    return form.is_valid()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, key: str) -> HttpResponse:
    """Show what the link of a mail confirms; confirm when the button is pressed, never by looking.

    Programs that read mails open every link in them, so that opening must not confirm. In a browser that did
    not sign up, the sign-up's password is asked: else somebody could sign up with another person's address,
    and know the password of the account which that person opens by the link.
    """
    pending = services.find_by_key(key)
    is_foreign = pending is not None and pending.user_id is None and waiting_in(request) != pending
    form = SignUpPasswordForm(request.POST or None) if is_foreign else None
    context = {"pending": pending, "key": key, "form": form}
    if pending is None or request.method != "POST":
        return render(request, "account/email_confirm.html", context)
    if form is not None and not _knows_password(request, pending, form):
        return render(request, "account/email_confirm.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        confirmed = services.confirm(pending)
    except Refused as refused:
        reason = {"refused": refused, "login_url": login_url(pending.next_path)}
        return render(request, "account/email_confirm.html", reason, status=refused.status)
    return finish(request, confirmed, by_link=True)
