"""Blind handouts: items of one exam without ids and order, samples of the vendor among them, and their map.

A reader of such a handout cannot tell which item is which, or which were written by somebody else. The map is
kept apart; with it a filled handout becomes readings. Of the samples only numbers are kept.
"""

import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any, Final

from exams.content.markdown import figure_names
from exams.content.records import ExamRecord, FormatError, ItemRecord, Problem
from tools.items.handout import round_of
from tools.items.readings_yaml import SAMPLE_MEANS
from tools.items.records import (
    BlindMap,
    BlindQuestion,
    ExamReadings,
    FilledRow,
    LayReading,
    MappedItem,
    MappedSample,
    Reading,
    SampleLikeness,
    counted,
    is_hesitation,
)

SHOWN_FIGURE: Final = re.compile(r"!\[([^\]]*)\]\(figure:([a-z0-9-]+)\)")
FIGURE_NAME: Final = re.compile(r"figure:([a-z0-9-]+)")
MEAN_DIGITS: Final = 2


def question_of(item: ItemRecord) -> BlindQuestion:
    """Return what a handout shows of an item: its figures are numbered, since their names may tell its id."""
    parts = item.parts
    numbers = {name: n for n, name in enumerate(figure_names(*item.question_texts), start=1)}
    described = {figure.name: figure.description for figure in item.figures}

    def shown(text: str) -> str:
        def named(found: re.Match[str]) -> str:
            if found[2] not in numbers:
                return found[0]
            caption = f": {found[1]}" if found[1] else ""
            return f"[Figure {numbers[found[2]]}{caption}]"

        # Markdown knows more ways to write a figure than the usual one; of those the name alone is replaced.
        return FIGURE_NAME.sub(numbered, SHOWN_FIGURE.sub(named, text))

    def numbered(found: re.Match[str]) -> str:
        return f"Figure {numbers[found[1]]}" if found[1] in numbers else found[0]

    figures = ((f"Figure {n}", described[name]) for name, n in numbers.items() if name in described)
    return BlindQuestion(
        stem=shown(parts.setting),
        ask=shown(f"{parts.ask} {parts.note}".strip()),
        options=tuple((option.letter, shown(option.text)) for option in item.options),
        figures=tuple(figures),
    )


def blind_handout(
    exam: str, items: Sequence[ItemRecord], mixed: Sequence[BlindQuestion], *, seed: int, lay: bool = False
) -> tuple[list[tuple[int, BlindQuestion]], BlindMap]:
    """Return questions by number, items and samples shuffled together, and the map of the numbers.

    The same seed over the same questions gives the same order.
    """
    both: list[ItemRecord | BlindQuestion] = [*items, *mixed]
    random.Random(seed).shuffle(both)  # noqa: S311 (an order to read in is no secret)
    numbered = list(enumerate(both, start=1))
    own = tuple(
        MappedItem(number, one.id, one.fingerprint) for number, one in numbered if isinstance(one, ItemRecord)
    )
    samples = tuple(
        MappedSample(number, one.letters) for number, one in numbered if isinstance(one, BlindQuestion)
    )
    rows = [(number, question_of(one) if isinstance(one, ItemRecord) else one) for number, one in numbered]
    return rows, BlindMap(exam, lay, own, samples)


def collected(
    exam: ExamRecord,
    before: ExamReadings,
    numbers: BlindMap,
    rows: Sequence[FilledRow],
    reader: str,
    *,
    reworded: bool = False,
) -> ExamReadings:
    """Return the readings with those of a filled handout added, in the order of the items.

    Raises FormatError with every fault: of a map that is of another exam or (unless `reworded`) wording, of
    numbers that are missing or unknown, of letters that are no options, of what this reader has read before.
    A reading of another wording keeps its fingerprint, so it counts as none of the present one.
    """
    items = {item.id: item for item in exam.items}
    problems = [*_map_faults(exam, numbers, items)]
    problems += _late(numbers, before, items) if reworded else _changed(numbers, items)
    if not problems:
        problems += _row_faults(numbers, rows, items)
        problems += _doubles(numbers, before, items, reader)
    if problems:
        raise FormatError(tuple(problems))
    found = {row.number: row for row in rows}
    order = {item.id: place for place, item in enumerate(exam.items)}
    if numbers.lay:
        lay = [LayReading(m.item, reader, m.fingerprint, found[m.number].answer) for m in numbers.items]
        both = sorted((*before.lay, *lay), key=lambda one: order.get(one.item, len(order)))
        return replace(before, name=exam.name, lay=tuple(both))
    new = [_reading(items[one.item], one, found[one.number], before, reader) for one in numbers.items]
    readings = sorted((*before.readings, *new), key=lambda one: (order.get(one.item, len(order)), one.round))
    last = max((one.round for one in new), default=1)
    judged = [(one, found[one.number]) for one in numbers.samples]
    samples = _with_samples(before.samples, judged, reader, last)
    return replace(before, name=exam.name, readings=tuple(readings), samples=samples)


def _reading(
    item: ItemRecord, read: MappedItem, row: FilledRow, before: ExamReadings, reader: str
) -> Reading:
    return Reading(
        item=item.id,
        round=round_of(item, before.readings, read.fingerprint),
        reader=reader,
        fingerprint=read.fingerprint,
        answer=row.answer,
        second_option=row.second_option,
        note=row.note,
        free=row.free,
        likeness=row.likeness,
        certainty=row.certainty,
        difficulty=row.difficulty,
    )


