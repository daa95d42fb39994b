"""What Stripe tells: taken once, in any order, and never believed; what it is about is fetched.

It is stored in the transaction that applies it. So one that could not be applied is not stored, is answered
with an error, and Stripe sends it again.
"""

from uuid import UUID

from django.db import transaction

from accounts.access import entitlements
from accounts.payments import stripe_gateway
from accounts.payments.gateways import STRIPE
from accounts.payments.models import Checkout, CheckoutSession, PurchaseEvent
from accounts.payments.settlement import settle
from accounts.payments.stripe_gateway import TAKEN, Event, StripeGateway


def handle_event(body: bytes, signature: str) -> None:
    """Take an event. Raises Forged, and GatewayDown or OperationalError when it has to be sent again."""
    event = stripe_gateway.read_event(body, signature)
    # Spares a repeat the question to Stripe; what makes it harmless are the unique keys below.
    if PurchaseEvent.objects.filter(gateway=STRIPE, event_id=event.event_id).exists():
        return
    checkout = _checkout_of(event) if event.kind in TAKEN else None
    session_id = _store_session_id(checkout, event) if checkout else ""
    # Before the question: an answer counts from when it was asked for.
    asked_at = entitlements.now()
    # Outside any transaction: Stripe may take seconds.
    fetched = StripeGateway().fetch(session_id) if session_id else None
    with transaction.atomic():
        if checkout and fetched:
            settle(checkout, fetched, asked_at)
        PurchaseEvent.objects.get_or_create(
            gateway=STRIPE,
            event_id=event.event_id,
            defaults={"kind": event.kind[:80], "object_id": event.object_id, "checkout": checkout},
        )


def _checkout_of(event: Event) -> Checkout | None:
    """Return our checkout that an event is about; None for what others sell by the same Stripe account."""
    key: UUID | None = event.checkout_id
    if key is None and event.intent_id:
        key = stripe_gateway.checkout_of(event.intent_id)
    return Checkout.objects.filter(pk=key, gateway=STRIPE).first() if key else None


def _store_session_id(checkout: Checkout, event: Event) -> str:
    """Return the session of a checkout, which the event names where we died before storing it."""
    session = CheckoutSession.objects.filter(checkout=checkout).first()
    if session is None and event.session_id:
        session, _made = CheckoutSession.objects.get_or_create(
            checkout=checkout, defaults={"session_id": event.session_id}
        )
    return session.session_id if session else ""
