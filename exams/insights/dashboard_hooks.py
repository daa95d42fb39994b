"""What lies above tells the dashboard about itself: what is due to be repeated, and drills.

Each function may cost one statement: the dashboard counts them.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from accounts.access.policy import Access
from accounts.base import hooks
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Repetition:
    """What somebody is to repeat today: how much of it is due now, how long `title` takes, where it is done.

    Only its owner knows what it is called, so the texts come along, in the language of the reader: `name` of
    the whole, `title` of what is due, `status` in a line, `button`, and `daily`, a sentence
    for the plan.
    """

    due: int
    minutes: int
    address: str
    name: str
    title: str
    status: str
    button: str
    daily: str


@dataclass(frozen=True, slots=True)
class Drill:
    """Where questions of one domain are practiced, and when somebody last did."""

    address: str
    done_at: dt.datetime | None


type RepetitionOf = Callable[[User, str, Access], Repetition | None]
"""A person, the code of a certification, and their access to it; None where there is nothing to repeat."""

type DrillsOf = Callable[[User, str], dict[int, Drill]]
"""A person and the code of a certification; drills by the number of their domain."""


def repetition_of(user: User, code: str, access: Access) -> Repetition | None:
    """Return what a person is to repeat of a certification, or None where nobody tells of anything."""
    answers: tuple[RepetitionOf, ...] = hooks.registered("due_repetition")
    return next((found for answer in answers if (found := answer(user, code, access))), None)


def drills_of(user: User, code: str) -> dict[int, Drill]:
    """Return the drills of a certification by domain; empty where nobody offers any."""
    answers: tuple[DrillsOf, ...] = hooks.registered("domain_drills")
    found: dict[int, Drill] = {}
    for answer in answers:
        found |= answer(user, code)
    return found
