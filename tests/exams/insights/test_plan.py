"""The plan to the exam, day by day."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exams.insights.plan import Kind, Plan, Task, Work, plan

TODAY = dt.date(2026, 11, 26)
SIX = (1, 2, 3, 4, 5, 6)


def planned(days: int, work: Work) -> Plan:
    return plan(TODAY, TODAY + dt.timedelta(days=days), work)


def lines(found: Plan) -> list[str]:
    """Return the plan as lines: days from today, and what is done."""
    return [
        f"{(day.day - TODAY).days}: {' '.join(f'{task.kind}{task.number or str()}' for task in day.tasks)}"
        for day in found.days
    ]


def test_exams_come_first_each_with_a_day_for_its_incorrect_answers() -> None:
    assert lines(planned(7, Work((4, 5), domains=(3,), weak_domains=(3,), today=(Task(Kind.EXAM, 4),)))) == [
        "0: exam4",
        "1: review4",
        "2: drill3",
        "3: drill3",
        "4: exam5",
        "5: review5",
        "6: rest",
        "7: the-exam",
    ]


def test_the_day_before_the_exam_is_free_of_anything_new() -> None:
    rest = Work(SIX, domains=(1,), weak_domains=(1,), repeats=True, today=(Task(Kind.REST),))
    assert lines(planned(1, rest)) == ["0: rest", "1: the-exam"]
    assert lines(planned(0, Work(exams=SIX, repeats=True))) == ["0: the-exam"]
    assert lines(planned(3, Work(exams=SIX, today=(Task(Kind.DRILL, 1),)))) == [
        "0: drill1",
        "2: rest",
        "3: the-exam",
    ]


def test_what_needs_access_is_for_no_day_after_its_end() -> None:
    until = TODAY + dt.timedelta(days=4)
    work = Work(
        SIX, domains=(3,), weak_domains=(3,), repeats=True, today=(Task(Kind.EXAM, 1),), last_open_day=until
    )
    assert lines(planned(30, work)) == [
        "0: exam1",
        "1: review1 repeat",
        "2: drill3 repeat",
        "3: exam2",
        "4: review2 repeat",
        "29: rest",
        "30: the-exam",
    ]
    assert [task.number for task in planned(30, work).left_out] == [3, 4, 5, 6]
    over = Work(SIX, repeats=True, today=(Task(Kind.REPEAT),), last_open_day=TODAY - dt.timedelta(days=1))
    assert lines(planned(30, over)) == ["0: repeat", "29: rest", "30: the-exam"]


def test_today_is_for_the_next_step_and_the_days_after_it_for_the_rest() -> None:
    work = Work(
        (2,), domains=(3,), weak_domains=(3,), repeats=True, today=(Task(Kind.REPEAT), Task(Kind.DRILL, 3))
    )
    assert lines(planned(5, work)) == [
        "0: repeat drill3",
        "1: exam2",
        "2: review2 repeat",
        "3: drill3 repeat",
        "4: rest repeat",
        "5: the-exam",
    ]


def test_an_exam_that_is_the_next_step_is_for_today_however_short_the_time() -> None:
    assert lines(planned(2, Work((1, 2), today=(Task(Kind.EXAM, 1),)))) == [
        "0: exam1",
        "1: review1 rest",
        "2: the-exam",
    ]


def test_what_is_repeated_is_there_every_day_but_on_days_of_an_exam() -> None:
    assert lines(planned(4, Work((6,), repeats=True, today=(Task(Kind.EXAM, 6),)))) == [
        "0: exam6",
        "1: review6 repeat",
        "2: repeat",
        "3: rest repeat",
        "4: the-exam",
    ]


def test_who_is_behind_leaves_out_drills_first_then_the_last_exams() -> None:
    found = planned(6, Work(SIX, domains=(3, 1), weak_domains=(3, 1), today=(Task(Kind.EXAM, 1),)))
    assert [line for line in lines(found) if "exam" in line][:2] == ["0: exam1", "3: exam2"]
    assert found.left_out == (
        Task(Kind.DRILL, 1),
        *(Task(Kind.EXAM, number) for number in (3, 4, 5, 6)),
    )


def test_with_a_day_for_everything_nothing_is_left_out() -> None:
    found = planned(40, Work(SIX, domains=(3, 1), weak_domains=(3, 1), today=(Task(Kind.EXAM, 1),)))
    assert found.left_out == ()
    drills = [task.number for day in found.days for task in day.tasks if task.kind is Kind.DRILL]
    assert drills[:4] == [3, 1, 3, 1]


def test_no_week_of_a_long_plan_is_without_a_drill_of_a_weak_domain() -> None:
    for exams in ((), (6,), SIX):
        found = planned(50, Work(exams, domains=(3, 1), weak_domains=(3, 1)))
        drilled = {
            (day.day - TODAY).days // 7 for day in found.days for task in day.tasks if task.kind is Kind.DRILL
        }
        assert drilled == set(range(7))


def test_each_domain_is_practiced_once_before_any_twice_whether_it_is_weak_or_not() -> None:
    found = planned(40, Work(domains=(3, 2, 1), weak_domains=(3,)))
    drills = [task.number for day in found.days for task in day.tasks if task.kind is Kind.DRILL]
    assert drills[:5] == [3, 2, 1, 3, 2]
    assert planned(2, Work(domains=(2, 1))).left_out == ()


def test_where_no_domain_is_weak_each_is_practiced_in_turn() -> None:
    found = planned(30, Work(domains=(2, 1)))
    drills = [task.number for day in found.days for task in day.tasks if task.kind is Kind.DRILL]
    assert drills == [2, 1] * 4


def test_where_nothing_is_new_an_exam_is_taken_again_every_two_weeks_with_its_review() -> None:
    assert lines(planned(50, Work((6,), retakes=(1, 2, 3, 4)))) == [
        "1: exam6",
        "2: review6",
        "15: exam1",
        "16: review1",
        "29: exam2",
        "30: review2",
        "43: exam3",
        "44: review3",
        "49: rest",
        "50: the-exam",
    ]
    assert "15: exam1" not in lines(planned(16, Work((6,), retakes=(1,))))


def test_tomorrow_does_not_repeat_the_step_of_today() -> None:
    review, drill = Task(Kind.REVIEW, 1), Task(Kind.DRILL, 3)
    reviewed = lines(planned(6, Work((2,), domains=(3,), weak_domains=(3,), today=(review,), exam_today=1)))
    assert reviewed == [
        "0: review1",
        "1: drill3",
        "2: exam2",
        "3: review2",
        "4: drill3",
        "5: rest",
        "6: the-exam",
    ]
    drilled = lines(planned(5, Work(domains=(3,), weak_domains=(3,), today=(drill,))))
    assert drilled == ["0: drill3", "2: drill3", "4: rest", "5: the-exam"]


def test_after_an_exam_of_today_comes_its_review_before_another_begins() -> None:
    assert lines(planned(6, Work(exams=(2,), exam_today=1))) == [
        "1: review1",
        "2: exam2",
        "3: review2",
        "5: rest",
        "6: the-exam",
    ]


def test_a_day_that_is_over_has_no_plan() -> None:
    with pytest.raises(ValueError, match="over"):
        planned(-1, Work())


@given(
    days=st.integers(0, 120),
    exams=st.integers(0, 8),
    weak=st.integers(0, 6),
    cards=st.booleans(),
    step=st.sampled_from(["exam", "drill", "cards", "none"]),
    today=st.sampled_from([None, 7]),
)
def test_every_plan_keeps_the_rules(
    days: int, exams: int, weak: int, cards: bool, step: str, today: int | None
) -> None:
    steps = {"exam": Task(Kind.EXAM, 1), "drill": Task(Kind.DRILL, 1), "cards": Task(Kind.REPEAT)}
    assume(step != "exam" or (exams and days > 2 and today is None))
    assume(step != "drill" or (weak and days > 1))
    first = tuple(steps[step] for _ in range(step in steps))
    domains = tuple(range(1, weak + 1))
    work = Work(tuple(range(1, exams + 1)), domains, domains, cards, first, today)
    found = planned(days, work)
    dates = [day.day for day in found.days]
    assert dates == sorted(set(dates))
    assert dates[-1] == TODAY + dt.timedelta(days=days)
    if first:
        assert found.days[0].day == TODAY
        assert found.days[0].tasks[:1] == first
    by_day = {(day.day - TODAY).days: day.tasks for day in found.days}
    begun = {
        task.number: place for place, tasks in by_day.items() for task in tasks if task.kind is Kind.EXAM
    }
    left = {task.number for task in found.left_out if task.kind is Kind.EXAM}
    # Each exam is planned once or left out, in order, and its review is on the next day, before the rest.
    assert sorted([*begun, *left]) == list(work.exams)
    assert list(begun) == sorted(begun)
    for number, place in begun.items():
        assert Task(Kind.REVIEW, number) in by_day[place + 1]
        assert place + 1 <= days - 2
    places = sorted(begun.values())
    assert all(later - earlier >= 2 for earlier, later in pairwise(places))
    drilled = {task.number for tasks in by_day.values() for task in tasks if task.kind is Kind.DRILL}
    undrilled = {task.number for task in found.left_out if task.kind is Kind.DRILL}
    assert drilled | undrilled == set(work.weak_domains)
    assert not drilled & undrilled
    # No day holds two of these.
    heavy = {Kind.EXAM, Kind.REVIEW, Kind.DRILL, Kind.REST}
    crowded = [tasks for tasks in by_day.values() if sum(task.kind in heavy for task in tasks) > 1]
    assert crowded == [] or (today is not None and days == 2)
