"""The memory of a card: published sequences, and what holds for every sequence of ratings."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.scheduling import memory
from flashcards.scheduling.memory import CURRENT, RULES, Event, Memory, Phase, Rating, replay, spread_range

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
AGAIN, HARD, GOOD, EASY = Rating
# Each review at the moment that the card is due: days until the next one, with the library's parameters.
PUBLISHED = (([GOOD] * 6 + [AGAIN] * 2 + [GOOD] * 5, [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]),)

ratings = st.lists(st.sampled_from(Rating), min_size=1, max_size=12)
waits = st.lists(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)), min_size=12, max_size=12
)
retentions = st.lists(st.sampled_from([0.8, 0.9, 0.933, 0.97]), min_size=12, max_size=12)


def walk(given_ratings: list[Rating], pauses: list[timedelta], wanted: list[float]) -> list[Event]:
    """Return reviews, one after the other, each after a pause."""
    at, events = START, []
    for rating, pause, retention in zip(given_ratings, pauses, wanted, strict=False):
        at += pause
        events.append(Event(rating, at, retention, CURRENT))
    return events


@pytest.mark.parametrize(("sequence", "days"), PUBLISHED)
def test_intervals_are_those_published_for_the_model(sequence: list[Rating], days: list[int]) -> None:
    at, state, found = START, None, []
    for rating in sequence:
        state = memory.review(state, rating, at, key="", is_spread=False)
        found.append((state.due - at).days)
        at = state.due
    assert found == days


@given(ratings, waits, retentions)
def test_a_card_is_never_due_before_its_review(
    sequence: list[Rating], pauses: list[timedelta], wanted: list[float]
) -> None:
    state: Memory | None = None
    for number, event in enumerate(walk(sequence, pauses, wanted), start=1):
        state = memory.review(state, event.rating, event.at, key="card", retention=event.retention)
        assert state.due >= event.at
        assert (state.last_review, state.reps) == (event.at, number)


@given(ratings, waits, retentions, st.text(max_size=10))
def test_the_spread_stays_within_its_bounds_and_out_of_everything_else(
    sequence: list[Rating], pauses: list[timedelta], wanted: list[float], key: str
) -> None:
    events = walk(sequence, pauses, wanted)
    *before, last = events
    state = replay(before, key)
    plain = memory.review(state, last.rating, last.at, key=key, retention=last.retention, is_spread=False)
    spread = memory.review(state, last.rating, last.at, key=key, retention=last.retention)
    least, most = spread_range((plain.due - last.at).days, RULES[CURRENT])
    if plain.phase == Phase.REVIEW:
        assert least <= (spread.due - last.at).days <= most
        assert least >= 1
    else:
        assert spread == plain
    assert (spread.stability, spread.difficulty) == (plain.stability, plain.difficulty)


@given(ratings, waits, retentions)
def test_a_log_is_replayed_to_the_same_memory_from_any_point(
    sequence: list[Rating], pauses: list[timedelta], wanted: list[float]
) -> None:
    events = walk(sequence, pauses, wanted)
    whole = replay(events, "card")
    state: Memory | None = None
    for event in events:
        state = memory.review(state, event.rating, event.at, key="card", retention=event.retention)
    assert state == whole


def test_cards_that_were_learned_together_come_back_on_different_days() -> None:
    days = set()
    for card in range(30):
        state = replay([Event(EASY, START, 0.9, CURRENT)] * 2, str(card))
        assert state is not None
        days.add((state.due - START).days)
    assert len(days) > 2


def test_a_later_number_of_the_same_card_is_spread_anew() -> None:
    early = [Event(EASY, START, 0.9, CURRENT)]
    late = [Event(EASY, START + timedelta(days=40 * n), 0.9, CURRENT) for n in range(4)]
    offsets = set()
    for events in (early, late):
        plain = memory.review(replay(events[:-1], "7"), EASY, events[-1].at, key="7", is_spread=False)
        spread = replay(events, "7")
        assert spread is not None
        offsets.add((spread.due - plain.due).days)
    assert len(offsets) == 2


def test_only_forgetting_a_learned_card_is_a_lapse() -> None:
    events = [Event(AGAIN, START, 0.9, CURRENT), Event(EASY, START, 0.9, CURRENT)]
    learned = replay(events, "1")
    assert learned is not None
    assert (learned.phase, learned.lapses) == (Phase.REVIEW, 0)
    forgotten = memory.review(learned, AGAIN, learned.due, key="1")
    assert (forgotten.phase, forgotten.lapses) == (Phase.RELEARNING, 1)
    assert memory.review(forgotten, AGAIN, forgotten.due, key="1").lapses == 1


def test_better_ratings_lead_to_longer_intervals() -> None:
    state = replay([Event(EASY, START, 0.9, CURRENT)], "1")
    assert state is not None
    dues = [memory.review(state, rating, state.due, key="1").due for rating in Rating]
    assert dues == sorted(dues)


def test_a_higher_retention_brings_cards_back_sooner() -> None:
    state = replay([Event(EASY, START, 0.9, CURRENT)], "1")
    assert state is not None
    dues = [
        memory.review(state, GOOD, state.due, key="1", retention=wanted, is_spread=False).due
        for wanted in (0.8, 0.9, 0.97)
    ]
    assert dues == sorted(dues, reverse=True)
    assert len(set(dues)) == 3
