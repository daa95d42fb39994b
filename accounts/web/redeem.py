"""The page on which a voucher is redeemed. Looking at it gives nothing: only pressing its button does."""

from http import HTTPStatus
from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import ResolverMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import selectors, targets, vouchers
from accounts.access.models import State
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, client_ip, whole_number
from accounts.web import navigation
from accounts.web.rendering import render_in_time_zone

# Longer than any code with all that people put between its groups.
LONGEST: Final = 80


class RedeemForm(forms.Form):
    """A code as it was typed, with hyphens, spaces and small letters."""

    code = forms.CharField(
        label=gettext_lazy("Voucher code"),
        help_text=gettext_lazy("For example PASS-7K3M-Q2XD-94TB-HN6W. Hyphens and spaces don't matter."),
        max_length=LONGEST,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Enter the code.")},
    )


def name_of(match: ResolverMatch) -> str:
    """Return what a page is called when it is the one of this module."""
    ours = match.view_name in {"accounts_access:redeem", "accounts_access:redeem_code"}
    return _("Redeem a voucher") if ours else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def redeem(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show the form, filled in by the address, and what was redeemed before; redeem when it is sent."""
    if not isinstance(request.user, User):
        return _ask_to_sign_in(request, code)
    if request.method == "POST":
        return _redeem(request, request.user)
    redeemed = _redeemed(request, request.user)
    return _show(request, given=redeemed) if redeemed else _offer(request, request.user, code)


def _ask_to_sign_in(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the way through sign-in and sign-up. What a code is for is told to nobody before."""
    typed = request.POST.get("code", "") if request.method == "POST" else code
    voucher_code = vouchers.normalized(typed[:LONGEST])
    way = _address(voucher_code)
    links = {
        "login_url": navigation.login_url(way),
        "signup_url": navigation.leading_on(reverse("account_signup"), way),
    }
    return render(request, "accounts/redeem_visitor.html", {**links, "has_code": bool(voucher_code)})


def _address(voucher_code: str) -> str:
    """Return the page for the characters of a code; that without one for ""."""
    return (
        reverse("accounts_access:redeem_code", args=[vouchers.written(voucher_code)])
        if voucher_code
        else reverse("accounts_access:redeem")
    )


def _redeem(request: HttpRequest, person: User) -> HttpResponse:
    form = RedeemForm(request.POST)
    if not form.is_valid():
        return _show(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        # Before it is looked at, whether it is right or not: a guess must not be free.
        vouchers.count_try(person, client_ip(request))
        redeemed = vouchers.redeem(user=person, voucher_code=form.cleaned_data["code"])
    except Refused as refused:
        form.add_error("code", str(refused))
        return _show(request, form=form, status=refused.status)
    if redeemed.again:
        messages.info(request, _("You've already redeemed this code."))
    return _lead_to(redeemed.redemption_id)


def _lead_to(redemption_id: int) -> HttpResponse:
    """Lead to what a redemption gave, so that Back and Reload send no form again."""
    return redirect(f"{reverse('accounts_access:redeem')}?{urlencode({'redeemed': redemption_id})}")


def _redeemed(request: HttpRequest, person: User) -> list[dict[str, Any]]:
    """Return what the redemption in the address gave this person, by name; nothing without one of theirs."""
    # As many digits as a key of the database may have.
    number = whole_number(request.GET.get("redeemed"), 18, 0)
    redeemed = vouchers.entitlements_from(person, number) if number else ()
    return [
        {
            "target": targets.target_of(entitlement.code),
            "entitlement": entitlement,
            "ended": entitlement.state == State.ENDED,
        }
        for entitlement in selectors.entitlements_of(person, [row.pk for row in redeemed])
    ]


def _offer(request: HttpRequest, person: User, code: str) -> HttpResponse:
    """Fill the form with the code of the address, and say what it would open."""
    form = RedeemForm(initial={"code": code[:LONGEST]})
    if not code:
        return _show(request, form=form)
    try:
        vouchers.count_look(person, client_ip(request))
        preview = vouchers.look_up(person, code)
    except Refused as refused:
        # After too many looks the form says nothing: what is typed into it is still taken.
        if refused.status != HTTPStatus.TOO_MANY_REQUESTS:
            form = RedeemForm({"code": code[:LONGEST]})
            if form.is_valid():
                form.add_error("code", str(refused))
        return _show(request, form=form)
    if preview.redemption_id:
        messages.info(request, _("You've already redeemed this code."))
        return _lead_to(preview.redemption_id)
    names = [target.headline for target in targets.targets_of(preview.codes).values()]
    return _show(request, form=form, names=names, months=preview.months)


def _show(request: HttpRequest, *, status: int = HTTPStatus.OK, **context: object) -> HttpResponse:
    """Show the form to somebody who is signed in: visitors were led to sign in before."""
    return render_in_time_zone(cast(SignedInRequest, request), "accounts/redeem.html", context, status=status)
