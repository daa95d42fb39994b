"""A person's purchases, and the button that cancels a subscription."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base.errors import Refused
from accounts.payments import selectors, services
from accounts.payments.gateways import GatewayDown
from accounts.users.requests import SignedInRequest, signed_in
from accounts.web.zoned import render_for
from i18n import languages


@signed_in
@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    """List what was bought and which subscription runs."""
    language = get_language() or languages.DEFAULT
    context = {
        "purchases": selectors.purchases(request.user, language),
        "subscriptions": selectors.subscriptions(request.user, language),
    }
    return render_for(request, "payments/purchases.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, checkout_id: UUID) -> HttpResponse:
    """Say what canceling an own subscription does; do it by POST. What is paid stays open until its end."""
    checkout = services.find(checkout_id, request.user)
    if request.method != "POST":
        running = selectors.subscriptions(request.user, get_language() or languages.DEFAULT)
        found = next((one for one in running if one.checkout_id == checkout_id and not one.ends_at), None)
        if found is None:
            return redirect("payments:purchases")
        return render_for(request, "payments/cancel.html", {"subscription": found})
    try:
        services.cancel(checkout, request.user)
    except GatewayDown:
        messages.error(request, _("We can't reach the payment provider right now. Try again soon."))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Your subscription is canceled. You won't be charged again."))
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