def _with_samples(
    before: Iterable[SampleLikeness], judged: Sequence[tuple[MappedSample, FilledRow]], reader: str, last: int
) -> tuple[SampleLikeness, ...]:
    """Return the means of all readers; a second handout of a reader in the same round is counted together."""
    rows = list(before)
    if not judged:
        return tuple(rows)
    filled = [row for _, row in judged]
    new = SampleLikeness(
        reader,
        last,
        len(judged),
        fmean(row.likeness for row in filled),
        difficulty=_mean(row.difficulty for row in filled),
        too_easy=_mean(row.difficulty and row.difficulty == 1 for row in filled),
        free=_mean(counted(row.free) for row in filled),
        keys=_mean(sorted(row.answer) == sorted(one.keys) if one.keys else None for one, row in judged),
        hesitated=_mean(is_hesitation(row.certainty, row.second_option) for row in filled),
    )
    for one in [one for one in rows if (one.reader, one.round) == (reader, last)]:
        new = _together(one, new)
        rows.remove(one)
    return (*rows, _rounded(new))


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what was answered; None where one was not asked."""
    found = list(values)
    return None if None in found else fmean(value for value in found if value is not None)


def _together(one: SampleLikeness, other: SampleLikeness) -> SampleLikeness:
    """Return what one reader said of two lots of samples; a mean is lost that one of them has not."""
    total = one.count + other.count

    means: dict[str, Any] = {}
    for name in ("likeness", *SAMPLE_MEANS):
        first, second = getattr(one, name), getattr(other, name)
        is_whole = first is not None and second is not None
        means[name] = (first * one.count + second * other.count) / total if is_whole else None
    return replace(other, count=total, **means)


def _rounded(one: SampleLikeness) -> SampleLikeness:
    means = {name: getattr(one, name) for name in ("likeness", *SAMPLE_MEANS)}
    said: dict[str, Any] = {n: round(one, MEAN_DIGITS) for n, one in means.items() if one is not None}
    return replace(one, **said)


def _map_faults(exam: ExamRecord, numbers: BlindMap, items: dict[str, ItemRecord]) -> Iterator[Problem]:
    if numbers.exam != exam.name:
        yield Problem(numbers.place, "", f"is a map of {numbers.exam!r}, not of {exam.name!r}")
        return
    if not numbers.items:
        yield Problem(numbers.place, "", "names no item")
    for one in numbers.items:
        item = items.get(one.item)
        if item is None:
            yield Problem(one.place, one.item, "is not in the exam")


def _changed(numbers: BlindMap, items: dict[str, ItemRecord]) -> Iterator[Problem]:
    for one in numbers.items:
        if one.item in items and items[one.item].fingerprint != one.fingerprint:
            yield Problem(one.place, one.item, "the wording has changed since the handout was written")


def _late(numbers: BlindMap, before: ExamReadings, items: dict[str, ItemRecord]) -> Iterator[Problem]:
    """Yield the items of which an older wording comes when the present one was read already."""
    known = {(one.item, one.fingerprint) for one in before.readings}
    for one in numbers.items:
        present = items[one.item].fingerprint if one.item in items else one.fingerprint
        is_new = (one.item, one.fingerprint) not in known
        if one.fingerprint != present and is_new and (one.item, present) in known:
            yield Problem(one.place, one.item, "a later wording was read already")


def _row_faults(
    numbers: BlindMap, rows: Sequence[FilledRow], items: dict[str, ItemRecord]
) -> Iterator[Problem]:
    options: dict[int, Collection[str]] = {one.number: one.options for one in numbers.samples}
    for own in numbers.items:
        options[own.number] = [option.letter for option in items[own.item].options]
    questions = {own.number: dict(question_of(items[own.item]).options) for own in numbers.items}
    seen: set[int] = set()
    for row in rows:
        said = f"number {row.number}"
        if row.number not in options:
            yield Problem(row.place, "", f"{said} is not in the map")
            continue
        if row.number in seen:
            yield Problem(row.place, "", f"{said} is answered twice")
        seen.add(row.number)
        if not row.answer:
            yield Problem(row.place, "", f"{said} has no answer")
        if unknown := sorted(row.letters.difference(options[row.number])):
            yield Problem(row.place, "", f"{said} names no option of the item: {', '.join(unknown)}")
        if row.second_option and {*row.second_option} <= {*row.answer}:
            yield Problem(row.place, "", f"{said} defends its answer {row.second_option} as a second option")
        if row.number in questions and not _shows(row, questions[row.number]):
            yield Problem(row.place, "", f"{said} shows other options than its item: is this its map?")
    for number in sorted(options.keys() - seen):
        yield Problem(numbers.place, "", f"number {number} is missing from the filled handout")


def _shows(row: FilledRow, options: Mapping[str, str]) -> bool:
    """Tell whether a row still shows these options, as far as it shows any; white space does not count."""
    return all(options.get(letter, "").split() == text.split() for letter, text in row.options)


def _doubles(
    numbers: BlindMap, before: ExamReadings, items: dict[str, ItemRecord], reader: str
) -> Iterator[Problem]:
    if numbers.lay:
        read = {(one.item, one.fingerprint) for one in before.lay if one.reader == reader}
        again = [one for one in numbers.items if (one.item, one.fingerprint) in read]
    else:
        rounds = {(one.item, one.round) for one in before.readings if one.reader == reader}
        again = [
            one
            for one in numbers.items
            if (one.item, round_of(items[one.item], before.readings, one.fingerprint)) in rounds
        ]
    for one in again:
        yield Problem(one.place, one.item, f"was read by {reader} already")
