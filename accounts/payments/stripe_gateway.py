"""Stripe: the one file that knows its library.

Nothing of what Stripe sends is believed: an event only names a checkout, whose state is then fetched. HUF has
two decimals at Stripe, as here: 9,900 Ft is sent as 990000.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import stripe
from django.conf import settings

from accounts.access.periods import Period
from accounts.payments.gateways import (
    STRIPE,
    Forged,
    GatewayCheckout,
    GatewayDown,
    GatewaySession,
    GatewaySubscription,
    MoneyBack,
    Order,
    Payment,
)

logger = logging.getLogger(__name__)

# A page waits for two tries at most.
TIMEOUT_SECONDS: Final = 8
RETRIES: Final = 1
# Somebody who recorded an event must not be able to send it again later.
TOLERANCE_SECONDS: Final = 300
# Ids and kinds of Stripe; what is signed and has others would not fit into a column.
NAME: Final = re.compile(r"[\w.]{1,255}", re.ASCII)
DECIDED: Final = timedelta(days=120)
FAILED: Final = frozenset({"failed", "canceled"})
# Keys of the test mode begin otherwise, also restricted ones.
LIVE_KEYS: Final = ("sk_live_", "rk_live_")
# One that is "unpaid" goes on once its open invoice is paid: it has to be canceled like any other.
ENDED: Final = frozenset({"canceled", "incomplete_expired"})
# What may change what a checkout has come to. Others are noted and otherwise ignored.
TAKEN: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "charge.refunded",
        "refund.updated",
        "refund.failed",
        "charge.dispute.closed",
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """What Stripe told: its ids, and which checkout it is about; None when it is none of ours."""

    event_id: str
    kind: str
    object_id: str
    session_id: str
    intent_id: str
    checkout_id: UUID | None


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else None,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def client() -> stripe.StripeClient:
    """Return the client of our key."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@contextmanager
def _asking() -> Iterator[None]:
    """Say of whatever Stripe refuses or leaves unanswered that the gateway is down."""
    try:
        yield
    except stripe.StripeError as error:
        logger.warning("Stripe did not do what it was asked", exc_info=True)
        raise GatewayDown(f"{type(error).__name__} {error.code or ''}".strip()) from error


class StripeGateway:
    """Checkout sessions, subscriptions, the billing portal and refunds of Stripe."""

    name = STRIPE

    def open(self, order: Order) -> GatewaySession:
        """Create a Checkout session. A repeat within a day returns the same one."""
        with _asking():
            session = client().v1.checkout.sessions.create(
                _session_of(order), {"idempotency_key": f"checkout-{order.checkout_id}"}
            )
        return GatewaySession(session.id, session.url or "")

    def fetch(self, session_id: str) -> GatewayCheckout:
        """Return what became of a session: its payments, its subscription, and what went back."""
        with _asking():
            session = client().v1.checkout.sessions.retrieve(
                session_id, {"expand": ["payment_intent.latest_charge.refunds", "subscription"]}
            )
            # A bank transfer is on its way for days after its session is complete.
            is_open = session.status != "expired" and session.payment_status == "unpaid"
            subscription = session.subscription
            if isinstance(subscription, stripe.Subscription):
                payments = list(_invoices_paid(subscription))
                return GatewayCheckout(is_open, payments, _subscription_state(subscription))
            return GatewayCheckout(is_open and not _failed(session), list(_paid_once(session)))

    def close(self, session_id: str) -> None:
        """Expire a session. One that is paid or expired cannot be, and need not."""
        with _asking():
            try:
                client().v1.checkout.sessions.expire(session_id)
            except stripe.InvalidRequestError:
                if client().v1.checkout.sessions.retrieve(session_id).status == "open":
                    raise

    def paid_back(self, since: datetime) -> Iterator[str]:
        """Yield the intents, and the invoices that they paid, of new refunds and of lost disputes."""
        with _asking():
            refunds = client().v1.refunds.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
            intents = [refund.payment_intent for refund in refunds.auto_paging_iter()]
            # A dispute takes a quarter of a year until it is decided.
            opened = int((since - DECIDED).timestamp())
            disputes = client().v1.disputes.list({"created": {"gte": opened}, "limit": 100})
            intents += [
                dispute.payment_intent for dispute in disputes.auto_paging_iter() if dispute.status == "lost"
            ]
            for intent in {_id(intent) for intent in intents if intent}:
                yield intent
                yield from (_id(payment.invoice) for payment in _payments_of(intent))

    def refunds_failed(self, since: datetime) -> Iterator[str]:
        """Yield the refunds that failed."""
        with _asking():
            refunds = client().v1.refunds.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
            yield from (refund.id for refund in refunds.auto_paging_iter() if refund.status in FAILED)

    def cancel(self, subscription_id: str, *, at_once: bool = False) -> None:
        """Let a subscription end with the period that is paid, or now. One that has ended need not be."""
        subscriptions = client().v1.subscriptions
        with _asking():
            try:
                if at_once:
                    subscriptions.cancel(subscription_id)
                else:
                    subscriptions.update(subscription_id, {"cancel_at_period_end": True})
            except stripe.InvalidRequestError:
                if subscriptions.retrieve(subscription_id).status not in ENDED:
                    raise

    def resume(self, subscription_id: str) -> None:
        """Let a subscription go on that was to end with the period that is paid."""
        with _asking():
            client().v1.subscriptions.update(subscription_id, {"cancel_at_period_end": False})

    def portal(self, session_id: str, *, language: str, return_url: str) -> str:
        """Return the address of the billing portal of whoever paid the session."""
        with _asking():
            session = client().v1.checkout.sessions.retrieve(session_id)
            if session.customer is None:
                return ""
            portal = client().v1.billing_portal.sessions.create(
                {"customer": _id(session.customer), "return_url": return_url, "locale": _locale(language)}
            )
        return portal.url

    def refund(self, payment_id: str) -> None:
        """Give back all of a payment: that of a session, or of an invoice."""
        with _asking():
            intent = payment_id if payment_id.startswith("pi_") else _intent_of_invoice(payment_id)
            if not intent:
                raise GatewayDown(f"no payment of {payment_id}")
            try:
                # Without a key of our own: Stripe gives back no more than was paid, and would repeat a
                # refusal, such as a balance that is too low, for a day.
                client().v1.refunds.create({"payment_intent": intent})
            except stripe.InvalidRequestError as error:
                if error.code != "charge_already_refunded":
                    raise


