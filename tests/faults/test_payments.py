"""Web, worker and database are killed while a payment is settled: it is settled once, whole, or not yet."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2
import pytest
from django.db import connection
from django.test import override_settings

from accounts.access.models import Entitlement
from accounts.outbox.models import Mail
from accounts.payments import services, stripe_gateway
from accounts.payments.models import Checkout, Purchase, PurchaseEvent
from accounts.tasks import reconcile_payments
from accounts.users.models import User
from tests import factories
from tests.faults.conftest import eventually
from tests.faults.stack import Stack, Web
from tests.payments import fake_server, orders
from tests.payments.conforming import Object
from tests.payments.fake_stripe import KEY, SECRET, FakeStripe, signature

pytestmark = pytest.mark.thorough

WEBHOOK = "/payments/stripe/webhook/"
# The last statement of a webhook's transaction, and the first of a settlement that writes.
LAST = "INSERT INTO accounts_purchaseevent (gateway, event_id, kind, object_id) VALUES ('stripe', %s, '', '')"
FIRST = """
INSERT INTO accounts_purchase (checkout_id, payment_id, amount, currency, paid_at)
VALUES (%s, %s, 1, 'EUR', statement_timestamp())
"""
# Whoever waits for what this transaction will do.
WAITING = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid
"""


@pytest.fixture
def stripe() -> Iterator[FakeStripe]:
    """A Stripe that outlives whatever is killed."""
    stripe_gateway._client.cache_clear()
    with (
        fake_server.running() as served,
        override_settings(STRIPE_SECRET_KEY=KEY, STRIPE_WEBHOOK_SECRET=SECRET, STRIPE_API_BASE=served.base),
    ):
        yield served
    stripe_gateway._client.cache_clear()


def variables(stripe: FakeStripe) -> dict[str, str]:
    """Return the environment of a process that sells by this Stripe."""
    return {"STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_API_BASE": stripe.base}


class Telling:
    """Stripe telling of an event in a thread of its own; `status` is 0 when no reply came."""

    def __init__(self, web: Web, told: Object) -> None:
        self.web, self.told, self.status = web, told, -1
        self.thread = threading.Thread(target=self._tell)
        self.thread.start()

    def _tell(self) -> None:
        body = json.dumps(self.told).encode()
        headers = {"Stripe-Signature": signature(body), "Content-Type": "application/json"}
        try:
            self.status = self.web.link.request("POST", WEBHOOK, body, headers).status
        except OSError:
            self.status = 0

    def over(self) -> int:
        """Wait for its end."""
        self.thread.join()
        return self.status


@contextmanager
def held(database: str, sql: str, *values: str) -> Iterator[psycopg2.extensions.cursor]:
    """Hold a unique key, so that whoever wants to store it waits in the middle of its transaction."""
    link = psycopg2.connect(database)
    try:
        with link.cursor() as cursor:
            cursor.execute(sql, values)
            yield cursor
    finally:
        with suppress(psycopg2.Error):
            link.rollback()
            link.close()


def waits(cursor: psycopg2.extensions.cursor) -> bool:
    """Say whether somebody waits for a key that is held."""
    cursor.execute(WAITING)
    return bool(cursor.fetchone()[0])


def waits_soon(cursor: psycopg2.extensions.cursor) -> bool:
    """Say whether somebody waits for a key within some seconds."""
    until = time.monotonic() + 5
    while not waits(cursor):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def counts() -> list[int]:
    """Return how many payments, entitlements, receipts and events are stored."""
    return [model.objects.count() for model in (Purchase, Entitlement, Mail, PurchaseEvent)]


def is_answering(web: Web) -> bool:
    """Start a web server that gave up, and say whether it answers."""
    web.supervise()
    with suppress(OSError):
        return web.link.request("GET", "/health/live").status == 200
    return False


@pytest.fixture
def buyer(stack: Stack, stripe: FakeStripe) -> User:
    """Somebody who may buy what nothing else in these tests asks for."""
    orders.make_product("faults", ["cert:faults"])
    return factories.make_user()


def test_one_payment_is_one_entitlement_whoever_is_killed_while_it_is_settled(
    stack: Stack, database: str, stripe: FakeStripe, buyer: User
) -> None:
    stack.valkey.flush()
    worker = stack.worker("paying", queues="slow", **variables(stripe))
    web = stack.web(**variables(stripe))
    before = counts()
    opened = orders.order(buyer, "faults")
    checkout = Checkout.objects.get(session__session_id=opened.session_id)
    (told,) = stripe.pay(opened.session_id)
    intent = str(stripe.sessions[opened.session_id]["payment_intent"])

    # Web: killed when payment, entitlement and receipt are written and not yet committed.
    with held(database, LAST, told["id"]) as cursor:
        telling = Telling(web, told)
        eventually(lambda: waits(cursor))
        for pid in web.workers():
            os.kill(pid, signal.SIGKILL)
    assert telling.over() == 0
    assert counts() == before

    # Worker: killed while it stores the payment.
    with held(database, FIRST, str(checkout.pk), intent) as cursor:
        # Told again: whoever waits for a key gives up after three seconds.
        eventually(lambda: reconcile_payments.delay() and waits_soon(cursor), 120)
        stack.end(worker)
    assert counts() == before

    # Database: crashes in the middle of the transaction, and starts again.
    eventually(lambda: is_answering(web), 40)
    with held(database, LAST, told["id"]) as cursor:
        telling = Telling(web, told)
        eventually(lambda: waits(cursor))
        stack.postgres.kill()
    assert telling.over() in {0, 503}
    stack.postgres.start()
    connection.close()
    eventually(lambda: is_answering(web), 40)
    assert counts() == before

    # Stripe tells it again until it is told that it was taken, and once more.
    until = time.monotonic() + 20
    while Telling(web, told).over() != 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert Telling(web, told).over() == 200
    assert services.refresh(checkout).is_paid
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1, 1, 1]
    assert Entitlement.objects.get(user=buyer).source_id == intent
