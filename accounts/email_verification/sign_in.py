"""Signing in by a code that is mailed: it proves the mailbox, and counts as much as the password.

A code is typed where it was asked for: only the session of that browser names the row. Addresses with an
account and without cost the same statements until the right code is typed, which only the first have.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.base.errors import Refused
from accounts.email_verification import codes
from accounts.email_verification.models import SignInCode
from accounts.users import person_lock
from accounts.users.models import User

CODE_LIFETIME: Final = timedelta(minutes=15)
# How long a browser may ask for a further code without typing the address again.
LIFETIME: Final = timedelta(hours=1)
SALT: Final = "accounts.confirmation.sign_in"


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a code signs in, and the address of theirs that was typed, as it is stored."""

    user: User
    address: str


def begin(address: str) -> SignInCode:
    """Store that somebody wants to sign in with this address; the same work whether it has an account."""
    return SignInCode.objects.create(
        address=address, expires_at=Now() + LIFETIME, code_expires_at=Now() + CODE_LIFETIME
    )


def find(row_id: str) -> SignInCode | None:
    """Return what waits under this id and has not expired."""
    return codes.find(SignInCode.objects.all(), row_id)


def code_of(waiting: SignInCode) -> str:
    """Return the code that is valid now."""
    return codes.code_of(waiting, SALT)


def renew(row_id: uuid.UUID) -> SignInCode | None:
    """Return the row with a code that can be typed: the same while it is valid, else the next one."""
    # Whoever asks again is still there.
    SignInCode.objects.filter(pk=row_id).update(expires_at=Now() + LIFETIME)
    return codes.renew(SignInCode, row_id, CODE_LIFETIME)


def account_of(address: str) -> Account | None:
    """Return whom a code to this address signs in; None for an account that is closed.

    An address counts once it is confirmed. Of an account without any confirmed one it is its own address: who
    holds that mailbox is its owner. Databases fold more letters than mail servers: what differs in more than
    upper and lower case is another mailbox.
    """
    confirmed = EmailAddress.objects.filter(verified=True)
    by_confirmed = confirmed.filter(email__iexact=address, user__is_active=True).select_related("user")
    own = User.objects.filter(email__iexact=address, is_active=True)
    # Both are asked always, so that the time tells nothing.
    accounts = [
        *(Account(one.user, one.email) for one in by_confirmed),
        *(Account(one, one.email) for one in own.exclude(Exists(confirmed.filter(user=OuterRef("pk"))))),
    ]
    return next((one for one in accounts if one.address.lower() == address.lower()), None)


def take(row_id: uuid.UUID, typed: str) -> Account:
    """Return whom the code signs in that was typed. It works once.

    Raises Refused: wrong_code, with the tries that are left, spent_code, or gone.
    """
    may_try = codes.count_try(SignInCode, row_id)
    waiting = SignInCode.objects.filter(pk=row_id, expires_at__gt=Now()).first()
    if waiting is None:
        raise _gone()
    if not may_try:
        raise Refused("spent_code", 422, _("This code isn't valid anymore. Ask for a new one."))
    account = _use_up(waiting) if codes.matches(waiting, typed, SALT) else None
    if account is None:
        raise _wrong(codes.MOST_TRIES - waiting.tries)
    return account


@transaction.atomic
def _use_up(waiting: SignInCode) -> Account | None:
    """Use the code up; None when its address has no account. Raises Refused: gone.

    Whoever deletes the row first signs in. The person is locked before, as by whatever closes the account.
    """
    before = account_of(waiting.address)
    if before is None:
        return None
    person_lock.hold_all(before.user.pk)
    # In a statement after the lock: meanwhile the account may be closed, or lose this address.
    account = account_of(waiting.address)
    if account is None or account.user != before.user:
        raise _gone()
    if not SignInCode.objects.filter(pk=waiting.pk).delete()[0]:
        raise _gone()
    _confirm(account.user, account.address)
    return account


def _confirm(person: User, address: str) -> None:
    """Keep that the mailbox has answered, of an account that had no confirmed address before."""
    addresses = EmailAddress.objects.filter(user=person)
    if addresses.filter(verified=True).exists():
        return
    own = addresses.filter(email__iexact=address).first()
    own = own or EmailAddress.objects.create(user=person, email=address.lower())
    if not own.set_verified():
        raise _gone()
    own.set_as_primary(conditional=True)


def _wrong(left: int) -> Refused:
    if left <= 0:
        return Refused("spent_code", 422, _("Too many incorrect codes. Ask for a new one."))
    text = ngettext_lazy(
        "Incorrect code. You have %(left)d try left.", "Incorrect code. You have %(left)d tries left.", left
    )
    return Refused("wrong_code", 422, text, values={"left": left})


def _gone() -> Refused:
    return Refused("gone", 404, _("This code was used already, or it has expired. Ask for a new one."))
