"""Rules: each has a name and, as data, the code by which the guide for writers calls it.

A rule of items judges every item by itself, so an editor can ask it about one. A rule of a set judges
many things together and says how many it needs: among few of them a share or a mean says nothing, so
below that number it is reported and cannot fail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from exams.content.records import Guide, ItemRecord, Place, Problem
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import count_words

PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Breach(Problem):
    """A limit that does not hold, which forbids the use of the file; `item` is empty where that is meant.

    `rule` is the code of the rule in the guide for writers (V11), `name` what it is called (longest-key).
    """

    rule: str
    name: str
    found: str
    limit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: what was measured, what came out, what is allowed, what samples have."""

    rule: str
    label: str
    value: str
    limit: str
    samples: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one rule over one file or over all files."""

    figures: tuple[Figure, ...]
    breaches: tuple[Breach, ...]


type Measured = tuple[str, Sequence[Finding]]


type Limit = str | Callable[[MeasuredExam], str]
type Texts = Iterable[tuple[str, str, str]]
"""Texts of an item with the path of their field and what a report calls them: (path, name, text)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What breaks a rule, and where; `subject` is the id of what was measured, empty for the whole file."""

    place: Place
    subject: str
    found: str
    limit: str


class Violation(str):
    """What breaks a rule of items: the words of a report, and what an editor needs to say it in any language.

    `field` is the path of the field in the item, as in "options.1.text"; `values` are the figures and words.
    """

    field: str
    values: Mapping[str, object]

    @classmethod
    def at(cls, field: str, words: str, **values: object) -> "Violation":
        """Return words about a field."""
        made = cls(words)
        made.field, made.values = field, values
        return made


@dataclass(frozen=True, slots=True)
class Row:
    """A figure before the rule puts its code to it."""

    label: str
    value: str
    limit: str
    samples: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule measured: rows of the table, faults, and how many things the figures rest on."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    count: int = 0

    @classmethod
    def of(cls, label: str, value: str, limit: str, faults: Iterable[Fault], *, count: int = 0) -> "Outcome":
        """Return an outcome of one row."""
        return cls((Row(label, value, limit),), tuple(faults), count)


@dataclass(frozen=True, slots=True)
class SetRule[**P]:
    """A rule over many things together; with fewer than `least` of them it reports and does not fail."""

    code: str
    name: str
    least: int
    measure: Callable[P, Outcome]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Finding:
        """Measure and return figures and breaches under the code of the rule."""
        outcome = self.measure(*args, **kwargs)
        # Among few a share jumps by many points with each item, so it is reported and cannot fail.
        if outcome.count < self.least:
            rows = (replace(row, limit=f"{row.limit}, from {self.least} on") for row in outcome.rows)
            return finding_of(self.code, self.name, Outcome(tuple(rows)))
        return finding_of(self.code, self.name, outcome)


def set_rule[**P](code: str, *, least: int) -> Callable[[Callable[P, Outcome]], SetRule[P]]:
    """Make a rule out of a function, named like it. `least` 0 means that any number is enough."""

    def make(measure: Callable[P, Outcome]) -> SetRule[P]:
        return SetRule(code, _name_of(measure), least, measure)

    return make


@dataclass(frozen=True, slots=True)
class ItemRule:
    """A rule over one item: `faults` says what is wrong with it.

    `value` makes the figure of a file out of its items; without it the figure is the number of faults.
    """

    code: str
    name: str
    label: str
    limit: Limit
    faults: Callable[[MeasuredItem], Iterable[str]]
    value: Callable[[Sequence[MeasuredItem]], str] | None = None

    def __call__(self, exam: MeasuredExam) -> Finding:
        """Judge every item of a file and return one figure and a breach for each fault."""
        limit = self.limit if isinstance(self.limit, str) else self.limit(exam)
        faults = tuple(
            Fault(measured.item.place, measured.item.id, violation, limit)
            for measured in exam.items
            for violation in self.faults(measured)
        )
        value, allowed = (self.value(exam.items), limit) if self.value else (str(len(faults)), "0")
        return finding_of(self.code, self.name, Outcome.of(self.label, value, allowed, faults))


def item_rule(
    code: str, label: str, limit: Limit
) -> Callable[[Callable[[MeasuredItem], Iterable[str]]], ItemRule]:
    """Make a rule out of a function that yields the faults of an item, named like the function."""

    def make(faults: Callable[[MeasuredItem], Iterable[str]]) -> ItemRule:
        return ItemRule(code, _name_of(faults), label, limit, faults)

    return make


def word_range(
    code: str, label: str, low: int, high: int
) -> Callable[[Callable[[ItemRecord], Texts]], ItemRule]:
    """Make a rule on the number of words out of a function that yields texts of an item with their names.

    A guide may have another band by the name of the rule.
    """

    def make(texts: Callable[[ItemRecord], Texts]) -> ItemRule:
        name, usual = _name_of(texts), (low, high)

        def faults(measured: MeasuredItem) -> Iterator[str]:
            low, high = whole_band(measured.guide, name, usual)
            for field, what, text in texts(measured.item):
                count = count_words(text)
                # A text that the profile wants and that is missing is refused before anything is measured.
                if text and not low <= count <= high:
                    yield Violation.at(field, f"{what} has {count} words", count=count, low=low, high=high)

        def spread(items: Sequence[MeasuredItem]) -> str:
            counts = [count_words(text) for one in items for _, _, text in texts(one.item) if text]
            return f"{min(counts, default=0)}-{max(counts, default=0)}"

        def limit(exam: MeasuredExam) -> str:
            low, high = whole_band(exam.guide, name, usual)
            return f"{low}-{high} words"

        return ItemRule(code, name, label, limit, faults, spread)

    return make


def whole_band(guide: Guide, name: str, usual: tuple[int, int]) -> tuple[int, int]:
    """Return between which whole numbers a guide wants what has this name."""
    low, high = guide.bands.get(name, usual)
    return int(low), int(high)


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", "").replace("_", "-")


def finding_of(code: str, name: str, outcome: Outcome) -> Finding:
    """Return figures and breaches of what a rule measured, under its code."""
    return Finding(
        tuple(Figure(code, row.label, row.value, row.limit, row.samples) for row in outcome.rows),
        tuple(_breach(code, name, fault) for fault in outcome.faults),
    )


def _breach(code: str, name: str, fault: Fault) -> Breach:
    message = f"{code}: {fault.found} (limit: {fault.limit}) [{name}]"
    return Breach(fault.place, fault.subject, message, code, name, fault.found, fault.limit)


type Misplaced = tuple[Place | None, str, str]


def in_order(planned: Iterable[str], found: Iterable[tuple[str, Place]]) -> list[Misplaced]:
    """Return where things are not as planned: place, id and fault.

    Missing ones come first, in one fault without a place; then the unplanned and the doubles; then the first
    that is where another belongs (what follows it is only shifted).
    """
    wanted, there = list(planned), list(found)
    names = [name for name, _ in there]
    faults: list[Misplaced] = []
    if missing := [name for name in wanted if name not in names]:
        faults.append((None, "", f"missing: {', '.join(missing)}"))
    seen: set[str] = set()
    for name, place in there:
        if name not in wanted:
            faults.append((place, name, "is not in the plan"))
        if name in seen:
            faults.append((place, name, "appears twice"))
        seen.add(name)
    known = [(name, place) for name, place in there if name in wanted]
    expected = (name for name in wanted if name in names)
    for (name, place), belongs in zip(known, expected, strict=False):
        if name != belongs:
            faults.append((place, name, f"is where {belongs} belongs"))
            break
    return faults
