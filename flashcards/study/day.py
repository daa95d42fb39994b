"""The cards of a person on this day, read by one statement: where they are with each, and their settings."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from accounts.base import statements
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.scheduling import queue as queues
from flashcards.scheduling.memory import Memory, Phase
from flashcards.scheduling.queue import Day, Entry, Queue, Stage, retention_on
from flashcards.services.selectors import CARD_IS_HELD
from flashcards.services.settings import Settings

# As text and prepared, since it is asked at each rating: state, settings and date of one person beside every
# card, which takes longer to plan than to read. Own cards come before the deck: somebody has just made them.
# The pace is what a card took on a day, all its ratings together; a few ratings tell of none.
CARDS: Final = f"""
SELECT statement_timestamp(), certification.id,
       (SELECT CASE WHEN count(*) >= 10 THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY taken_ms) / 1000
                 * count(*) / count(DISTINCT (card_id, (reviewed_at AT TIME ZONE %(zone)s)::date)) END
        FROM (SELECT taken_ms, card_id, reviewed_at FROM flashcards_review
              WHERE user_id = %(user)s AND taken_ms IS NOT NULL ORDER BY reviewed_at DESC LIMIT 100) latest),
       settings.new_per_day, settings.retention, exam.day, settings.domain,
       card.id, card.position, card.domain, suspended.id IS NOT NULL,
       state.due, state.stability, state.difficulty, state.phase, state.step, state.reps, state.lapses,
       state.introduced_at, state.last_review
FROM exams_certification certification
JOIN flashcards_card card ON card.certification_id = certification.id
LEFT JOIN flashcards_cardstate state ON state.card_id = card.id AND state.user_id = %(user)s
LEFT JOIN flashcards_suspendedcard suspended ON suspended.card_id = card.id AND suspended.user_id = %(user)s
LEFT JOIN flashcards_studysettings settings
  ON settings.certification_id = certification.id AND settings.user_id = %(user)s
LEFT JOIN exams_examdate exam ON exam.certification_id = certification.id AND exam.user_id = %(user)s
WHERE certification.code = %(code)s AND certification.is_listed AND card.retired_at IS NULL
  AND (card.owner_id = %(user)s OR card.owner_id IS NULL AND (card.is_preview OR %(granted)s))
  AND NOT {CARD_IS_HELD}
ORDER BY card.owner_id IS NULL, card.position, card.id
"""  # noqa: S608  (made of constants)
_TYPES: Final = {"user": "bigint", "code": "text", "granted": "boolean", "zone": "text"}


NEXT_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class NextWork:
    """The next day with cards: how many come back on it, and how many are new."""

    day: date
    is_tomorrow: bool
    due: int
    new: int


@dataclass(frozen=True, slots=True)
class StudyDay:
    """What a person may study of a certification today.

    `seconds_a_card` is what a card takes them on a day, None before they have rated some.
    """

    certification_id: int
    seconds_a_card: float | None
    day: Day
    settings: Settings
    entries: tuple[Entry, ...]

    @property
    def queue(self) -> Queue:
        """Return the work of the day, by the settings."""
        return queues.queue(
            self.entries, self.day, new_per_day=self.settings.new_per_day, domain=self.settings.domain
        )

    @property
    def retention(self) -> float:
        """Return the chance of recall that is aimed for today: the exam raises it."""
        return retention_on(self.day, self.settings.retention)

    def forecast(self, days: int = 30) -> tuple[int, ...]:
        """Return how many cards come due on each day, from today on."""
        return queues.forecast(self.entries, self.day, days)

    @property
    def leeches(self) -> tuple[Entry, ...]:
        """Return the cards that were forgotten eight times or more and still come up."""
        return tuple(one for one in self.entries if one.stage is Stage.STUBBORN)

    def minutes(self, cards: int) -> int:
        """Return how long so many cards take at the pace of the person; 0 below a minute and without one."""
        return round(cards * (self.seconds_a_card or 0) / 60)

    @property
    def has_new(self) -> bool:
        """Say whether a card is left that was never rated, in any domain."""
        return any(one.memory is None for one in queues.studied(self.entries, None))

    @property
    def next_work(self) -> NextWork | None:
        """Return what comes after today, by the settings; None where nothing does."""
        cards = queues.studied(self.entries, self.settings.domain)
        new = min(self.settings.new_per_day, sum(one.memory is None for one in cards))
        for days, due in enumerate(queues.forecast(cards, self.day, NEXT_DAYS)[1:], 1):
            # Today's new ones are done before those of tomorrow.
            if due or new:
                return NextWork(self.day.today + timedelta(days=days), days == 1, due, new)
        return None


def no_cards() -> Refused:
    """Return the refusal of a certification that has no cards for a person."""
    return Refused("not_found", 404, _("There are no flashcards here yet."))


def need_study_day(user: User, code: str, zone: ZoneInfo, *, granted: bool) -> StudyDay:
    """Return the day of a person as `study_day` does. Raises Refused, 404, where they have no cards."""
    today = study_day(user, code, zone, granted=granted)
    if today is None:
        raise no_cards()
    return today


def study_day(user: User, code: str, zone: ZoneInfo, *, granted: bool) -> StudyDay | None:
    """Return the day of a person with the cards of a certification; None where there are no cards for them.

    Without access (`granted`) only preview and own cards are there. One statement.
    """
    values = {"user": user.pk, "code": code, "granted": granted, "zone": str(zone)}
    rows = statements.rows(CARDS, values, _TYPES)
    if not rows:
        return None
    now, certification_id, pace, *settings = rows[0][:7]
    preferences = _settings(settings)
    entries = tuple(
        Entry(card_id, position, domain, _memory(tuple(memory)), is_suspended)
        for card_id, position, domain, is_suspended, *memory in (row[7:] for row in rows)
    )
    return StudyDay(certification_id, pace, Day(now, zone, preferences.exam_on), preferences, entries)


def _settings(values: list[Any]) -> Settings:
    new_per_day, retention, exam_on, domain = values
    return (
        Settings(exam_on=exam_on)
        if new_per_day is None
        else Settings(new_per_day, retention, exam_on, domain)
    )


def _memory(values: tuple[Any, ...]) -> Memory | None:
    due, stability, difficulty, phase, *rest = values
    return None if due is None else Memory(due, stability, difficulty, Phase(phase), *rest)
