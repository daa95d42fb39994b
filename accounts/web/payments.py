"""Pages of buying: before and after paying, own purchases, the test card, and what Stripe tells.

What a browser says gives nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import ResolverMatch, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import entitlements, policy, products, targets
from accounts.access.models import EVERYTHING, Currency, Kind
from accounts.access.products import Offer
from accounts.access.selectors import open_now
from accounts.access.targets import Target
from accounts.base import site_operator
from accounts.base.errors import Refused, Text
from accounts.payments import gateways, labels, refunds, selectors, services
from accounts.payments import test_card as card
from accounts.payments.gateways import Forged, GatewayDown
from accounts.payments.models import Purchase
from accounts.payments.services import Agreement, ReturnUrls
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from accounts.web.legal import CHANGED_ON
from accounts.web.rendering import render_in_time_zone
from i18n import languages

LOCAL_CURRENCY: Final = {"hu": Currency.HUF}


class OrderForm(forms.Form):
    """What has to be agreed to before paying, and the price that was read."""

    amount = forms.IntegerField(widget=forms.HiddenInput)
    consent = forms.BooleanField(
        label=_("I want access immediately, and I know that I lose my right of withdrawal."),
        help_text=_("Our own 14-day refund promise below is separate from that right and still applies."),
        error_messages={"required": _("We can only give you access immediately if you agree to this.")},
    )
    terms = forms.BooleanField(error_messages={"required": _("Please accept the terms first.")})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["terms"].label = format_html(
            str(_('I accept the <a href="{}">terms</a>.')), reverse("legal:terms")
        )


def name_of(match: ResolverMatch) -> str:
    """Return what is ordered on a page, "" when it is no order page."""
    if match.view_name != "payments:buy":
        return ""
    offer = next((one for one in products.on_sale() if one.slug == match.kwargs["slug"]), None)
    return _title(offer) if offer else ""


def _title(offer: Offer) -> str:
    return labels.product_label(offer.slug, offer.kind, offer.codes, offer.months)


@dataclass(frozen=True, slots=True)
class Priced:
    """An offer in one of its currencies, and what it opens."""

    offer: Offer
    currency: str
    opened: tuple[Target, ...]

    @property
    def amount(self) -> int:
        """Return the price in hundredths."""
        return self.offer.prices[self.currency]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def buy(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show what is bought and on what terms; take the order and lead to where it is paid."""
    priced = _priced(slug, request.GET.get("currency", ""))
    form = OrderForm(request.POST if request.method == "POST" else None, initial={"amount": priced.amount})
    if not form.is_bound:
        return _order_page(request, priced, form)
    if not form.is_valid():
        form.fields[next(iter(form.errors))].widget.attrs["autofocus"] = True
        return _order_page(request, priced, form, status=422)
    try:
        gateway_session = services.order(
            request.user,
            priced.offer,
            amount=form.cleaned_data["amount"],
            currency=priced.currency,
            agreement=Agreement(CHANGED_ON.isoformat(), _language()),
            return_urls=_return_urls(request, priced.currency),
        )
    except Refused as refused:
        fresh = OrderForm(initial={"amount": priced.amount})
        return _order_page(request, priced, fresh, refused=str(refused), status=refused.status)
    except GatewayDown:
        # Nobody was led to the gateway with this order, so nobody can have paid it.
        return _order_page(request, priced, form, refused=str(UNREACHABLE), status=503)
    return HttpResponseRedirect(gateway_session.url)


UNREACHABLE: Final = _("We can't reach the payment provider right now. Nothing was charged. Try again soon.")


def _return_urls(request: SignedInRequest, currency: str) -> ReturnUrls:
    return ReturnUrls(
        paid=lambda checkout: request.build_absolute_uri(reverse("payments:return", args=[checkout])),
        canceled=request.build_absolute_uri(
            f"{request.path}?{urlencode({'currency': currency, 'canceled': '1'})}"
        ),
    )


def _language() -> str:
    return get_language() or languages.DEFAULT


