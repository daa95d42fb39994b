"""Months of the calendar, nights when clocks change, and what several periods come to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.periods import Period, add_days, add_months, last_end, running

BUDAPEST = ZoneInfo("Europe/Budapest")
DAY = timedelta(days=1)
START = datetime(2027, 1, 1, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BUDAPEST)


def period(first: int, last: int, source: str = "") -> Period:
    return Period(START + first * DAY, START + last * DAY, source)


@pytest.mark.parametrize(
    ("at", "months", "expected"),
    [
        ("2026-11-30T14:05", 3, "2027-02-28T14:05"),
        ("2027-11-30T14:05", 3, "2028-02-29T14:05"),
        ("2027-01-31T09:00", 1, "2027-02-28T09:00"),
        ("2027-01-31T09:00", 3, "2027-04-30T09:00"),
        ("2028-02-29T23:59:59", 12, "2029-02-28T23:59:59"),
        ("2028-02-29T00:00", 3, "2028-05-29T00:00"),
        ("2026-12-31T23:30", 2, "2027-02-28T23:30"),
        # Over a change of the clock the hand stands where it stood.
        ("2026-12-28T01:59:59", 3, "2027-03-28T01:59:59"),
        ("2026-12-28T03:00", 3, "2027-03-28T03:00"),
        ("2026-07-25T03:00", 3, "2026-10-25T03:00"),
    ],
)
def test_months_keep_the_day_and_the_wall_time_or_take_the_last_day(
    at: str, months: int, expected: str
) -> None:
    assert add_months(wall(at), months, BUDAPEST) == wall(expected).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "days", "expected", "hours"),
    [
        ("2027-03-27T12:00", 1, "2027-03-28T12:00", 23),  # clocks go forward in that night
        ("2026-10-24T12:00", 1, "2026-10-25T12:00", 25),  # and back in that one
        ("2028-02-28T12:00", 2, "2028-03-01T12:00", 48),
    ],
)
def test_days_keep_the_wall_time(at: str, days: int, expected: str, hours: int) -> None:
    later = add_days(wall(at), days, BUDAPEST)
    assert later == wall(expected).astimezone(UTC)
    assert later - wall(at).astimezone(UTC) == timedelta(hours=hours)


def test_of_a_wall_time_that_a_spring_night_skips_the_later_one_counts() -> None:
    ends = add_months(wall("2026-12-28T02:30"), 3, BUDAPEST)
    assert ends == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert ends.astimezone(BUDAPEST).isoformat() == "2027-03-28T03:30:00+02:00"


def test_of_a_wall_time_that_an_autumn_night_has_twice_the_first_counts() -> None:
    ends = add_months(wall("2026-07-25T02:30"), 3, BUDAPEST)
    assert ends == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert ends.astimezone(BUDAPEST).isoformat() == "2026-10-25T02:30:00+02:00"


def test_what_begins_in_the_second_of_two_equal_hours_ends_at_that_wall_time_too() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert second.astimezone(BUDAPEST).isoformat() == "2026-10-25T02:30:00+01:00"
    assert add_months(second, 3, BUDAPEST) == wall("2027-01-25T02:30").astimezone(UTC)


def test_the_zone_decides_which_day_it_is() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 1 December in Budapest
    assert add_months(late, 3, BUDAPEST) == datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert add_months(late, 3, ZoneInfo("UTC")) == datetime(2027, 2, 28, 23, 30, tzinfo=UTC)
    assert add_months(late, 1, BUDAPEST) == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert add_months(late, 1, ZoneInfo("UTC")) == datetime(2026, 12, 30, 23, 30, tzinfo=UTC)


moments = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001  (Hypothesis adds the zone)
    max_value=datetime(2060, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(at=moments)
def test_three_months_are_never_under_89_days_of_the_calendar(at: datetime) -> None:
    ends = add_months(at, 3, BUDAPEST)
    first, last = at.astimezone(BUDAPEST).date(), ends.astimezone(BUDAPEST).date()
    assert 89 <= (last - first).days <= 92
    assert ends.tzinfo is UTC


@given(at=moments, later=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_who_begins_later_never_ends_earlier_by_more_than_the_hour_of_the_clock(
    at: datetime, later: timedelta
) -> None:
    # Within the hour that comes twice, wall times go back by an hour, and the ends with them.
    assert add_months(at + later, 3, BUDAPEST) >= add_months(at, 3, BUDAPEST) - timedelta(hours=1)


@given(at=moments)
def test_a_period_holds_its_first_moment_and_not_its_last(at: datetime) -> None:
    one = Period(at, add_months(at, 3, BUDAPEST))
    tick = timedelta(microseconds=1)
    assert running([one], at) == one
    assert running([one], at - tick) is None
    assert running([one], one.ends_at - tick) == one
    assert running([one], one.ends_at) is None


def test_what_runs_is_prolonged_by_what_follows_without_a_gap() -> None:
    chain = [period(20, 30), period(0, 10), period(10, 20)]
    assert running(chain, START + 5 * DAY) == period(0, 30)


def test_what_comes_after_a_gap_does_not_prolong() -> None:
    assert running([period(0, 10), period(11, 20)], START) == period(0, 10)
    assert running([period(0, 10), period(11, 20)], START + 10 * DAY) is None


def test_overlapping_periods_come_to_one_with_the_source_of_the_longest_that_has_begun() -> None:
    both = [period(0, 10, "voucher"), period(5, 40, "purchase"), period(2, 8, "grant")]
    assert running(both, START + 6 * DAY) == period(0, 40, "purchase")
    assert running(both, START + 3 * DAY) == period(0, 40, "voucher")


def test_what_was_ended_before_it_began_never_runs() -> None:
    never = Period(START + 10 * DAY, START + 4 * DAY)
    assert running([period(0, 10), never], START) == period(0, 10)
    assert running([never], START + 5 * DAY) is None


def test_the_last_end_is_of_what_is_over() -> None:
    assert last_end([period(0, 5), period(0, 9), period(0, 20)], START + 9 * DAY) == START + 9 * DAY
    assert last_end([period(0, 5)], START) is None
    assert last_end([], START) is None
