"""Mails in tests: sent by the real sender into Django's list."""

from django.core import mail
from django.core.mail import EmailMessage

from accounts.outbox import sender


def delivered() -> list[EmailMessage]:
    """Send what waits; return everything that was sent in this test, the oldest first."""
    sender.send_due()
    sent: list[EmailMessage] = mail.outbox
    return sent
