"""What was ordered, paid, refunded, canceled. Rows are only added: the truth is the gateway's, these follow.

Ids of a gateway are kept, what it sends is not: names, cards and addresses stay there.
"""

import uuid
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.access.models import Currency, ProductVersion
from accounts.base import tables

ID_LENGTH: Final = 80


class Checkout(models.Model):
    """An order: what somebody was shown and agreed to when they pressed the button that obliges to pay."""

    table_class = tables.insert_only("user_id")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3, choices=Currency.choices)
    amount = models.PositiveIntegerField(help_text="the price that was shown, in hundredths")
    language = models.CharField(max_length=10)
    terms_version = models.CharField(max_length=20, help_text="the day of the terms that were accepted")
    consent_at = models.DateTimeField(
        db_default=Now(), help_text="when access at once was asked for, and with it no withdrawal"
    )
    gateway = models.CharField(max_length=20)
    # By the database, from a sequence: no two are alike, and the version before gets one, too.
    number = models.CharField(
        max_length=9,
        unique=True,
        editable=False,
        db_default=models.Func(function="passline_order_number"),
        help_text="what people call the order: PL-7K3M9Q",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="checkout_currency_known", condition=models.Q(currency__in=Currency.values)
            ),
            models.CheckConstraint(name="checkout_above_zero", condition=models.Q(amount__gt=0)),
        ]
        indexes = [
            models.Index(fields=["user"], name="checkout_of_user"),
            models.Index(fields=["-created_at"], name="checkout_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.user or 'Deleted account'}"


class CheckoutSession(models.Model):
    """The gateway's own name for a checkout: with it the gateway is asked how it went."""

    table_class = tables.INSERT_ONLY

    checkout = models.OneToOneField(Checkout, models.PROTECT, primary_key=True, related_name="session")
    session_id = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.session_id


class CheckoutEnd(models.Model):
    """The gateway takes no payment for this checkout any more."""

    table_class = tables.INSERT_ONLY

    checkout = models.OneToOneField(Checkout, models.PROTECT, primary_key=True, related_name="end")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.checkout_id)


class Purchase(models.Model):
    """One payment that arrived: of a product, or of one period of a subscription."""

    table_class = tables.INSERT_ONLY

    checkout = models.ForeignKey(Checkout, models.PROTECT, related_name="purchases")
    payment_id = models.CharField(max_length=ID_LENGTH, unique=True)
    amount = models.PositiveIntegerField(help_text="what was paid, in hundredths")
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()
    period_starts_at = models.DateTimeField(null=True, help_text="of a subscription")
    period_ends_at = models.DateTimeField(null=True, help_text="of a subscription")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["-paid_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="purchase_period_whole",
                condition=models.Q(period_starts_at=None, period_ends_at=None)
                | models.Q(period_ends_at__gt=models.F("period_starts_at")),
            ),
        ]
        # what was sold lately
        indexes = [models.Index(fields=["-paid_at"], name="purchase_newest")]

    def __str__(self) -> str:
        return self.payment_id


class Refund(models.Model):
    """Money that went back: a refund, or a dispute that was lost."""

    table_class = tables.INSERT_ONLY

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="refunds")
    refund_id = models.CharField(max_length=ID_LENGTH, unique=True)
    amount = models.PositiveIntegerField()
    refunded_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.refund_id


class RefundFailure(models.Model):
    """The money of a refund did not arrive: the bank sent it back, weeks later perhaps. It counts no more."""

    table_class = tables.INSERT_ONLY

    refund = models.OneToOneField(Refund, models.PROTECT, primary_key=True, related_name="failure")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.refund)


class RefundRequest(models.Model):
    """The buyer asked for the money of a payment by our promise, once; finance refunds or declines."""

    table_class = tables.INSERT_ONLY

    purchase = models.OneToOneField(Purchase, models.PROTECT, primary_key=True, related_name="refund_request")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.purchase_id)


class RefundDecline(models.Model):
    """Finance declined a request; the buyer reads why."""

    table_class = tables.INSERT_ONLY

    request = models.OneToOneField(RefundRequest, models.PROTECT, primary_key=True, related_name="decline")
    reason = models.TextField(help_text="as the buyer reads it")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.request_id)


def went_back() -> models.Sum:
    """Return how much of each purchase went back; None where nothing did."""
    return models.Sum("refunds__amount", filter=models.Q(refunds__failure=None))


class Subscription(models.Model):
    """A checkout became a subscription. Its payments are purchases, each with its period."""

    table_class = tables.INSERT_ONLY

    checkout = models.OneToOneField(Checkout, models.PROTECT, primary_key=True, related_name="subscription")
    subscription_id = models.CharField(max_length=ID_LENGTH, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.subscription_id


class SubscriptionState(models.Model):
    """What the gateway said of a subscription, whenever that was something new; the newest row counts."""

    table_class = tables.INSERT_ONLY

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="states")
    runs = models.BooleanField(help_text="whether further payments may follow")
    ends_at = models.DateTimeField(null=True, help_text="when it ends, once it is canceled")
    asked_at = models.DateTimeField(
        db_default=Now(), help_text="when the gateway was asked: what was asked for earlier is no news"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]

    def __str__(self) -> str:
        return f"{self.subscription}, {'runs' if self.runs else 'ended'}"


class SubscriptionAsking(models.Model):
    """When the gateway was last asked about a subscription, also where its answer was nothing new."""

    table_class = tables.ROWS

    subscription = models.OneToOneField(Subscription, models.PROTECT, primary_key=True, related_name="asking")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.subscription_id)


class PurchaseEvent(models.Model):
    """A gateway told of something: its id, so that it is taken once, and what it was about."""

    table_class = tables.INSERT_ONLY

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    object_id = models.CharField(max_length=255, blank=True)
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="events")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="purchase_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.kind}"


class TestCardSession(models.Model):
    """The truth of the test card, as Stripe keeps its own: only development and tests write it."""

    __test__ = False
    table_class = tables.ROWS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    checkout_id = models.UUIDField(unique=True)
    title = models.CharField(max_length=200)
    amount = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    months = models.PositiveSmallIntegerField(null=True, help_text="of each payment of a subscription")
    return_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    paid_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, help_text="from then on it cannot be paid")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.pk)
