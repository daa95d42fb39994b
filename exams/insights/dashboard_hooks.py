"""What lies above tells the home of a course about itself: what is due to be repeated, and what was.

Each answer may cost one statement: pages count them.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from accounts.access.policy import Access
from accounts.base import hooks
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Repetition:
    """What somebody is to repeat today: how much of it is due now, and where it is done.

    `new` is how much is begun today besides. `minutes` is how long it takes at the pace of the person, with
    what is new only where nothing is due; 0 below a minute and before the pace is known.

    Only its owner knows what it is called, so the texts come along, in the language of the reader: `name` of
    the whole, `title` of what is due, `status` in a line, `button`, and `daily`, a sentence
    for the plan. `done_today` is how much was repeated today, `done` the same in words, `more` a way to what
    is new beyond today once today is done: text, address. `learned` of `total` is beyond its first steps;
    `first_title` asks for the `first_goal` of it, 0 for none, of which `first_learned` were learned, whatever
    became of them.
    """

    due: int
    minutes: int
    address: str
    name: str
    title: str
    status: str
    button: str
    daily: str
    new: int = 0
    done_today: int = 0
    done: str = ""
    more: tuple[str, str] | None = None
    learned: int = 0
    total: int = 0
    first_goal: int = 0
    first_learned: int = 0
    first_title: str = ""


type RepetitionOf = Callable[[User, str, Access], Repetition | None]
"""A person, the code of a certification, and their access to it; None where there is nothing to repeat."""


def repetition_of(user: User, code: str, access: Access) -> Repetition | None:
    """Return what a person is to repeat of a certification, or None where nobody tells of anything."""
    answers: tuple[RepetitionOf, ...] = hooks.registered("due_repetition")
    due = (answer(user, code, access) for answer in answers)
    return next((repetition for repetition in due if repetition), None)


type LastOf = Callable[[User], tuple[str, dt.datetime] | None]
"""The code of the certification of which a person repeated something last, and when."""


def repetition_days() -> tuple[str, ...]:
    """Return parts of a statement: the `day`s of `%(zone)s` on which `%(user)s` repeated anything.

    Of the certification `%(code)s`, from the moment `%(since)s` on.
    """
    parts: tuple[str, ...] = hooks.registered("repetition_days")
    return parts


def last_of(user: User) -> list[tuple[str, dt.datetime]]:
    """Return of which certifications a person repeated something last, and when."""
    answers: tuple[LastOf, ...] = hooks.registered("last_repetition")
    return [last for answer in answers if (last := answer(user))]
