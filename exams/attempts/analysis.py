"""What a scored attempt tells beside its score, put together from its log and the keys of its edition."""

from dataclasses import dataclass, replace

from accounts.users.models import User
from exams.attempts import grading, running_items
from exams.attempts.results import Result
from exams.scoring import analysis, rules
from exams.scoring.analysis import Confidence, Milestone, Novelty, Question


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of an attempt. `even_seconds` is the time for a question at an even pace.

    `novelty` is None where nobody noted which questions the person had been shown before.
    """

    questions: tuple[Question, ...]
    milestones: tuple[Milestone, ...]
    confidence: tuple[Confidence, ...]
    novelty: Novelty | None
    even_seconds: int

    @property
    def timed(self) -> bool:
        """Whether any question has a time."""
        return any(one.seen_ms for one in self.questions)

    @property
    def longest(self) -> list[Question]:
        """The five questions that took longest, the longest first."""
        return analysis.longest(self.questions)

    @property
    def sure_and_incorrect(self) -> list[Question]:
        """Answers that the person was sure of and that are incorrect."""
        return analysis.sure_and_incorrect(self.questions)

    def changed(self, how: analysis.Changed) -> int:
        """Return how many answers were changed so."""
        return sum(one.changed == how for one in self.questions)


def of(user: User, result: Result) -> Analysis | None:
    """Return what the result of an own attempt tells; no query once a process knows the edition.

    None without a score, and while the person takes an exam with these questions: which of their answers
    were correct would help them there.
    """
    if result.score is None or (
        result.taking_another and running_items.any_in_edition(user, result.head.edition_id)
    ):
        return None
    by, log = grading.marking(result.head.edition_id, result.score.ruling), result.log
    answered = analysis.questions(log.steps, [key for *_, key in by.places], log.seen_ms)
    return Analysis(
        questions=answered,
        milestones=analysis.milestones(log.steps, len(by.places)),
        confidence=analysis.by_confidence(answered),
        novelty=_novelty(result, by),
        even_seconds=result.head.minutes_allowed * 60 // len(by.places),
    )


def _novelty(result: Result, by: grading.Marking) -> Novelty | None:
    seen = frozenset(result.log.seen_positions)
    if result.head.seen_before and not seen:
        return None
    right = result.score.right if result.score else ""
    marked = [
        rules.Marked(position, domain, is_scored, digit == "1")
        for (position, domain, is_scored, _), digit in zip(by.places, right, strict=True)
    ]
    novelty = analysis.novelty(marked, seen, dict(by.weights), by.scale)
    # An exam that was stopped early has no score, and so none on the new questions alone.
    return novelty if result.counts else replace(novelty, scaled=None)
