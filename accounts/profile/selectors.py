"""Reading preferences. Never writes: who has no row yet gets the defaults."""

from typing import Final

from accounts.base import by_key
from accounts.profile.models import Accommodation, Profile
from accounts.users.models import User

_PERCENT: Final = {
    Accommodation.PERCENT_25: 25,
    Accommodation.PERCENT_50: 50,
    Accommodation.PERCENT_100: 100,
}


def of(user: User) -> Profile:
    """Return the preferences of `user`: the stored row, or an unsaved one with the defaults. One query."""
    return by_key.find(Profile, user.pk) or Profile(user=user)


def extended(base_minutes: int, esl_minutes: int, accommodation: str) -> int:
    """Return the minutes that somebody with this accommodation has.

    Percentages are of `base_minutes` and round up to whole minutes; `esl_minutes` is what the
    certification grants to those whose first language is another one. Raises ValueError for less
    than one base minute, negative extra minutes, or an unknown accommodation.
    """
    if base_minutes < 1 or esl_minutes < 0:
        raise ValueError("minutes must not be negative, the base not zero")
    kind = Accommodation(accommodation)
    if kind == Accommodation.NONE:
        return base_minutes
    if kind == Accommodation.ESL:
        return base_minutes + esl_minutes
    return base_minutes + -(-base_minutes * _PERCENT[kind] // 100)


def minutes_allowed(user: User, base_minutes: int, esl_minutes: int) -> tuple[int, str]:
    """Return the minutes that `user` has for an exam, and the accommodation that gave them. One query."""
    code = of(user).accommodation
    return extended(base_minutes, esl_minutes, code), str(code)
