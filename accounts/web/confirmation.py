"""Two pages: one waits for the code of a mail, the other confirms by its link, once the button is pressed."""

from http import HTTPStatus
from typing import cast

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.confirmation import services
from accounts.confirmation.models import PendingConfirmation
from accounts.web import confirming
from accounts.web.forms import ChangeAddressForm, CodeForm, SignUpPasswordForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """Show where the code is typed; take it, send the mail again, or mend the address."""
    pending = confirming.waiting_in(request)
    if pending is None and request.user.is_authenticated:
        # Confirmed meanwhile by the link, in another window of this browser.
        return redirect(confirming.goal_in(request) or "account_email")
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
        "was_waiting": confirming.was_waiting_in(request),
        "login_url": confirming.login_url(confirming.goal_in(request)),
        "code_form": CodeForm.refused(confirming.take_refusal(request)),
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
        return confirming.refuse_code(request, " ".join(map(str, form.errors["code"])))
    if not _may_guess(request, pending.address):
        said = _("Too many incorrect codes. Use the link in the email, or wait an hour.")
        return confirming.refuse_code(request, said)
    try:
        confirmed = services.confirm_by_code(pending.pk, form.cleaned_data["code"])
    except Refused as refused:
        return confirming.refuse_code(request, str(refused))
    return confirming.finish(request, confirmed, by_link=False)


def _may_guess(request: HttpRequest, address: str) -> bool:
    """Count a guess for the address, too: a sign-up begun anew must not give more of them."""
    usage = ratelimit.consume(request, app="allauth.account", action="confirm_code", key=address.lower())
    return usage is not None


def _resend(request: HttpRequest, pending: PendingConfirmation) -> HttpResponse:
    renewed = services.renew_code(pending.pk)
    if renewed and confirming.post_mail(request, renewed):
        messages.success(request, _("We've sent the email again."))
    else:
        confirming.say_too_soon(request)
    return redirect("account_email_verification_sent")


def _change(request: HttpRequest, pending: PendingConfirmation) -> HttpResponse:
    """Mend the address; it sends a mail to an address of a stranger's choice, so it counts as a sign-up."""
    too_many = ratelimit.consume_or_429(request, app="allauth.account", action="signup")
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
    confirming.post_mail(request, changed)
    return redirect("account_email_verification_sent")


def _knows_password(request: HttpRequest, pending: PendingConfirmation, form: SignUpPasswordForm) -> bool:
    """Compare what was typed with the password of the sign-up; the form says what is wrong."""
    if not form.is_valid():
        return False
    if not _may_guess(request, pending.address):
        form.add_error("password", _("Too many incorrect passwords. Wait an hour, or sign up again."))
    elif not check_password(form.cleaned_data["password"], pending.password):
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
    is_foreign = pending is not None and pending.user_id is None and confirming.waiting_in(request) != pending
    form = SignUpPasswordForm(request.POST or None) if is_foreign else None
    context = {"pending": pending, "key": key, "form": form}
    if pending is None or request.method != "POST":
        return render(request, "account/email_confirm.html", context)
    if form is not None and not _knows_password(request, pending, form):
        return render(request, "account/email_confirm.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        confirmed = services.confirm(pending)
    except Refused as refused:
        said = {"refused": refused, "login_url": confirming.login_url(pending.next_path)}
        return render(request, "account/email_confirm.html", said, status=refused.status)
    return confirming.finish(request, confirmed, by_link=True)
