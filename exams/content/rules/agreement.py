"""Was every item answered by a reader without the key, and do the last readings agree with it?"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from exams.content.records import ExamReadings, ItemRecord, Reading
from exams.content.rules.findings import percent
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Fault, Outcome, Row, set_rule

AGREEMENT_GOAL: Final = 92


def agrees(reading: Reading, item: ItemRecord) -> bool:
    """Tell whether a reader chose exactly the keys and would defend no other option."""
    return sorted(reading.answer) == sorted(item.keys) and reading.second_option is None


@set_rule("V30", least=0)
def agreement(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """Each item is read as it stands; all readings of its last round agree and name no second option."""
    if readings is None:
        found, limit = "no readings beside the exam", "every item read without the key"
        return Outcome.of("items read", "0", limit, [Fault(exam.place, "", found, limit)])
    rounds: dict[str, dict[int, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for reading in readings.readings:
        rounds[reading.item][reading.round].append(reading)
    faults = _unknown(exam, readings)
    read = first = rewritten = present = after = 0
    for item in exam.exam.items:
        if item.id not in rounds:
            faults.append(Fault(item.place, item.id, "was not read", "a reading of each item"))
            continue
        # A rewording opens a new round. Earlier rounds say how good the first wording was, the last one
        # decides; and it counts only if it was of the present wording.
        by_round = rounds[item.id]
        last = by_round[max(by_round)]
        read += 1
        first += all(agrees(reading, item) for reading in by_round[min(by_round)])
        rewritten += len(by_round) > 1
        present += all(reading.fingerprint == item.fingerprint for reading in last)
        after += all(agrees(reading, item) for reading in last)
        faults += _disagreements(last, item)
    return Outcome(_rows(len(exam.exam.items), read, first, rewritten, present, after), tuple(faults))


def _rows(items: int, read: int, first: int, rewritten: int, present: int, after: int) -> tuple[Row, ...]:
    return (
        Row("items read", percent(read, items), "all"),
        Row("agreed at first reading", percent(first, read), f"goal {AGREEMENT_GOAL} %"),
        Row("rewritten and read again", str(rewritten), ""),
        Row("read in the present wording", percent(present, items), "all"),
        Row("agreed after", percent(after, read), "all"),
    )


def _unknown(exam: MeasuredExam, readings: ExamReadings) -> list[Fault]:
    known = {item.id: {option.letter for option in item.options} for item in exam.exam.items}
    faults = []
    for reading in readings.readings:
        if reading.item not in known:
            faults.append(_fault(reading, "reading of an item that is not in the exam", "items of the exam"))
        elif not reading.letters <= known[reading.item]:
            wrong = ", ".join(sorted(reading.letters - known[reading.item]))
            faults.append(_fault(reading, f"names no option of the item: {wrong}", "options of the item"))
    return faults


def _disagreements(last: Sequence[Reading], item: ItemRecord) -> list[Fault]:
    faults = []
    for reading in last:
        if sorted(reading.answer) != sorted(item.keys):
            found = (
                f"{reading.reader} answered {'+'.join(reading.answer) or 'nothing'} in round {reading.round}"
            )
            faults.append(_fault(reading, found, f"the key {'+'.join(item.keys)}"))
        if reading.second_option is not None:
            found = f"{reading.reader} defends {reading.second_option} in round {reading.round}"
            faults.append(_fault(reading, found, "no second option"))
        if reading.fingerprint != item.fingerprint:
            found = f"{reading.reader} read another wording in round {reading.round}"
            faults.append(_fault(reading, found, "the present wording"))
    return faults


def _fault(reading: Reading, found: str, limit: str) -> Fault:
    return Fault(reading.place, reading.item, found, limit)
