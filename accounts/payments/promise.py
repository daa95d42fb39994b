"""Our refund promise, as the page on refunds makes it: within 14 days, and nothing was started with it."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements
from accounts.base.errors import Text
from accounts.payments.models import Purchase

WITHIN: Final = timedelta(days=14)


def obstacle(purchase: Purchase, *, is_begun: bool) -> Text:
    """Return why the promise does not cover a payment, "" where it does. Staff may refund it all the same."""
    if is_begun:
        return _("something was started")
    if entitlements.now() > purchase.paid_at + WITHIN:
        return _("paid more than 14 days ago")
    earlier = Purchase.objects.filter(checkout=purchase.checkout, paid_at__lt=purchase.paid_at)
    if purchase.period_ends_at and earlier.exists():
        return _("not the first payment of the subscription")
    return ""
