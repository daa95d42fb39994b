"""The weeks of the calendar of a course."""

import datetime as dt

import pytest

from exams.insights.study_days import Day, weeks

TODAY = dt.date(2027, 2, 9)  # a Tuesday
SUNDAY, MONDAY = 6, 0


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def states(found: list[list[Day]]) -> dict[dt.date, str]:
    return {one.day: one.state for week in found for one in week if one.state}


@pytest.mark.parametrize(("first", "begins"), [(SUNDAY, 6), (MONDAY, 0)])
def test_there_are_five_whole_weeks_from_the_first_day_of_the_reader(first: int, begins: int) -> None:
    found = weeks(TODAY, None, set(), set(), first)
    assert [len(week) for week in found] == [7] * 5
    assert {week[0].day.weekday() for week in found} == {begins}
    assert [one.day for one in found[-1] if one.is_today] == [TODAY]


def test_the_weeks_end_with_that_of_the_exam_where_it_is_near() -> None:
    found = weeks(TODAY, day(18), {day(-1), TODAY}, {day(1), day(-3)}, SUNDAY)
    assert states(found) == {day(-1): "done", TODAY: "done", day(1): "plan", day(18): "exam"}
    assert found[-1][-1].day == day(18)


def test_before_an_exam_that_is_far_away_there_are_last_week_this_one_and_three_to_come() -> None:
    found = weeks(TODAY, day(200), {day(-8), day(-20)}, {day(2), day(20)}, MONDAY)
    assert states(found) == {day(-8): "done", day(2): "plan", day(20): "plan"}
    assert [week[0].day for week in found] == [day(-8), day(-1), day(6), day(13), day(20)]


def test_a_month_is_named_where_it_begins_and_on_the_first_day() -> None:
    found = weeks(TODAY, day(200), set(), set(), SUNDAY)
    assert [one.day for week in found for one in week if one.begins] == [
        day(-9),
        dt.date(2027, 2, 1),
        dt.date(2027, 3, 1),
    ]


def test_an_exam_that_is_over_is_in_its_place() -> None:
    assert states(weeks(TODAY, day(-2), set(), set(), MONDAY)) == {day(-2): "exam"}
