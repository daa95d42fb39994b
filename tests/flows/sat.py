"""The model of an attempt: plain values that say what the product must show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts.base.errors import Refused
from exams.attempts.answers import Answer
from exams.attempts.models import State
from tests.flows import ledger

type Payload = tuple[int, tuple[int, ...], bool]

NEVER_LATE, IN_GRACE, OVER = 3600, -10, -45


@dataclass(slots=True)
class Sat:
    """What the model knows of one attempt. `left`: seconds to the deadline, never near a limit."""

    id: UUID
    lease_no: int
    tokens: dict[int, str]
    holder: str
    seen_before: bool
    state: int = State.RUNNING
    left: int = 180 * 60
    events: dict[tuple[int, int], Payload] = field(default_factory=dict)
    refused: set[tuple[int, int, str]] = field(default_factory=set)
    receipt: str = ""
    reason: str = ""
    ended_at_deadline: bool = False
    forgotten: bool = False
    tries: int = 0
    paused: bool = False
    opened: bool = False
    revisions: int = 0
    audits: int = 0

    @property
    def over(self) -> bool:
        """Whether time and grace are over although the row still runs."""
        return self.state == State.RUNNING and self.left <= OVER

    @property
    def open(self) -> bool:
        """Whether answers are taken."""
        return self.state == State.RUNNING and not self.over

    def current(self) -> dict[int, Payload]:
        """Return the newest change of each position: highest lease, then highest number."""
        return {payload[0]: payload for _, payload in sorted(self.events.items())}

    def chosen(self) -> dict[int, tuple[int, ...]]:
        """Return the options that count."""
        return {position: payload[1] for position, payload in self.current().items()}

    def close(self, state: State, reason: str) -> None:
        """End the attempt as the product should."""
        self.ended_at_deadline = state == State.EXPIRED or self.left < 0
        self.state, self.reason = state, reason
        self.receipt = ledger.receipt(self.chosen())

    def settle(self) -> None:
        """Bring the attempt as far as it can be."""
        if self.over:
            self.close(State.EXPIRED, "expired")
        if self.state in (State.SUBMITTED, State.EXPIRED):
            self.state, self.revisions = State.SCORED, 1


def code(act: Callable[[], object]) -> str:
    """Do something and return the code of its refusal, or an empty text."""
    try:
        act()
    except Refused as refused:
        return refused.code
    return ""


def payloads(stored: Iterable[Answer]) -> dict[int, Payload]:
    """Bring answers of the product into the shape of the model."""
    return {answer.position: (answer.position, answer.selected, answer.flagged) for answer in stored}
