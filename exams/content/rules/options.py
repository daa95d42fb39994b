"""Wording of the options."""

from collections import Counter
from collections.abc import Iterator

from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import plain
from exams.content.rules.rule import Violation, item_rule


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
