"""Limits hold however many requests come at once; without their locks they do not."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from accounts.base import locks, rates
from accounts.base.errors import Refused
from accounts.users import person_lock
from accounts.users.models import User
from exams.attempts import drills, lifecycle
from exams.attempts.models import Attempt, Mode
from flashcards.models import Review
from tests.exams.attempts.helpers import replace_sql
from tests.exams.attempts.practice import check, draw, finish_exam, make_check
from tests.factories import Form, make_form, start
from tests.flashcards import decks
from tests.flows.crew import Crew, slow_commit

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ROUNDS = 3
LOCK_PERSON = f"{person_lock.LOCK};"

type Count = Callable[[], int]


@pytest.fixture(autouse=True)
def _no_counters() -> None:
    cache.clear()


def most_in_a_round(
    setting: str, acts: Sequence[Callable[[], Any]], count: Count, rounds: int, allowed: int = 1
) -> int:
    """Act by several threads at once with so many allowed; return the most that was stored in a round."""
    most = 0
    with Crew(len(acts)) as crew:
        for _ in range(rounds):
            before = count()
            with override_settings(**{setting: before + allowed}):
                crew.together(acts)
            most = max(most, count() - before)
            if most > 1:
                break
    return most


def pause() -> None:
    time.sleep(0.1)


def slowly(act: Callable[[], Any]) -> Callable[[], Any]:
    """Return the act with a slow commit: others surely act before it is stored."""
    return partial(slow_commit, act, pause)


def most_drills(user: User, form: Form) -> int:
    finish_exam(user, form)
    mine = Attempt.objects.filter(user=user, mode=Mode.DRILL)
    acts = [slowly(partial(draw, user, form))] * THREADS
    return most_in_a_round("DRILL_STARTS_PER_DAY", acts, mine.count, ROUNDS)


def test_drills_at_once_do_not_pass_the_limit_of_a_day(anna: User, form: Form) -> None:
    assert most_drills(anna, form) == 1


@pytest.mark.controls
def test_without_the_lock_of_the_person_drills_at_once_pass_the_limit(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, drills, "START", LOCK_PERSON, "")
    assert most_drills(anna, form) > 1


def most_checks(user: User, form: Form) -> int:
    make_check(form)
    mine = Attempt.objects.filter(user=user, mode=Mode.DRILL)
    acts = [slowly(partial(check, user, form))] * THREADS
    return most_in_a_round("CHECK_STARTS_PER_DAY", acts, mine.count, 1, allowed=THREADS)


def test_of_checks_started_at_once_one_runs(anna: User, form: Form) -> None:
    assert most_checks(anna, form) == 1


@pytest.mark.controls
def test_without_the_lock_before_it_looks_more_than_one_check_runs(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_lock, "hold", lambda user_id: None)
    assert most_checks(anna, form) > 1


def most_exams(user: User, form: Form) -> int:
    """Start one exam each by five threads at once, with slow commits; return how many were started."""
    certification = form.form.certification
    forms = [form, *(make_form(certification, number=number, mark=str(number)) for number in range(2, 6))]
    acts = [slowly(partial(start, user, one)) for one in forms]
    return most_in_a_round("EXAM_STARTS_PER_DAY", acts, Attempt.objects.filter(user=user).count, 1)


def test_exams_started_at_once_do_not_pass_the_limit_of_a_day(anna: User, form: Form) -> None:
    assert most_exams(anna, form) == 1


@pytest.mark.controls
def test_without_the_lock_of_the_person_exams_at_once_pass_the_limit(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, lifecycle, "START", LOCK_PERSON, "")
    assert most_exams(anna, form) > 1


def most_reviews(user: User, form: Form) -> int:
    deck = decks.make_deck(form.form.certification, size=THREADS, previews=THREADS)
    acts = [slowly(partial(decks.rate, user, card)) for card in deck.cards]
    return most_in_a_round("CARD_REVIEWS_PER_DAY", acts, Review.objects.filter(user=user).count, ROUNDS)


def test_reviews_of_several_cards_at_once_do_not_pass_the_limit_of_a_day(anna: User, form: Form) -> None:
    assert most_reviews(anna, form) == 1


@pytest.mark.controls
def test_without_their_common_lock_reviews_at_once_pass_the_limit(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = locks.hold
    monkeypatch.setattr(locks, "hold", lambda *names: hold(names[-1]))
    assert most_reviews(anna, form) > 1


def passed(acts: list[Any]) -> int:
    return sum(not isinstance(one, Refused) for one in acts)


def count_at_once() -> list[Any]:
    act = lambda: rates.count_or_refuse("test", "", most=5, seconds=60, detail="Wait.")  # noqa: E731
    with Crew(20) as crew:
        return crew.together([act] * 20)


def test_of_20_acts_at_once_five_pass_a_counter_of_five() -> None:
    made = count_at_once()
    assert passed(made) == 5
    assert {str(one) for one in made if isinstance(one, Refused)} == {"Wait."}


def test_a_counter_that_is_read_before_it_is_written_lets_more_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = (
        "WITH before AS (SELECT coalesce(max(value::bigint), 0) AS used FROM {table}"
        " WHERE cache_key = %(key)s),"
        " slow AS (SELECT pg_sleep(0.05)), written AS (INSERT INTO {table} (cache_key, value, expires)"
        " SELECT %(key)s, used + 1, statement_timestamp() + make_interval(secs => %(seconds)s)"
        " FROM before, slow"
        " ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value)"
        " SELECT used + 1, 1 FROM before, slow WHERE %(most)s > 0"
    )
    monkeypatch.setattr(rates, "COUNT", careless)
    assert passed(count_at_once()) > 5
