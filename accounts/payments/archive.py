"""What a person ordered and paid, for their archive."""

from typing import Any

from django.db.models import F

from accounts.payments.models import Checkout
from accounts.users.models import User


def orders(user: User, language: str) -> list[dict[str, Any]]:
    """Return each order of a person, a line for each payment of it; one that was never paid has none."""
    rows = Checkout.objects.filter(user=user).order_by("created_at", "purchases__paid_at")
    found = rows.values(
        "created_at",
        "amount",
        "currency",
        "language",
        "terms_version",
        "consent_at",
        "gateway",
        product=F("version__product__slug"),
        order=F("pk"),
        paid_at=F("purchases__paid_at"),
        paid=F("purchases__amount"),
        payment=F("purchases__payment_id"),
    )
    return [dict(row) for row in found]
