"""What the log tells a person: how much they remember, how much they study, and which cards do not stick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection

from accounts.users.models import User
from exams.presentation import sections
from exams.presentation.sections import Link
from flashcards.models import Card
from flashcards.study.day import StudyDay
from flashcards.study.faces import faces
from flashcards.study.session import CardFace

# A review counts for retention when the card had been learned: at least a day after the one before.
RETENTION: Final = """
SELECT (review.reviewed_at AT TIME ZONE %(zone)s)::date AS day,
       count(*),
       count(*) FILTER (WHERE review.elapsed >= interval '1 day'),
       count(*) FILTER (WHERE review.elapsed >= interval '1 day' AND review.rating > 1)
FROM flashcards_review review
JOIN flashcards_card card ON card.id = review.card_id
JOIN exams_certification certification ON certification.id = card.certification_id
WHERE review.user_id = %(user)s AND certification.code = %(code)s AND review.rating IS NOT NULL
  AND review.reviewed_at >= %(since)s
  AND NOT EXISTS (SELECT FROM flashcards_review undo WHERE undo.cancels_id = review.id)
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class StudiedDay:
    """One day of study: all reviews, those of cards learned before, and how many of these were remembered."""

    day: date
    reviews: int
    asked: int
    remembered: int


@dataclass(frozen=True, slots=True)
class Leech:
    """A card that was forgotten eight times or more, and the lines that teach what it asks."""

    card_id: int
    lapses: int
    face: CardFace
    links: tuple[Link, ...]


def studied_days(user: User, code: str, today: StudyDay, days: int = 30) -> tuple[StudiedDay, ...]:
    """Return the last days on which the person studied, oldest first; undone reviews are left out.

    Days are those of the person's time zone. One statement.
    """
    since = today.day.start_of(today.day.today - timedelta(days=days - 1))
    values: dict[str, int | str | datetime] = {
        "user": user.pk,
        "code": code,
        "zone": today.day.zone.key,
        "since": since,
    }
    with connection.cursor() as cursor:
        cursor.execute(RETENTION, values)
        return tuple(StudiedDay(*row) for row in cursor.fetchall())


def retention(days: Sequence[StudiedDay]) -> tuple[float, int] | None:
    """Return the share of cards that were remembered over these days, and of how many; None of none."""
    asked = sum(one.asked for one in days)
    return (sum(one.remembered for one in days) / asked, asked) if asked else None


def leeches(code: str, today: StudyDay, language: str, most: int | None = None) -> tuple[Leech, ...]:
    """Return the leeches of a person, most forgotten first and at most so many, with what teaches them.

    The links are those that other packages register (`exams.presentation.sections`); links to cards are
    left out, since a leech is one. Two statements and those of the links.
    """
    found = sorted(today.leeches, key=lambda one: -(one.memory.lapses if one.memory else 0))[:most]
    if not found:
        return ()
    ids = [one.card_id for one in found]
    texts = faces(ids, language)
    coverage = dict(Card.objects.filter(pk__in=ids).values_list("pk", "coverage"))
    return tuple(
        Leech(
            one.card_id,
            one.memory.lapses if one.memory else 0,
            texts[one.card_id],
            _lines(code, coverage[one.card_id], language),
        )
        for one in found
        if one.card_id in texts
    )


def lines(code: str, card_id: int, language: str) -> tuple[Link, ...]:
    """Return links to what teaches the same as a card, other cards left out. One statement and the links'."""
    coverage = Card.objects.filter(pk=card_id).values_list("coverage", flat=True).first()
    return _lines(code, coverage or (), language)


def _lines(code: str, coverage: Sequence[str], language: str) -> tuple[Link, ...]:
    return tuple(link for link in sections.links(code, coverage, language) if link.kind != "card")
