"""A mail that waits, was sent, or was given up."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base import tables


class Mail(models.Model):
    """One mail to one address. The row is the queue; what it says is gone once it was sent.

    `kind` names the templates (`<kind>_subject.txt`, `<kind>_message.txt`, `<kind>_message.html`). `sealed`
    holds their parameters encrypted, because a link that sets a new password is among them.
    """

    table_class = tables.ROWS

    kind = models.CharField(max_length=80)
    dedupe_key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    to_address = models.EmailField()
    language = models.CharField(max_length=10)
    sealed = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    not_before = models.DateTimeField(db_default=Now())
    not_after = models.DateTimeField(help_text="later than this the mail would be of no use")
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints = [
            # A link that was sent must not stay here for whoever reads a backup.
            models.CheckConstraint(
                name="mail_sent_is_empty", condition=models.Q(sent_at=None) | models.Q(sealed="")
            ),
            models.CheckConstraint(
                name="mail_sent_or_given_up",
                condition=models.Q(sent_at=None) | models.Q(given_up_at=None),
            ),
        ]
        indexes = [
            # what waits, the oldest first
            models.Index(
                fields=["not_before"],
                condition=models.Q(sent_at=None, given_up_at=None),
                name="mail_waiting",
            ),
            models.Index(fields=["-created_at"], name="mail_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_address}"
