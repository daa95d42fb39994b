"""Races of drills: an answer whose review was shown never changes, and none that was shown is lost."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import drills, grading, lifecycle, selectors, sweeps
from exams.attempts.models import AnswerEvent, Attempt, EndReason, PracticeOpening, Score, State
from exams.attempts.results import ReviewItem
from tests.exams.attempts.helpers import replace_sql
from tests.exams.attempts.practice import answers_of, close, closed, draw, finish_exam, idle
from tests.factories import Form
from tests.flows import ledger
from tests.flows.crew import Crew, parallel, slow_commit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hints")]

RACES = 200


@dataclass(frozen=True, slots=True)
class Closed:
    """What two windows were told that closed one position with different answers."""

    attempt_id: UUID
    reviews: list[Any]
    stored: list[int]
    offered: list[int]

    @property
    def letters(self) -> set[str]:
        """The letters of what is stored."""
        options = zip("ABCDEF", sorted(self.offered), strict=False)
        return {letter for letter, option in options if option in self.stored}

    @property
    def changed(self) -> bool:
        """Whether a window was told otherwise than what is stored, or an error instead of a review."""
        return any(not isinstance(one, ReviewItem) or chosen_of(one) != self.letters for one in self.reviews)


def chosen_of(review: ReviewItem) -> set[str]:
    """Return the letters that a review says were chosen."""
    return set(review.chosen_letters)


def race(crew: Crew, user: User, form: Form, luck: random.Random) -> Closed:
    """Close one position by two windows at once: with the key, and by another option or by giving up."""
    begun = draw(user, form)
    keys, others = answers_of(form, begun.attempt_id)[1]
    gives_up = luck.random() < 0.3
    holds = [luck.uniform(0, 0.003) for _ in range(2)]
    waits = [luck.uniform(0, 0.002) for _ in range(2)]

    def window(number: int, act: Callable[[], ReviewItem]) -> Callable[[], ReviewItem]:
        def run() -> ReviewItem:
            time.sleep(waits[number])
            review: ReviewItem = slow_commit(act, lambda: time.sleep(holds[number]))
            return review

        return run

    def with_other() -> ReviewItem:
        if gives_up:
            return close(user, begun.attempt_id, 1, show=True)
        return close(user, begun.attempt_id, 1, *others[: len(keys)])

    reviews = crew.together(
        [window(0, lambda: close(user, begun.attempt_id, 1, *keys)), window(1, with_other)]
    )
    return Closed(begun.attempt_id, reviews, closed(begun.attempt_id)[1], keys + others)


def test_in_200_races_of_closing_against_answering_nothing_changes_after_its_review_was_shown(
    anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    luck = random.Random(11)
    with Crew(2) as crew:
        races = [race(crew, anna, form, luck) for _ in range(RACES)]
    assert not [one for one in races if one.changed]
    assert AnswerEvent.objects.filter(attempt_id__in=[one.attempt_id for one in races]).count() == RACES
    # Either window was first now and then.
    firsts = sum(one.reviews[0].correct for one in races)
    assert 20 < firsts < RACES - 20


@pytest.mark.controls
def test_without_the_row_lock_a_window_gets_an_error_instead_of_the_review(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_exam(anna, form)
    replace_sql(monkeypatch, lifecycle, "LOCK", "FOR UPDATE", "")
    luck = random.Random(11)
    with Crew(2) as crew:
        race_lost = next(
            (one for one in (race(crew, anna, form, luck) for _ in range(RACES)) if one.changed), None
        )
    assert race_lost
    assert any(isinstance(one, IntegrityError) for one in race_lost.reviews)


@pytest.mark.controls
def test_without_lock_and_numbering_the_index_alone_keeps_the_first_answer(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_exam(anna, form)
    replace_sql(monkeypatch, lifecycle, "LOCK", "FOR UPDATE", "")
    begun = draw(anna, form)
    close(anna, begun.attempt_id, 1, show=True)
    monkeypatch.setattr(drills, "_closed", lambda attempt_id, position: None)
    with pytest.raises(IntegrityError, match="answer_event_closed_once"), transaction.atomic():
        close(anna, begun.attempt_id, 1, show=True)


def test_in_races_of_closing_against_finishing_what_was_shown_is_scored(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    luck = random.Random(13)
    cut_off = 0
    with Crew(2) as crew:
        for _ in range(60):
            begun = draw(anna, form)
            keys_by_position = answers_of(form, begun.attempt_id)
            wait = luck.uniform(0, 0.012)

            def closer() -> dict[int, list[int]]:
                shown = {}
                for position, (keys, _) in keys_by_position.items():  # noqa: B023
                    try:
                        close(anna, begun.attempt_id, position, *keys)  # noqa: B023
                    except Refused:
                        break
                    shown[position] = keys
                return shown

            def finisher() -> str:
                time.sleep(wait)  # noqa: B023
                return lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None).receipt  # noqa: B023

            shown, receipt = crew.together([closer, finisher])
            cut_off += len(shown) < len(keys_by_position)
            assert receipt == ledger.receipt(shown)
            grading.grade(begun.attempt_id)
            assert Score.objects.get(attempt_id=begun.attempt_id).raw == len(shown)
    assert cut_off > 5


def closing_while_the_sweep_waits(user: User, form: Form) -> tuple[bool, bool]:
    """Answer an old drill while a sweep is about to end it; say whether it was shown and whether it ended."""
    begun = draw(user, form)
    idle(begun.attempt_id, 31)
    locked = threading.Event()

    def closer() -> bool:
        with transaction.atomic():
            close(user, begun.attempt_id, 1, show=True)
            locked.set()
            time.sleep(0.2)
        return True

    def sweeper() -> int:
        assert locked.wait(5)
        return sweeps._end([begun.attempt_id], EndReason.IDLE)

    with Crew(2) as crew:
        shown, ended = crew.together([closer, sweeper])
    assert Attempt.objects.get(pk=begun.attempt_id).state == (State.EXPIRED if ended else State.RUNNING)
    return shown, bool(ended)


def test_a_sweep_sees_the_answer_for_whose_lock_it_waited(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    assert closing_while_the_sweep_waits(anna, form) == (True, False)


@pytest.mark.controls
def test_a_sweep_that_reads_before_it_locks_ends_a_drill_that_was_just_answered(
    anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_exam(anna, form)
    monkeypatch.setattr(sweeps, "_lock", lambda taken: None)
    monkeypatch.setattr(sweeps, "STILL", sweeps.STILL + " FOR UPDATE")
    assert closing_while_the_sweep_waits(anna, form) == (True, True)


def test_of_openings_at_once_one_is_stored(anna: User, form: Form) -> None:
    certification = form.form.certification
    outcomes = parallel(
        10, lambda: drills.open_for_practice(user=anna, certification=certification, number=1)
    )
    assert outcomes == [None] * 10
    assert PracticeOpening.objects.count() == 1


def test_many_drills_start_at_once(anna: User, form: Form) -> None:
    finish_exam(anna, form)
    begun = parallel(8, lambda: draw(anna, form))
    assert len({one.attempt_id for one in begun}) == 8
    assert len(selectors.own_drills(anna)) == 8
