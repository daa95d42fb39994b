"""The table of a rehearsal: one line for each thing that happened."""

from dataclasses import dataclass
from typing import Final

HEAD: Final = f"{'event':<34} {'gap':>7}  {'acknowledged':>12}  {'lost':>4}  replies"


@dataclass(frozen=True)
class Row:
    """One line of the table: gap in seconds, replies by status (0: none)."""

    event: str
    gap: float
    acknowledged: int
    lost: int
    replies: dict[int, int]

    def __str__(self) -> str:
        said = ", ".join(
            f"{count} x {status or 'no reply'}" for status, count in sorted(self.replies.items())
        )
        return f"{self.event:<34} {self.gap:6.1f}s  {self.acknowledged:>12}  {self.lost:>4}  {said}"
