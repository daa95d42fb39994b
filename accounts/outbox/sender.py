"""Sending what waits. Any number of senders may run at once; none of them is needed for long.

A mail is claimed in a commit of its own, sent, and then marked. A sender that dies in between leaves a mail
that is due again after `LEASE`: it may go out twice, and never not at all. Both carry the same Message-ID, so
that most mailboxes show one.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.utils.translation import override

from accounts.base import site_operator
from accounts.outbox import wanted
from accounts.outbox.models import Mail
from accounts.outbox.sealing import unseal

# Longer than a mail server can keep one mail waiting: 10 s for each step of the conversation.
LEASE: Final = "5 minutes"
FIRST_PAUSE_SECONDS: Final = 15
LONGEST_PAUSE_SECONDS: Final = 300
MAX_TRIES: Final = 300
MOST_AT_ONCE: Final = 100
PERMANENT: Final = 500
SITE_NAME: Final = "Passline"

logger = logging.getLogger(__name__)

# To move `not_before` is to hide the mail from every other sender until this one must be dead.
CLAIM: Final = f"""
UPDATE accounts_mail
SET tries = tries + 1, claimed_at = statement_timestamp(),
    not_before = statement_timestamp() + interval '{LEASE}'
WHERE id = (
  SELECT id FROM accounts_mail
  WHERE sent_at IS NULL AND given_up_at IS NULL AND not_before <= statement_timestamp()
    AND not_after > statement_timestamp() AND tries < {MAX_TRIES}
  ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""  # noqa: S608  (made of constants)
SENT: Final = """
UPDATE accounts_mail SET sent_at = statement_timestamp(), given_up_at = NULL, sealed = '', last_error = ''
WHERE id = %(id)s
"""
FAILED: Final = f"""
UPDATE accounts_mail
SET last_error = %(error)s,
    given_up_at = CASE WHEN %(permanent)s THEN statement_timestamp() END,
    not_before = statement_timestamp() + make_interval(
      secs => least({LONGEST_PAUSE_SECONDS}, {FIRST_PAUSE_SECONDS} * power(2, least(tries - 1, 10))))
WHERE id = %(id)s AND sent_at IS NULL
"""  # noqa: S608  (made of constants)
# What is of no use any more is given up and emptied; its last error stays for staff.
EXPIRE: Final = f"""
UPDATE accounts_mail
SET given_up_at = coalesce(given_up_at, statement_timestamp()),
    sealed = CASE WHEN not_after <= statement_timestamp() THEN '' ELSE sealed END
WHERE sent_at IS NULL AND sealed <> '' AND not_before <= statement_timestamp()
  AND (not_after <= statement_timestamp() OR tries >= {MAX_TRIES} AND given_up_at IS NULL)
"""  # noqa: S608  (made of constants)


@dataclass(slots=True)
class Report:
    """What a pass did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


def send_due() -> Report:
    """Send what is due, one after the other, and return how it went.

    Stops at a mail server that does not answer: the others would wait for it in vain, one by one.
    """
    report = Report()
    report.given_up = _execute(EXPIRE)
    for _ in range(MOST_AT_ONCE):
        claimed = _claim()
        if claimed is None:
            break
        try:
            if not wanted.is_still_wanted(claimed):
                claimed.delete()
                continue
            message_of(claimed).send()
        except Exception as error:
            report.failed += 1
            _failed(claimed, error)
            if isinstance(error, OSError) and not isinstance(error, SMTPRecipientsRefused):
                break
        else:
            report.sent += 1
            _execute(SENT, id=claimed.pk)
    return report


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """Return the mail in the language of its reader, as text and, where it has a template, as HTML.

    Raises CannotOpen, TemplateDoesNotExist.
    """
    contact = getattr(settings, "CONTACT_EMAIL", "")
    with override(mail.language):
        contacts = {"contact": contact, "contact_email": site_operator.contact_email()}
        context = {"site_url": settings.SITE_URL, **contacts, **unseal(mail.sealed)}
        subject = " ".join(render_to_string(f"{mail.kind}_subject.txt", context).split())
        body = render_to_string(f"{mail.kind}_message.txt", context).strip()
        html = _html_of(mail.kind, context)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    headers = {"Message-ID": f"<{mail.pk}.{mail.dedupe_key}@{domain}>", "Auto-Submitted": "auto-generated"}
    if address := context.get("unsubscribe_url"):
        # One press in the mail program, which sends a POST without a cookie (RFC 8058).
        headers["List-Unsubscribe"] = f"<{address}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject,
        body,
        sender_address(),
        [mail.to_address],
        headers=headers,
        reply_to=[contact] if contact else None,
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


def _html_of(kind: str, context: Mapping[str, object]) -> str:
    try:
        template = get_template(f"{kind}_message.html")
    except TemplateDoesNotExist:
        return ""
    return template.render(dict(context))


def sender_address() -> str:
    """Return DEFAULT_FROM_EMAIL with the name of the site where it gives an address alone."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or SITE_NAME, address))


def _execute(sql: str, **values: str | int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _claim() -> Mail | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM)
        row = cursor.fetchone()
    return Mail.objects.get(pk=row[0]) if row else None


def is_permanent(error: Exception) -> bool:
    """Say whether the mail server refuses this address for good, so that a repeat is of no use."""
    return isinstance(error, SMTPRecipientsRefused) and all(
        code >= PERMANENT for code, _ in error.recipients.values()
    )


def _failed(mail: Mail, error: Exception) -> None:
    """Keep why it failed, and when to try again. Only what a mail server says is kept in words."""
    says = str(error) if isinstance(error, OSError | SMTPException) else ""
    text = f"{type(error).__name__}: {says}".replace("\0", "?")[:500]
    _execute(FAILED, id=mail.pk, error=text, permanent=is_permanent(error))
    logger.warning("mail not sent", extra={"mail": mail.pk, "kind": mail.kind, "error": text})
