"""States made anew from the log, which is the truth about them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from flashcards.models import CardState
from flashcards.services import reviews

PAIRS: Final = """
SELECT user_id, card_id FROM flashcards_review WHERE user_id IS NOT NULL AND card_id IS NOT NULL
UNION SELECT user_id, card_id FROM flashcards_cardstate
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many states were compared with the log, and which differed, as (person, card)."""

    compared: int
    different: tuple[tuple[int, int], ...]


def rebuild(*, dry_run: bool = False) -> Rebuilt:
    """Compare every state with the log and mend those that differ; with `dry_run` they are only counted.

    Each card of a person is a transaction of its own, so that nobody who studies has to wait.
    """
    compared, different = 0, []
    for user_id, card_id in _pairs():
        compared += 1
        if not rebuild_one(user_id, card_id, dry_run=dry_run):
            different.append((user_id, card_id))
    return Rebuilt(compared, tuple(different))


def rebuild_one(user_id: int, card_id: int, *, dry_run: bool = False) -> bool:
    """Make the state of one card for one person from the log; return whether it was as it is now."""
    with transaction.atomic():
        reviews.lock(user_id, card_id)
        row = CardState.objects.filter(user_id=user_id, card_id=card_id).first()
        should = reviews.replayed(reviews.live_reviews(user_id, card_id), card_id)
        is_same = reviews.memory_of(row) == should
        if not is_same and not dry_run:
            reviews.save_state(user_id, card_id, should)
    return is_same


def _pairs() -> Iterator[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(PAIRS)
        yield from cursor.fetchall()