def _locale(language: str) -> Any:  # noqa: ANN401  (a Literal of every language that Stripe speaks)
    return language


def _session_of(order: Order) -> stripe.params.checkout.SessionCreateParams:
    metadata = {"checkout": str(order.checkout_id)}
    price: stripe.params.checkout.SessionCreateParamsLineItemPriceData = {
        "currency": order.currency.lower(),
        "unit_amount": order.amount,
        "tax_behavior": "inclusive",
        "product_data": {"name": order.title},
    }
    params: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": str(order.checkout_id),
        "metadata": metadata,
        "customer_email": order.email,
        "locale": _locale(order.language),
        "automatic_tax": {"enabled": True},
        "allow_promotion_codes": True,
        "billing_address_collection": "required",
        "tax_id_collection": {"enabled": True},
        "success_url": order.return_url,
        "cancel_url": order.cancel_url,
        # The order stores what was shown: no other currency may be paid.
        "adaptive_pricing": {"enabled": False},
    }
    if order.months is None:
        params["customer_creation"] = "always"
        params["invoice_creation"] = {"enabled": True, "invoice_data": {"metadata": metadata}}
        params["payment_intent_data"] = {"metadata": metadata}
    else:
        price["recurring"] = {"interval": "month", "interval_count": order.months}
        params["mode"] = "subscription"
        params["subscription_data"] = {"metadata": metadata}
    return params


def _paid_once(session: stripe.checkout.Session) -> Iterator[Payment]:
    """Yield the payment of a session that is paid. One that a promotion code made free has no intent."""
    if session.status != "complete" or session.payment_status not in {"paid", "no_payment_required"}:
        return
    if session.mode != "payment" or session.amount_total is None:
        return
    intent = session.payment_intent
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    paid = charge if isinstance(charge, stripe.Charge) else None
    yield Payment(
        payment_id=_id(intent) if intent else f"free_{session.client_reference_id}",
        amount=session.amount_total,
        currency=(session.currency or "").upper(),
        paid_at=_moment(paid.created if paid else session.created),
        money_back=list(_money_back(paid)) if paid else [],
        failed_refunds=[_back(refund) for refund in _refunds_of(paid) if refund.status in FAILED]
        if paid
        else [],
    )


def _invoices_paid(subscription: stripe.Subscription) -> Iterator[Payment]:
    """Yield each paid invoice of a subscription with its period, the oldest first."""
    charges = client().v1.charges.list(
        {"customer": _id(subscription.customer), "limit": 100, "expand": ["data.refunds"]}
    )
    by_intent = {
        _id(charge.payment_intent): charge for charge in charges.auto_paging_iter() if charge.payment_intent
    }
    listed = client().v1.invoices.list(
        {"subscription": subscription.id, "status": "paid", "limit": 100, "expand": ["data.payments"]}
    )
    invoices = sorted(listed.auto_paging_iter(), key=lambda invoice: invoice.created)
    for invoice in invoices:
        period = _period_of(invoice)
        if invoice.id is None or period is None:
            continue
        charge = next((by_intent[intent] for intent in _intents(invoice) if intent in by_intent), None)
        yield Payment(
            payment_id=invoice.id,
            amount=invoice.amount_paid,
            currency=invoice.currency.upper(),
            paid_at=_moment(invoice.status_transitions.paid_at or invoice.created),
            period=period,
            money_back=list(_money_back(charge)) if charge else [],
            failed_refunds=[_back(refund) for refund in _refunds_of(charge) if refund.status in FAILED]
            if charge
            else [],
        )


def _period_of(invoice: stripe.Invoice) -> Period | None:
    """Return what an invoice pays for: its own period is that before, only its lines say what follows."""
    lines = [
        line.period for line in invoice.lines.data if line.parent and line.parent.subscription_item_details
    ]
    if not lines:
        return None
    return Period(_moment(min(line.start for line in lines)), _moment(max(line.end for line in lines)))


