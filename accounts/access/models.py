"""What is sold, who may open what and for how long, and the vouchers that give it.

A `code` here is an access code: what is opened, such as `cert:mls-c01`. That of a voucher is said to be one.
"""

from datetime import timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Mod, Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.base import tables

EVERYTHING: Final = "cert:*"
"""The code that opens every certification."""
GRACE: Final = timedelta(days=1)
"""So long a period of a subscription stays open after its end, while the next payment is on its way.

The view of effective entitlements has the same day in it.
"""
MONTHS_MAX: Final = 36
USES_MAX: Final = 10_000


class Kind(models.TextChoices):
    """How a product is sold."""

    CERTIFICATION = "certification", _("One certification")
    SUBSCRIPTION = "subscription", _("Monthly subscription")
    BUNDLE = "bundle", _("All access")


class Currency(models.TextChoices):
    """Currencies that prices may have."""

    EUR = "EUR", "EUR"
    USD = "USD", "USD"
    HUF = "HUF", "HUF"


class Product(models.Model):
    """Something that is sold or given by voucher. What exactly it opens is in its newest version."""

    table_class = tables.ROWS

    slug = models.SlugField(unique=True, max_length=60, help_text=_("in addresses, such as mls-c01"))
    kind = models.CharField(max_length=14, choices=Kind.choices)
    on_sale = models.BooleanField(default=True, help_text=_("whether it stands on the pricing page"))
    place = models.PositiveSmallIntegerField(default=1, help_text=_("in the order of the pricing page"))

    class Meta:
        ordering: ClassVar[list[str]] = ["place", "pk"]
        constraints = [
            models.CheckConstraint(name="product_kind_known", condition=models.Q(kind__in=Kind.values)),
        ]

    def __str__(self) -> str:
        return self.slug


