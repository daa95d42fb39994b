"""How questions sound, in figures: sentences, verbs, joints, lengths of stems and options, questions asked.

English only, by simple patterns (the ends of sentences, forms of verbs): a few points more or less. The same
program measures the vendor's samples, so both are off by as much.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Final

from exams.content.markdown import blocks_of, prose
from exams.content.question import sentence_starts
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import count_words, length, sentences
from tools.items.bands import Measure

SHORT: Final = 10
LONG_OPTION: Final = 25
RAGGED: Final = 1.6

PROGRESSIVE: Final = re.compile(
    r"\b(?:is|are|was|were|been|be)\s+(?:\w+ly\s+|also\s+|now\s+|still\s+)?"
    r"(?!(?:during|nothing|something|anything|morning|evening)\b)\w+ing\b"
)
PAST_OR_PERFECT: Final = re.compile(
    r"\b(?:has|have|had)\s+(?:\w+ly\s+|not\s+|already\s+|also\s+)?"
    r"\w+(?:ed|en|wn|ne|ght|t|de|ld|id|ut|un)\b"
    r"|\b(?:was|were|had|did|began|grew|fell|rose|found|built|left|sent|took|went|\w{3,}ed)\b"
)
CONNECTIVE: Final = re.compile(
    r"\b(?:because|after|before|when|whenever|while|although|though|however|historically|during|since|so that"
    r"|until|unless|if|once|therefore|as soon as|instead|occasionally|in these cases|which)\b",
    re.IGNORECASE,
)
# What has no plural takes no "a": "a training" is wrong, "a training job" is not.
_MASS: Final = (
    "advice|automation|data|encryption|equipment|evidence|feedback|guidance|hardware|information|knowledge|logging"
    "|maintenance|metadata|monitoring|preprocessing|progress|research|software|storage|traffic|training"
)
CHAIN: Final = re.compile(r"\bof the (?:(?!and |or )[\w-]+ ){1,3}of the\b", re.IGNORECASE)
ARTICLE: Final = re.compile(
    rf"\ban? (?:[\w-]+ )?(?:{_MASS})"
    r"(?=[.,;:?!)]|\s+(?:and|as|by|for|from|in|is|of|on|or|that|to|when|with)\b|$)",
    re.IGNORECASE,
)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text without its tables, code and figures."""
    said = prose(text).strip()
    starts = [0, *sentence_starts(said), len(said)]
    return [one for start, end in pairwise(starts) if (one := said[start:end].strip())]


def _stem(one: MeasuredItem) -> list[str]:
    """Return the sentences of the situation, without the question."""
    return sentences_of(one.item.parts.setting)


def _words(one: MeasuredItem) -> list[float]:
    return [float(count_words(sentence)) for sentence in _stem(one)]


def _sentences_with(pattern: re.Pattern[str]) -> Callable[[MeasuredItem], Iterator[float]]:
    return lambda one: (float(bool(pattern.search(sentence))) for sentence in _stem(one))


def _stem_of(name: str) -> Callable[[MeasuredItem], list[float]]:
    """Measure the words of stem and question in slots of one class."""

    def words(one: MeasuredItem) -> list[float]:
        return _length(one) if one.slot and one.slot.stem_class == name else []

    return words


def _length(one: MeasuredItem) -> list[float]:
    # One by one: a question in the line below a table would be read as a part of it.
    return [float(count_words(one.item.stem) + count_words(one.item.ask))]


def _is_multiple(one: MeasuredItem) -> list[float]:
    return [float(len(one.item.keys) > 1)]


def _ragged(one: MeasuredItem) -> list[float]:
    lengths = [length(option.text) for option in one.item.options]
    return [float(max(lengths) > RAGGED * min(lengths))]


def _is_stock(one: MeasuredItem) -> list[float]:
    return [float(any(pattern.match(one.item.parts.ask) for pattern in one.guide.stock_asks))]


def _slips(one: MeasuredItem) -> list[float]:
    texts = [one.item.wording, *(option.text for option in one.item.options)]
    return [float(len(pattern.findall(prose(text)))) for text in texts for pattern in (CHAIN, ARTICLE)]


MEASURES: Final[tuple[Measure[MeasuredItem], ...]] = (
    Measure("N1", "sentence-length", "words a sentence of the stem, mean", _words, fmean),
    Measure("N1", "sentence-spread", "... standard deviation", _words, pstdev),
    Measure(
        "N2",
        "short-sentences",
        f"sentences under {SHORT} words",
        lambda one: [float(words < SHORT) for words in _words(one)],
    ),
    Measure("N3", "progressive", "sentences with a progressive", _sentences_with(PROGRESSIVE)),
    Measure("N3", "past-or-perfect", "sentences with past or perfect", _sentences_with(PAST_OR_PERFECT)),
    Measure("N3", "connective", "sentences with a connective", _sentences_with(CONNECTIVE)),
    *(
        Measure("N4", f"{name}-stems", f"words of a {name} stem", _stem_of(name), least=0, each=True)
        for name in ("concept", "standard", "long")
    ),
    Measure(
        "N4",
        "stem-mean",
        "words of a stem, mean",
        lambda one: [float(count_words(one.item.wording))],
        fmean,
    ),
    Measure(
        "N5",
        "long-options",
        f"options over {LONG_OPTION} words",
        lambda one: [float(count_words(option.text) > LONG_OPTION) for option in one.item.options],
    ),
    Measure("N6", "ragged-options", f"items with longest/shortest option above {RAGGED}", _ragged),
    Measure(
        "N7",
        "two-sentence-options",
        "items with options of two sentences",
        lambda one: [float(any(sentences(option.text) > 1 for option in one.item.options))],
    ),
    Measure("N8", "exhibits", "items with an exhibit", lambda one: [float(bool(blocks_of(one.item.stem)))]),
    Measure("N9", "multiple-response", "items of multiple response", _is_multiple),
    Measure("N10", "stock-asks", "questions in the vendor's words", _is_stock),
    Measure("N15", "slips", 'chains of "of the", articles before mass nouns', _slips, sum),
)
"""What is measured of exams in English, as far as their guide has bands or figures of samples."""
