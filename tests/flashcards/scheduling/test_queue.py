"""Which card comes next, and how many there are today."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flashcards.scheduling.memory import Memory, Phase
from flashcards.scheduling.queue import LEECH_LAPSES, Day, Entry, Stage, forecast, queue

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = Day(NOW, ZoneInfo("UTC"))


def entry(
    number: int, due: timedelta | None = None, *, phase: Phase = Phase.REVIEW, domain: int = 1
) -> Entry:
    """A card that was seen five days ago, or never."""
    if due is None:
        return Entry(number, number, domain, None)
    before = NOW - timedelta(days=5)
    return Entry(number, number, domain, Memory(NOW + due, 3, 5, phase, None, 2, 0, before, before))


def ids(entries: tuple[Entry, ...]) -> list[int]:
    return [one.card_id for one in entries]


def test_due_cards_come_before_new_ones_and_steps_of_minutes_before_days() -> None:
    cards = [
        entry(1),
        entry(2, timedelta(hours=-30)),
        entry(3, timedelta(hours=-40)),
        entry(4, timedelta(minutes=-1), phase=Phase.RELEARNING),
    ]
    found = queue(cards, DAY, new_per_day=10)
    assert (ids(found.due), ids(found.new)) == ([4, 3, 2], [1])
    assert found.next(DAY) == cards[3]


def test_a_card_in_review_is_due_on_its_day_and_a_step_at_its_moment() -> None:
    cards = [
        entry(1, timedelta(hours=8)),
        entry(2, timedelta(hours=12)),
        entry(3, timedelta(minutes=5), phase=Phase.LEARNING),
        entry(4, timedelta(hours=13), phase=Phase.LEARNING),
    ]
    found = queue(cards, DAY, new_per_day=10)
    assert (ids(found.due), ids(found.waiting)) == ([1], [3])


def test_a_step_that_is_nearly_due_comes_when_nothing_else_is_left() -> None:
    near, far = (entry(n, timedelta(minutes=n), phase=Phase.LEARNING) for n in (10, 30))
    assert queue([near, far], DAY, new_per_day=0).next(DAY) == near
    assert queue([far], DAY, new_per_day=0).next(DAY) is None
    assert queue([near, entry(5)], DAY, new_per_day=1).next(DAY) == entry(5)


def test_a_step_that_ends_after_midnight_comes_in_the_same_session() -> None:
    late = Day(NOW.replace(hour=23, minute=55), ZoneInfo("UTC"))
    near = entry(1, late.now - NOW + timedelta(minutes=10), phase=Phase.LEARNING)
    far = entry(2, late.now - NOW + timedelta(minutes=30), phase=Phase.LEARNING)
    found = queue([near, far], late, new_per_day=0)
    assert (ids(found.waiting), found.next(late)) == ([1], near)


def test_new_cards_are_limited_by_day_and_those_begun_today_count() -> None:
    begun = entry(1, timedelta(days=3))
    assert begun.memory
    today = replace(begun, memory=replace(begun.memory, introduced_at=NOW, last_review=NOW))
    cards = [today, *(entry(n) for n in range(2, 9))]
    assert ids(queue(cards, DAY, new_per_day=3).new) == [2, 3]
    assert ids(queue([begun, *cards[1:]], DAY, new_per_day=3).new) == [2, 3, 4]
    assert queue(cards, DAY, new_per_day=0).new == ()


def test_what_was_done_today_counts_as_progress_until_it_comes_back() -> None:
    begun = entry(1, timedelta(days=3))
    assert begun.memory
    done = replace(begun, memory=replace(begun.memory, last_review=NOW))
    again = replace(entry(2, timedelta(0)), memory=replace(begun.memory, due=NOW, last_review=NOW))
    found = queue([done, again, entry(3)], DAY, new_per_day=5)
    assert (found.done, found.left, found.total) == (1, 2, 3)


def test_a_domain_leaves_out_the_cards_of_the_others() -> None:
    cards = [
        entry(1, domain=1),
        entry(2, domain=2),
        entry(3, timedelta(0), domain=2),
        Entry(4, 4, None, None),
    ]
    found = queue(cards, DAY, new_per_day=5, domain=2)
    assert (ids(found.due), ids(found.new)) == ([3], [2])


def test_a_suspended_card_is_never_due_nor_new_nor_to_come() -> None:
    cards = [
        replace(entry(1), is_suspended=True),
        entry(2),
        replace(entry(3, timedelta(0)), is_suspended=True),
    ]
    found = queue(cards, DAY, new_per_day=5)
    assert (ids(found.due), ids(found.new), found.total) == ([], [2], 1)
    assert sum(forecast(cards, DAY)) == 0


def test_each_card_has_the_stage_that_tells_most() -> None:
    learned = entry(1, timedelta(3))
    assert learned.memory
    stubborn = replace(learned, memory=replace(learned.memory, lapses=LEECH_LAPSES))
    learning = entry(2, timedelta(0), phase=Phase.RELEARNING)
    suspended = replace(stubborn, is_suspended=True)
    stages = [one.stage for one in (entry(3), learning, learned, stubborn, suspended)]
    assert stages == list(Stage)


def test_the_forecast_counts_due_days_and_puts_what_is_overdue_on_today() -> None:
    cards = [entry(1, timedelta(days=-9)), entry(2, timedelta(0)), entry(3, timedelta(days=2)), entry(4)]
    assert forecast([*cards, entry(5, timedelta(days=30))], DAY)[:4] == (2, 0, 1, 0)
    assert len(forecast(cards, DAY)) == 30


def test_a_card_forgotten_eight_times_is_a_leech() -> None:
    one = entry(1, timedelta(0))
    assert one.memory
    assert not one.is_leech
    assert replace(one, memory=replace(one.memory, lapses=LEECH_LAPSES)).is_leech
    assert not entry(2).is_leech
