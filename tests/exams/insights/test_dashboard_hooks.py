"""What lies above tells of cards."""

import pytest

from accounts.access.policy import Access, Reason
from accounts.base import hooks
from accounts.users.models import User
from exams.insights import dashboard_hooks
from tests.hooked import register_only

ANNA = User(pk=7)
OPEN = Access(granted=True, reason=Reason.OPEN)
CARDS = dashboard_hooks.Repetition(
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
def _no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    register_only(monkeypatch, "due_repetition")


def test_without_a_hook_there_is_nothing() -> None:
    assert dashboard_hooks.repetition_of(ANNA, "mls-c01", OPEN) is None


def test_the_first_who_has_cards_is_heard_and_nobody_is_asked_after() -> None:
    asked: list[str] = []

    def none(user: User, code: str, access: Access) -> dashboard_hooks.Repetition | None:
        asked.append(f"none {user.pk} {code}")
        return None

    def some(user: User, code: str, access: Access) -> dashboard_hooks.Repetition | None:
        asked.append("some")
        return CARDS

    def never(user: User, code: str, access: Access) -> dashboard_hooks.Repetition | None:
        raise AssertionError("asked for nothing")

    for hook in (none, some, some, never):
        hooks.register("due_repetition", hook)
    assert dashboard_hooks.repetition_of(ANNA, "mls-c01", OPEN) == CARDS
    assert asked == ["none 7 mls-c01", "some"]
