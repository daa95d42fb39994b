"""A hundred thousand attempts of one exam with plausible answers, written by COPY.

Ability is normal; an item has a difficulty, a slope and a chance to guess (the three-parameter logistic
model), so that items differ and good candidates do better. Some answers are changed, some are missing.
"""

import datetime as dt
import io
import json
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import batched
from typing import Final
from uuid import UUID

from django.db import connection

from exams.attempts import answers, grading, score_codec
from exams.attempts.grading import Marking
from exams.attempts.score_codec import StoredResult
from exams.scoring import rules
from exams.scoring.rules import Outcome
from tests.bench import stock
from tests.bench.stock import Exam

BATCH: Final = 2_000
OMITTED: Final = 0.02
CHANGED: Final = 0.1
GUESS: Final = 0.2
STEP: Final = 0.25
HOUR: Final = dt.timedelta(hours=1)
ATTEMPT_COLUMNS: Final = (
    "id, user_id, form_id, edition_id, paper_id, mode, state, started_at, deadline_at, ended_at, end_reason,"
    " minutes_allowed, accommodation, seen_before, lease_no, lease_holder, answers_sha256, score_tries"
)
ANSWER_COLUMNS: Final = (
    "attempt_id, lease_no, seq, position, selected, flagged, received_at, confidence, seen_ms"
)
SCORE_COLUMNS: Final = (
    "attempt_id, revision, scoring_revision, raw, scaled, passed, result, reason, created_at"
)
# Keys that others refer to stay; what comes first is put back first.
KEYS: Final = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
  format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint c
WHERE conrelid = %(table)s::regclass AND contype IN ('p', 'u', 'f')
  AND (contype = 'f' OR NOT EXISTS (
    SELECT FROM pg_constraint f WHERE f.conindid = c.conindid AND f.contype = 'f'))
ORDER BY contype DESC
"""
INDEXES: Final = """
SELECT format('DROP INDEX %%I', relname), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = %(table)s::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@dataclass(frozen=True)
class Times:
    """When each attempt began, would have had to end, and ended."""

    start: str
    deadline: str
    end: str


@dataclass(frozen=True)
class Place:
    """How candidates meet a position: `keys` and `wrong` are responses as COPY writes them."""

    difficulty: float
    slope: float
    keys: str
    wrong: tuple[str, ...]

    @lru_cache(maxsize=4096)  # noqa: B019  (a few dozen places, as long as the process lives)
    def chance(self, ability: float) -> float:
        """Return the chance of somebody of this ability to answer correctly."""
        return GUESS + (1 - GUESS) / (1 + math.exp(-self.slope * (ability - self.difficulty)))


@dataclass(frozen=True)
class SimulatedAttempt:
    """One attempt: its responses by position, "" where there is none."""

    attempt_id: UUID
    user_id: int
    given: Sequence[str]
    right: str


def places_of(exam: Exam, by: Marking, dice: random.Random) -> list[Place]:
    """Return how candidates meet each position."""
    found = []
    for (_, choose, options), (*_, keys) in zip(exam.places, by.places, strict=True):
        others = [one for one in options if one not in keys.options]
        wrong = {
            _response([*dice.sample(others, 1), *dice.sample(sorted({*options} - {*others[:1]}), choose - 1)])
            for _ in range(12)
        }
        found.append(
            Place(dice.gauss(-0.3, 1), dice.uniform(0.3, 1.6), _response(keys.options), tuple(sorted(wrong)))
        )
    return found


def _response(options: Sequence[int] | frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted({*options}))) + "}"


def fill(exam: Exam, user_ids: Sequence[int], seed: int = 1, changed: float = CHANGED) -> int:
    """Write a scored attempt for each person; return how many answers there are.

    `changed` is the share of answers that replaced another one.
    """
    dice = random.Random(seed)
    by = grading.marking(exam.edition_id)
    places = places_of(exam, by, dice)
    end = stock.now()
    times = Times((end - dt.timedelta(hours=2)).isoformat(), (end + HOUR).isoformat(), end.isoformat())
    total = 0
    with without_keys("exams_answerevent"):
        for users in batched(user_ids, BATCH):
            attempts = [_sit(user_id, places, dice) for user_id in users]
            copy("exams_attempt", ATTEMPT_COLUMNS, (_attempt(one, exam, times) for one in attempts))
            total += copy(
                "exams_answerevent", ANSWER_COLUMNS, _answers(attempts, places, dice, times, changed)
            )
            copy("exams_score", SCORE_COLUMNS, (_score(one, by, times) for one in attempts))
    return total


