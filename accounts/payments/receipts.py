"""The receipt of a payment, and the mail about money that goes back. In the buyer's language.

A receipt says what was bought and paid, and that access at once was asked for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from accounts.access.models import Entitlement
from accounts.base import moments
from accounts.outbox import services as outbox
from accounts.payments import labels
from accounts.payments.gateways import MoneyBack
from accounts.payments.models import Purchase
from accounts.profile import selectors as profiles
from accounts.users.models import User

KIND: Final = "payments/email/receipt"
REFUNDED: Final = "payments/email/refunded"
# The law wants this mail; a mail server that was down for a week must not swallow it.
USEFUL: Final = timedelta(days=30)


def post(person: User, purchase: Purchase, given: Sequence[Entitlement]) -> None:
    """Write the receipt of a purchase down; once, however often it is asked for."""
    checkout = purchase.checkout
    version = checkout.version
    zone = ZoneInfo(profiles.of(person).time_zone)
    with override(checkout.language), timezone.override(zone):
        until = purchase.period_ends_at or min(entitlement.ends_at for entitlement in given)
        kind, slug = version.product.kind, version.product.slug
        parameters: dict[str, str | int | bool | None] = {
            "title": labels.product_label(slug, kind, version.codes, version.months),
            "amount": labels.amount_label(purchase.amount, purchase.currency),
            "paid_on": _day(purchase.paid_at),
            "until": _moment(until),
            "ordered_at": _moment(checkout.created_at),
            "consent_at": _moment(checkout.consent_at),
            "terms_of": date_format(date.fromisoformat(checkout.terms_version), "DATE_FORMAT"),
            "number": str(checkout.pk),
            "renews": bool(purchase.period_ends_at),
        }
    outbox.post(
        KIND,
        person.email,
        parameters,
        person=person,
        language=checkout.language,
        dedupe_key=f"receipt-{purchase.pk}",
        useful_for=USEFUL,
    )


def post_refund(person: User, purchase: Purchase, back: MoneyBack, *, is_whole: bool) -> None:
    """Tell a buyer of money that goes back, in the transaction that stores it as new."""
    checkout = purchase.checkout
    version = checkout.version
    with override(checkout.language):
        title = labels.product_label(
            version.product.slug, version.product.kind, version.codes, version.months
        )
        amount = labels.amount_label(back.amount, purchase.currency)
    outbox.post(
        REFUNDED,
        person.email,
        {"title": title, "amount": amount, "is_whole": is_whole, "number": str(checkout.pk)},
        person=person,
        language=checkout.language,
        useful_for=USEFUL,
    )


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _moment(moment: datetime) -> str:
    return moments.in_full(timezone.localtime(moment))
