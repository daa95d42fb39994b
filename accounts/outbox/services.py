"""Writing a mail down, and what waits. Whoever causes one waits for a row, never for a mail server."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.enqueue import enqueue_on_commit
from accounts.base.errors import Refused
from accounts.outbox.encryption import Parameters, encrypt
from accounts.outbox.models import Mail
from accounts.outbox.sender import send_mails
from accounts.users.models import User
from i18n import languages

USEFUL: Final = timedelta(days=1)
NEWS: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Seconds that the oldest due mail has waited (0 when none does), how many wait, how many were given up
    within a day.
    """

    oldest_waiting_s: float
    waiting: int
    given_up: int


def post(
    kind: str,
    to_address: str,
    parameters: Parameters,
    *,
    person: User | None = None,
    language: str = "",
    dedupe_key: str = "",
    useful_for: timedelta = USEFUL,
    after: timedelta = timedelta(0),
) -> bool:
    """Write a mail down, to be sent `after` from now at the earliest; False when its key was used before.

    `kind` names its templates. Without a dedupe key every call is a mail of its own. After `useful_for` from
    now the mail is given up: a link in it would have ended. The language is that of the person who causes it,
    when none is given.
    """
    mail = Mail(
        kind=kind,
        to_address=to_address,
        sealed=encrypt(parameters),
        person=person,
        language=language or get_language() or languages.DEFAULT,
        dedupe_key=dedupe_key or uuid.uuid4().hex,
        not_before=Now() + after,
        not_after=Now() + useful_for,
    )
    try:
        # A savepoint: whoever posts a mail twice goes on with what caused it.
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return False
    enqueue_on_commit(send_mails)
    return True


def forget_old() -> int:
    """Delete what was sent or given up long ago, for it holds addresses of people; return how many."""
    return old().delete()[0]


def old() -> QuerySet[Mail]:
    """Return what was sent or given up and is older than `MAIL_DAYS`."""
    oldest = Now() - timedelta(days=settings.MAIL_DAYS)
    return Mail.objects.filter(created_at__lte=oldest).exclude(sent_at=None, given_up_at=None)


def resend(*, mail_id: int, actor: User | None, reason: str) -> None:
    """Try a mail again that was given up. Raises Refused when it was not, or is of no use any more."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update(of=("self",)).filter(pk=mail_id).first()
        if mail is None:
            raise Refused("not_found", 404, _("Email not found."))
        again = Mail.objects.filter(pk=mail_id, not_after__gt=Now()).exclude(given_up_at=None)
        if not again.exclude(sealed="").update(given_up_at=None, tries=0, not_before=Now()):
            raise Refused(
                "not_resendable",
                409,
                _("Only an email that failed and is still valid can be sent again."),
            )
        audit.record(actor=actor, action="resend", subject=mail, reason=reason)
    enqueue_on_commit(send_mails)


def backlog() -> Backlog:
    """Return what waits now, by the database clock. One statement."""
    waiting = Q(Q(tries__gt=0) | Q(not_before__lte=Now()), sent_at=None, given_up_at=None)
    # Mails are of use for a day, so those that were given up within the last one are found by the index of
    # the newest.
    given_up = Q(created_at__gt=Now() - 2 * NEWS, given_up_at__gt=Now() - NEWS)
    # A try moves `not_before`, so a mail that was tried has waited since it was caused.
    since = Case(When(tries=0, then=F("not_before")), default=F("created_at"))
    counts = Mail.objects.filter(waiting | given_up).aggregate(
        longest=Now() - Min(since, filter=waiting),
        waiting=Count("pk", filter=waiting),
        given_up=Count("pk", filter=given_up),
    )
    longest = counts["longest"] or timedelta(0)
    return Backlog(round(longest.total_seconds(), 1), counts["waiting"], counts["given_up"])
