"""V27 and V28: stems that resemble each other, and keys that another stem gives away."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.findings import Breach, Finding
from exams.content.rules.measured import Sheet
from exams.content.rules.measures import long_words, overlap, plain

WITHIN: Final = 0.40
ACROSS: Final = 0.50

type Words = tuple[Sheet, ItemRecord, frozenset[str]]
type Plain = tuple[Sheet, ItemRecord, str, tuple[str, ...]]


def v27(sheet: Sheet) -> Finding:
    """No two stems of a file share too many words."""
    return _resembling(combinations(_words(sheet), 2), WITHIN, "word overlap of two stems")


def v27_across(sheets: list[Sheet]) -> Finding:
    """No two stems of different files share too many words."""
    pairs = (pair for one, other in combinations(sheets, 2) for pair in product(_words(one), _words(other)))
    return _resembling(pairs, ACROSS, "word overlap of two stems in different files")


def _words(sheet: Sheet) -> list[Words]:
    return [(sheet, item, long_words(item.stem)) for item in sheet.exam.items]


def _resembling(pairs: Iterator[tuple[Words, Words]], limit: float, label: str) -> Finding:
    worst, names, breaches = 0.0, "", []
    for (sheet, item, words), (_, other, other_words) in pairs:
        shared = overlap(words, other_words)
        if shared > worst:
            worst, names = shared, f" ({item.id}, {other.id})"
        if shared >= limit:
            found = f"stem shares {shared:.2f} of its words with {other.id}"
            breaches.append(sheet.breach(item, "V27", found, f"below {limit:.2f}"))
    return Finding.of("V27", label, f"{worst:.2f}{names}", f"below {limit:.2f}", breaches)


def v28(sheet: Sheet) -> Finding:
    """No key stands word for word in another stem of its file."""
    texts = _plain(sheet)
    breaches = [
        breach
        for one in texts
        for other in texts
        if one[1] is not other[1]
        for breach in _given_away(one, other)
    ]
    return Finding.of("V28", "keys inside another stem", str(len(breaches)), "0", breaches)


def v28_across(sheets: list[Sheet]) -> Finding:
    """No key stands word for word in a stem of another file."""
    texts = [text for sheet in sheets for text in _plain(sheet)]
    breaches = [
        breach
        for one in texts
        for other in texts
        if one[0] is not other[0]
        for breach in _given_away(one, other)
    ]
    return Finding.of("V28", "keys inside a stem of another file", str(len(breaches)), "0", breaches)


def _plain(sheet: Sheet) -> list[Plain]:
    return [
        (
            sheet,
            item,
            plain(item.stem),
            tuple(plain(option.text) for option in item.options if option.correct),
        )
        for item in sheet.exam.items
    ]


def _given_away(one: Plain, other: Plain) -> Iterator[Breach]:
    sheet, item, _, keys = one
    for key in keys:
        if key.strip() and key in other[2]:
            yield sheet.breach(
                item, "V28", f"the stem of {other[1].id} contains its key {key.strip()!r}", "0"
            )
