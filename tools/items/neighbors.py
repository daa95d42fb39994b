"""Stems that resemble each other, and keys that another stem gives away."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.measures import long_words, plain
from exams.content.rules.rule import Fault, Outcome, set_rule
from tools.items.measured import overlap

# Who sits one exam meets both stems within hours, across exams within weeks: so the limits differ.
WITHIN: Final = 0.40
ACROSS: Final = 0.50
TELLING: Final = 2
"""Long words from which on a key says something of its own: "Model 2" does not."""

type Words = tuple[ItemRecord, frozenset[str]]
type Plain = tuple[MeasuredExam, ItemRecord, str, tuple[str, ...]]


@set_rule("V27", least=0)
def similar_stems(exam: MeasuredExam) -> Outcome:
    """No two stems of a file share too many words."""
    return _resembling(combinations(_words(exam), 2), WITHIN, "word overlap of two stems")


@set_rule("V27", least=0)
def similar_stems_across(exams: Sequence[MeasuredExam]) -> Outcome:
    """No two stems of different files share too many words."""
    pairs = (pair for one, other in combinations(exams, 2) for pair in product(_words(one), _words(other)))
    return _resembling(pairs, ACROSS, "word overlap of two stems in different files")


def _words(exam: MeasuredExam) -> list[Words]:
    return [(one.item, long_words(one.item.wording)) for one in exam.items]


def _resembling(pairs: Iterable[tuple[Words, Words]], limit: float, label: str) -> Outcome:
    worst, names, faults = 0.0, "", []
    for (item, words), (other, other_words) in pairs:
        shared = overlap(words, other_words)
        if shared > worst:
            worst, names = shared, f" ({item.id}, {other.id})"
        if shared >= limit:
            found = f"stem shares {shared:.2f} of its words with {other.id}"
            faults.append(Fault(item.place, item.id, found, f"below {limit:.2f}"))
    return Outcome.of(label, f"{worst:.2f}{names}", f"below {limit:.2f}", faults)


@set_rule("V28", least=0)
def key_in_stem(exam: MeasuredExam) -> Outcome:
    """No key appears word for word in another stem of its file."""
    texts = _plain(exam)
    pairs = ((one, other) for one, other in product(texts, texts) if one[1] is not other[1])
    return _given_away(pairs, "keys inside another stem")


@set_rule("V28", least=0)
def key_in_stem_across(exams: Sequence[MeasuredExam]) -> Outcome:
    """No key appears word for word in a stem of another file."""
    texts = [text for exam in exams for text in _plain(exam)]
    pairs = ((one, other) for one, other in product(texts, texts) if one[0] is not other[0])
    return _given_away(pairs, "keys inside a stem of another file")


def _plain(exam: MeasuredExam) -> list[Plain]:
    return [
        (
            exam,
            one.item,
            plain(one.item.wording),
            tuple(key for key in _keys(one.item) if len(long_words(key)) >= TELLING),
        )
        for one in exam.items
    ]


def _keys(item: ItemRecord) -> Iterator[str]:
    return (plain(option.text) for option in item.options if option.correct)


def _given_away(pairs: Iterable[tuple[Plain, Plain]], label: str) -> Outcome:
    faults = [fault for one, other in pairs for fault in _keys_in(one, other)]
    return Outcome.of(label, str(len(faults)), "0", faults)


def _keys_in(one: Plain, other: Plain) -> Iterator[Fault]:
    _, item, _, keys = one
    for key in keys:
        if key in other[2]:
            found = f"the stem of {other[1].id} contains its key {key.strip()!r}"
            yield Fault(item.place, item.id, found, "no key in another stem")
