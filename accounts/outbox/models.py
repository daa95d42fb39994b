"""A mail that waits, was sent, or was given up."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from accounts.jobs.queue import Changes, Work

# Replies of mail servers from 500 on are final.
PERMANENT: Final = 500

logger = logging.getLogger(__name__)


class Mail(Work):
    """One mail to one address. The row is the queue; what it says is gone once it was sent.

    `kind` names the templates (`<kind>_subject.txt`, `<kind>_message.txt`, `<kind>_message.html`). `sealed`
    holds their parameters encrypted, because a link that sets a new password is among them.
    """

    table_class = tables.ROWS
    # At the longest pause these last for a day, and no mail is of use for longer.
    MAX_TRIES = 300
    FIRST_PAUSE_SECONDS = 15
    CLAIMED: ClassVar[Changes] = {"claimed_at": Now()}
    GIVEN_UP: ClassVar[Changes] = {"given_up_at": Now()}

    kind = models.CharField(max_length=80)
    dedupe_key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    to_address = models.EmailField()
    language = models.CharField(max_length=10)
    sealed = models.TextField(blank=True)
    not_after = models.DateTimeField(help_text="later than this the mail would be of no use")
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

    def describe(self, error: Exception) -> Changes:
        """Keep in words only what a mail server says: other errors may hold what the mail says."""
        reply = str(error) if isinstance(error, OSError | SMTPException) else ""
        text = f"{type(error).__name__}: {reply}".replace("\0", "?")[:500]
        logger.warning("mail not sent", extra={"mail": self.pk, "kind": self.kind, "error": text})
        return {"last_error": text}

    def is_hopeless(self, error: Exception) -> bool:
        """Say whether the mail server refuses this address for good."""
        return isinstance(error, SMTPRecipientsRefused) and all(
            code >= PERMANENT for code, _reply in error.recipients.values()
        )
