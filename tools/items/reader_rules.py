"""What readers of blind handouts found: keys, difficulty, likeness, luck without knowledge."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, mean
from typing import Final

from exams.content.records import ALL_SAMPLES, ItemRecord
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Fault, Finding, Outcome, SetRule, set_rule
from tools.items.bands import ENOUGH, Measure
from tools.items.measured import percent, share
from tools.items.records import READERS_MIN, ExamReadings, Reading, SampleLikeness

LIKENESS_MIN: Final = 3
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


def agrees(reading: Reading, item: ItemRecord) -> bool:
    """Tell whether a reader chose exactly the keys and would defend no other option."""
    return _is_key(reading, item) and reading.second_option is None


def _is_key(reading: Reading, item: ItemRecord) -> bool:
    return sorted(reading.answer) == sorted(item.keys)


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


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item beside one reading of its present wording."""

    item: ItemRecord
    reading: Reading

    @property
    def is_key(self) -> float:
        """Return 1 where the answer is the key, 0 where it is not."""
        return float(_is_key(self.reading, self.item))


def _asked(of: Callable[[Reading], float | None]) -> Callable[[ReadItem], list[float]]:
    """Measure what readers were asked; of those who were not there is no number."""

    def numbers(one: ReadItem) -> list[float]:
        found = of(one.reading)
        return [] if found is None else [float(found)]

    return numbers


type OfSamples = Callable[[SampleLikeness], float | None]

READ_MEASURES: Final[tuple[tuple[Measure[ReadItem], OfSamples], ...]] = (
    (
        Measure("N11", "keys-found", "answers that are the key", lambda one: [one.is_key]),
        lambda one: one.keys,
    ),
    (
        Measure("N11", "difficulty", "difficulty, mean", _asked(lambda one: one.difficulty), fmean),
        lambda one: one.difficulty,
    ),
    (
        Measure("N11", "too-easy", "readings of difficulty 1", _asked(lambda one: one.is_too_easy)),
        lambda one: one.too_easy,
    ),
    (
        Measure(
            "N12", "free-options", "options that fall freely, mean", _asked(lambda one: one.freed), fmean
        ),
        lambda one: one.free,
    ),
    (
        Measure("N13", "hesitations", "readings with hesitation", _asked(lambda one: one.hesitated)),
        lambda one: one.hesitated,
    ),
    (
        Measure("N14", "likeness", "likeness, mean", _asked(lambda one: one.likeness), fmean),
        lambda one: one.likeness,
    ),
)
"""What readers say, by the bands of the guide, and the same of the samples in their sheets."""


def read_figures(exam: MeasuredExam, readings: ExamReadings | None) -> list[Finding]:
    """Judge what readers said of the present wordings."""
    now = [ReadItem(item, one) for item, last in _last(exam, readings) for one in last]
    samples = readings.samples if readings else ()
    return [
        measure(now, exam.guide, exam.place, _of_samples(samples, of, measure.unit))
        for measure, of in READ_MEASURES
        if measure.name in exam.guide.bands
    ]


def _of_samples(samples: Iterable[SampleLikeness], of: OfSamples, unit: int) -> dict[str, float]:
    """Return the mean over all samples that were judged."""
    judged = [(value, one.count) for one in samples if (value := of(one)) is not None]
    total = sum(count for _, count in judged)
    whole = sum(value * count for value, count in judged)
    return {ALL_SAMPLES: round(unit * whole / total, 1 if unit > 1 else 2)} if total else {}


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
    likeness_of_items,
    lay_readers,
)
