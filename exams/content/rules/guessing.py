"""What guessers without knowledge would score on the single-answer items.

Each strategy gives every option a mark from its wording alone and picks the highest; where several
options share it, the item counts in equal parts. By chance a strategy scores one option's share.
Over all planned single-answer items of a certification it may score at most 8 percentage points more.
With fewer items luck weighs more: the margin grows with the square root of the lack, so that it stays
the same number of standard errors (52 of 312 items: 19.6 points).
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from statistics import mean, median
from typing import Final

from exams.content.rules.findings import PERCENT, Breach, Figure, Finding
from exams.content.rules.measured import Pair
from exams.content.rules.measures import CODE, length, long_words, overlap
from exams.content.rules.wording import WORDINGS

MARGIN: Final = 8.0
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


def most_managed(stem: str, texts: Sequence[str]) -> list[float]:
    """Prefer the option that sounds most like a managed service (English words only)."""
    marks = WORDINGS["en"].managed or {}
    return [float(sum(marks.get(token, 0) for token in TOKENS.findall(text.lower()))) for text in texts]


STRATEGIES: Final[dict[str, Strategy]] = {
    "longest option": longest,
    "middle length": middle_length,
    "most specific wording": most_specific,
    "most words of the stem": echo_of_stem,
    "odd one out": odd_one_out,
    "most managed-sounding": most_managed,
}
ENGLISH_ONLY: Final = frozenset({"most managed-sounding"})


def score(strategy: Strategy, pairs: Iterable[Pair]) -> float:
    """Return how many items a strategy gets right, ties counted in parts."""
    return sum(_hit(strategy, pair) for pair in pairs)


def _hit(strategy: Strategy, pair: Pair) -> float:
    options = pair.item.options
    marks = strategy(pair.item.stem, [option.text for option in options])
    best = [option.correct for option, mark in zip(options, marks, strict=True) if mark == max(marks)]
    return sum(best) / len(best)


def margin(items: int, planned: int) -> float:
    """Return the percentage points above chance that a sample of `items` out of `planned` may reach."""
    return MARGIN * math.sqrt(max(1.0, planned / items)) if items else math.inf


def guesses(pairs: Sequence[Pair], planned: int, language: str, where: str) -> Finding:
    """Return a figure for each strategy, and a breach for each that scores above its limit."""
    if not pairs:
        return Finding((), ())
    chance = mean(PERCENT / len(pair.item.options) for pair in pairs)
    allowed = chance + margin(len(pairs), planned)
    limit = f"at most {allowed:.1f} % (chance {chance:.0f} %)"
    figures, breaches = [], []
    for name, strategy in STRATEGIES.items():
        if language != "en" and name in ENGLISH_ONLY:
            continue
        reached = PERCENT * score(strategy, pairs) / len(pairs)
        value = f"{reached:.1f} % of {len(pairs)}"
        figures.append(Figure("guess", name, value, limit))
        if reached > allowed:
            breaches.append(Breach(where, 0, "", "guess", f"{name}: {value}", limit))
    return Finding(tuple(figures), tuple(breaches))
