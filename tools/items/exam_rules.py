"""What only a whole file shows: keys, lengths, failure codes and the like by their shares."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
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
from exams.content.rules.measures import count_words, length
from exams.content.rules.options import CODES
from exams.content.rules.rule import PERCENT, Fault, Outcome, Row, item_rule, set_rule
from exams.content.rules.stems import constraint_words
from exams.content.rules.structure import LETTERS
from tools.items.measured import multiples_of, percent, share, single_key, singles_of

# Below this one item moves a share by more than 6 points, and the bands are some 10 points wide.
ENOUGH: Final = 16
KEY_SPREAD: Final = 0.2  # of four options each letter has the key in 20 to 30 % of the items
RUN_MAX: Final = 2  # people who see the same letter three times begin to doubt their answers
# Chance makes the key the longest of four options in a quarter of the items. Ten points more may be luck
# in a file of some fifty; beyond that "take the longest" becomes a way to pass.
EXTREME_MAX: Final = 35
RATIO_MIN: Final = 0.90
RATIO_MAX: Final = 1.10
LONGEST_IS_KEY_MAX: Final = 60
ENOUGH_MULTIPLES: Final = 4  # 60 % of fewer is one item or two
CODE_MAX: Final = 40
ENOUGH_DISTRACTORS: Final = 40
MEAN_MIN: Final = 70
MEAN_MAX: Final = 115
CONSTRAINED_MIN: Final = 20
CONSTRAINED_MAX: Final = 40


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


@set_rule("V05", least=ENOUGH)
def mean_stem_length(exam: MeasuredExam) -> Outcome:
    """The stems of a file have 70 to 115 words on average."""
    counts = [count_words(one.item.wording) for one in exam.items]
    mean, limit = sum(counts) / len(counts) if counts else 0.0, f"{MEAN_MIN}-{MEAN_MAX}"
    faults = []
    if not MEAN_MIN <= mean <= MEAN_MAX:
        faults.append(Fault(exam.place, "", f"mean stem of {mean:.1f} words", limit))
    return Outcome.of("mean words per stem", f"{mean:.1f}", limit, faults, count=len(counts))


@set_rule("V08", least=ENOUGH)
def constraint_share(exam: MeasuredExam) -> Outcome:
    """A fifth to two fifths of the stems have a constraint word in capitals."""
    found = sum(bool(constraint_words(one)) for one in exam.items)
    total = len(exam.items)
    value, limit = percent(found, total), f"{CONSTRAINED_MIN}-{CONSTRAINED_MAX} %"
    faults = []
    if not CONSTRAINED_MIN <= share(found, total) <= CONSTRAINED_MAX:
        faults.append(Fault(exam.place, "", f"stems with a constraint word: {value}", limit))
    return Outcome.of("stems with a constraint word", value, limit, faults, count=total)


def _key_and_rest(one: MeasuredItem) -> tuple[int, list[int]]:
    key = next(length(option.text) for option in one.item.options if option.correct)
    return key, [length(option.text) for option in one.item.options if not option.correct]


def _extreme(exam: MeasuredExam, label: str, is_extreme: Callable[[int, list[int]], bool]) -> Outcome:
    hits = sum(is_extreme(*_key_and_rest(one)) for one in singles_of(exam))
    total = len(singles_of(exam))
    value, limit = percent(hits, total), f"at most {EXTREME_MAX} %"
    is_over = share(hits, total) > EXTREME_MAX
    faults = [Fault(exam.place, "", f"{label}: {value}", limit)] if is_over else []
    return Outcome.of(label, value, limit, faults, count=total)


@set_rule("V11", least=ENOUGH)
def longest_key(exam: MeasuredExam) -> Outcome:
    """The key of a single-answer item is not too often strictly the longest option."""
    return _extreme(exam, "key strictly longest", lambda key, rest: key > max(rest))


@set_rule("V12", least=ENOUGH)
def shortest_key(exam: MeasuredExam) -> Outcome:
    """The key of a single-answer item is not too often strictly the shortest option."""
    return _extreme(exam, "key strictly shortest", lambda key, rest: key < min(rest))


@set_rule("V13", least=ENOUGH)
def key_length_ratio(exam: MeasuredExam) -> Outcome:
    """Keys are on average as long as distractors, over all items of the file."""
    options = [option for one in exam.items for option in one.item.options]
    keys = [length(option.text) for option in options if option.correct]
    others = [length(option.text) for option in options if not option.correct]
    ratio = (sum(keys) / len(keys)) / (sum(others) / len(others)) if keys and sum(others) else 0.0
    label, limit = "mean key / mean distractor length", f"{RATIO_MIN:.2f}-{RATIO_MAX:.2f}"
    faults = []
    if not RATIO_MIN <= ratio <= RATIO_MAX:
        faults.append(Fault(exam.place, "", f"{label} {ratio:.3f}", limit))
    return Outcome.of(label, f"{ratio:.3f}", limit, faults, count=len(exam.items))


@set_rule("V15", least=ENOUGH_MULTIPLES)
def longest_multiple_key(exam: MeasuredExam) -> Outcome:
    """The longest option of a multiple-response item is not too often a correct one (a tie counts as one)."""
    hits, total = 0, len(multiples_of(exam))
    for one in multiples_of(exam):
        longest = max(length(option.text) for option in one.item.options)
        hits += any(option.correct and length(option.text) == longest for option in one.item.options)
    label, value, limit = (
        "longest option is a correct one",
        percent(hits, total),
        f"at most {LONGEST_IS_KEY_MAX} %",
    )
    is_over = share(hits, total) > LONGEST_IS_KEY_MAX
    faults = [Fault(exam.place, "", f"{label}: {value}", limit)] if is_over else []
    return Outcome.of(label, value, limit, faults, count=total)


@set_rule("V19", least=ENOUGH_DISTRACTORS)
def failure_spread(exam: MeasuredExam) -> Outcome:
    """No failure code is that of too many distractors of the file."""
    codes = Counter(
        option.failure for one in exam.items for option in one.item.options if option.failure in CODES
    )
    total, limit = codes.total(), f"at most {CODE_MAX} %"
    faults = [
        Fault(exam.place, "", f"{code}: {percent(count, total)}", limit)
        for code, count in codes.items()
        if share(count, total) > CODE_MAX
    ]
    code, count = max(codes.items(), key=lambda entry: entry[1], default=("none", 0))
    label = f"most common failure code ({code})"
    return Outcome.of(label, percent(count, total), limit, faults, count=total)


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
