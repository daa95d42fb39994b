"""Lengths, wording and failure codes of the options."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import length, plain
from exams.content.rules.rule import Violation, item_rule

# Both must be exceeded: among short options a ratio alone would forbid "EC2" beside "Lambda".
SPREAD_RATIO: Final = 1.6
SPREAD_CHARACTERS: Final = 40
CODES: Final = ("W1", "W2", "W3", "W4", "W5", "W6")
W5_MAX: Final = 1  # an option that is impossible falls out by itself; two of them leave a coin to toss


@item_rule(
    "V14",
    "items with options of unlike length",
    f"at most {SPREAD_RATIO} times, or {SPREAD_CHARACTERS} characters",
)
def option_lengths(measured: MeasuredItem) -> Iterator[str]:
    """The options of an item are of similar length."""
    lengths = [length(option.text) for option in measured.item.options]
    shortest, longest = min(lengths, default=0), max(lengths, default=0)
    if longest > SPREAD_RATIO * shortest and longest - shortest > SPREAD_CHARACTERS:
        said = f"longest option {longest} characters, shortest {shortest}"
        yield Violation.at(f"options.{lengths.index(longest)}.text", said, longest=longest, shortest=shortest)


@item_rule("V16", "forbidden phrases in options", "no such phrase")
def option_phrases(measured: MeasuredItem) -> Iterator[str]:
    """Options have no absolute words and do not speak of other options."""
    for number, option in enumerate(measured.item.options):
        for pattern in (measured.wording.absolute, measured.wording.combined):
            match = pattern.search(option.text) if pattern else None
            if match:
                said = f"{match.group()!r} in the option at {option.letter}"
                yield Violation.at(f"options.{number}.text", said, word=match.group())


@item_rule("V17", "options that read the same", "no duplicate")
def same_options(measured: MeasuredItem) -> Iterator[str]:
    """No two options of an item read the same, whatever their case and punctuation."""
    texts = [plain(option.text) for option in measured.item.options]
    for text, count in Counter(texts).items():
        if count > 1:
            last = len(texts) - 1 - texts[::-1].index(text)
            yield Violation.at(f"options.{last}.text", f"{count} options read {text.strip()!r}", count=count)


@item_rule("V18", "faults in failure codes", "W1-W6 for each distractor, W5 at most once")
def failure_codes(measured: MeasuredItem) -> Iterator[str]:
    """Each distractor says how it fails, keys do not, and at most one is impossible."""
    for number, option in enumerate(measured.item.options):
        field = f"options.{number}.failure"
        if option.correct and option.failure is not None:
            yield Violation.at(field, f"the key at {option.letter} has a failure code")
        # A code that is given is judged, also where the profile asks for none.
        is_left_out = not option.failure and "failure" not in measured.profile.required
        if not option.correct and option.failure not in CODES and not is_left_out:
            said = f"failure {option.failure or 'missing'} of the distractor at {option.letter}"
            yield Violation.at(field, said)
    impossible = sum(option.failure == "W5" for option in measured.item.options)
    if impossible > W5_MAX:
        yield Violation.at("options", f"W5 {impossible} times", count=impossible)
