"""An exam date: retention rises towards it, and every card is seen once more in the last days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.scheduling import memory
from flashcards.scheduling.memory import Memory, Phase, Rating
from flashcards.scheduling.queue import (
    LAST_DAYS,
    PEAK,
    Day,
    Entry,
    due_on,
    final_look_at,
    queue,
    retention_on,
)

BUDAPEST = ZoneInfo("Europe/Budapest")
EXAM = date(2026, 6, 30)


def day(days_before: int, exam_on: date | None = EXAM) -> Day:
    at = datetime(2026, 6, 30, 10, tzinfo=UTC) - timedelta(days=days_before)
    return Day(at, BUDAPEST, exam_on)


def seen(days_before: int, due_in: int) -> Memory:
    at = day(days_before).now
    return Memory(at + timedelta(days=due_in), 10, 5, Phase.REVIEW, None, 3, 0, at, at)


def test_the_day_of_a_person_begins_at_their_midnight() -> None:
    late = Day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), BUDAPEST)
    assert late.today == date(2026, 7, 1)
    assert late.start == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert late.end - late.start == timedelta(days=1)


def test_retention_rises_in_the_last_month_and_is_as_wished_before_and_after() -> None:
    wanted = [retention_on(day(n), 0.9) for n in (60, 30, 20, 10, 1, 0)]
    assert wanted[:2] == [0.9, 0.9]
    assert wanted[1:] == sorted(wanted[1:])
    assert wanted[-1] == PEAK
    assert retention_on(day(-1), 0.9) == retention_on(day(5, None), 0.9) == 0.9


@pytest.mark.parametrize("desired", [0.7, 0.9, 0.97])
def test_retention_is_never_below_the_desired_one(desired: float) -> None:
    assert all(retention_on(day(n), desired) >= desired for n in range(-2, 40))


def test_last_looks_fill_the_last_days_before_the_exam_evenly() -> None:
    looks = [final_look_at(day(40), position) for position in range(1, 71)]
    days = [look.astimezone(BUDAPEST).date() for look in looks if look]
    assert {(EXAM - one).days for one in days} == set(range(1, LAST_DAYS + 1))
    assert {days.count(one) for one in days} == {10}
    assert final_look_at(day(-1), 1) is None


@given(st.integers(8, 60), st.integers(0, 500), st.integers(0, 200))
def test_every_card_seen_before_is_due_once_more_before_the_exam(
    days_before: int, due_in: int, position: int
) -> None:
    due = due_on(day(days_before), seen(days_before, due_in), position)
    assert due < day(0).start
    assert due <= max(seen(days_before, due_in).due, day(days_before).now)


def test_a_card_seen_in_the_last_days_or_coming_back_in_them_needs_no_further_look() -> None:
    assert due_on(day(3), seen(4, 100), 1) == seen(4, 100).due
    assert due_on(day(20), seen(20, 15), 1) == seen(20, 15).due


def test_without_an_exam_cards_are_due_as_the_model_says() -> None:
    assert due_on(day(20, None), seen(20, 300), 1) == seen(20, 300).due


def test_who_studies_each_day_sees_every_card_in_the_last_week() -> None:
    """Sixty days of study with all cards introduced first; the exam date is set only twenty days before."""
    known: dict[int, Memory | None] = dict.fromkeys(range(1, 41))
    looked: dict[int, int] = {}
    for before in range(60, 0, -1):
        today = day(before, EXAM if before <= 20 else None)
        for _ in range(3):  # steps of minutes come back the same day
            entries = [Entry(n, n, 1, known[n]) for n in known]
            work = queue(entries, today, new_per_day=10)
            for one in (*work.due, *work.new):
                known[one.card_id] = memory.review(
                    one.memory,
                    Rating.EASY,
                    today.now,
                    key=str(one.card_id),
                    retention=retention_on(today, 0.9),
                )
                looked[one.card_id] = before
    assert all(looked[n] <= LAST_DAYS for n in known)
