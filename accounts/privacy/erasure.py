"""Deleting a person: closed at once, changed back within days, then gone from every table.

The clock of the database decides: until `due_at` a request can be taken back, from then on it is carried out,
and never both.
"""

import logging
import uuid
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.audit import services as audit
from accounts.base import hooks, moments, personal_data, tables
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.privacy import services
from accounts.privacy.models import ErasureRequest
from accounts.profile import selectors as profiles
from accounts.users import lockout, person_lock
from accounts.users.addresses import normalized
from accounts.users.models import User

MAIL: Final = "accounts/email/account_closed"
SALT: Final = "accounts.erasure"

logger = logging.getLogger(__name__)


def days() -> timedelta:
    """Return how long a person can change their mind."""
    return timedelta(days=settings.ERASURE_DAYS)


def before_closing(user: User) -> list[str]:
    """Return what a person should know before closing the account, in the active language."""
    return [sentence for hook in hooks.registered("before_closing") for sentence in hook(user)]


def request_erasure(user: User, typed: str, language: str) -> ErasureRequest:
    """Close the account now, have it deleted later, and write the mail with the way back.

    `typed` must be the person's address. Raises Refused: wrong_address.
    """
    if normalized(typed).lower() != user.email.lower():
        raise Refused("wrong_address", 422, _("Type the email address you sign in with."))
    with transaction.atomic():
        person_lock.hold_all(user.pk)
        person = User.objects.get(pk=user.pk)
        # Whoever presses twice gets no more days than whoever pressed once.
        due = {"due_at": Now() + days(), "reopens": person.is_active}
        request, is_new = ErasureRequest.objects.get_or_create(user=person, defaults=due)
        request.refresh_from_db()
        if is_new:
            audit.record(actor=person, action="ask_erasure", subject=person)
            services.deactivate(person)
            _post_mail(person, request, language)
    return request


def _post_mail(person: User, request: ErasureRequest, language: str) -> None:
    with override(language):
        day = moments.in_full(localtime(request.due_at, profiles.of(person).zone))
        address = settings.SITE_URL + reverse("accounts:restore", args=[key_of(request)])
    outbox.post(
        MAIL,
        person.email,
        {"restore_url": address, "day": day},
        person=person,
        language=language,
        dedupe_key=f"erasure:{request.pk}",
        useful_for=days(),
    )


def key_of(request: ErasureRequest) -> str:
    """Return the key of the link in the mail."""
    return signing.dumps(request.pk.hex, salt=SALT)


def find(key: str) -> ErasureRequest:
    """Return what the link takes back. Raises Refused: not_found, also once it is too late."""
    try:
        pk = uuid.UUID(signing.loads(key, salt=SALT))
    except (signing.BadSignature, ValueError, AttributeError):
        raise _not_found() from None
    request = _to_take_back().filter(pk=pk).first()
    if request is None:
        raise _not_found()
    return request


def _to_take_back() -> QuerySet[ErasureRequest]:
    """Return the requests that their person may take back: in time, and the account not closed by staff."""
    return ErasureRequest.objects.filter(due_at__gt=Now(), reopens=True).select_related("user")


def restore(key: str) -> User:
    """Open the account again. Raises Refused: not_found, also once it is too late."""
    with transaction.atomic():
        pk = find(key).pk
        # An erasure that has begun holds this row; the condition is asked again after the wait.
        request = _to_take_back().select_for_update(of=("self",)).filter(pk=pk).first()
        if request is None:
            raise _not_found()
        person = request.user
        request.delete()
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record(actor=person, action="take_back_erasure", subject=person)
    return person


def _not_found() -> Refused:
    return Refused("not_found", 404, _("This link isn't valid anymore."))


def erase_due() -> int:
    """Erase everybody whose days are over; return how many. One that fails is logged and tried again."""
    done = 0
    for pk in list(ErasureRequest.objects.filter(due_at__lte=Now()).values_list("pk", flat=True)):
        try:
            done += _erase_requested(pk)
        except Exception:
            logger.exception("An account could not be erased", extra={"request": str(pk)})
    return done


def _locked() -> QuerySet[ErasureRequest]:
    """Return the requests that nobody takes back in this very moment; the others wait for the next night."""
    return ErasureRequest.objects.select_for_update(of=("self",), skip_locked=True)


def _erase_requested(pk: uuid.UUID) -> bool:
    with transaction.atomic():
        request = _locked().filter(pk=pk, due_at__lte=Now()).select_related("user").first()
        if request is None:
            return False
        if request.user.is_active:  # staff opened it again
            request.delete()
            return False
        erase(request.user, actor=None, reason="asked for by the person")
        return True


def erase(user: User, *, actor: User | None, reason: str) -> None:
    """Erase a person now: their row, whatever names them, whatever they wrote. The act is recorded.

    Rows that stay (answers, scores, ratings) lose their person; the tables say which those are.
    """
    with transaction.atomic():
        person_lock.hold_all(user.pk)
        person = User.objects.get(pk=user.pk)
        # First the leases: an exam must not be written on while its person goes.
        services.end_sessions(person)
        # While everything is still there. What a hook raises undoes the erasure, which is tried again.
        for hook in hooks.registered("before_erasure"):
            hook(person)
        _forget_addresses(person)
        services.forget_sessions(person)
        audit.record(actor=actor, action="erase", subject=person, reason=reason)
        person.delete()


def _forget_addresses(person: User) -> None:
    """Delete what holds an address of the person without a key that leads to them."""
    addresses = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    for address in {person.email, *addresses}:
        for table in personal_data.tables():
            for lookup in table.addresses:
                table.model._default_manager.filter(**{lookup: address}).delete()
        lockout.reset_failures(address)


def rows_naming(user_id: int) -> dict[str, int]:
    """Return how many rows of each column that can name a person name this one, as `table.column`."""
    return {
        f"{model._meta.db_table}.{field.column}": model._base_manager.filter(**{field.name: user_id}).count()
        for model in tables.stored_models()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
