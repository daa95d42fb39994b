"""Mails in tests: sent by the real sender into Django's list, and what is in them."""

import re
from urllib.parse import urlsplit

from django.core import mail
from django.core.mail import EmailMessage

from accounts.outbox import sender

CODE = re.compile(r"^(\d{6})$", re.MULTILINE)
LINK = re.compile(r"https?://\S+/accounts/\S+")


def delivered() -> list[EmailMessage]:
    """Send what waits; return everything that was sent in this test, the oldest first."""
    sender.send_due()
    sent: list[EmailMessage] = mail.outbox
    return sent


def names(code: str, text: str) -> bool:
    """Whether a text has this code: six digits within a hash or a part of a second are none."""
    return bool(re.search(rf"(?<![0-9A-Za-z.]){code}(?![0-9A-Za-z])", text))


def code_in(message: EmailMessage) -> str:
    """Return the code in a mail, which stands on a line of its own."""
    found = CODE.search(str(message.body))
    assert found, message.body
    return found[1]


def path_in(message: EmailMessage) -> str:
    """Return the path and query of the first link in a mail."""
    found = LINK.search(str(message.body))
    assert found, message.body
    parts = urlsplit(found[0])
    return parts.path + (f"?{parts.query}" if parts.query else "")
