"""What the answers of an attempt tell beside its score: pace, changes, confidence, and what was new.

Pure: the log, the keys and the times come in as values, figures go out. Times of questions are milliseconds,
times since the start are seconds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final, NamedTuple

from exams.scoring import rules

SLOW_MS: Final = 180_000
"""Longer than this at a question is slow, whoever looks."""
SLOW_TIMES: Final = 2
"""So many times a person's own median is slow, too."""
NEVER_SLOW_MS: Final = 10_000
"""Nobody is slow within this time, however fast the rest was."""
LEVELS: Final = (3, 2, 1)
"""How sure somebody may say they are, the surest first: 3 sure, 2 unsure, 1 guess."""
LEAST_FOR_A_SCORE: Final = 20
"""With fewer scored questions that were new, a score on them alone would say nothing."""


class Changed(StrEnum):
    """What became of an answer that was changed."""

    TO_CORRECT = "to_correct"
    TO_INCORRECT = "to_incorrect"
    STILL_INCORRECT = "still_incorrect"


class Step(NamedTuple):
    """One change of one answer as the log has it; `after` is seconds since the start."""

    position: int
    selected: Sequence[int]
    flagged: bool
    confidence: int | None
    seen_ms: int | None
    after: int


# By whether the first whole choice was correct, and whether the last is.
_CHANGES: Final = {
    (False, False): Changed.STILL_INCORRECT,
    (False, True): Changed.TO_CORRECT,
    (True, False): Changed.TO_INCORRECT,
    (True, True): None,
}


@dataclass(frozen=True, slots=True)
class Question:
    """What the log tells of one question; `seen_ms` is None where nobody counted."""

    position: int
    selected: tuple[int, ...]
    flagged: bool
    correct: bool
    confidence: int | None
    seen_ms: int | None
    changed: Changed | None

    @property
    def answered(self) -> bool:
        """Whether it has a choice in the end."""
        return bool(self.selected)


@dataclass(frozen=True, slots=True)
class Milestone:
    """After how many seconds so many questions had been answered for the first time."""

    answered: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Confidence:
    """How many answers were said to be that sure, and how many of these are correct."""

    level: int
    answered: int
    correct: int


@dataclass(frozen=True, slots=True)
class Novelty:
    """How many questions were new to the person, and the score on the scored ones among them alone.

    `scaled` is None where fewer than `LEAST_FOR_A_SCORE` scored questions were new, or all were.
    """

    total: int
    new: int
    scored: int
    correct: int
    scaled: int | None


def questions(
    steps: Iterable[Step], keys: Sequence[rules.Key], listed_ms: Sequence[int | None] = ()
) -> tuple[Question, ...]:
    """Return each question in order of position, from position 1.

    `steps` come in the order that counts: by lease, then by number. `listed_ms` is what the page said when it
    submitted; of the times of a question the longest is right, since each page counts on. An answer is
    changed when the first whole choice is another one than the last.
    """
    last: dict[int, Step] = {}
    first: dict[int, set[int]] = {}
    longest: dict[int, int] = {n: ms for n, ms in enumerate(listed_ms, 1) if ms is not None}
    for step in steps:
        position, selected = step.position, step.selected
        last[position] = step
        if position not in first and len(selected) >= keys[position - 1].choose:
            first[position] = set(selected)
        if step.seen_ms is not None and step.seen_ms > longest.get(position, -1):
            longest[position] = step.seen_ms
    return tuple(
        _question(position, key, first.get(position), last.get(position), longest.get(position))
        for position, key in enumerate(keys, 1)
    )


def _question(
    position: int, key: rules.Key, first: set[int] | None, last: Step | None, seen_ms: int | None
) -> Question:
    if last is None:
        return Question(position, (), False, key.accepts(()), None, seen_ms, None)
    correct = key.accepts(last.selected)
    changed = None
    if first is not None and first != set(last.selected):
        changed = _CHANGES[key.accepts(first), correct]
    return Question(position, tuple(last.selected), last.flagged, correct, last.confidence, seen_ms, changed)


def milestones(steps: Iterable[Step], total: int) -> tuple[Milestone, ...]:
    """Return when 20, 40, 60 questions had been answered, in a short exam each 5."""
    every = 20 if total >= 40 else 5
    answered: set[int] = set()
    reached = []
    for step in steps:
        if step.selected and step.position not in answered:
            answered.add(step.position)
            if len(answered) % every == 0:
                reached.append(Milestone(len(answered), step.after))
    return tuple(reached)


def slow_after(of: Iterable[Question]) -> int:
    """Return the milliseconds beyond which a question was slow: over twice the median, or over 3 minutes."""
    times = [one.seen_ms for one in of if one.seen_ms]
    return min(SLOW_MS, max(NEVER_SLOW_MS, int(SLOW_TIMES * median(times)))) if times else SLOW_MS


def longest(of: Iterable[Question], most: int = 5) -> list[Question]:
    """Return the questions that were looked at for the longest time, the longest first."""
    timed = [one for one in of if one.seen_ms]
    return sorted(timed, key=lambda one: (-(one.seen_ms or 0), one.position))[:most]


def by_confidence(of: Sequence[Question]) -> tuple[Confidence, ...]:
    """Return for each level that was said of an answer how many there are, the surest first."""
    levels = []
    for level in LEVELS:
        correct = [one.correct for one in of if one.confidence == level and one.selected]
        if correct:
            levels.append(Confidence(level, len(correct), sum(correct)))
    return tuple(levels)


def sure_and_incorrect(of: Iterable[Question]) -> list[Question]:
    """Return the answers that the person was sure of and that are incorrect: what to read first."""
    return [one for one in of if one.confidence == LEVELS[0] and one.selected and not one.correct]


def novelty(
    marked: Sequence[rules.Marked], seen: Collection[int], weights: dict[int, int], scale: rules.Scale
) -> Novelty:
    """Return how much was new to somebody who had been shown the questions at the positions `seen`."""
    new = [one for one in marked if one.position not in seen] if seen else list(marked)
    scored = [one for one in new if one.is_scored]
    # Where all were new it would be the score itself.
    enough = len(new) < len(marked) and len(scored) >= LEAST_FOR_A_SCORE
    return Novelty(
        total=len(marked),
        new=len(new),
        scored=len(scored),
        correct=sum(one.is_right for one in scored),
        scaled=rules.score(scored, weights, scale).scaled if enough else None,
    )
