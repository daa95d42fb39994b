"""The state of a certification follows from its days, from which are planned, and from the day that it is."""

import datetime as dt
from dataclasses import dataclass

import pytest

from exams.content.states import State, state_on, too_early

BETA, LIVE, LAST = dt.date(2026, 9, 29), dt.date(2027, 1, 14), dt.date(2030, 6, 30)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The days of a certification, as a test needs them."""

    beta_on: dt.date | None = None
    live_on: dt.date | None = None
    retired_on: dt.date | None = None
    planned_facts: tuple[str, ...] = ()


WHOLE = Days(BETA, LIVE, LAST)


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (BETA - DAY, State.ANNOUNCED),
        (BETA, State.BETA),
        (LIVE - DAY, State.BETA),
        (LIVE, State.LIVE),
        (LAST, State.LIVE),
        (LAST + DAY, State.RETIRED),
    ],
)
def test_each_confirmed_day_begins_its_state_and_the_last_exam_day_is_still_live(
    today: dt.date, state: State
) -> None:
    assert state_on(WHOLE, today) is state


@pytest.mark.parametrize(
    ("planned", "today", "state"),
    [
        (("beta_on",), BETA, State.ANNOUNCED),
        (("beta_on",), LIVE, State.LIVE),
        (("live_on",), LIVE, State.BETA),
        (("live_on",), LIVE + 365 * DAY, State.BETA),
        (("beta_on", "live_on"), LIVE + DAY, State.ANNOUNCED),
        (("retired_on",), LAST + DAY, State.LIVE),
        # What is no day turns nothing.
        (("duration_minutes",), LIVE, State.LIVE),
    ],
)
def test_a_planned_day_that_passes_turns_nothing_until_it_is_confirmed(
    planned: tuple[str, ...], today: dt.date, state: State
) -> None:
    assert state_on(Days(BETA, LIVE, LAST, planned), today) is state


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (Days(), State.LIVE),
        (Days(retired_on=LAST), State.LIVE),
        (Days(retired_on=BETA - DAY), State.RETIRED),
        (Days(live_on=LIVE), State.ANNOUNCED),
        (Days(live_on=BETA), State.LIVE),
        (Days(beta_on=BETA), State.BETA),
        (Days(beta_on=BETA, planned_facts=("live_on",)), State.BETA),
        (Days(planned_facts=("live_on",)), State.ANNOUNCED),
    ],
)
def test_an_exam_of_which_no_beginning_is_named_is_live_until_its_last_day(days: Days, state: State) -> None:
    assert state_on(days, BETA) is state


@pytest.mark.parametrize(
    ("days", "name"),
    [
        ({"beta_on": BETA, "live_on": LIVE, "retired_on": LAST}, ""),
        ({"beta_on": BETA, "live_on": BETA, "retired_on": None}, ""),
        ({"beta_on": LIVE, "live_on": BETA, "retired_on": LAST}, "live_on"),
        ({"beta_on": LIVE, "live_on": None, "retired_on": BETA}, "retired_on"),
        ({"beta_on": None, "live_on": None, "retired_on": BETA}, ""),
    ],
)
def test_the_first_day_that_is_before_an_earlier_one_is_named(
    days: dict[str, dt.date | None], name: str
) -> None:
    assert too_early(days) == name
