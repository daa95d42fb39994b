"""Proving an address: a code that is typed, or a link that is pressed. Both work once, for a limited time."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.email_verification import codes
from accounts.email_verification.models import PendingConfirmation
from accounts.profile import services as profile_services
from accounts.users import person_lock
from accounts.users.addresses import normalized
from accounts.users.models import User

LINK_LIFETIME: Final = timedelta(days=1)
CODE_LIFETIME: Final = timedelta(minutes=30)
# Each code may be guessed at five times more.
MOST_CODES: Final = 6
# Each change sends a mail to an address of a stranger's choice.
MOST_ADDRESSES: Final = 4
# Part of every link that was mailed: it stays, whatever the package is called.
SALT: Final = "accounts.confirmation"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose address was confirmed, and what follows from it."""

    user: User
    address: str
    next_path: str
    is_new: bool
    """Whether the account was made by this."""
    is_first: bool
    """Whether the account had no confirmed address before: who holds its mailbox is its owner."""


def is_taken(address: str) -> bool:
    """Say whether an account exists that this address signs in to."""
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True)
    # Both are asked always, so that the time tells nothing.
    return any([User.objects.filter(email__iexact=address).exists(), confirmed.exists()])


def begin_sign_up(
    address: str, password: str, *, language: str, time_zone: str = "", next_path: str = ""
) -> PendingConfirmation:
    """Store a sign-up until its address is confirmed; the same work whether the address has an account."""
    return PendingConfirmation.objects.create(
        address=normalized(address),
        password=make_password(password),
        language=language,
        time_zone=time_zone,
        next_path=next_path,
        expires_at=Now() + LINK_LIFETIME,
        code_expires_at=Now() + CODE_LIFETIME,
    )


@transaction.atomic
def begin_address(user: User, address: str, *, language: str, next_path: str = "") -> PendingConfirmation:
    """Return what waits for this address of an account; made, or renewed, so that its code can be typed.

    One row for each account and address, so that signing in again gives nobody more guesses.
    """
    # Before the row, as in `confirm`.
    person_lock.hold(user.pk)
    own = PendingConfirmation.objects.filter(user=user, address=address)
    own.filter(expires_at__lte=Now()).delete()
    lifetimes = {"expires_at": Now() + LINK_LIFETIME, "code_expires_at": Now() + CODE_LIFETIME}
    pending, is_new = own.get_or_create(
        user=user, address=address, defaults={"language": language, "next_path": next_path, **lifetimes}
    )
    if is_new:
        return pending
    own.update(language=language, next_path=next_path or F("next_path"), expires_at=lifetimes["expires_at"])
    return renew_code(pending.pk) or pending


def find(pending_id: str) -> PendingConfirmation | None:
    """Return what waits under this id and has not expired."""
    return codes.find(PendingConfirmation.objects.select_related("user"), pending_id)


def find_by_key(key: str) -> PendingConfirmation | None:
    """Return what the link of a mail confirms; None when it was used or replaced, or has expired."""
    try:
        pending_id, _colon, number = signing.loads(key, salt=SALT).partition(".")
    except (signing.BadSignature, ValueError, AttributeError):
        return None
    pending = find(pending_id)
    return pending if pending and str(pending.address_number) == number else None


def key_of(pending: PendingConfirmation) -> str:
    """Return the key of its link: all mails to one address have links that work until one is used."""
    return signing.dumps(f"{pending.pk.hex}.{pending.address_number}", salt=SALT)


def code_of(pending: PendingConfirmation) -> str:
    """Return the code that is valid now."""
    return codes.code_of(pending, SALT)


def has_no_more_codes(pending: PendingConfirmation) -> bool:
    """Say whether its last code can't be typed anymore: after that only the link confirms."""
    if pending.code_number < MOST_CODES:
        return False
    return PendingConfirmation.objects.filter(codes.SPENT, pk=pending.pk).exists()


def renew_code(pending_id: uuid.UUID) -> PendingConfirmation | None:
    """Return the row with a code that can be typed. After `MOST_CODES` only the link stays valid."""
    return codes.renew(PendingConfirmation, pending_id, CODE_LIFETIME, MOST_CODES)


