"""What a person ordered and paid: the declaration for their archive."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.base.personal_data import Table
from accounts.payments.models import Checkout

# A line for each payment of an order; one that was never paid has one without a payment.
ORDERS: Final = Table(
    Checkout,
    "orders",
    _("What you ordered and paid."),
    (
        "created_at, number, amount, currency, language, terms_version, consent_at, gateway, "
        "version__product__slug as product, pk as order, purchases__paid_at as paid_at, "
        "purchases__amount as paid, purchases__payment_id as payment, "
        "purchases__refund_request__created_at as refund_asked_at, "
        "purchases__refund_request__decline__reason as refund_declined"
    ),
    order=("created_at", "purchases__paid_at"),
    kept=True,
    kept_because=_("Your orders and payments, without your name, for as long as the law requires."),
)
