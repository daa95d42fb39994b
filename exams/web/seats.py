"""A running exam, or a drill with feedback at the end, as the pages on which both are taken need it.

They show the same of both; their addresses and some of their words differ. A drill may have no time limit,
and leaves out questions that an exam holds which the person is taking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.papers import CompiledPaper
from exams.attempts import answers, drill_reads, lifecycle, selectors
from exams.attempts.answers import Answer
from exams.attempts.drill_reads import DrillHead, DrillTaking
from exams.attempts.selectors import Head
from exams.kinds.kinds import FIRST, KINDS
from exams.presentation import formatting, items

# The addresses of an exam by page, and those of a drill. All take the attempt first.
EXAM: Final[Mapping[str, str]] = {
    name: f"exams:{name}" for name in ("taking", "question", "submit", "result", "cancel", "paper")
}
DRILL: Final[Mapping[str, str]] = {
    "taking": "exams:drill",
    "question": "exams:drill-question",
    "submit": "exams:drill-submit",
    "result": "exams:drill-result",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """What is being taken: facts, paper, the answers so far, and positions that are closed for now."""

    head: Head | DrillHead
    paper: CompiledPaper
    answers: Mapping[int, Answer]
    held: frozenset[int] = frozenset()

    @property
    def is_drill(self) -> bool:
        """Whether it is a drill."""
        return isinstance(self.head, DrillHead)

    @property
    def title(self) -> str:
        """The name of what is being taken, in the active language."""
        code = self.head.certification_code
        if isinstance(self.head, Head):
            return formatting.exam_title(code, self.head.form_number)
        return gettext("%(label)s drill") % {"label": code.upper()}

    @property
    def answered(self) -> int:
        """How many positions have a choice."""
        return answers.answered(self.answers.values())

    def address(self, page: str, *more: int | str) -> str:
        """Return the address of a page of it. Raises KeyError for a page that a drill does not have."""
        return reverse((DRILL if self.is_drill else EXAM)[page], args=[self.head.attempt_id, *more])

    def questions(self) -> list[dict[str, Any]]:
        """Return what templates need of each question; one that is held keeps its place and says why."""
        return [
            _closed(question) if question["position"] in self.held else question
            for question in items.questions_of(self.paper)
        ]

    def mark_opened(self) -> None:
        """Note that its questions are sent now. Those of a drill count as shown from its start."""
        if isinstance(self.head, Head):
            lifecycle.mark_opened(self.head)


def _closed(question: Mapping[str, Any]) -> dict[str, Any]:
    sentence = gettext(
        "This question is in an exam that you're taking. It's back here once that exam has ended."
    )
    return {
        "position": question["position"],
        "kind": KINDS[FIRST],
        "choose": 1,
        "stem": "",
        "ask": sentence,
        "language": get_language(),
        "options": [],
    }


def of_exam(user: User, attempt_id: UUID) -> Seat:
    """Return an own exam. Two statements, and a third for a new paper. Raises Refused not_found."""
    taking = selectors.taking(user, attempt_id)
    return Seat(taking.head, taking.paper, taking.answers)


def of_drill(user: User, drill_id: UUID) -> Seat:
    """Return an own drill with feedback at the end. Raises Refused: not_found, feedback_at_once."""
    taking = drill_reads.taking(user, drill_id, get_language() or "")
    if taking.drill.head.at_once:
        raise lifecycle.no_leases()
    return seat_of(taking)


def seat_of(taking: DrillTaking) -> Seat:
    """Return a drill with feedback at the end that was read already."""
    return Seat(taking.drill.head, taking.paper, taking.answers, taking.held)


def running(seat: Seat) -> Seat:
    """Return what is being taken. Raises Refused attempt_closed after its end."""
    if seat.head.running:
        return seat
    sentence = gettext("The drill has ended.") if seat.is_drill else gettext("The exam has ended.")
    raise Refused("attempt_closed", 409, sentence)
