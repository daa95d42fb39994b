"""Reviewing a card and undoing it: one row in the log, and the state that follows from it. Suspending one.

A lock of person and card lets only one of two devices write at a time, so that each review is made from the
state that the one before left. The log itself is insert-only and cannot be locked.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings as django_settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import policy, refusals
from accounts.base import locks, statements
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.models import Card, CardState, Review, SuspendedCard
from flashcards.scheduling import memory as scheduling
from flashcards.scheduling.memory import CURRENT, Event, Memory, Phase, Rating
from flashcards.scheduling.queue import Day, retention_on
from flashcards.services import settings

# The time, and how many ratings there were within a day, as far as they matter. As text, since the ORM would
# need a statement for each of the two, and a rating is the most frequent act of all.
NOW_AND_TODAY: Final = """
SELECT statement_timestamp(), (SELECT count(*) FROM (
  SELECT 1 FROM flashcards_review WHERE user_id = %s AND rating IS NOT NULL
    AND reviewed_at > statement_timestamp() - interval '1 day' LIMIT %s) AS today)
"""
# An undo replays the log of a card, so that must not grow without end.
REPS_MOST: Final = 2000
# A rating and its undo leave the number of reviews as it was, and two rows.
ROWS_MOST: Final = 3 * REPS_MOST
STATE_FIELDS: Final = tuple(field.name for field in fields(Memory))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review or an undo has made: the row in the log, and where the person now is with the card."""

    review_id: int
    card_id: int
    memory: Memory | None


def review(
    user: User,
    card_id: int,
    rating: int,
    *,
    zone: ZoneInfo,
    expected: int | None = None,
    taken_ms: int | None = None,
) -> Reviewed:
    """Record how well a person knew a card, at the time of the database.

    `expected` is the number of this review for this card, from 1: a page that was overtaken by another
    device, or pressed twice, is refused and nothing is stored. Without it every review counts.
    Raises Refused: 422 `rating`, 404 `not_found`, 403 `no_access`, 409 `retired`, `already_reviewed` or
    `too_many`, 429 `too_many_reviews`.
    """
    if rating not in set(Rating):
        raise Refused("rating", 422, _("Rate the card from 1 (Again) to 4 (Easy)."))
    card = open_card(user, card_id)
    with transaction.atomic():
        # Reviews of one person wait for each other, or several cards at once would pass the limit of a day.
        # That lock comes first, so that no two of them wait for each other.
        locks.hold(day_lock(user.pk), card_lock(user.pk, card.pk))
        now = now_within_limit(user.pk)
        before = memory_of(CardState.objects.filter(user=user, card=card).first())
        if expected is not None and expected != (before.reps if before else 0) + 1:
            raise Refused("already_reviewed", 409, _("You've already rated this card. Here's the next one."))
        if before and before.reps >= REPS_MOST:
            raise Refused("too_many", 409, _("You've rated this card too many times to rate it again."))
        preferences = settings.of(user, card.certification.code)
        retention = retention_on(Day(now, zone, preferences.exam_on), preferences.retention)
        after = scheduling.review(before, Rating(rating), now, key=str(card.pk), retention=retention)
        # With the very time that scheduling took, or a replay of the log would lead elsewhere.
        row = Review.objects.create(
            user=user,
            card=card,
            rating=rating,
            reviewed_at=now,
            retention=retention,
            rules=CURRENT,
            elapsed=now - before.last_review if before else None,
            taken_ms=taken_ms,
        )
        save_state(user.pk, card.pk, after)
    return Reviewed(row.pk, card.pk, after)


def undo(user: User, review_id: int) -> Reviewed:
    """Cancel a review by a row of its own, and return to the state before it.

    Only the last review of a card can be undone. Raises Refused: 404 `not_found`, 409 `not_last` (also when
    it was undone before), `too_many`.
    """
    asked = Review.objects.filter(pk=review_id, user=user, card__isnull=False, rating__isnull=False).first()
    if asked is None or asked.card_id is None:
        raise Refused("not_found", 404, _("Review not found."))
    with transaction.atomic():
        locks.hold(card_lock(user.pk, asked.card_id))
        counted = live_reviews(user.pk, asked.card_id)
        if not counted or counted[-1].pk != asked.pk:
            raise Refused("not_last", 409, _("This rating can't be undone anymore."))
        if Review.objects.filter(user=user, card_id=asked.card_id).count() >= ROWS_MOST:
            raise Refused("too_many", 409, _("This rating can't be undone anymore."))
        row = Review.objects.create(user=user, card_id=asked.card_id, cancels=asked)
        before = replayed(counted[:-1], asked.card_id)
        save_state(user.pk, asked.card_id, before)
    return Reviewed(row.pk, asked.card_id, before)


