"""How many items fall to somebody wise about tests who knows nothing of the subject: a reader of form alone.

Nobody who knows the subject can read as one who does not, so this reader is a program. It has the cues of
form, learns from the keys of the other exams which of them pay, and answers this exam by them. What it gets
right is what form gives away, by whichever cue. It reads no meaning, so a person may find what it does not.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import PERCENT, Fault, Finding, Outcome, set_rule
from tools.items.bands import ENOUGH
from tools.items.choice import Choice, Vector, fitted, scores
from tools.items.measured import is_multiple, is_single, percent, share
from tools.items.reader_rules import LAY_MAX
from tools.items.surface import FAMILIES, Bank, cues_of

RIDGE: Final = 10.0
"""The penalty on weights: it keeps cues of a few items small. Figures hardly change from 0.1 to 100."""
DIGITS: Final = 9
"""Decimals of a score that count: behind them is the order in which files were added up."""
LOTS: Final = 10
ALONE_MIN: Final = 60
"""How many items an exam needs to be its own teacher: fewer teach what is luck."""
NAME: Final = "cues-of-form"
LABEL: Final = "correct by cues of form alone"
NAMES: Final = tuple(name for name, cues in FAMILIES.items() for _ in cues)


@dataclass(frozen=True, slots=True)
class Booklet:
    """An exam as the reader has it: its items that can be answered, each with its cues and its keys."""

    exam: MeasuredExam
    items: tuple[MeasuredItem, ...]
    choices: tuple[Choice, ...]

    @classmethod
    def of(cls, exam: MeasuredExam, bank: Bank) -> "Booklet":
        """Return the booklet of an exam; both types of items are on it, as planned."""
        items = tuple(one for one in exam.items if is_single(one) or is_multiple(one))
        choices = (
            Choice(cues_of(one, bank), [option.correct for option in one.item.options]) for one in items
        )
        return cls(exam, items, tuple(choices))


def read_by_form(exams: Sequence[MeasuredExam]) -> Iterator[tuple[MeasuredExam, Finding]]:
    """Yield each exam with what a reader finds in it who learned from the others, all in one language."""
    bank = Bank.of(exams)
    booklets = [Booklet.of(exam, bank) for exam in exams]
    for booklet in booklets:
        yield booklet.exam, cues_of_form(booklet, [other for other in booklets if other is not booklet])


@set_rule("R03", least=ENOUGH)
def cues_of_form(booklet: Booklet, others: Sequence[Booklet]) -> Outcome:
    """Form alone does not tell the keys, not even to who has learned from the other exams what it tells."""
    total = len(booklet.items)
    _, most = booklet.exam.guide.bands.get(NAME, (0, LAY_MAX))
    chance = fmean(PERCENT * by_chance(one) for one in booklet.choices) if total else 0.0
    limit = f"at most {most:g} % (chance {chance:.0f} %)"
    learned = _learned(booklet, others)
    if learned is None:
        return Outcome.of(LABEL, "no other exam to learn from", limit, [])
    parts = [right(weights, choice) for weights, choice in zip(learned, booklet.choices, strict=True)]
    value = percent(sum(parts), total)
    if share(sum(parts), total) <= most:
        return Outcome.of(LABEL, value, limit, [], count=total)
    said = _items_by_cue(booklet, learned, parts)
    fault = Fault(booklet.exam.place, "", f"{LABEL}: {value}; {said}", limit)
    return Outcome.of(LABEL, value, limit, [fault], count=total)


def _learned(booklet: Booklet, others: Sequence[Booklet]) -> list[Vector] | None:
    """Return by which weights each item is answered: those that the keys of the other exams teach, if any.

    An exam that is alone teaches itself, if it is long enough: each lot of items is answered by the others.
    """
    known = [choice for other in others for choice in other.choices]
    if known:
        return [fitted(known, RIDGE)] * len(booklet.choices)
    if len(booklet.choices) < ALONE_MIN:
        return None
    lots = [number % LOTS for number in range(len(booklet.choices))]
    weights = [
        fitted([one for one, its in zip(booklet.choices, lots, strict=True) if its != lot], RIDGE)
        for lot in range(LOTS)
    ]
    return [weights[lot] for lot in lots]


def by_chance(choice: Choice) -> float:
    """Return how often an item is answered by chance: one set of options out of all that are as large."""
    return 1 / math.comb(len(choice.chosen), sum(choice.chosen))


def right(weights: Vector, choice: Choice) -> float:
    """Return 1 where the options with the highest scores, as many as there are keys, are the keys; 0 if not.

    Where options at the border have the same score, each set of them is as likely: the item counts in parts.
    """
    marks = [round(score, DIGITS) for score in scores(weights, choice)]
    count = sum(choice.chosen)
    border = sorted(marks, reverse=True)[count - 1]
    above = [chosen for chosen, mark in zip(choice.chosen, marks, strict=True) if mark > border]
    at = [chosen for chosen, mark in zip(choice.chosen, marks, strict=True) if mark == border]
    left = count - len(above)
    return 1 / math.comb(len(at), left) if all(above) and sum(at) == left else 0.0


def telling(weights: Vector, choice: Choice) -> Mapping[str, float]:
    """Return by how much each family of cues lifts the keys of an item above its other options."""
    lifted: dict[str, float] = defaultdict(float)
    for place, (name, weight) in enumerate(zip(NAMES, weights, strict=True)):
        keys = fmean(
            marks[place] for marks, chosen in zip(choice.marks, choice.chosen, strict=True) if chosen
        )
        # The mean of all options is 0, so that of the other options follows.
        others = -keys * sum(choice.chosen) / (len(choice.chosen) - sum(choice.chosen))
        lifted[name] += weight * (keys - others)
    return lifted


def _items_by_cue(booklet: Booklet, learned: Sequence[Vector], parts: Sequence[float]) -> str:
    """Return which items fall by which cues, the cue of most items first."""
    items: dict[str, list[str]] = defaultdict(list)
    for one, choice, weights, part in zip(booklet.items, booklet.choices, learned, parts, strict=True):
        if part:
            lifted = telling(weights, choice)
            items[max(lifted, key=lambda name: lifted[name])].append(one.item.id)
    rows = sorted(items.items(), key=lambda row: -len(row[1]))
    return "; ".join(f"by {name}: {', '.join(ids)}" for name, ids in rows)
