"""Keeping questions true: what somebody checked, names that are watched, who looks after what."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.authoring import rights
from exams.bank.models import Item, ItemText
from exams.freshness import services
from exams.freshness.models import ItemCheck, WatchedName
from exams.freshness.services import NameFacts


def check(*, item_id: int, seen: str, page: str, note: str, actor: User) -> ItemCheck:
    """Remember that somebody checked the facts of a question by a page, or why it needs none.

    Raises Refused: not_allowed, and as `exams.freshness.services.check`.
    """
    rights.need(actor, rights.WRITE)
    return services.check(item_id=item_id, seen=seen, page=page, note=note, actor=actor)


def compare(*, item_id: int, language: str, seen: str, actor: User) -> ItemCheck:
    """Remember that a translation still says what the original says now.

    Raises Refused: not_allowed, no_translation, and as `exams.freshness.services.check`.
    """
    rights.need(actor, rights.WRITE, rights.TRANSLATE)
    current = Item.objects.filter(pk=item_id).values("current")
    texts = ItemText.objects.filter(version__in=current, language=language)
    if not texts.exclude(version__item__certification__original_language=language).exists():
        raise Refused("no_translation", 404, _("Translation not found."))
    return services.check(item_id=item_id, seen=seen, page="", note="", actor=actor, language=language)


def assign(*, item_ids: Sequence[int], person: User | None, actor: User) -> int:
    """Say who looks after questions, None for nobody. Raises Refused: not_allowed."""
    rights.need(actor, rights.WRITE)
    return services.assign(item_ids=item_ids, person=person, actor=actor)


def watch(*, certification_id: int, facts: NameFacts, actor: User) -> WatchedName:
    """Watch a name. Raises Refused: not_allowed, and as `exams.freshness.services.watch`."""
    rights.need(actor, rights.WRITE)
    return services.watch(certification_id=certification_id, facts=facts, actor=actor)


def change(*, watched_id: int, revision: int, facts: NameFacts, is_watched: bool, actor: User) -> WatchedName:
    """Change a watched name or let it go. Raises Refused: not_allowed, and as its service."""
    rights.need(actor, rights.WRITE)
    return services.change(
        watched_id=watched_id, revision=revision, facts=facts, is_watched=is_watched, actor=actor
    )