def _sit(user_id: int, places: Sequence[Place], dice: random.Random) -> SimulatedAttempt:
    ability = round(dice.gauss(0, 1) / STEP) * STEP
    given, right = [], []
    for place in places:
        is_right = dice.random() < place.chance(ability)
        is_left_out = not is_right and dice.random() < OMITTED
        given.append("" if is_left_out else place.keys if is_right else dice.choice(place.wrong))
        right.append("1" if given[-1] == place.keys else "0")
    return SimulatedAttempt(UUID(int=dice.getrandbits(128), version=4), user_id, given, "".join(right))


def _attempt(one: SimulatedAttempt, exam: Exam, times: Times) -> str:
    chosen = {
        position: [int(part) for part in text[1:-1].split(",")]
        for position, text in enumerate(one.given, 1)
        if text
    }
    ids = f"{one.attempt_id}\t{one.user_id}\t{exam.form_id}\t{exam.edition_id}\t{exam.paper_id}"
    when = f"{times.start}\t{times.deadline}\t{times.end}"
    return f"{ids}\texam\t4\t{when}\tsubmitted\t180\tnone\tf\t1\t\t{answers.receipt(chosen)}\t0"


def _answers(
    attempts: Sequence[SimulatedAttempt],
    places: Sequence[Place],
    dice: random.Random,
    times: Times,
    changed: float,
) -> Iterator[str]:
    often = f"\tf\t{times.start}\t"
    for one in attempts:
        seq = 0
        for position, (text, place) in enumerate(zip(one.given, places, strict=True), 1):
            if not text:
                continue
            ms = int(dice.lognormvariate(11.2, 0.5))
            if dice.random() < changed:
                seq += 1
                yield f"{one.attempt_id}\t1\t{seq}\t{position}\t{place.wrong[0]}{often}1\t{ms // 2}"
            seq += 1
            yield f"{one.attempt_id}\t1\t{seq}\t{position}\t{text}{often}3\t{ms}"


def _score(one: SimulatedAttempt, by: Marking, times: Times) -> str:
    counts: dict[int, int] = {}
    for (_, domain, is_scored, _), digit in zip(by.places, one.right, strict=True):
        if is_scored:
            counts[domain] = counts.get(domain, 0) + int(digit)
    outcome, result = _outcome(tuple(sorted(counts.items())), by)
    stored = json.dumps(score_codec.encode(replace(result, right=one.right, answered=len(by.places))))
    figures = f"{outcome.raw}\t{outcome.scaled}\t{'t' if outcome.passed else 'f'}"
    return f"{one.attempt_id}\t1\t{rules.REVISION}\t{figures}\t{stored}\t\t{times.end}"


_outcomes: dict[tuple[tuple[int, int], ...], tuple[Outcome, StoredResult]] = {}


def _outcome(counts: tuple[tuple[int, int], ...], by: Marking) -> tuple[Outcome, StoredResult]:
    """Return what scoring says of so many correct answers by domain."""
    if counts not in _outcomes:
        left, chosen = dict(counts), {}
        for position, domain, is_scored, keys in by.places:
            if is_scored and left[domain]:
                left[domain] -= 1
                chosen[position] = sorted(keys.options)
        _outcomes[counts] = grading.compute(by, chosen)
    return _outcomes[counts]


def copy(table: str, columns: str, lines: Iterator[str]) -> int:
    """Write lines by COPY; return how many."""
    found = list(lines)
    with connection.cursor() as cursor:
        text = io.StringIO("".join(f"{line}\n" for line in found))
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
    return len(found)


@contextmanager
def without_keys(table: str) -> Iterator[None]:
    """Take keys and indexes of a table away within the block: they are made at once then, not row by row."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        found = list[tuple[str, str]]()
        for sql in (INDEXES, KEYS):
            cursor.execute(sql, {"table": table})
            found += cursor.fetchall()
        for drop, _ in reversed(found):
            cursor.execute(drop)
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, create in found:
            cursor.execute(create)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("RESET statement_timeout")