def change_address(pending_id: uuid.UUID, address: str) -> PendingConfirmation:
    """Mend the address of a sign-up: links and codes of the old one end. Raises Refused."""
    with transaction.atomic():
        rows = PendingConfirmation.objects.filter(pk=pending_id, user=None, expires_at__gt=Now())
        pending = rows.select_for_update(of=("self",)).first()
        if pending is None:
            raise Refused("not_found", 404, _("This sign-up has expired. Sign up again."))
        if pending.address_number >= MOST_ADDRESSES:
            raise Refused(
                "too_many_addresses", 429, _("You can't change the address again. Sign up again instead.")
            )
        pending.address = normalized(address)
        pending.address_number += 1
        pending.save(update_fields=["address", "address_number"])
        rows.update(
            code_number=F("code_number") + 1,
            tries=0,
            code_expires_at=Now() + CODE_LIFETIME,
            expires_at=Now() + LINK_LIFETIME,
        )
        pending.refresh_from_db()
    return pending


def confirm_by_code(pending_id: uuid.UUID, typed: str) -> Confirmed:
    """Confirm by the code that was typed. Raises Refused: wrong_code, spent_code, or as `confirm`."""
    may_try = codes.count_try(PendingConfirmation, pending_id)
    pending = PendingConfirmation.objects.filter(pk=pending_id, expires_at__gt=Now()).first()
    if pending is None:
        raise _gone()
    if not may_try:
        raise _spent(pending, _("This code isn't valid anymore. Ask for a new one."))
    if not codes.matches(pending, typed, SALT):
        if pending.tries >= codes.MOST_TRIES:
            raise _spent(pending, _("Too many incorrect codes. Ask for a new one."))
        raise Refused("wrong_code", 422, _("Incorrect code. Check the newest email from us."))
    return confirm(pending)


def confirm(proven: PendingConfirmation) -> Confirmed:
    """Confirm the address, and for a sign-up make the account. Raises Refused: gone, address_taken.

    Whoever locks the row first confirms; the row is deleted, so that nobody confirms by it again.
    Only the address that code or link were compared with is proven, not one it was changed to meanwhile.
    """
    try:
        with transaction.atomic():
            if proven.user_id:  # before the row, as in `begin_address`
                person_lock.hold_all(proven.user_id)
            rows = PendingConfirmation.objects.filter(
                pk=proven.pk, address_number=proven.address_number, expires_at__gt=Now()
            )
            pending = rows.select_for_update(of=("self",)).first()
            if pending is None:
                raise _gone()
            confirmed = _of_account(pending, pending.user) if pending.user else _new_account(pending)
            rows.delete()
            return confirmed
    except IntegrityError as error:  # the same address was confirmed at the same moment elsewhere
        raise _taken() from error


def _new_account(pending: PendingConfirmation) -> Confirmed:
    # Asked again: since the sign-up began, another one may have been confirmed for this address.
    if is_taken(pending.address):
        raise _taken()
    user = User(email=pending.address, password=pending.password)
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=user.email.lower(), verified=True, primary=True)
    chosen = {"time_zone": pending.time_zone} if pending.time_zone else {}
    profile_services.update(user, ui_language=pending.language, **chosen)
    return Confirmed(user, pending.address, pending.next_path, is_new=True, is_first=True)


def _of_account(pending: PendingConfirmation, user: User) -> Confirmed:
    addresses = EmailAddress.objects.filter(user=user)
    own = addresses.filter(email__iexact=pending.address).first()
    if own is None:
        raise _gone()
    is_first = not addresses.filter(verified=True).exists()
    # Another account may have confirmed the same address meanwhile.
    if not own.set_verified():
        raise _taken()
    own.set_as_primary(conditional=True)
    return Confirmed(user, own.email, pending.next_path, is_new=False, is_first=is_first)


@transaction.atomic
def replace_address(user: User, old: str) -> None:
    """Let an address that staff replaced sign in to the account no more; the new one has to be confirmed."""
    EmailAddress.objects.filter(user=user, email__iexact=old).delete()
    PendingConfirmation.objects.filter(user=user, address__iexact=old).delete()
    own = EmailAddress.objects.filter(user=user, email__iexact=user.email).first()
    own = own or EmailAddress.objects.create(user=user, email=user.email.lower())
    own.set_as_primary()


def _spent(pending: PendingConfirmation, advice: Promise) -> Refused:
    if pending.code_number >= MOST_CODES:
        advice = _("You can't get another code. Use the link in our email instead.")
    return Refused("spent_code", 422, advice)


def _gone() -> Refused:
    return Refused("gone", 404, _("This confirmation was used already, or it has expired."))


def _taken() -> Refused:
    return Refused("address_taken", 409, _("This address already belongs to an account. Sign in instead."))
