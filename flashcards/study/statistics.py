"""What the log tells a person: how much they remember, how much they study, and which cards do not stick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncWeek

from accounts.access import policy
from accounts.users.models import User
from exams.presentation import sections
from exams.presentation.sections import Link
from flashcards.models import Card, Review
from flashcards.scheduling.memory import Rating
from flashcards.scheduling.queue import Day, Stage
from flashcards.study.day import StudyDay, need_study_day
from flashcards.study.session import CardFace, faces


@dataclass(frozen=True, slots=True)
class Leech:
    """A card that was forgotten eight times or more, and the lines that teach what it asks."""

    card_id: int
    lapses: int
    face: CardFace
    links: tuple[Link, ...]


def leeches(code: str, today: StudyDay, language: str, most: int | None = None) -> tuple[Leech, ...]:
    """Return the leeches of a person, most forgotten first and at most so many, with what teaches them.

    The links are those that other packages register (`exams.presentation.sections`); links to cards are
    left out, since a leech is one. Two statements and those of the links.
    """
    # Each costs the statements that find its links, so a page shows a few.
    worst = sorted(today.leeches, key=lambda one: -(one.memory.lapses if one.memory else 0))[:most]
    if not worst:
        return ()
    ids = [one.card_id for one in worst]
    texts = faces(ids, language)
    coverage = dict(Card.objects.filter(pk__in=ids).values_list("pk", "coverage"))
    return tuple(
        Leech(
            card.card_id,
            card.memory.lapses if card.memory else 0,
            texts[card.card_id],
            _lines(code, coverage[card.card_id], language),
        )
        for card in worst
        if card.card_id in texts
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
        return sum(one.stage is Stage.LEARNED for one in self.day.entries)

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
    today = need_study_day(user, code, zone, granted=policy.has_access(user, f"cert:{code}"))
    return Statistics(
        day=today,
        forecast=today.forecast(FORECAST_DAYS),
        weeks=_weeks(user, code, today.day),
        leeches=leeches(code, today, language, most=LEECHES_SHOWN),
        leeches_more=max(len(today.leeches) - LEECHES_SHOWN, 0),
    )


def _weeks(user: User, code: str, today: Day) -> tuple[Week, ...]:
    """Return the weeks in which a learned card was asked again, undone reviews left out. One statement."""
    first = today.today - timedelta(days=today.today.weekday(), weeks=WEEKS - 1)
    reviews = Review.objects.filter(
        user=user,
        card__certification__code=code,
        rating__isnull=False,
        cancelled_by__isnull=True,
        reviewed_at__gte=today.start_of(first),
        # What was seen within a day says nothing of memory yet.
        elapsed__gte=timedelta(days=1),
    )
    monday = TruncWeek("reviewed_at", tzinfo=today.zone, output_field=DateField())
    weeks = reviews.values(monday=monday).annotate(
        asked=Count("pk"), recalled=Count("pk", filter=Q(rating__gt=Rating.AGAIN))
    )
    return tuple(Week(**week, place=(week["monday"] - first).days // 7) for week in weeks.order_by("monday"))
