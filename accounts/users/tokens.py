"""API tokens: issue, find, list, revoke. The plain text is shown once and never stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from accounts.users.models import ApiToken, User

LIFETIME: Final = timedelta(days=30)
# The time of last use is for the owner's eyes: one write an hour is enough.
USE_RESOLUTION: Final = timedelta(hours=1)
PREFIX_LENGTH: Final = 8
MAX_LENGTH: Final = 128


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token: the only moment at which its plain text is known."""

    token_text: str
    token_id: int
    expires_at: datetime


def _digest(token_text: str) -> str:
    # 256 random bits need neither salt nor slowness.
    return hashlib.sha256(token_text.encode("utf-8", "surrogatepass")).hexdigest()


def issue_with_expiry(user: User, name: str = "", scope: str = "") -> Issued:
    """Make a token for `user` that expires after `LIFETIME`; return it with its moment of expiry.

    One with a scope opens the views of that scope alone, and no other token opens them.
    """
    token_text = secrets.token_urlsafe(32)
    token = ApiToken(
        user=user,
        name=name[:80],
        prefix=token_text[:PREFIX_LENGTH],
        digest=_digest(token_text),
        scope=scope,
        expires_at=Now() + LIFETIME,
    )
    token.save()
    return Issued(token_text, token.pk, token.expires_at)


def issue(user: User, name: str = "") -> str:
    """Make a token for `user` that expires after `LIFETIME`; return its plain text."""
    return issue_with_expiry(user, name).token_text


def _alive() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(revoked_at=None, expires_at__gt=Now())


def find(token_text: str) -> ApiToken | None:
    """Return the valid token with its user, or None when unknown, expired, revoked or its user inactive.

    One query, and at most one write an hour to note the use.
    """
    # What is too long is no token of ours, and is not hashed.
    if not token_text or len(token_text) > MAX_LENGTH:
        return None
    token = _alive().select_related("user").filter(digest=_digest(token_text), user__is_active=True).first()
    if token is not None and _use_is_old(token):
        stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - USE_RESOLUTION)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
    return token


def _use_is_old(token: ApiToken) -> bool:
    return token.last_used_at is None or token.last_used_at < datetime.now(token.last_used_at.tzinfo) - (
        USE_RESOLUTION
    )


def valid_tokens(user: User) -> QuerySet[ApiToken]:
    """Return the valid tokens of `user`, the newest first."""
    return _alive().filter(user=user)


def revoke(user: User, token_id: int) -> bool:
    """End the token of `user`; False when there is no such valid token.

    Callers outside of this package use `accounts.privacy.services.revoke_token`, which ends its lease too.
    """
    return bool(valid_tokens(user).filter(pk=token_id).update(revoked_at=Now()))


def beyond(user: User, most: int) -> list[int]:
    """Return the ids of the tokens of candidates' views beyond `most`: those that were used longest ago."""
    used = Coalesce("last_used_at", "created_at")
    newest_first = _alive().filter(user=user, scope="").order_by(used.desc(), "-pk")
    return list(newest_first.values_list("pk", flat=True)[most:])


def revoke_all(user_id: int) -> list[int]:
    """End every valid token of the person; return their ids."""
    with transaction.atomic():
        # Of two that do it at once only one is given a token, and ends what it held.
        ids = list(_alive().filter(user_id=user_id).select_for_update().values_list("pk", flat=True))
        ApiToken.objects.filter(pk__in=ids).update(revoked_at=Now())
    return ids


def end_expired() -> list[tuple[int, int]]:
    """Mark the tokens whose time is over as ended at that moment; return (user id, token id) of each."""
    with transaction.atomic():
        expired = ApiToken.objects.filter(revoked_at=None, expires_at__lte=Now()).select_for_update()
        ended = list(expired.order_by("pk").values_list("user_id", "pk"))
        ApiToken.objects.filter(pk__in=[pk for _user_id, pk in ended]).update(revoked_at=F("expires_at"))
    return ended


def expired_count() -> int:
    """Return how many tokens `end_expired` would mark."""
    return ApiToken.objects.filter(revoked_at=None, expires_at__lte=Now()).count()