def _priced(slug: str, currency: str) -> Priced:
    """Return what is on sale under this name, in the wanted currency or that of the language.

    Raises Http404, also where nothing here is what it opens.
    """
    offer = next((one for one in products.on_sale() if one.slug == slug), None)
    if offer is None or not offer.prices or not gateways.available():
        raise Http404
    opened = tuple(targets.targets_of(offer.codes).values())
    if not all(one.is_known for one in opened):
        raise Http404
    choices = [currency, LOCAL_CURRENCY.get(_language(), Currency.EUR), *sorted(offer.prices)]
    return Priced(offer, next(one for one in choices if one in offer.prices), opened)


def _order_page(
    request: SignedInRequest, priced: Priced, form: OrderForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    offer = priced.offer
    details = [one.details() for one in priced.opened]
    access = policy.access_of(request.user, offer.codes[0])
    renews = offer.kind == Kind.SUBSCRIPTION
    running = selectors.subscriptions(request.user, _language()) if renews else []
    context = {
        "title": _title(offer),
        "price": labels.amount_label(priced.amount, priced.currency),
        "currency": priced.currency,
        "others": [one for one in Currency.values if one in offer.prices and one != priced.currency],
        "renews": renews,
        "subscribed": running[0] if running else None,
        "until": _until(request.user, offer),
        "parts": [part for one in details for part in one.parts],
        "sentences": list(dict.fromkeys(sentence for one in details for sentence in one.sentences)),
        "successors": [successor for one in details for successor in one.successors],
        "months": offer.months,
        "may_move": offer.kind == Kind.CERTIFICATION and any(one.may_move for one in details),
        "unverified": access.reason == policy.Reason.EMAIL_UNVERIFIED,
        "has_until": access.until if access else None,
        # What opens everything waits for nothing less.
        "owned": open_now(request.user) if EVERYTHING in offer.codes and not access else [],
        "waits_until": None if renews else entitlements.would_wait_until(request.user, offer.codes),
        "form": form,
        "refused": refused,
        "canceled": "canceled" in request.GET and not form.is_bound,
    }
    return render_in_time_zone(request, "payments/buy.html", context, status=status)


def _until(user: User, offer: Offer) -> datetime:
    """Return when the months end that are bought now. A subscription begins at once, whatever else runs."""
    if offer.kind == Kind.SUBSCRIPTION:
        return entitlements.would_renew(offer.months)
    return entitlements.would_end(user, offer.codes, offer.months)


@signed_in
@require_safe
def returned(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Ask the gateway how an own order went, settle it as the webhook does, and say so."""
    checkout = services.find(checkout_id, request.user)
    settled, is_down = None, False
    purchase = Purchase.objects.filter(checkout=checkout).first()
    try:
        # What was paid once stays so: no reload asks the gateway again.
        settled = None if purchase else services.refresh(checkout)
    except GatewayDown:
        is_down = True
    purchase = purchase or Purchase.objects.filter(checkout=checkout).first()
    opened = targets.targets_of(checkout.version.codes).values()
    paths = [one for one in opened if one.path]
    context = {
        "paths": paths,
        "first_exam": paths[0].details().first_exam if purchase and paths else "",
        "title": labels.product_title(checkout.version, _language()),
        "bought": selectors.purchase_summary(purchase, _language()) if purchase else None,
        "is_down": is_down,
        "is_open": is_down or bool(settled and settled.is_open),
        "slug": checkout.version.product.slug,
    }
    return render_in_time_zone(request, "payments/returned.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def test_card(request: SignedInRequest, session_id: UUID) -> HttpResponse:
    """Stand in for the page of a payment provider. In production there is none."""
    session = card.find(str(session_id))
    services.find(session.checkout_id, request.user)
    if session.paid_at or session.closed_at:
        # Back, or another window: nothing can be paid or declined here any more.
        return redirect(session.return_url)
    if request.method == "POST" and request.POST.get("act") == "pay":
        card.pay(str(session_id))
        return redirect(session.return_url)
    context = {
        "session": session,
        "price": labels.amount_label(session.amount, session.currency),
        "declined": request.method == "POST",
    }
    return render(request, "payments/test_card.html", context)


@signed_in
@require_safe
def purchases(request: SignedInRequest) -> HttpResponse:
    """List what was bought or redeemed, and which subscription runs."""
    language = _language()
    own = selectors.purchases(request.user, language)
    context = {
        "purchases": own,
        "redeemed": selectors.redeemed(request.user, language),
        "subscriptions": selectors.subscriptions(request.user, language),
        "seller": site_operator.seller(),
        "has_invoice": any(one.has_invoice for one in own),
        "may_move": targets.may_move({code for one in own for code in one.alone}),
    }
    return render_in_time_zone(request, "payments/purchases.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Say what canceling an own subscription does; do it by POST. What is paid stays open until its end."""
    checkout = services.find(checkout_id, request.user)
    if request.method != "POST":
        running = selectors.subscriptions(request.user, _language())
        subscription = next(
            (one for one in running if one.checkout_id == checkout_id and not one.ends_at), None
        )
        if subscription is None:
            return redirect("payments:purchases")
        return render_in_time_zone(request, "payments/cancel.html", {"subscription": subscription})
    done = _("Your subscription is canceled. You won't be charged again.")
    return _back_to_purchases(request, lambda: services.cancel(checkout, request.user), done)


@signed_in
@require_POST
def resume(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Let an own subscription go on that was canceled and has not ended."""
    checkout = services.find(checkout_id, request.user)
    done = _("Your subscription continues.")
    return _back_to_purchases(request, lambda: services.resume(checkout, request.user), done)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask_refund(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Say what asking for the money of an own order does; do it by POST. Asking twice is one request."""
    checkout = services.find(checkout_id, request.user)
    if request.method != "POST":
        own = selectors.purchases(request.user, _language())
        purchase = next(
            (one for one in own if one.checkout_id == checkout_id and one.promise == "open"), None
        )
        if purchase is None:
            return redirect("payments:purchases")
        context = {"purchase": purchase, "renews": checkout.version.product.kind == Kind.SUBSCRIPTION}
        return render(request, "payments/ask_refund.html", context)
    done = _("We've received your refund request and emailed you a confirmation.")
    return _back_to_purchases(request, lambda: refunds.ask(checkout, request.user), done)


def _back_to_purchases(request: SignedInRequest, act: Callable[[], object], done: Text) -> HttpResponse:
    """Act, and say on the page of purchases what came of it."""
    try:
        act()
    except GatewayDown:
        messages.error(request, _("We can't reach the payment provider right now. Try again soon."))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, str(done))
    return redirect("payments:purchases")


@signed_in
@require_POST
def portal(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Lead to where the payment provider shows invoices and card."""
    checkout = services.find(checkout_id, request.user)
    back = request.build_absolute_uri(reverse("payments:purchases"))
    try:
        address = services.portal(checkout, return_url=back)
    except (GatewayDown, Refused):
        messages.error(request, _("We can't reach the payment provider right now. Try again soon."))
        return redirect("payments:purchases")
    if not address:
        messages.info(request, _("There are no invoices for this purchase."))
        return redirect("payments:purchases")
    return HttpResponseRedirect(address)


# The largest events, of invoices with many lines, are a tenth of it.
LONGEST: Final = 256 * 1024
RETRY_SECONDS: Final = 5

logger = logging.getLogger(__name__)


# Stripe has no cookie; its signature says who it is.
@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Take an event: 200 once it is applied, 400 for what is not Stripe's, 503 to have it sent again."""
    # Without the secret an event could not be told from a forged one.
    if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_WEBHOOK_SECRET:
        raise Http404
    if len(request.body) > LONGEST:
        return _text_reply("too long", 413)
    # By its path: the library is large, and only who takes payments by it loads it.
    take = import_string("accounts.payments.webhook.handle_event")
    try:
        take(request.body, request.headers.get("Stripe-Signature", ""))
    except Forged:
        logger.warning("webhook refused", exc_info=True)
        return _text_reply("refused", 400)
    except (GatewayDown, OperationalError):
        # Among them a lock of the person that somebody else held for too long: nothing of it is stored.
        logger.warning("webhook not applied", exc_info=True)
        reply = _text_reply("send it again", 503)
        reply["Retry-After"] = str(RETRY_SECONDS)
        return reply
    return _text_reply("ok", 200)


def _text_reply(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
