"""A person's answers to an exam as rows for a file: one for each question, and as CSV.

Names of columns and of outcomes are for programs, so they are the same in every language.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from exams.presentation import formatting

CONFIDENCE: Final[Mapping[int | None, str]] = {None: "", 1: "guess", 2: "unsure", 3: "sure"}
_OPENING_LENGTH: Final = 300
# A cell that begins with one of these is a formula to a spreadsheet. An apostrophe before it makes it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class Option(Protocol):
    """An option after the end."""

    @property
    def letter(self) -> str: ...  # noqa: D102
    @property
    def is_key(self) -> bool: ...  # noqa: D102
    @property
    def chosen(self) -> bool: ...  # noqa: D102


class Item(Protocol):
    """An item of a review; texts are clean HTML, times are milliseconds."""

    @property
    def position(self) -> int: ...  # noqa: D102
    @property
    def domain_number(self) -> int: ...  # noqa: D102
    @property
    def domain_name(self) -> str: ...  # noqa: D102
    @property
    def task_code(self) -> str: ...  # noqa: D102
    @property
    def difficulty(self) -> str: ...  # noqa: D102
    @property
    def is_scored(self) -> bool: ...  # noqa: D102
    @property
    def correct(self) -> bool: ...  # noqa: D102
    @property
    def answered(self) -> bool: ...  # noqa: D102
    @property
    def flagged(self) -> bool: ...  # noqa: D102
    @property
    def confidence(self) -> int | None: ...  # noqa: D102
    @property
    def seen_ms(self) -> int | None: ...  # noqa: D102
    @property
    def slow(self) -> bool: ...  # noqa: D102
    @property
    def changed(self) -> str | None: ...  # noqa: D102
    @property
    def stem_html(self) -> str: ...  # noqa: D102
    @property
    def ask_html(self) -> str: ...  # noqa: D102
    @property
    def options(self) -> Sequence[Option]: ...  # noqa: D102


def row(item: Item) -> dict[str, Any]:
    """Return what a file says of one question, by column."""
    return {
        "question": item.position,
        "domain": item.domain_number,
        "domain_name": item.domain_name,
        "task": item.task_code,
        "difficulty": item.difficulty,
        "scored": item.is_scored,
        "outcome": _outcome(item),
        "answer": " ".join(one.letter for one in item.options if one.chosen),
        "correct_answer": " ".join(one.letter for one in item.options if one.is_key),
        "flagged": item.flagged,
        "confidence": CONFIDENCE[item.confidence],
        "seconds": None if item.seen_ms is None else round(item.seen_ms / 1000),
        "slow": item.slow,
        "changed": item.changed or "",
        "text": formatting.opening(f"{item.stem_html} {item.ask_html}", _OPENING_LENGTH),
    }


def _outcome(item: Item) -> str:
    if not item.answered:
        return "unanswered"
    return "correct" if item.correct else "incorrect"


def csv_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return at least one row as CSV with a head; spreadsheets know its encoding by the mark at its start."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for one in rows:
        writer.writerow({name: _cell(value) for name, value in one.items()})
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
