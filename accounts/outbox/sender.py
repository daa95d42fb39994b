"""Sending what waits. Any number of senders may run at once; none of them is needed for long.

A sender that dies while it sends leaves a mail that is due again when its lease ends: it may go out twice,
and never not at all. Both carry the same Message-ID, so that most mailboxes show one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from functools import partial
from smtplib import SMTPRecipientsRefused
from typing import Final

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Coalesce, Now
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.utils.translation import override

from accounts.base import hooks, site_operator
from accounts.jobs import queue
from accounts.outbox.encryption import decrypt
from accounts.outbox.models import Mail

# A worker's task has 60 s, and a mail server may need half a second for a mail.
MOST_AT_ONCE: Final = 100
SITE_NAME: Final = "Passline"


@dataclass(slots=True)
class Report:
    """What a pass did."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0


@shared_task(name="accounts.send_mails", expires=30)
def send_mails() -> None:
    """Send what is due, by a worker."""
    send_due()


def send_due() -> Report:
    """Send what is due, one after the other, and return how it went.

    Stops at a mail server that does not answer: the others would wait for it in vain, one by one.
    """
    report = Report(given_up=_expire() + queue.give_up(Mail.objects.filter(sent_at=None, given_up_at=None)))
    for _ in range(MOST_AT_ONCE):
        mail = claim()
        if mail is None:
            break
        error = queue.attempt(mail, partial(_send, mail, report))
        report.failed += error is not None
        if isinstance(error, OSError) and not isinstance(error, SMTPRecipientsRefused):
            break
    return report


def claim() -> Mail | None:
    """Take a mail that is still of use."""
    return queue.claim(Mail.objects.filter(sent_at=None, given_up_at=None, not_after__gt=Now()))


def _expire() -> int:
    """Empty mails that are of no use any more, and give them up; their last error stays for staff."""
    useless = Mail.objects.filter(sent_at=None, not_after__lte=Now(), not_before__lte=Now())
    return useless.exclude(sealed="").update(given_up_at=Coalesce("given_up_at", Now()), sealed="")


def _send(mail: Mail, report: Report) -> None:
    # What may become untrue while it waits is looked at by whoever wrote it.
    check: Callable[[Mail], bool] | None = hooks.by_key("mail_checks").get(mail.kind)
    if check and not check(mail):
        mail.delete()
        return
    message_of(mail).send()
    # Sent, even if the row went to another sender meanwhile.
    report.sent += 1
    mail.finish(sent_at=Now(), given_up_at=None, sealed="", last_error="")


def message_of(mail: Mail) -> EmailMultiAlternatives:
    """Return the mail in the language of its reader, as text and, where it has a template, as HTML.

    Raises CannotDecrypt, TemplateDoesNotExist.
    """
    contact = getattr(settings, "CONTACT_EMAIL", "")
    with override(mail.language):
        contacts = {"contact": contact, "contact_email": site_operator.contact_email()}
        context = {"site_url": settings.SITE_URL, **contacts, **decrypt(mail.sealed)}
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
