"""Where a certification stands on a day: a pure function of its days, and of which are only planned.

A planned day that has passed turns nothing: whoever confirms it does, by publishing facts without the mark.
"""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

DAYS: Final = ("beta_on", "live_on", "retired_on")
"""The days of a certification in their order: the first of the beta, the first and the last of the exam."""
PLANNABLE: Final = (
    *DAYS,
    "duration_minutes",
    "items_total",
    "items_scored",
    "pass_mark",
    "exam_fee_usd",
    "validity_years",
    "retake_wait_days",
    "accommodation_minutes",
)
"""The facts that can be planned until the vendor confirms them."""


class State(StrEnum):
    """Whether an exam can be taken: not yet, as a beta, as itself, no longer."""

    ANNOUNCED = "announced"
    BETA = "beta"
    LIVE = "live"
    RETIRED = "retired"


STATES: Final = tuple(state.value for state in State)


class HasDays(Protocol):
    """What has the days of a certification. None: not known, or there is none."""

    @property
    def beta_on(self) -> date | None:
        """The first day of the beta."""

    @property
    def live_on(self) -> date | None:
        """The first day of the exam."""

    @property
    def retired_on(self) -> date | None:
        """The last day of the exam."""

    @property
    def planned_facts(self) -> Collection[str]:
        """Names of facts that are not confirmed."""


def state_on(facts: HasDays, today: date) -> State:
    """Return the state on a day. Without any word of a beginning an exam is live, up to its last day."""

    beta_on, live_on, retired_on = (
        None if name in facts.planned_facts else getattr(facts, name) for name in DAYS
    )
    if retired_on and retired_on < today:
        return State.RETIRED
    is_coming = facts.beta_on or facts.live_on or "live_on" in facts.planned_facts
    if not is_coming or (live_on and live_on <= today):
        return State.LIVE
    return State.BETA if beta_on and beta_on <= today else State.ANNOUNCED


def days_of(facts: HasDays) -> dict[str, date | None]:
    """Return the days by their names, in their order."""
    return {name: getattr(facts, name) for name in DAYS}


def too_early(days: Mapping[str, date | None]) -> str:
    """Return the name of the first day that is before one that must come first, "" where all are in order."""
    last: date | None = None
    for name, day in days.items():
        if day and last and day < last:
            return name
        last = day or last
    return ""
