"""What lies above tells the dashboard about itself: what is due to be repeated.

It may cost one statement: the dashboard counts them.
"""

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
    for the plan. `learned` is how much was ever repeated; `beginning` asks for the `first` of it, 0 for none.
    """

    due: int
    minutes: int
    address: str
    name: str
    title: str
    status: str
    button: str
    daily: str
    learned: int = 0
    first: int = 0
    beginning: str = ""
    new: int = 0


type RepetitionOf = Callable[[User, str, Access], Repetition | None]
"""A person, the code of a certification, and their access to it; None where there is nothing to repeat."""


def repetition_of(user: User, code: str, access: Access) -> Repetition | None:
    """Return what a person is to repeat of a certification, or None where nobody tells of anything."""
    answers: tuple[RepetitionOf, ...] = hooks.registered("due_repetition")
    due = (answer(user, code, access) for answer in answers)
    return next((repetition for repetition in due if repetition), None)