class ProductVersion(models.Model):
    """What a product opens and for how long. A change is a new version: what was sold stays as it was.

    A code that any version names is closed to whoever has no entitlement to it, from then on.
    """

    table_class = tables.INSERT_ONLY

    product = models.ForeignKey(Product, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    codes = ArrayField(models.CharField(max_length=80), help_text=_("what it opens, such as cert:mls-c01"))
    months = models.PositiveSmallIntegerField(
        help_text=_("calendar months; of a subscription, of each payment")
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["product", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_version_once"),
            models.CheckConstraint(
                name="product_version_months",
                condition=models.Q(months__gte=1) & models.Q(months__lte=MONTHS_MAX),
            ),
            models.CheckConstraint(
                name="product_version_opens_something", condition=models.Q(codes__len__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} v{self.number}"


class Price(models.Model):
    """What a version costs in one currency, VAT included. `amount` is in hundredths, of HUF too."""

    table_class = tables.INSERT_ONLY

    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3, choices=Currency.choices)
    amount = models.PositiveIntegerField(help_text="in hundredths, of HUF too: 9,900 Ft is 990000")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "currency"], name="price_once"),
            models.CheckConstraint(
                name="price_currency_known", condition=models.Q(currency__in=Currency.values)
            ),
            models.CheckConstraint(name="price_above_zero", condition=models.Q(amount__gt=0)),
            # Nobody can pay a part of a forint.
            models.CheckConstraint(
                name="price_of_whole_forints",
                condition=~models.Q(currency=Currency.HUF) | models.Q(Exact(Mod("amount", 100), 0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.amount} {self.currency}"


class Source(models.TextChoices):
    """What an entitlement comes from."""

    PURCHASE = "purchase", _("Purchase")
    SUBSCRIPTION = "subscription", _("Subscription")
    VOUCHER = "voucher", _("Voucher")
    GRANT = "grant", _("Granted by support")


class Entitlement(models.Model):
    """A person may open what `code` names from `starts_at` until just before `ends_at`.

    It never changes. What ends it earlier is an EntitlementEnd, what prolongs it another entitlement. One
    that is moved up, because what it waited for ended early, is ended and replaced.
    """

    table_class = tables.insert_only("user_id")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    code = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=12, choices=Source.choices)
    source_id = models.CharField(max_length=80, help_text="what it comes from; it gives a code only once")
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="replaced_by",
        help_text="what it was before it moved up",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id", "code"],
                condition=models.Q(replaces=None),
                name="entitlement_once",
            ),
            models.CheckConstraint(
                name="entitlement_ends_after_start",
                condition=models.Q(ends_at__gt=models.F("starts_at")),
            ),
            models.CheckConstraint(
                name="entitlement_source_known", condition=models.Q(source__in=Source.values)
            ),
        ]
        indexes = [
            models.Index(fields=["user", "code"], name="entitlement_of_user"),
            # whose access ends soon or has just ended
            models.Index(fields=["ends_at"], name="entitlement_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'Deleted account'}, {self.code}"


class State(models.TextChoices):
    """Where an entitlement is in time."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    ENDED = "ended"


class EffectiveEntitlement(models.Model):
    """An entitlement as it counts, be it upcoming or ended: a view, so that every query says the same.

    An early end has been taken into account, and what was moved up is there only where it was moved to.
    `ends_at` is until when it is paid, the one moment that is told; `closes_at` is from when it is closed.
    `ended_early`: it was ended earlier than it said; `renews`: another payment is to follow it. What has an
    end of its own, also one at the very end, is followed by none. `as_of` is the moment of the query.
    """

    id = models.BigIntegerField(primary_key=True)
    # The view has no rows of its own: what deletes a person changes the entitlements below it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    code = models.CharField(max_length=80)
    source = models.CharField(max_length=12, choices=Source.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    ended_early = models.BooleanField(db_column="is_cut")
    renews = models.BooleanField()
    state = models.CharField(max_length=8, choices=State.choices)
    as_of = models.DateTimeField(db_column="read_at", help_text="by the clock of the database")

    class Meta:
        managed = False
        db_table = "accounts_activeentitlement"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}, {self.code}"


class EntitlementEnd(models.Model):
    """An entitlement ends earlier than it said: refunded, disputed, or revoked by support."""

    table_class = tables.insert_only("actor_id")

    entitlement = models.ForeignKey(Entitlement, models.PROTECT, related_name="ends")
    ends_at = models.DateTimeField(help_text="of several the earliest counts")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    reason = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.entitlement}, {self.ends_at}"


class VoucherBatch(models.Model):
    """Vouchers made at once: what they give, how often each may be redeemed, until when."""

    table_class = tables.insert_only("created_by_id")

    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="+")
    uses = models.PositiveSmallIntegerField(help_text="redemptions of each voucher, by different people")
    expires_at = models.DateTimeField(null=True, help_text="empty when it does not expire")
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "voucher batches"
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="voucher_batch_uses", condition=models.Q(uses__gte=1) & models.Q(uses__lte=USES_MAX)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.version}"

    @property
    def months(self) -> int:
        """For how long each voucher of it opens what its version names."""
        return self.version.months


class Voucher(models.Model):
    """One of a batch.

    Of its code only the hash is stored, and the last characters, to name it to support.
    """

    table_class = tables.INSERT_ONLY

    batch = models.ForeignKey(VoucherBatch, models.PROTECT, related_name="vouchers")
    code_sha256 = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=4, help_text="the last characters of the voucher's code")

    def __str__(self) -> str:
        return f"…{self.hint}"


class Redemption(models.Model):
    """A person redeemed a voucher. `number` counts the uses of the voucher from 1."""

    table_class = tables.insert_only("user_id")

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="redemptions", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Should the lock of the voucher be forgotten, two who redeem it at once get the same number.
            models.UniqueConstraint(fields=["voucher", "number"], name="redemption_number_once"),
            models.UniqueConstraint(fields=["voucher", "user"], name="redemption_once_for_each_user"),
            models.CheckConstraint(name="redemption_from_1", condition=models.Q(number__gte=1)),
        ]
        indexes = [models.Index(fields=["user"], name="redemption_of_user")]

    def __str__(self) -> str:
        return f"{self.user or 'Deleted account'}, {self.voucher}"
