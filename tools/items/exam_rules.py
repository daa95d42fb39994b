"""What only a whole file shows: keys, lengths and the like by their shares."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from exams.content.markdown import blocks_of
from exams.content.records import (
    CoverageRecord,
    ExamPlanRecord,
    ExamRecord,
    ItemRecord,
    ItemTextRecord,
    TranslationRecord,
)
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import length
from exams.content.rules.rule import PERCENT, Fault, Outcome, Row, item_rule, set_rule
from exams.content.rules.stems import constraint_words
from exams.content.rules.structure import LETTERS
from tools.items.bands import ENOUGH, Measure
from tools.items.measured import is_single, percent, share, single_key, singles_of

KEY_SPREAD: Final = 0.2  # of four options each letter has the key in 20 to 30 % of the items
RUN_MAX: Final = 2  # people who see the same letter three times begin to doubt their answers


@item_rule("V03", "keys off their position", "exactly as planned")
def planned_keys(one: MeasuredItem) -> Iterator[str]:
    """Keys are where the plan puts them."""
    if one.slot is not None and one.item.keys != one.slot.key_positions:
        yield f"key {'+'.join(one.item.keys) or 'none'}, planned {'+'.join(one.slot.key_positions)}"


@set_rule("V03", least=ENOUGH)
def key_spread(exam: MeasuredExam) -> Outcome:
    """Single keys are spread evenly over the letters."""
    singles = singles_of(exam)
    letters = LETTERS[: max((len(one.item.options) for one in singles), default=0)]
    counts = Counter(single_key(one) for one in singles)
    rows, faults = [], []
    for letter in letters:
        even = PERCENT / len(letters)
        low, high = even * (1 - KEY_SPREAD), even * (1 + KEY_SPREAD)
        label, value = f"single keys at {letter}", percent(counts[letter], len(singles))
        rows.append(Row(label, value, f"{low:.0f}-{high:.0f} %"))
        if not low <= share(counts[letter], len(singles)) <= high:
            faults.append(Fault(exam.place, "", f"{label}: {value}", rows[-1].limit))
    return Outcome(tuple(rows), tuple(faults), len(singles))


@set_rule("V04", least=0)
def key_runs(exam: MeasuredExam) -> Outcome:
    """The same single key does not come too often in a row (over the single-answer items)."""
    runs = [list(group) for _, group in groupby(singles_of(exam), key=single_key)]
    faults = [
        Fault(
            run[-1].item.place,
            run[-1].item.id,
            f"key {single_key(run[0])} {len(run)} times in a row",
            str(RUN_MAX),
        )
        for run in runs
        if len(run) > RUN_MAX
    ]
    longest = max((len(run) for run in runs), default=0)
    return Outcome.of("same single key in a row", str(longest), f"at most {RUN_MAX}", faults)


def _key_and_rest(one: MeasuredItem) -> tuple[int, list[int]]:
    key = next(length(option.text) for option in one.item.options if option.correct)
    return key, [length(option.text) for option in one.item.options if not option.correct]


def _is_longest(one: MeasuredItem) -> Iterator[float]:
    if is_single(one):
        key, rest = _key_and_rest(one)
        yield float(key > max(rest))


def _is_shortest(one: MeasuredItem) -> Iterator[float]:
    if is_single(one):
        key, rest = _key_and_rest(one)
        yield float(key < min(rest))


constraint_share: Final = Measure[MeasuredItem](
    "V08",
    "constraint-share",
    "stems with a constraint word",
    lambda one: [float(bool(constraint_words(one)))],
    usual=(20, 40),
)
# Chance makes the key the longest of four options in a quarter of the items. Ten points more may be luck
# in a file of some fifty; beyond that "take the longest" becomes a way to pass.
longest_key: Final = Measure[MeasuredItem](
    "V11", "longest-key", "key strictly longest", _is_longest, usual=(0, 35)
)
shortest_key: Final = Measure[MeasuredItem](
    "V12", "shortest-key", "key strictly shortest", _is_shortest, usual=(0, 35)
)


@set_rule("V24", least=0)
def one_title_per_page(exams: Sequence[MeasuredExam]) -> Outcome:
    """A page has the same title wherever it is named."""
    named = [(one.item, page) for exam in exams for one in exam.items for page in one.item.references]
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    for _, page in named:
        titles[page.url][page.title] += 1
    usual = {url: counted.most_common(1)[0][0] for url, counted in titles.items()}
    faults = [
        Fault(item.place, item.id, f"{page.title!r} is {usual[page.url]!r} elsewhere", "one title a page")
        for item, page in named
        if page.title != usual[page.url]
    ]
    return Outcome.of("pages with several titles", str(len(faults)), "0", faults)


@set_rule("B01", least=0)
def scored_coverage(coverage: CoverageRecord, exams: tuple[ExamPlanRecord, ...]) -> Outcome:
    """Each coverage item is tested by at least one scored item of the planned exams."""
    scored = {name for exam in exams for slot in exam.slots if slot.scored for name in slot.covers}
    names = [name for name, _ in coverage.items]
    faults = [
        Fault(coverage.place, "", f"no scored item tests {name!r}", "each coverage item")
        for name in names
        if name not in scored
    ]
    value = percent(len(names) - len(faults), len(names))
    return Outcome.of("coverage items with a scored item", value, "all", faults)


@set_rule("T03", least=0)
def parts_of_original(translation: TranslationRecord, exam: ExamRecord) -> Outcome:
    """A translated item has ask, tables, code, figures and captions where its original has them."""
    originals = {item.id: item for item in exam.items}
    faults = [
        Fault(text.place, text.id, found, "what the original has, and no more")
        for text in translation.items
        if text.id in originals
        for found in _unlike(text, originals[text.id])
    ]
    return Outcome.of("parts unlike the original", str(len(faults)), "0", faults)


def _unlike(text: ItemTextRecord, original: ItemRecord) -> Iterator[str]:
    if bool(text.ask) != bool(original.ask):
        yield "has no ask" if original.ask else "has an ask"
    shown = _named_texts(text)
    for name, written in _named_texts(original).items():
        wanted, found = blocks_of(written), blocks_of(shown.get(name, ""))
        if name in shown and found != wanted:
            yield f"{name} shows {', '.join(found) or 'nothing'} instead of {', '.join(wanted) or 'nothing'}"


def _named_texts(item: ItemRecord | ItemTextRecord) -> dict[str, str]:
    told = item.explanation
    texts = {"the stem": item.stem, "why_correct": told.why_correct}
    texts |= {"the principle": told.principle, "the exam tip": told.exam_tip}
    for option in item.options:
        texts |= {f"option {option.letter}": option.text, f"why of {option.letter}": option.why}
    return texts
