"""Addresses that somebody says are theirs, until their mailbox has answered."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from i18n import languages


class MailedCode(models.Model):
    """What waits for a code that was mailed to an address.

    The code is not stored: it is derived from the row (`codes.code_of`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.EmailField(_("email"))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(help_text="later than this neither link nor code is valid")
    code_number = models.PositiveSmallIntegerField(default=1, help_text="how many codes there have been")
    code_expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="of this code")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.address


class SignInCode(MailedCode):
    """A browser in which somebody wants to sign in by a code. Deleted once it is used.

    There is one for every address that is typed, with an account or without: it does not say whose it is.
    """

    table_class = tables.ROWS

    class Meta:
        verbose_name = "sign-in code"
        indexes = [models.Index(fields=["expires_at"], name="sign_in_code_expires")]


class PendingConfirmation(MailedCode):
    """A sign-up, or a further address of an account. Deleted once it is confirmed.

    A sign-up has no user yet: it holds the hash of the password instead, so that nobody has an account whose
    mailbox is not theirs, and that a sign-up with an address that has an account is stored like any other.
    """

    table_class = tables.ROWS

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    password = models.CharField(max_length=128, blank=True, help_text="hashed; of a sign-up only")
    language = models.CharField(max_length=10, default=languages.DEFAULT)
    time_zone = models.CharField(max_length=64, blank=True)
    next_path = models.TextField(blank=True, help_text="where the person was going")
    address_number = models.PositiveSmallIntegerField(default=1, help_text="1 is the address first typed")

    class Meta:
        verbose_name = "pending confirmation"
        constraints = [
            models.CheckConstraint(
                name="pending_has_user_or_password",
                condition=(models.Q(user=None) & ~models.Q(password=""))
                | models.Q(user__isnull=False, password=""),
            ),
            models.UniqueConstraint(fields=["user", "address"], name="pending_once_for_each_user"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="pending_expires")]