def open_card(user: User, card_id: int) -> Card:
    """Return a card that the person may study. At most two statements.

    Raises Refused: 404 for none and for somebody else's, 403 for one of a locked deck, 409 for a retired one.
    """
    card = Card.objects.select_related("certification").filter(pk=card_id).first()
    # Whoever guesses numbers does not learn that somebody else has a card.
    if card is None or card.owner_id not in (None, user.pk):
        raise _no_card()
    is_open = card.is_preview or card.owner_id == user.pk
    if not is_open and not (access := policy.access_of(user, card.certification.access_code)):
        locked = _("This card is locked. You can study the cards of the preview.")
        raise refusals.no_access(user, access, locked)
    if card.retired_at is not None:
        raise Refused("retired", 409, _("This card is no longer in the deck."))
    return card


def _no_card() -> Refused:
    return Refused("not_found", 404, _("Card not found."))


def suspend(user: User, code: str, card_id: int) -> None:
    """Let a card of a certification not come up any more; what was learned of it stays.

    Raises Refused as `open_card` does, and 404 for a card of another certification.
    """
    card = open_card(user, card_id)
    if card.certification.code != code:
        raise _no_card()
    # Two devices may do it at once, and one of them resume it meanwhile.
    SuspendedCard.objects.bulk_create([SuspendedCard(user=user, card=card)], ignore_conflicts=True)


def unsuspend(user: User, code: str, card_id: int) -> bool:
    """Let a suspended card of a certification come up again; say whether it was one."""
    rows = SuspendedCard.objects.filter(user=user, card_id=card_id, card__certification__code=code)
    return rows.delete()[0] > 0


def day_lock(user_id: int) -> str:
    """Return the name of the lock without which nobody stores a review of a person."""
    return f"flashcards:{user_id}"


def card_lock(user_id: int, card_id: int) -> str:
    """Return the name of the lock without which nobody changes where a person is with a card."""
    return f"flashcards:{user_id}:{card_id}"


def now_within_limit(user_id: int) -> datetime:
    """Return the time of the database. Raises Refused when the person has rated too many cards in a day."""
    most = django_settings.CARD_REVIEWS_PER_DAY
    now, made = statements.first(NOW_AND_TODAY, [user_id, most])
    if made >= most:
        raise Refused(
            "too_many_reviews",
            429,
            _("You've rated %(most)s cards within a day, which is the limit. Try again tomorrow."),
            values={"most": most},
            retry_after=3600,
        )
    moment: datetime = now
    return moment


def live_reviews(user_id: int, card_id: int) -> list[Review]:
    """Return the reviews of a card that were not undone, in their order. One statement."""
    rows = Review.objects.filter(user_id=user_id, card_id=card_id, rating__isnull=False)
    return list(rows.filter(cancelled_by__isnull=True).order_by("pk"))


def replayed(reviews: Sequence[Review], card_id: int) -> Memory | None:
    """Return the state that follows from these reviews of a card, in their order."""
    return scheduling.replay(map(_event, reviews), str(card_id))


def _event(row: Review) -> Event:
    # The checks of the table see to it that a rating has both.
    assert row.rating is not None and row.retention is not None and row.rules is not None  # noqa: S101
    return Event(Rating(row.rating), row.reviewed_at, row.retention, row.rules)


def save_state(user_id: int, card_id: int, memory: Memory | None) -> None:
    """Store where a person is with a card; None takes the row away. One statement."""
    if memory is None:
        CardState.objects.filter(user_id=user_id, card_id=card_id).delete()
        return
    # An upsert, since there is no row before the first review.
    CardState.objects.bulk_create(
        [CardState(user_id=user_id, card_id=card_id, **asdict(memory))],
        update_conflicts=True,
        unique_fields=["user", "card"],
        update_fields=STATE_FIELDS,
    )


def memory_of(row: CardState | None) -> Memory | None:
    """Return a stored state as scheduling takes it."""
    if row is None:
        return None
    values = {name: getattr(row, name) for name in STATE_FIELDS}
    return Memory(**{**values, "phase": Phase(row.phase)})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many states were compared with the log, and which differed, as (person, card)."""

    compared: int
    different: tuple[tuple[int, int], ...]


def rebuild(*, dry_run: bool = False) -> Rebuilt:
    """Compare every state with the log and mend those that differ; with `dry_run` they are only counted.

    Each card of a person is a transaction of its own, so that nobody who studies has to wait.
    """
    # Erased people and cards have no state any more.
    reviewed = Review.objects.filter(user__isnull=False, card__isnull=False).values_list("user_id", "card_id")
    stored = CardState.objects.values_list("user_id", "card_id")
    pairs = list(reviewed.union(stored).order_by("user_id", "card_id"))
    return Rebuilt(len(pairs), tuple(pair for pair in pairs if not _rebuild(*pair, dry_run=dry_run)))


def _rebuild(user_id: int, card_id: int, *, dry_run: bool) -> bool:
    """Make the state of one card for one person from the log; return whether it was as it is now."""
    with transaction.atomic():
        locks.hold(card_lock(user_id, card_id))
        row = CardState.objects.filter(user_id=user_id, card_id=card_id).first()
        should = replayed(live_reviews(user_id, card_id), card_id)
        is_same = memory_of(row) == should
        if not is_same and not dry_run:
            save_state(user_id, card_id, should)
    return is_same
