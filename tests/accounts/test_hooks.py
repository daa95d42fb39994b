"""Hooks: asked in the order in which they were registered, once each."""

import pytest

from accounts.base import hooks
from tests.hooked import register_only


def first() -> None: ...


def second() -> None: ...


def test_answers_come_in_their_order_and_twice_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    register_only(monkeypatch, "any")
    for answer in (first, second, first):
        hooks.register("any", answer)
    assert hooks.registered("any") == (first, second)
    assert hooks.registered("absent") == ()


def test_two_answers_for_one_key_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    register_only(monkeypatch, "any")
    hooks.register("any", first, key="one")
    hooks.register("any", first, key="one")
    with pytest.raises(ValueError, match="two answers"):
        hooks.register("any", second, key="one")
    assert hooks.by_key("any") == {"one": first}
