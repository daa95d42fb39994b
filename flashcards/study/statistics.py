"""What a person's study of a certification comes to: what is coming, what was remembered, what won't stay."""

from collections.abc import Iterable
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
from flashcards.study.faces import faces
from flashcards.study.session import CardFace

FORECAST_DAYS: Final = 30
WEEKS: Final = 12
LEECHES_SHOWN: Final = 10
# What packages teach by a card is the card itself, which is there already.
OWN_KIND: Final = "card"
# Whether a card was remembered says something only when there was time to forget it.
RECALLED: Final = """
SELECT date_trunc('week', review.reviewed_at AT TIME ZONE %(zone)s)::date, count(*),
       count(*) FILTER (WHERE review.rating > 1)
FROM flashcards_review review
JOIN flashcards_card card ON card.id = review.card_id
WHERE review.user_id = %(user)s AND card.certification_id = %(certification)s
  AND review.rating IS NOT NULL AND review.elapsed >= interval '1 day' AND review.reviewed_at >= %(since)s
  AND NOT EXISTS (SELECT FROM flashcards_review undo WHERE undo.cancels_id = review.id)
GROUP BY 1 ORDER BY 1
"""


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
class Leech:
    """A card that was forgotten eight times or more, and where it is taught."""

    card_id: int
    code: str
    lapses: int
    face: CardFace
    links: tuple[Link, ...]


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
    worst = sorted(today.leeches, key=lambda one: -one.memory.lapses if one.memory else 0)
    return Statistics(
        day=today,
        forecast=today.forecast(FORECAST_DAYS),
        weeks=tuple(_weeks(user, today, zone)),
        leeches=tuple(_leeches(today, code, language, [one.card_id for one in worst[:LEECHES_SHOWN]])),
        leeches_more=max(len(worst) - LEECHES_SHOWN, 0),
    )


def _weeks(user: User, today: StudyDay, zone: ZoneInfo) -> Iterable[Week]:
    monday = today.day.today - timedelta(days=today.day.today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    values: dict[str, int | str | datetime] = {
        "zone": str(zone),
        "user": user.pk,
        "certification": today.certification_id,
        "since": today.day.start_of(first),
    }
    with connection.cursor() as cursor:
        cursor.execute(RECALLED, values)
        rows = cursor.fetchall()
    for week, asked, recalled in rows:
        yield Week(week, (week - first).days // 7, asked, recalled)


def _leeches(today: StudyDay, code: str, language: str, card_ids: list[int]) -> Iterable[Leech]:
    if not card_ids:
        return
    lapses = {one.card_id: one.memory.lapses for one in today.leeches if one.memory}
    said = faces(card_ids, language)
    rows = Card.objects.filter(pk__in=card_ids).values_list("pk", "code", "coverage")
    facts = {pk: (card_code, coverage) for pk, card_code, coverage in rows}
    for card_id in card_ids:
        if card_id in said:
            card_code, coverage = facts[card_id]
            links = _links(code, coverage, language)
            yield Leech(card_id, card_code, lapses[card_id], said[card_id], links)


def _links(code: str, coverage: list[str], language: str) -> tuple[Link, ...]:
    if not coverage:
        return ()
    return tuple(link for link in sections.links(code, coverage, language) if link.kind != OWN_KIND)
