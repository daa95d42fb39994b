"""What lies above tells the dashboard about itself: cards that are due, and drills. `exams` names neither.

A package registers its function in `AppConfig.ready`. Each may cost one statement: the dashboard counts them.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards of a certification as somebody stands with them: what is due now, and where they study.

    `minutes` is about how long the due ones take; `known` of `total` need no more than a look now and then.
    """

    due: int
    new: int
    minutes: int
    known: int
    total: int
    address: str


@dataclass(frozen=True, slots=True)
class Drill:
    """Where questions of one domain are practiced, and when somebody last did."""

    address: str
    done_at: dt.datetime | None


type CardsOf = Callable[[User, str], Cards | None]
"""A person and the code of a certification; None where there are no cards."""

type DrillsOf = Callable[[User, str], dict[int, Drill]]
"""A person and the code of a certification; drills by the number of their domain."""

_cards: list[CardsOf] = []
_drills: list[DrillsOf] = []


def tells_cards(hook: CardsOf) -> None:
    """Ask this function for a person's cards; registering it twice is the same as once."""
    if hook not in _cards:
        _cards.append(hook)


def tells_drills(hook: DrillsOf) -> None:
    """Ask this function for drills by domain; registering it twice is the same as once."""
    if hook not in _drills:
        _drills.append(hook)


def cards_of(user: User, code: str) -> Cards | None:
    """Return a person's cards of a certification, or None where nobody tells of any."""
    return next((found for hook in _cards if (found := hook(user, code))), None)


def drills_of(user: User, code: str) -> dict[int, Drill]:
    """Return the drills of a certification by domain; empty where nobody offers any."""
    found: dict[int, Drill] = {}
    for hook in _drills:
        found |= hook(user, code)
    return found
