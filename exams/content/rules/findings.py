"""What a rule hands back: figures for the table of a file, and breaches of the limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exams.content.records import Place, Problem

PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that does not hold; `item` is empty where the whole file is meant.

    `rule` is the code of the rule in the guide for writers (V11), `name` what it is called (longest-key).
    """

    file: str
    line: int
    item: str
    rule: str
    name: str
    found: str
    limit: str

    def __str__(self) -> str:
        return str(self.as_problem())

    def as_problem(self) -> Problem:
        """Return the breach as a fault that forbids the use of the file."""
        message = f"{self.rule}: {self.found} (limit: {self.limit}) [{self.name}]"
        return Problem(Place(self.file, self.line), self.item, message)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: what was measured, what came out, and what is allowed."""

    rule: str
    label: str
    value: str
    limit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one rule over one file or over all files."""

    figures: tuple[Figure, ...]
    breaches: tuple[Breach, ...]


type Measured = tuple[str, Sequence[Finding]]


def share(part: float, whole: float) -> float:
    """Return a part of a whole in percent; nothing of nothing is 0."""
    return PERCENT * part / whole if whole else 0.0


def percent(part: float, whole: float) -> str:
    """Return a share as a person reads it, with the counts that make it."""
    counted = f"{part:g}" if part == int(part) else f"{part:.1f}"
    return f"{share(part, whole):.1f} % ({counted} of {whole:g})"
