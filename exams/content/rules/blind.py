"""What readers of blind handouts found: options that fall by themselves, likeness, luck without knowledge."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from typing import Final

from exams.content.records import READERS_MIN, ExamReadings, ItemRecord, Reading
from exams.content.rules.findings import percent, share
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Fault, Outcome, SetRule, set_rule
from exams.content.rules.structure import ENOUGH

FREE_MAX: Final = {"easy": 1}
"""Distractors that may fall without knowledge, by difficulty; of others none."""
LIKENESS_MIN: Final = 3
BELOW_MAX: Final = 0.3
SAMPLES_MIN: Final = 10
"""How many samples the readers of an exam must have judged together, lest one or two decide."""
LAY_MAX: Final = 40
LAY_READ_MIN: Final = 80
"""The share of items that lay readers must have answered as they are now, lest a few decide."""

type LastRound = tuple[ItemRecord, Sequence[Reading]]
type BlindRule = SetRule[[MeasuredExam, ExamReadings | None]]


def _last(exam: MeasuredExam, readings: ExamReadings | None) -> Iterator[LastRound]:
    """Yield each item that was read, with the readings of its last round that are of the present wording."""
    by_item: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings.readings if readings else ():
        by_item[reading.item].append(reading)
    for item in exam.exam.items:
        found = by_item[item.id]
        last = max((reading.round for reading in found), default=0)
        now = [one for one in found if one.round == last and one.fingerprint == item.fingerprint]
        if now:
            yield item, now


@set_rule("V30", least=0)
def two_readers(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """Each item was read by two readers in its last round."""
    counts = {item.id: len({one.reader for one in last}) for item, last in _last(exam, readings)}
    limit = f"at least {READERS_MIN} readers of each item"
    faults = [
        Fault(item.place, item.id, f"readers of the present wording: {counts.get(item.id, 0)}", limit)
        for item in exam.exam.items
        if counts.get(item.id, 0) < READERS_MIN
    ]
    total = len(exam.exam.items)
    return Outcome.of("read by two readers", percent(total - len(faults), total), "all", faults)


@set_rule("R01", least=0)
def free_eliminations(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """No distractor falls without knowledge, but for one of an easy item."""
    levels = {slot.id: slot.difficulty for slot in exam.plan.slots}
    faults, total = [], 0
    for item, last in _last(exam, readings):
        said = [one.free for one in last if one.free is not None]
        total += 1
        if not said:
            fault = "nobody said which options fall without knowledge"
            faults.append(Fault(last[0].place, item.id, fault, "said by a reader"))
            continue
        free = sorted({letter for letters in said for letter in letters} - set(item.keys))
        level = levels.get(item.id, "")
        allowed = FREE_MAX.get(level, 0)
        if len(free) > allowed:
            found = f"{', '.join(free)} fall{'s' if len(free) == 1 else ''} without knowledge"
            limit = f"at most {allowed}" if allowed else f"none in {level} items"
            faults.append(Fault(last[0].place, item.id, found, limit))
    return Outcome.of("items with free eliminations", percent(len(faults), total), "0", faults)


@set_rule("R02", least=0)
def likeness_of_items(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """Each item is like those of the real exam, by the mean of its readers."""
    faults, means = [], []
    limit = f"at least {LIKENESS_MIN}"
    for item, last in _last(exam, readings):
        said = [one.likeness for one in last if one.likeness is not None]
        if not said:
            faults.append(Fault(last[0].place, item.id, "nobody said how like the exam it is", limit))
            continue
        means.append(mean(said))
        if means[-1] < LIKENESS_MIN:
            faults.append(Fault(last[0].place, item.id, f"likeness {means[-1]:.1f}", limit))
    value = f"{min(means):.1f}" if means else "none"
    return Outcome.of("lowest likeness of an item", value, limit, faults)


@set_rule("R02", least=ENOUGH)
def mean_likeness(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """To the same readers the items are nearly as like the exam as the vendor's samples beside them."""
    samples = _sample_means(readings)
    pairs = [
        (one.likeness, samples[one.reader])
        for _, last in _last(exam, readings)
        for one in last
        if one.likeness is not None and one.reader in samples
    ]
    total, limit = len(exam.exam.items), f"at most {BELOW_MAX} below the vendor's samples"
    if not pairs:
        fault = Fault(exam.place, "", "no reader judged samples of the vendor beside the items", limit)
        return Outcome.of("mean likeness", "none", limit, [fault], count=total)
    # A reader who read more items counts for more, on both sides: so their strictness cancels out.
    ours, theirs = mean(own for own, _ in pairs), mean(other for _, other in pairs)
    value = f"{ours:.2f}, samples {theirs:.2f}"
    is_under = round(theirs - ours, 6) > BELOW_MAX
    faults = [Fault(exam.place, "", f"mean likeness {value}", limit)] if is_under else []
    readers = {one.reader for _, last in _last(exam, readings) for one in last}
    judged = sum(one.count for one in readings.samples if one.reader in readers) if readings else 0
    if judged < SAMPLES_MIN:
        found = f"samples judged by those readers: {judged}"
        faults.append(Fault(exam.place, "", found, f"at least {SAMPLES_MIN}"))
    return Outcome.of("mean likeness", value, limit, faults, count=total)


def _sample_means(readings: ExamReadings | None) -> Mapping[str, float]:
    """Return how like the exam each reader found the samples, over all of their handouts."""
    sums: dict[str, tuple[float, int]] = {}
    for one in readings.samples if readings else ():
        total, count = sums.get(one.reader, (0.0, 0))
        sums[one.reader] = (total + one.likeness * one.count, count + one.count)
    return {reader: total / count for reader, (total, count) in sums.items()}


@set_rule("R03", least=ENOUGH)
def lay_readers(exam: MeasuredExam, readings: ExamReadings | None) -> Outcome:
    """Whoever does not know the subject fails, however well they read."""
    label, limit = "correct without the subject", f"at most {LAY_MAX} %"
    lay = readings.lay if readings else ()
    if not lay:
        # Who knows the subject cannot read as one who does not, so an exam may lack such a reader.
        return Outcome.of(label, "nobody has read it so", limit, [])
    items = {item.id: item for item in exam.exam.items}
    faults = [
        Fault(one.place, one.item, "lay answer to an item that is not in the exam", "items of the exam")
        for one in lay
        if one.item not in items
    ]
    now = [one for one in lay if one.item in items and one.fingerprint == items[one.item].fingerprint]
    total, answered = len(items), len({one.item for one in now})
    right = sum(sorted(one.answer) == sorted(items[one.item].keys) for one in now)
    value = percent(right, len(now))
    if share(answered, total) < LAY_READ_MIN:
        found = f"answered by lay readers as they are now: {percent(answered, total)}"
        faults.append(Fault(exam.place, "", found, f"at least {LAY_READ_MIN} %"))
    if share(right, len(now)) > LAY_MAX:
        faults.append(Fault(exam.place, "", f"{label}: {value}", limit))
    return Outcome.of(label, value, limit, faults, count=total)


BLIND_RULES: Final[tuple[BlindRule, ...]] = (
    two_readers,
    free_eliminations,
    likeness_of_items,
    mean_likeness,
    lay_readers,
)
