"""What the log tells a person: how much they remember, how much they study, and which cards do not stick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.presentation import sections
from exams.presentation.sections import Link
from flashcards.models import Card
from flashcards.scheduling.memory import Phase
from flashcards.study.day import StudyDay, study_day
from flashcards.study.session import CardFace, faces

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


FORECAST_DAYS: Final = 30
WEEKS: Final = 12
LEECHES_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Week:
    """How many cards were asked again in a week, by its Monday, and how many of them were remembered."""

    monday: date
    place: int
    asked: int
    recalled: int

    @property
    def share(self) -> float:
        """Return the share that was remembered, 0 to 1."""
        return self.recalled / self.asked


@dataclass(frozen=True, slots=True)
class Statistics:
    """A person's study of a certification. `forecast` counts the cards of each day from today on."""

    day: StudyDay
    forecast: tuple[int, ...]
    weeks: tuple[Week, ...]
    leeches: tuple[Leech, ...]
    leeches_more: int

    @property
    def begun(self) -> int:
        """Return how many cards were reviewed at least once."""
        return sum(one.memory is not None for one in self.day.entries)

    @property
    def learned(self) -> int:
        """Return how many cards are beyond their first steps."""
        return sum(one.memory is not None and one.memory.phase == Phase.REVIEW for one in self.day.entries)

    @property
    def asked(self) -> int:
        """Return how many cards were asked again in these weeks."""
        return sum(week.asked for week in self.weeks)

    @property
    def recalled(self) -> int:
        """Return how many of them were remembered."""
        return sum(week.recalled for week in self.weeks)


def statistics(user: User, code: str, language: str, zone: ZoneInfo) -> Statistics:
    """Return the statistics of a person. Four statements, and for each leech those that find its links.

    Raises Refused, 404, where there are no cards for them.
    """
    granted = policy.has_access(user, f"cert:{code}")
    today = study_day(user, code, zone, granted=granted)
    if today is None:
        raise Refused("not_found", 404, _("There are no flashcards here yet."))
    return Statistics(
        day=today,
        forecast=today.forecast(FORECAST_DAYS),
        weeks=_weeks(user, code, today),
        leeches=leeches(code, today, language, most=LEECHES_SHOWN),
        leeches_more=max(len(today.leeches) - LEECHES_SHOWN, 0),
    )


def _weeks(user: User, code: str, today: StudyDay) -> tuple[Week, ...]:
    """Return the weeks in which a learned card was asked again."""
    day = today.day.today
    first = day - timedelta(days=day.weekday(), weeks=WEEKS - 1)
    found: dict[int, tuple[int, int]] = {}
    for one in studied_days(user, code, today, days=(day - first).days + 1):
        place = (one.day - first).days // 7
        asked, recalled = found.get(place, (0, 0))
        found[place] = asked + one.asked, recalled + one.remembered
    return tuple(
        Week(first + timedelta(weeks=place), place, asked, recalled)
        for place, (asked, recalled) in found.items()
        if asked
    )
