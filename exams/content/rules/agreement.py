"""V30: was every item answered by a reader without the key, and do the last readings agree with it?"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from exams.content.records import ItemRecord, Reading, ReadingSheet
from exams.content.rules.findings import Breach, Figure, Finding, percent
from exams.content.rules.measured import Sheet

AGREEMENT_GOAL: Final = 92


def agrees(reading: Reading, item: ItemRecord) -> bool:
    """Tell whether a reader chose exactly the keys and would defend no other option."""
    return sorted(reading.answer) == sorted(item.keys) and reading.second_option is None


def v30(sheet: Sheet, readings: ReadingSheet | None) -> Finding:
    """Each item is read as it stands; all readings of its last round agree and name no second option."""
    if readings is None:
        found, limit = "no reading sheet beside the exam", "every item read without the key"
        return Finding.of("V30", "items read", "0", limit, [sheet.breach(None, "V30", found, limit)])
    rounds: dict[str, dict[int, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for reading in readings.readings:
        rounds[reading.item][reading.round].append(reading)
    breaches = _strangers(sheet, readings)
    read = first = rewritten = present = after = 0
    for item in sheet.exam.items:
        if item.id not in rounds:
            breaches.append(sheet.breach(item, "V30", "was not read", "a reading of each item"))
            continue
        by_round = rounds[item.id]
        last = by_round[max(by_round)]
        read += 1
        first += all(agrees(reading, item) for reading in by_round[min(by_round)])
        rewritten += len(by_round) > 1
        present += all(reading.fingerprint == item.fingerprint for reading in last)
        after += all(agrees(reading, item) for reading in last)
        breaches += _disagreements(last, item)
    return Finding(_figures(len(sheet.exam.items), read, first, rewritten, present, after), tuple(breaches))


def _figures(
    items: int, read: int, first: int, rewritten: int, present: int, after: int
) -> tuple[Figure, ...]:
    return (
        Figure("V30", "items read", percent(read, items), "all"),
        Figure("V30", "agreed at first reading", percent(first, read), f"goal {AGREEMENT_GOAL} %"),
        Figure("V30", "rewritten and read again", str(rewritten), ""),
        Figure("V30", "read in the present wording", percent(present, items), "all"),
        Figure("V30", "agreed after", percent(after, read), "all"),
    )


def _strangers(sheet: Sheet, readings: ReadingSheet) -> list[Breach]:
    known = {item.id: {option.letter for option in item.options} for item in sheet.exam.items}
    breaches = []
    for reading in readings.readings:
        if reading.item not in known:
            breaches.append(
                _breach(reading, "reading of an item that is not in the exam", "items of the exam")
            )
        elif not reading.letters <= known[reading.item]:
            wrong = ", ".join(sorted(reading.letters - known[reading.item]))
            breaches.append(_breach(reading, f"names no option of the item: {wrong}", "options of the item"))
    return breaches


def _disagreements(last: Sequence[Reading], item: ItemRecord) -> list[Breach]:
    breaches = []
    for reading in last:
        if sorted(reading.answer) != sorted(item.keys):
            found = (
                f"{reading.reader} answered {'+'.join(reading.answer) or 'nothing'} in round {reading.round}"
            )
            breaches.append(_breach(reading, found, f"the key {'+'.join(item.keys)}"))
        if reading.second_option is not None:
            found = f"{reading.reader} defends {reading.second_option} in round {reading.round}"
            breaches.append(_breach(reading, found, "no second option"))
        if reading.fingerprint != item.fingerprint:
            found = f"{reading.reader} read another wording in round {reading.round}"
            breaches.append(_breach(reading, found, "the present wording"))
    return breaches


def _breach(reading: Reading, found: str, limit: str) -> Breach:
    return Breach(reading.place.file, reading.place.line, reading.item, "V30", found, limit)
