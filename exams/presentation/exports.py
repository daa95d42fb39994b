"""A person's answers to an exam as rows for a file: one for each question.

Names of columns and of outcomes are for programs, so they are the same in every language.
"""

from collections.abc import Mapping
from typing import Any, Final

from exams.attempts.results import ReviewItem
from exams.presentation import formatting

CONFIDENCE: Final[Mapping[int | None, str]] = {None: "", 1: "guess", 2: "unsure", 3: "sure"}
_OPENING_LENGTH: Final = 300


def row(item: ReviewItem) -> dict[str, Any]:
    """Return what a file says of one question, by column."""
    solution, text = item.solution, item.solution.text
    return {
        "question": solution.position,
        "domain": solution.domain_number,
        "domain_name": item.domain_name,
        "task": item.task_code,
        "difficulty": text.difficulty,
        "scored": solution.is_scored,
        "outcome": _outcome(item),
        "answer": " ".join(one.solved.letter for one in item.options if one.chosen),
        "correct_answer": " ".join(text.keys),
        "flagged": item.flagged,
        "confidence": CONFIDENCE[item.confidence],
        "seconds": None if item.seen_ms is None else round(item.seen_ms / 1000),
        "slow": item.slow,
        "changed": item.changed or "",
        "text": formatting.opening(f"{text.stem_html} {text.ask_html}", _OPENING_LENGTH),
    }


def _outcome(item: ReviewItem) -> str:
    if not item.answered:
        return "unanswered"
    return "correct" if item.correct else "incorrect"
