"""Which items a reader without the keys should read next, and what a filled handout adds to the readings."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from exams.content.records import ExamRecord, FormatError, ItemRecord, Problem
from tools.items.records import READERS_MIN, ExamReadings, Reading


def readers_of(item: ItemRecord, readings: Sequence[Reading]) -> set[str]:
    """Return who read the item in its present wording."""
    return {one.reader for one in readings if one.item == item.id and one.fingerprint == item.fingerprint}


def round_of(item: ItemRecord, readings: Sequence[Reading], fingerprint: str = "") -> int:
    """Return the round in which a wording (the present one unless named) was read, else a new one."""
    rounds = {one.round: one.fingerprint for one in readings if one.item == item.id}
    same = [number for number, read in rounds.items() if read == (fingerprint or item.fingerprint)]
    return max(same) if same else max(rounds, default=0) + 1


def handout(
    exam: ExamRecord, readings: Sequence[Reading], *, only: Collection[str] = (), unread: bool = False
) -> list[tuple[ItemRecord, int]]:
    """Return items and the round each is read in: all, those named, or those with too few readers now."""
    return [
        (item, round_of(item, readings))
        for item in exam.items
        if (not only or item.id in only) and not (unread and len(readers_of(item, readings)) >= READERS_MIN)
    ]


def taken(exam: ExamRecord, before: ExamReadings, filled: ExamReadings) -> ExamReadings:
    """Return the readings with the filled readings added, in the order of the items.

    Raises FormatError where a reading is of another exam, of an item or option that is not there, of a
    wording that has changed since, of another round than the present one, or was taken before.
    """
    items = {item.id: item for item in exam.items}
    taken_before = {(one.item, one.round, one.reader) for one in before.readings}
    problems = [
        Problem(reading.place, reading.item, fault)
        for reading in filled.readings
        for fault in _faults(reading, items.get(reading.item), before.readings, taken_before)
    ]
    if filled.name != exam.name:
        problems.insert(
            0, Problem(filled.place, "", f"is a handout of {filled.name!r}, not of {exam.name!r}")
        )
    if problems:
        raise FormatError(tuple(problems))
    order = {item.id: place for place, item in enumerate(exam.items)}
    both = sorted(
        (*before.readings, *filled.readings), key=lambda one: (order.get(one.item, len(order)), one.round)
    )
    return replace(before, name=exam.name, readings=tuple(both))


def _faults(
    reading: Reading,
    item: ItemRecord | None,
    readings: Sequence[Reading],
    before: Collection[tuple[str, int, str]],
) -> list[str]:
    if item is None:
        return ["is not in the exam"]
    unknown = sorted(reading.letters - {option.letter for option in item.options})
    checks = (
        (not reading.answer, "has no answer"),
        (bool(unknown), f"names no option of the item: {', '.join(unknown)}"),
        (reading.fingerprint != item.fingerprint, "the wording has changed since it was handed out"),
        (reading.round != round_of(item, readings), f"is read in round {round_of(item, readings)} now"),
        ((reading.item, reading.round, reading.reader) in before, f"was read by {reading.reader} already"),
    )
    return [message for is_wrong, message in checks if is_wrong]
