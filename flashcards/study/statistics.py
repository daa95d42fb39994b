"""What a person's study of a certification comes to: what is coming, what was remembered, what won't stay."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.scheduling.memory import Phase
from flashcards.study import insight
from flashcards.study.day import StudyDay, study_day
from flashcards.study.insight import Leech

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
        leeches=insight.leeches(code, today, language, most=LEECHES_SHOWN),
        leeches_more=max(len(today.leeches) - LEECHES_SHOWN, 0),
    )


def _weeks(user: User, code: str, today: StudyDay) -> tuple[Week, ...]:
    """Return the weeks in which a learned card was asked again."""
    day = today.day.today
    first = day - timedelta(days=day.weekday(), weeks=WEEKS - 1)
    found: dict[int, tuple[int, int]] = {}
    for one in insight.studied_days(user, code, today, days=(day - first).days + 1):
        place = (one.day - first).days // 7
        asked, recalled = found.get(place, (0, 0))
        found[place] = asked + one.asked, recalled + one.remembered
    return tuple(
        Week(first + timedelta(weeks=place), place, asked, recalled)
        for place, (asked, recalled) in found.items()
        if asked
    )
