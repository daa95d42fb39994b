"""What the rules found: a table for each file, and the breaches of all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exams.content.rules.rule import Breach, Figure, Finding, Measured


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one file, or of all files of a language together."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules found."""

    tables: tuple[Table, ...]
    breaches: tuple[Breach, ...]


def reported(finding: Finding) -> Finding:
    """Return a finding that is told and not judged: figures without breaches."""
    figures = tuple(replace(one, limit=f"{one.limit}, not judged yet") for one in finding.figures)
    return Finding(figures, ())


def report(measured: Iterable[Measured]) -> Report:
    """Return findings by the title of their table; findings of one title share a table."""
    figures: dict[str, list[Figure]] = {}
    breaches: list[Breach] = []
    for title, findings in measured:
        rows = figures.setdefault(title, [])
        for finding in findings:
            rows += finding.figures
            breaches += finding.breaches
    return Report(tuple(Table(title, tuple(rows)) for title, rows in figures.items()), tuple(breaches))
