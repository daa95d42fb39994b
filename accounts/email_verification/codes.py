"""Codes of six digits that mails carry: how one is made, counted, compared, and followed by the next."""

import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.email_verification.models import MailedCode

CODE_LENGTH: Final = 6
MOST_TRIES: Final = 5
SPENT: Final = Q(tries__gte=MOST_TRIES) | Q(code_expires_at__lte=Now())


def code_of(row: MailedCode, salt: str) -> str:
    """Return the code of six digits that is valid now. Nobody who reads the table can tell it."""
    # The number is part of it: the next code is another one, and none has to be stored.
    value = f"{row.pk.hex}:{row.address}:{row.code_number}"
    number = int(salted_hmac(salt, value, algorithm="sha256").hexdigest(), 16)
    return f"{number % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def find[Row: MailedCode](rows: QuerySet[Row], row_id: str) -> Row | None:
    """Return what waits under this id and has not expired."""
    try:
        key = uuid.UUID(row_id)
    except ValueError:
        return None
    return rows.filter(pk=key, expires_at__gt=Now()).first()


def count_try(model: type[MailedCode], row_id: uuid.UUID) -> bool:
    """Count a try; False when the code of this row cannot be typed anymore.

    Committed before the code is looked at: however many arrive at once, no more than `MOST_TRIES` are judged.
    """
    # One statement: tries that arrive at once wait for each other at the row, and each sees those before it.
    rows = model._default_manager.filter(pk=row_id, tries__lt=MOST_TRIES, code_expires_at__gt=Now())
    return bool(rows.update(tries=F("tries") + 1))


def digits_of(typed: str) -> str:
    """Return what was typed without the spaces and dashes between its digits."""
    return "".join(typed.split()).replace("-", "")


def is_whole(typed: str) -> bool:
    """Say whether this may be a code, right or not: whoever typed only a part of it has not guessed."""
    digits = digits_of(typed)
    return len(digits) == CODE_LENGTH and digits.isascii() and digits.isdigit()


def matches(row: MailedCode, typed: str, salt: str) -> bool:
    """Say whether this is the code, however its digits were spaced."""
    # A comparison that stops at the first wrong digit would tell by its time how many are right.
    return constant_time_compare(digits_of(typed), code_of(row, salt))


def renew[Row: MailedCode](
    model: type[Row], row_id: uuid.UUID, lifetime: timedelta, most: int | None = None
) -> Row | None:
    """Return the row with a code that can be typed: the same while it is valid, else the next one.

    A second mail with the same code is right in whatever order mails arrive. After `most` codes there is no
    further one.
    """
    with transaction.atomic():
        row = model._default_manager.select_for_update(of=("self",)).filter(pk=row_id).first()
        if row is None:
            return None
        rows = model._default_manager.filter(pk=row_id)
        further = rows.filter(SPENT) if most is None else rows.filter(SPENT, code_number__lt=most)
        further.update(code_number=F("code_number") + 1, tries=0, code_expires_at=Now() + lifetime)
        # A valid code stays, and is valid for as long again.
        rows.exclude(SPENT).update(code_expires_at=Now() + lifetime)
        row.refresh_from_db()
    return row
