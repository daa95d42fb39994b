"""What lies above tells of cards and drills."""

from collections.abc import Iterator

import pytest

from accounts.access.policy import Access, Reason
from accounts.users.models import User
from exams.insights import hooks

ANNA = User(pk=7)
OPEN = Access(granted=True, reason=Reason.OPEN)
CARDS = hooks.Repetition(
    due=3,
    minutes=2,
    address="/cards/",
    name="Flashcards",
    title="3 cards due",
    status="70 of 120 known",
    button="Study cards",
    daily="Every day: your due cards.",
)


@pytest.fixture(autouse=True)
def _no_hooks() -> Iterator[None]:
    before = hooks._repetitions[:], hooks._drills[:]
    hooks._repetitions.clear()
    hooks._drills.clear()
    yield
    hooks._repetitions[:], hooks._drills[:] = before


def test_without_a_hook_there_is_nothing() -> None:
    assert hooks.repetition_of(ANNA, "mls-c01", OPEN) is None
    assert hooks.drills_of(ANNA, "mls-c01") == {}


def test_the_first_who_has_cards_is_heard_and_nobody_is_asked_after() -> None:
    asked: list[str] = []

    def none(user: User, code: str, access: Access) -> hooks.Repetition | None:
        asked.append(f"none {user.pk} {code}")
        return None

    def some(user: User, code: str, access: Access) -> hooks.Repetition | None:
        asked.append("some")
        return CARDS

    def never(user: User, code: str, access: Access) -> hooks.Repetition | None:
        raise AssertionError("asked for nothing")

    for hook in (none, some, some, never):
        hooks.tells_repetition(hook)
    assert hooks.repetition_of(ANNA, "mls-c01", OPEN) == CARDS
    assert asked == ["none 7 mls-c01", "some"]


def test_drills_of_all_are_put_together_and_each_is_asked_once() -> None:
    asked: list[int] = []

    def first(user: User, code: str) -> dict[int, hooks.Drill]:
        asked.append(1)
        return {1: hooks.Drill(f"/{code}/1/", None)}

    def second(user: User, code: str) -> dict[int, hooks.Drill]:
        return {2: hooks.Drill(f"/{code}/2/", None)}

    for hook in (first, second, first):
        hooks.tells_drills(hook)
    assert [one.address for one in hooks.drills_of(ANNA, "mls-c01").values()] == [
        "/mls-c01/1/",
        "/mls-c01/2/",
    ]
    assert asked == [1]