def _intents(invoice: stripe.Invoice) -> Iterator[str]:
    for payment in invoice.payments.data if invoice.payments else []:
        if payment.payment.payment_intent:
            yield _id(payment.payment.payment_intent)


def _intent_of_invoice(invoice_id: str) -> str:
    invoice = client().v1.invoices.retrieve(invoice_id, {"expand": ["payments"]})
    return next(_intents(invoice), "")


def _payments_of(intent_id: str) -> list[stripe.InvoicePayment]:
    """Return what an intent paid of invoices, with them."""
    of_intent: stripe.params.InvoicePaymentListParamsPayment = {
        "type": "payment_intent",
        "payment_intent": intent_id,
    }
    return client().v1.invoice_payments.list({"payment": of_intent, "expand": ["data.invoice"]}).data


def _failed(session: stripe.checkout.Session) -> bool:
    """Say whether a transfer that was begun did not arrive."""
    intent = session.payment_intent
    if session.status != "complete" or not isinstance(intent, stripe.PaymentIntent):
        return False
    return intent.status in {"requires_payment_method", "canceled"}


def _money_back(charge: stripe.Charge) -> Iterator[MoneyBack]:
    """Yield the refunds of a charge that went through, and disputes that were lost."""
    yield from (_back(refund) for refund in _refunds_of(charge) if refund.status in {"succeeded", "pending"})
    if charge.disputed:
        for dispute in client().v1.disputes.list({"charge": charge.id, "limit": 100}).auto_paging_iter():
            if dispute.status == "lost":
                yield MoneyBack(dispute.id, dispute.amount, _moment(dispute.created), is_refund=False)


def _refunds_of(charge: stripe.Charge) -> Iterator[stripe.Refund]:
    """Yield all refunds of a charge. What failed no longer counts in its `amount_refunded`."""
    listed = getattr(charge, "refunds", None)
    if listed is None:  # they do not always come along
        listed = client().v1.refunds.list({"charge": charge.id, "limit": 100})
    yield from listed.auto_paging_iter()


def _back(refund: stripe.Refund) -> MoneyBack:
    return MoneyBack(refund.id, refund.amount, _moment(refund.created))


def _subscription_state(subscription: stripe.Subscription) -> GatewaySubscription:
    ends_at = subscription.ended_at or subscription.cancel_at
    if subscription.cancel_at_period_end and not ends_at:
        ends_at = max(item.current_period_end for item in subscription["items"].data)
    return GatewaySubscription(
        subscription.id,
        runs=subscription.status not in ENDED,
        ends_at=_moment(ends_at) if ends_at else None,
    )


def _id(value: Any) -> str:  # noqa: ANN401  (an id, or the object in its place)
    return value if isinstance(value, str) else str(value.id)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def read_event(body: bytes, signature: str) -> Event:
    """Return what a webhook tells.

    Raises Forged for a wrong signature, an old one, the other mode, and for what is signed but no event.
    """
    try:
        event = client().construct_event(
            body, signature, settings.STRIPE_WEBHOOK_SECRET, tolerance=TOLERANCE_SECONDS
        )
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise Forged(str(error)) from error
    except (AttributeError, TypeError) as error:  # the library expects an object
        raise Forged("signed, but no event") from error
    try:
        return _event(event)
    except (AttributeError, KeyError, TypeError) as error:
        raise Forged("signed, but no event") from error


def _event(event: stripe.Event) -> Event:
    """Return the parts of an event that are used. Raises Forged; AttributeError and the like for no event."""
    if event.livemode != settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS):
        raise Forged("the event is of the other mode than the key")
    about = event.data.object.to_dict()
    if not all(NAME.fullmatch(name) for name in (event.id, event.type, about.get("id") or "none")):
        raise Forged("signed, but not with ids of Stripe's")
    is_session = event.type.startswith("checkout.session.")
    return Event(
        event_id=event.id,
        kind=event.type,
        object_id=str(about.get("id") or ""),
        session_id=str(about["id"]) if is_session else "",
        intent_id=str(about.get("payment_intent") or ""),
        checkout_id=_named_by(about),
    )


def _named_by(about: Mapping[str, Any]) -> UUID | None:
    """Return the checkout that an object names in what we gave it: itself, or its subscription."""
    parent = (about.get("parent") or {}).get("subscription_details") or {}
    checkout = (about.get("metadata") or {}).get("checkout") or (parent.get("metadata") or {}).get("checkout")
    try:
        return UUID(str(checkout)) if checkout else None
    except ValueError:
        return None


def checkout_of(intent_id: str) -> UUID | None:
    """Return the checkout of a payment intent, for refunds and disputes name nothing else."""
    with _asking():
        if checkout := _named_by(client().v1.payment_intents.retrieve(intent_id).to_dict()):
            return checkout
        invoices = [
            payment.invoice
            for payment in _payments_of(intent_id)
            if isinstance(payment.invoice, stripe.Invoice)
        ]
    return next((checkout for invoice in invoices if (checkout := _named_by(invoice.to_dict()))), None)
