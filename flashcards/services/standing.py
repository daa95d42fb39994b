"""Whether a card of a deck is studied: withdrawn by a person, or brought back. What it said stays.

Schedules and ratings of people stay as well: a card that comes back goes on where they were.
"""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import rights
from exams.publication import services as publication
from exams.publication.models import PublishLog
from flashcards.models import Card


def withdraw(*, card_id: int, actor: User, reason: str) -> Card:
    """Take a card out of its deck. A load does not bring it back.

    Raises Refused: not_found, not_allowed, withdrawn_already.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        card = _locked(card_id)
        if card.retired_at is not None:
            raise Refused("withdrawn_already", 409, _("This card is not in use."))
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        Card.objects.filter(pk=card.pk).update(retired_at=Now(), standing_log=log)
        _record(card, actor, "withdraw", reason, is_in_use=False)
    card.refresh_from_db()
    return card


def restore(*, card_id: int, actor: User, reason: str) -> Card:
    """Bring a card back into its deck. A load does not take it out again.

    Raises Refused: not_found, not_allowed, in_use_already.
    """
    rights.need(actor, rights.REVIEW)
    with transaction.atomic():
        publication.wait_for_others()
        card = _locked(card_id)
        if card.retired_at is None:
            raise Refused("in_use_already", 409, _("This card is in use."))
        log = publication.begin(PublishLog.Source.PERSON, actor=actor, reason=reason)
        Card.objects.filter(pk=card.pk).update(retired_at=None, standing_log=log)
        _record(card, actor, "restore", reason, is_in_use=True)
    card.refresh_from_db()
    return card


def _locked(card_id: int) -> Card:
    rows = Card.objects.select_for_update(no_key=True).filter(pk=card_id, owner__isnull=True)
    card = rows.first()
    if card is None:
        raise Refused("not_found", 404, _("Card not found."))
    return card


def _record(card: Card, actor: User, action: str, reason: str, *, is_in_use: bool) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=card,
        reason=reason,
        before={"in use": not is_in_use},
        after={"in use": is_in_use},
    )
