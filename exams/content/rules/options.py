"""Lengths, wording and failure codes of the options."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from exams.content.rules.findings import percent, share
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import length, plain
from exams.content.rules.rule import Fault, Outcome, Said, item_rule, set_rule
from exams.content.rules.structure import ENOUGH

# Chance makes the key the longest of four options in a quarter of the items. Ten points more may be luck
# in a file of some fifty; beyond that "take the longest" becomes a way to pass.
EXTREME_MAX: Final = 35
RATIO_MIN: Final = 0.90
RATIO_MAX: Final = 1.10
# Both must be exceeded: among short options a ratio alone would forbid "EC2" beside "Lambda".
SPREAD_RATIO: Final = 1.6
SPREAD_CHARACTERS: Final = 40
LONGEST_IS_KEY_MAX: Final = 60
ENOUGH_MULTIPLES: Final = 4  # 60 % of fewer is one item or two
CODES: Final = ("W1", "W2", "W3", "W4", "W5", "W6")
W5_MAX: Final = 1  # an option that is impossible falls out by itself; two of them leave a coin to toss
CODE_MAX: Final = 40
ENOUGH_DISTRACTORS: Final = 40


def _key_and_rest(one: MeasuredItem) -> tuple[int, list[int]]:
    key = next(length(option.text) for option in one.item.options if option.correct)
    return key, [length(option.text) for option in one.item.options if not option.correct]


def _extreme(exam: MeasuredExam, label: str, is_extreme: Callable[[int, list[int]], bool]) -> Outcome:
    hits = sum(is_extreme(*_key_and_rest(one)) for one in exam.singles)
    total = len(exam.singles)
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


@item_rule(
    "V14",
    "items with options of unlike length",
    f"at most {SPREAD_RATIO} times, or {SPREAD_CHARACTERS} characters",
)
def option_lengths(one: MeasuredItem) -> Iterator[str]:
    """The options of an item are of similar length."""
    lengths = [length(option.text) for option in one.item.options]
    shortest, longest = min(lengths, default=0), max(lengths, default=0)
    if longest > SPREAD_RATIO * shortest and longest - shortest > SPREAD_CHARACTERS:
        said = f"longest option {longest} characters, shortest {shortest}"
        yield Said.at(f"options.{lengths.index(longest)}.text", said, longest=longest, shortest=shortest)


@set_rule("V15", least=ENOUGH_MULTIPLES)
def longest_multiple_key(exam: MeasuredExam) -> Outcome:
    """The longest option of a multiple-response item is not too often a correct one (a tie counts as one)."""
    hits, total = 0, len(exam.multiples)
    for one in exam.multiples:
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


@item_rule("V16", "forbidden phrases in options", "no such phrase")
def option_phrases(one: MeasuredItem) -> Iterator[str]:
    """Options have no absolute words and do not speak of other options."""
    for number, option in enumerate(one.item.options):
        for pattern in (one.wording.absolute, one.wording.combined):
            match = pattern.search(option.text) if pattern else None
            if match:
                said = f"{match.group()!r} in the option at {option.letter}"
                yield Said.at(f"options.{number}.text", said, word=match.group())


@item_rule("V17", "options that read the same", "no duplicate")
def same_options(one: MeasuredItem) -> Iterator[str]:
    """No two options of an item read the same, whatever their case and punctuation."""
    texts = [plain(option.text) for option in one.item.options]
    for text, count in Counter(texts).items():
        if count > 1:
            last = len(texts) - 1 - texts[::-1].index(text)
            yield Said.at(f"options.{last}.text", f"{count} options read {text.strip()!r}", count=count)


@item_rule("V18", "faults in failure codes", "W1-W6 for each distractor, W5 at most once")
def failure_codes(one: MeasuredItem) -> Iterator[str]:
    """Each distractor says how it fails, keys do not, and at most one is impossible."""
    for number, option in enumerate(one.item.options):
        field = f"options.{number}.failure"
        if option.correct and option.failure is not None:
            yield Said.at(field, f"the key at {option.letter} has a failure code")
        is_left_out = not option.failure and "failure" not in one.profile.required
        if not option.correct and option.failure not in CODES and not is_left_out:
            said = f"failure {option.failure or 'missing'} of the distractor at {option.letter}"
            yield Said.at(field, said)
    impossible = sum(option.failure == "W5" for option in one.item.options)
    if impossible > W5_MAX:
        yield Said.at("options", f"W5 {impossible} times", count=impossible)


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
