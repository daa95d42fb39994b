"""What guessers without knowledge would score on the single-answer items.

Each strategy gives every option a mark from its wording alone and picks the highest; where several
options share it, the item counts in equal parts. By chance a strategy scores one option's share.
Over 312 items (six full exams) it may score at most 8 percentage points more. With fewer items luck
weighs more: the margin grows with the square root of the lack, so that it stays the same number of
standard errors (52 items: 19.6 points).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Final

from exams.content.records import Place
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import CODE, length, long_words
from exams.content.rules.rule import PERCENT, Fault, Finding, Outcome, Row, set_rule
from tools.items.bands import ENOUGH
from tools.items.measured import is_revised, overlap, singles_of
from tools.items.report import reported

MARGIN: Final = 8.0
MARGIN_ITEMS: Final = 312
FIGURES: Final = re.compile(r"\d+(?:[.,]\d+)*")
NAMES: Final = re.compile(r"(?<=\s)[A-Z][\w-]*")
TOKENS: Final = re.compile(r"[\w-]+")

type Strategy = Callable[[str, Sequence[str]], list[float]]


def longest(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the longest option."""
    return [float(length(text)) for text in texts]


def middle_length(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option whose length is nearest to the median (of four: the two in the middle)."""
    lengths = [length(text) for text in texts]
    return [-abs(one - median(lengths)) for one in lengths]


def most_specific(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option with the most figures, code and names."""
    return [
        float(len(CODE.findall(text)) + len(FIGURES.findall(text)) + len(NAMES.findall(CODE.sub(" ", text))))
        for text in texts
    ]


def echo_of_stem(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option that shares the most words with the stem."""
    words = long_words(stem)
    return [float(len(long_words(text) & words)) for text in texts]


def odd_one_out(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option that resembles the others least."""
    words = [long_words(text) for text in texts]
    return [
        -round(mean(overlap(one, other) for j, other in enumerate(words) if i != j), 9)
        for i, one in enumerate(words)
    ]


def convergence(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option that resembles the others most: distractors are often varied from the key."""
    return [-mark for mark in odd_one_out(stem, texts)]


def most_managed(words: Mapping[str, int]) -> Strategy:
    """Prefer the option that sounds most like a managed service, by the words of the vendor's guide."""

    def marks(stem: str, texts: Sequence[str]) -> list[float]:
        return [float(sum(words.get(token, 0) for token in TOKENS.findall(text.lower()))) for text in texts]

    return marks


STRATEGIES: Final[dict[str, Strategy]] = {
    "longest option": longest,
    "middle length": middle_length,
    "most specific wording": most_specific,
    "most words of the stem": echo_of_stem,
    "odd one out": odd_one_out,
}
CONVERGENCE: Final = "most like the other options"
MANAGED: Final = "most managed-sounding"
# The marks of a guide are English words, and say nothing of a translation.
MANAGED_LANGUAGE: Final = "en"


def strategies(exam: MeasuredExam) -> dict[str, Strategy]:
    """Return the strategies that can be tried on files like this one, by name."""
    words = exam.guide.managed_words
    if not words or exam.language != MANAGED_LANGUAGE:
        return STRATEGIES
    return {**STRATEGIES, MANAGED: most_managed(words)}


def score(strategy: Strategy, items: Iterable[MeasuredItem]) -> float:
    """Return how many items a strategy gets right, ties counted in parts."""
    return sum(_hit(strategy, one) for one in items)


def _hit(strategy: Strategy, one: MeasuredItem) -> float:
    options = one.item.options
    marks = strategy(one.item.wording, [option.text for option in options])
    best = [option.correct for option, mark in zip(options, marks, strict=True) if mark == max(marks)]
    return sum(best) / len(best)


def margin(items: int) -> float:
    """Return the percentage points above chance that a sample of `items` may reach."""
    return MARGIN * math.sqrt(max(1.0, MARGIN_ITEMS / items)) if items else math.inf


@set_rule("guess", least=ENOUGH)
def guessers(exams: Sequence[MeasuredExam]) -> Outcome:
    """No guesser without knowledge scores far above chance on the single-answer items of all files."""
    return _tried(strategies(exams[0]), exams)


def converging(exams: Sequence[MeasuredExam]) -> Finding:
    """Judge the guesser by convergence over the revised files; without any, report it over all files."""
    revised = [exam for exam in exams if is_revised(exam)]
    return converging_keys(revised) if revised else reported(converging_keys(exams))


@set_rule("guess", least=ENOUGH)
def converging_keys(exams: Sequence[MeasuredExam]) -> Outcome:
    """The key is not too often the option that shares most words with the others."""
    return _tried({CONVERGENCE: convergence}, exams)


def _tried(tried: Mapping[str, Strategy], exams: Sequence[MeasuredExam]) -> Outcome:
    singles = [one for exam in exams for one in singles_of(exam)]
    if not singles:
        return Outcome()
    chance = mean(PERCENT / len(one.item.options) for one in singles)
    allowed = chance + margin(len(singles))
    limit = f"at most {allowed:.1f} % (chance {chance:.0f} %)"
    where = Place(f"all files in {exams[0].language!r}", 0)
    rows, faults = [], []
    for name, strategy in tried.items():
        reached = PERCENT * score(strategy, singles) / len(singles)
        value = f"{reached:.1f} % of {len(singles)}"
        rows.append(Row(name, value, limit))
        if reached > allowed:
            faults.append(Fault(where, "", f"{name}: {value}", limit))
    return Outcome(tuple(rows), tuple(faults), len(singles))
