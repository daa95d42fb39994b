"""A Stripe of our own: the objects that we use, which may be paid, and may fail. `fake_server` serves it.

Every object that leaves it, in a reply or an event, is checked against the library's own class.
"""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from itertools import count

import stripe
from dateutil.relativedelta import relativedelta

from tests.payments.conforming import Object, all_conform, conforms

KEY = "sk_test_of_the_fake"
SECRET = "whsec_of_the_fake"


BROKEN = {"error": {"type": "api_error", "message": "Something broke"}}
NOT_FOUND = 404, {"error": {"type": "invalid_request_error", "message": "No such object"}}


class Impossible(Exception):
    """What Stripe refuses, with its code and its sentence."""


class FakeStripe:
    """The state of the fake, and what a buyer and Stripe itself do to it."""

    def __init__(self) -> None:
        self.sessions: dict[str, Object] = {}
        self.intents: dict[str, Object] = {}
        self.charges: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.disputes: dict[str, Object] = {}
        self.subscriptions: dict[str, Object] = {}
        self.invoices: dict[str, Object] = {}
        self.requests: list[tuple[str, str, Object]] = []
        self.faults: list[str] = []
        """Of the next requests: 500, timeout, slow, twice (it arrives twice), lost (its reply is)."""
        self.broken: set[str] = set()
        self.forgets = False
        """Whether a repeated key of idempotency means nothing to it."""
        self.wrong: list[str] = []
        """What it said that the library does not know; told when it stops."""
        self.base = ""
        self._ids = count(1)
        self._kept: dict[str, tuple[int, Object]] = {}

    def _id(self, prefix: str) -> str:
        return f"{prefix}_test{next(self._ids):05d}"

    # --- What the library asks -------------------------------------------------------------------------
    def answer(self, method: str, path: str, values: Object, key: str) -> tuple[int, Object]:
        """Answer a request; a repeat with the same idempotency key gets the same answer."""
        self.requests.append((method, path, values))
        if path in self.broken:
            return 500, BROKEN
        if key and key in self._kept and not self.forgets:
            return self._kept[key]
        try:
            found = self._route(method, path.removeprefix("/v1/").split("/"), values)
            all_conform(found or {})
        except AssertionError as error:
            self.wrong.append(str(error))
            return 500, BROKEN
        except Impossible as error:
            code, message = error.args
            reply = 400, {"error": {"type": "invalid_request_error", "code": code, "message": message}}
        else:
            reply = (200, found) if found is not None else NOT_FOUND
        if key:
            # As Stripe does: a refusal is repeated too.
            self._kept[key] = reply
        return reply

    def _route(self, method: str, parts: list[str], values: Object) -> Object | None:  # noqa: C901  (a table)
        match (method, *parts):
            case ("POST", "checkout", "sessions"):
                return self._session(values)
            case ("GET", "checkout", "sessions", key):
                return self._expanded(self.sessions.get(key))
            case ("POST", "checkout", "sessions", key, "expire"):
                return self._expire(key)
            case ("GET", "subscriptions", key):
                return self.subscriptions.get(key)
            case ("DELETE", "subscriptions", key):
                return self._end(key)
            case ("POST", "subscriptions", key):
                return self._cancel(key, ends=values["cancel_at_period_end"] == "true")
            case ("POST", "billing_portal", "sessions"):
                return self._portal(values)
            case ("POST", "refunds"):
                return self._refund(values["payment_intent"])
            case ("GET", "payment_intents", key):
                return self.intents.get(key)
            case ("GET", "invoices", key):
                return self.invoices.get(key)
            case ("GET", "invoices"):
                wanted = values["subscription"]
                found = [one for one in self.invoices.values() if self._of(one) == wanted]
                return listed("/v1/invoices", [one for one in found if one["status"] == values["status"]])
            case ("GET", "charges"):
                own = [one for one in self.charges.values() if one["customer"] == values["customer"]]
                return listed("/v1/charges", [self._with_refunds(one) for one in own])
            case ("GET", "refunds"):
                return listed("/v1/refunds", self._about(self.refunds, values))
            case ("GET", "disputes"):
                return listed("/v1/disputes", self._about(self.disputes, values))
            case ("GET", "invoice_payments"):
                return self._invoice_payments(values["payment"]["payment_intent"])
        return None

    @staticmethod
    def _of(invoice: Object) -> str:
        return str(invoice["parent"]["subscription_details"]["subscription"])

    @staticmethod
    def _about(rows: dict[str, Object], asked: Object) -> list[Object]:
        since = int(asked.get("created", {}).get("gte", 0))
        found = (one for one in rows.values() if asked.get("charge", one["charge"]) == one["charge"])
        return [one for one in found if one["created"] >= since]

    def _session(self, values: Object) -> Object:
        key = self._id("cs")
        price = values["line_items"]["0"]["price_data"]
        session = {
            "id": key,
            "object": "checkout.session",
            "mode": values["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": int(price["unit_amount"]),
            "currency": price["currency"],
            "client_reference_id": values["client_reference_id"],
            "metadata": values["metadata"],
            "customer": None,
            "payment_intent": None,
            "subscription": None,
            "url": f"https://checkout.stripe.com/c/pay/{key}",
            "created": int(time.time()),
            "livemode": False,
        }
        self.sessions[key] = conforms(stripe.checkout.Session, session)
        return session

    def _expanded(self, session: Object | None) -> Object | None:
        if session is None:
            return None
        full = dict(session)
        if intent := self.intents.get(session["payment_intent"] or ""):
            charge = self._with_refunds(self.charges[intent["latest_charge"]])
            full["payment_intent"] = {**intent, "latest_charge": charge}
        if subscription := self.subscriptions.get(session["subscription"] or ""):
            full["subscription"] = subscription
        return full

    def _with_refunds(self, charge: Object) -> Object:
        """Return a charge with all of its refunds, as it is when they are asked for."""
        own = [one for one in self.refunds.values() if one["charge"] == charge["id"]]
        return {**charge, "refunds": listed(f"/v1/charges/{charge['id']}/refunds", own)}

    def _expire(self, key: str) -> Object:
        session = self.sessions[key]
        if session["status"] != "open":
            raise Impossible("", "Only Checkout Sessions with a status of open can be expired.")
        self.expire(key)
        return session

    def _refund(self, intent: str) -> Object:
        if self.charges[self.intents[intent]["latest_charge"]]["refunded"]:
            raise Impossible("charge_already_refunded", "The charge has already been refunded.")
        return self.refund(intent)

    def _cancel(self, key: str, *, ends: bool) -> Object:
        subscription = self.subscriptions[key]
        if subscription["status"] == "canceled":
            raise Impossible("resource_missing", "No such subscription")
        ends_at = subscription["items"]["data"][0]["current_period_end"]
        subscription.update(cancel_at_period_end=ends, cancel_at=ends_at if ends else None)
        return conforms(stripe.Subscription, subscription)

    def _end(self, key: str) -> Object:
        if self.subscriptions[key]["status"] == "canceled":
            raise Impossible("resource_missing", "No such subscription")
        self.end(key)
        return self.subscriptions[key]

    def _portal(self, values: Object) -> Object:
        key = self._id("bps")
        portal = {
            "id": key,
            "object": "billing_portal.session",
            "customer": values["customer"],
            "return_url": values["return_url"],
            "url": f"https://billing.stripe.com/p/session/{key}",
            "created": int(time.time()),
            "livemode": False,
        }
        return conforms(stripe.billing_portal.Session, portal)

    def _invoice_payments(self, intent: str) -> Object:
        found = []
        for invoice in self.invoices.values():
            for one in invoice["payments"]["data"]:
                if one["payment"]["payment_intent"] == intent:
                    found.append({**one, "invoice": invoice})
        return listed("/v1/invoice_payments", found)

    # --- What a buyer, and Stripe itself, do ------------------------------------------------------------
    def pay(self, session_id: str) -> list[Object]:
        """Pay a session; return the events that Stripe would send."""
        session = self.sessions[session_id]
        customer = self._id("cus")
        session.update(status="complete", payment_status="paid", customer=customer)
        if session["mode"] == "payment":
            intent = self._charge(session["amount_total"], session["currency"], customer, session["metadata"])
            session["payment_intent"] = intent["id"]
            return [event("checkout.session.completed", conforms(stripe.checkout.Session, session))]
        subscription = self._subscribe(session, customer)
        session["subscription"] = subscription["id"]
        invoice = self._bill(subscription, session["amount_total"])
        return [
            event("checkout.session.completed", conforms(stripe.checkout.Session, session)),
            event("invoice.paid", invoice),
            event("customer.subscription.created", subscription),
        ]

    def make_free(self, session_id: str) -> list[Object]:
        """Complete a session that a promotion code made free."""
        session = self.sessions[session_id]
        session.update(status="complete", payment_status="no_payment_required", amount_total=0)
        session["customer"] = self._id("cus")
        return [event("checkout.session.completed", conforms(stripe.checkout.Session, session))]

    def fail_transfer(self, session_id: str) -> list[Object]:
        """Complete a session by a transfer that then fails."""
        session = self.sessions[session_id]
        intent = self._charge(
            session["amount_total"], session["currency"], self._id("cus"), session["metadata"]
        )
        intent.update(status="requires_payment_method")
        session.update(status="complete", payment_intent=intent["id"])
        return [event("checkout.session.async_payment_failed", conforms(stripe.checkout.Session, session))]

    def expire(self, session_id: str) -> list[Object]:
        """Let nobody pay a session any more."""
        session = self.sessions[session_id]
        session.update(status="expired", url=None)
        return [event("checkout.session.expired", session)]

    def _charge(self, amount: int, currency: str, customer: str, metadata: Object) -> Object:
        charge_id, intent_id = self._id("ch"), self._id("pi")
        charge = {
            "id": charge_id,
            "object": "charge",
            "amount": amount,
            "amount_refunded": 0,
            "currency": currency,
            "customer": customer,
            "created": int(time.time()),
            "disputed": False,
            "livemode": False,
            "metadata": metadata,
            "paid": True,
            "payment_intent": intent_id,
            "refunded": False,
            "status": "succeeded",
        }
        intent = {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount,
            "currency": currency,
            "customer": customer,
            "created": int(time.time()),
            "latest_charge": charge_id,
            "livemode": False,
            "metadata": metadata,
            "status": "succeeded",
        }
        self.charges[charge_id] = conforms(stripe.Charge, charge)
        self.intents[intent_id] = conforms(stripe.PaymentIntent, intent)
        return intent

    def _subscribe(self, session: Object, customer: str) -> Object:
        now = int(time.time())
        item = {
            "id": self._id("si"),
            "object": "subscription_item",
            "current_period_start": now,
            "current_period_end": _a_month_after(now),
        }
        key = self._id("sub")
        subscription = {
            "id": key,
            "object": "subscription",
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "created": now,
            "currency": session["currency"],
            "customer": customer,
            "ended_at": None,
            "items": listed("/v1/subscription_items", [conforms(stripe.SubscriptionItem, item)]),
            "livemode": False,
            "metadata": session["metadata"],
            "status": "active",
        }
        self.subscriptions[key] = conforms(stripe.Subscription, subscription)
        return subscription

    def _bill(self, subscription: Object, amount: int) -> Object:
        """Make the paid invoice of the current period."""
        # As of later charges of a subscription: they name no checkout.
        intent = self._charge(amount, subscription["currency"], subscription["customer"], {})
        item = subscription["items"]["data"][0]
        key = self._id("in")
        line = {
            "id": self._id("il"),
            "object": "line_item",
            "amount": amount,
            "currency": subscription["currency"],
            "livemode": False,
            "parent": {
                "type": "subscription_item_details",
                "invoice_item_details": None,
                "subscription_item_details": {
                    "invoice_item": None,
                    "proration": False,
                    "proration_details": None,
                    "subscription": subscription["id"],
                    "subscription_item": item["id"],
                },
            },
            "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
        }
        payment = {
            "id": self._id("inpay"),
            "object": "invoice_payment",
            "amount_paid": amount,
            "amount_requested": amount,
            "created": intent["created"],
            "currency": subscription["currency"],
            "invoice": key,
            "is_default": True,
            "livemode": False,
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            "status": "paid",
        }
        details = {"subscription": subscription["id"], "metadata": subscription["metadata"]}
        invoice = {
            "id": key,
            "object": "invoice",
            "amount_paid": amount,
            "created": item["current_period_start"],
            "currency": subscription["currency"],
            "customer": subscription["customer"],
            "lines": listed("/v1/invoice_lines", [conforms(stripe.InvoiceLineItem, line)]),
            "livemode": False,
            "parent": {
                "type": "subscription_details",
                "quote_details": None,
                "subscription_details": details,
            },
            "payments": listed("/v1/invoice_payments", [conforms(stripe.InvoicePayment, payment)]),
            # Of the first invoice it is a moment, of others the period before: our code must not read it.
            "period_start": subscription["created"],
            "period_end": subscription["created"],
            "status": "paid",
            "status_transitions": {
                "finalized_at": intent["created"],
                "marked_uncollectible_at": None,
                "paid_at": intent["created"],
                "voided_at": None,
            },
        }
        self.invoices[key] = conforms(stripe.Invoice, invoice)
        return invoice

    def renew(self, subscription_id: str) -> list[Object]:
        """Begin the next period of a subscription and charge for it."""
        subscription = self.subscriptions[subscription_id]
        item = subscription["items"]["data"][0]
        start = item["current_period_end"]
        item.update(current_period_start=start, current_period_end=_a_month_after(start))
        invoice = self._bill(subscription, 1500)
        return [event("customer.subscription.updated", subscription), event("invoice.paid", invoice)]

    def end(self, subscription_id: str) -> list[Object]:
        """End a subscription now."""
        subscription = self.subscriptions[subscription_id]
        subscription.update(status="canceled", ended_at=int(time.time()), canceled_at=int(time.time()))
        return [event("customer.subscription.deleted", conforms(stripe.Subscription, subscription))]

    def refund(self, intent_id: str, amount: int = 0) -> Object:
        """Give back all of a payment, or an amount of it."""
        charge = self.charges[self.intents[intent_id]["latest_charge"]]
        given = amount or charge["amount"] - charge["amount_refunded"]
        charge["amount_refunded"] += given
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        key = self._id("re")
        refund = {
            "id": key,
            "object": "refund",
            "amount": given,
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "metadata": {},
            "payment_intent": intent_id,
            "status": "succeeded",
        }
        self.refunds[key] = conforms(stripe.Refund, refund)
        return refund

    def refunded(self, intent_id: str, amount: int = 0) -> list[Object]:
        """Give back and return the events."""
        refund = self.refund(intent_id, amount)
        return [event("charge.refunded", self.charges[refund["charge"]]), event("refund.updated", refund)]

    def fail_refund(self, refund_id: str) -> list[Object]:
        """Let the bank send the money of a refund back; return the events."""
        refund = self.refunds[refund_id]
        charge = self.charges[refund["charge"]]
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        refund.update(status="failed", failure_reason="expired_or_canceled_card")
        return [event("refund.updated", refund), event("refund.failed", conforms(stripe.Refund, refund))]

    def lose_dispute(self, intent_id: str) -> list[Object]:
        """Let the bank take all of a payment back."""
        charge = self.charges[self.intents[intent_id]["latest_charge"]]
        charge["disputed"] = True
        key = self._id("du")
        dispute = {
            "id": key,
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "livemode": False,
            "metadata": {},
            "payment_intent": intent_id,
            "status": "lost",
        }
        self.disputes[key] = conforms(stripe.Dispute, dispute)
        return [event("charge.dispute.closed", dispute)]


def _a_month_after(seconds: int) -> int:
    return int((datetime.fromtimestamp(seconds, UTC) + relativedelta(months=1)).timestamp())


def listed(url: str, rows: list[Object]) -> Object:
    """Return a list object of Stripe."""
    return {"object": "list", "url": url, "has_more": False, "data": rows}


_events = count(1)


def event(kind: str, about: Object, *, livemode: bool = False) -> Object:
    """Return an event about an object, as it is now."""
    told = {
        "id": f"evt_test{next(_events):05d}",
        "object": "event",
        "api_version": stripe.api_version,
        "created": int(time.time()),
        "data": {"object": json.loads(json.dumps(about))},
        "livemode": livemode,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return all_conform(told)


def signature(body: bytes, *, secret: str = SECRET, age: int = 0) -> str:
    """Return the header that signs a body, as Stripe makes it."""
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
