"""Many attempts at once for tests of statistics: rows as a browser makes them, scored by the product."""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from accounts.users.models import User
from exams.attempts import answers, grading
from exams.attempts.models import AnswerEvent, Attempt, Mode, State
from tests import factories
from tests.factories import Form

HOUR = dt.timedelta(hours=1)
_numbers = count(1)

type Given = Mapping[int, Sequence[int]]
"""The options chosen at each position."""


def sat(form: Form, given: Given, *, user: User | None = None, seconds: int = 60, **columns: Any) -> UUID:
    """Store one submitted attempt, not scored yet; a position looked at for `seconds` plus its number."""
    attempt = _attempt(form, given, user or factories.make_user(), columns)
    [attempt_id] = _store([attempt], [_answers(attempt, given, seconds)])
    return attempt_id


def _store(attempts: Sequence[Attempt], events: Sequence[Sequence[AnswerEvent]]) -> list[UUID]:
    Attempt.objects.bulk_create(attempts)
    AnswerEvent.objects.bulk_create([event for own in events for event in own])
    return [attempt.pk for attempt in attempts]


def _attempt(form: Form, given: Given, user: User, columns: Mapping[str, Any]) -> Attempt:
    values: dict[str, Any] = {
        "user": user,
        "form": form.form,
        "edition": form.edition,
        "paper": form.papers["en"],
        "mode": Mode.EXAM,
        "state": State.SUBMITTED,
        "started_at": Now(),
        "deadline_at": Now() + HOUR,
        "ended_at": Now(),
        "end_reason": "submitted",
        "minutes_allowed": 180,
        "accommodation": "none",
        "seen_before": False,
        "answers_sha256": answers.receipt(given),
    }
    return Attempt(**{**values, **columns})


def _answers(attempt: Attempt, given: Given, seconds: int) -> list[AnswerEvent]:
    return [
        AnswerEvent(
            attempt_id=attempt.pk,
            lease_no=1,
            seq=position,
            position=position,
            selected=sorted(selected),
            flagged=False,
            received_at=Now(),
            seen_ms=1000 * (seconds + position),
        )
        for position, selected in given.items()
    ]


def change(
    attempt_id: UUID, position: int, selected: Sequence[int], *, lease: int, seq: int, ms: int = 1
) -> None:
    """Store one more change of an answer."""
    AnswerEvent.objects.create(
        attempt_id=attempt_id,
        lease_no=lease,
        seq=seq,
        position=position,
        selected=sorted(selected),
        flagged=False,
        received_at=Now(),
        seen_ms=ms,
    )


def crowd(form: Form, size: int, *, seed: int = 1, flaw: int = 0) -> list[UUID]:
    """Have people of different ability take a form, and score them.

    Good ones are right more often, but at position `flaw`, where they choose a wrong option.
    """
    dice = random.Random(seed)
    people = User.objects.bulk_create(
        [User(email=f"sitter{next(_numbers)}@example.org", password="!") for _ in range(size)]
    )
    attempts, events = [], []
    for number, user in enumerate(people):
        given = _response(form, (number + 0.5) / size, flaw, dice)
        attempts.append(_attempt(form, given, user, {}))
        events.append(_answers(attempts[-1], given, 30 + number))
    ids = _store(attempts, events)
    score(ids)
    return ids


def _response(form: Form, ability: float, flaw: int, dice: random.Random) -> Given:
    given: dict[int, Sequence[int]] = {}
    for position, keys in form.keys.items():
        is_right = dice.random() < 0.2 + 0.75 * ability
        wrong = dice.sample(form.others[position], min(len(keys), len(form.others[position])))
        if position == flaw:
            is_right, wrong = ability < 0.4, form.others[position][: len(keys)]
        given[position] = keys if is_right else wrong
    return given


def score(ids: Sequence[UUID]) -> None:
    """Score submitted attempts."""
    assert grading.grade_all(ids) == len(ids)


def erase(user: User) -> None:
    """Take the name off the attempts of a person, as an erasure does."""
    Attempt.objects.filter(user=user).update(user=None)
