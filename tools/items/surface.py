"""Cues of form: what somebody who reads well sees in the options of an item without knowing its subject.

A cue gives each option of an item a number. Only differences within an item tell options apart, so the
numbers of an item are standardized: mean 0 and variance 1, or 0 for each where the options do not differ.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile
from statistics import fmean
from typing import Final

from exams.content.rules.cues import END, is_gerund, own_words
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import CODE, WORD, length, long_words, sentences
from exams.content.rules.structure import LETTERS
from tools.items.guessing import (
    FIGURES,
    MANAGED_LANGUAGE,
    NAMES,
    Strategy,
    convergence,
    echo_of_stem,
    longest,
    middle_length,
    most_managed,
    most_specific,
)
from tools.items.measured import overlap

PAUSES: Final = re.compile(r"[,;:]")
BRACKETS: Final = re.compile(r"[(\"“„]")

# What test takers look at in options; a language without such words leaves these cues out.
STRONG: Final = re.compile(
    r"\b(always|never|only|all|every|each|any|none|no|must|exactly|immediately|entire\w*|guarantee\w*)\b",
    re.IGNORECASE,
)
STRONG_HU: Final = re.compile(
    r"\b(mindig|soha|sem\w*|csak|kizárólag|összes|minden\w*|bármely\w*|teljes\w*|azonnal|pontosan|kell)\b",
    re.IGNORECASE,
)
SOFT: Final = re.compile(
    r"\b(may|might|can|could|some|often|usually|sometimes|typically|generally|probably|mostly|about"
    r"|approximately|unless|if|when)\b",
    re.IGNORECASE,
)
SOFT_HU: Final = re.compile(
    r"\b(lehet\w*|talán|néhány\w*|gyakran|általában|néha|többnyire|körülbelül|nagyjából|ha|amikor)\b",
    re.IGNORECASE,
)
NEGATION: Final = re.compile(
    r"\b(not|no|without|never|cannot|nor|neither|instead|rather|but|except)\b", re.IGNORECASE
)
NEGATION_HU: Final = re.compile(r"\b(nem|ne|nincs\w*|nélkül\w*|sem|helyett|hanem|de|kivéve)\b", re.IGNORECASE)
CLAUSE: Final = re.compile(
    r"\b(that|which|who|whose|where|when|if|because|so|while|unless|until)\b", re.IGNORECASE
)
CLAUSE_HU: Final = re.compile(r"\b(hogy|a?mely\w*|aki\w*|ami\w*|ahol|ha|mert|így|míg|amíg)\b", re.IGNORECASE)
JOINING: Final = re.compile(r"\b(and|or)\b", re.IGNORECASE)
JOINING_HU: Final = re.compile(r"\b(és|s|vagy|illetve|valamint)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CueWords:
    """Words that test takers look at in options; a language without them leaves these cues out."""

    strong: re.Pattern[str] | None = None
    soft: re.Pattern[str] | None = None
    negation: re.Pattern[str] | None = None
    clause: re.Pattern[str] | None = None
    joining: re.Pattern[str] | None = None


CUE_WORDS: Final = {
    "en": CueWords(STRONG, SOFT, NEGATION, CLAUSE, JOINING),
    "hu": CueWords(STRONG_HU, SOFT_HU, NEGATION_HU, CLAUSE_HU, JOINING_HU),
}

type Cue = Callable[["SurfaceFeatures"], Sequence[float]]
type Sets = Sequence[frozenset[str]]


@dataclass(frozen=True)
class Bank:
    """What is known of the wording of all files of a language: nothing of it tells what is right."""

    rarity: Mapping[str, float]
    managed: Mapping[str, int]
    words: CueWords

    @classmethod
    def of(cls, exams: Sequence[MeasuredExam]) -> "Bank":
        """Return what the files say together.

        Rarity is the logarithm of all items over those that have the word: inverse document frequency
        (Sparck Jones 1972).
        """
        items = [item for exam in exams for item in exam.exam.items]
        held = Counter(word for item in items for word in long_words(" ".join(item.question_texts)))
        rarity = {word: math.log((1 + len(items)) / (1 + count)) for word, count in held.items()}
        managed = {
            word: mark
            for exam in exams
            if exam.language == MANAGED_LANGUAGE
            for word, mark in exam.guide.managed_words.items()
        }
        language = exams[0].language if exams else ""
        return cls(rarity, managed, CUE_WORDS.get(language, CueWords()))

    def weight(self, words: Iterable[str]) -> float:
        """Return the rarity of words together."""
        return math.fsum(self.rarity.get(word, 0.0) for word in words)


@dataclass(frozen=True)
class SurfaceFeatures:
    """An item as it is read without its subject; lists are in the order of the options."""

    one: MeasuredItem
    bank: Bank

    @cached_property
    def stem(self) -> str:
        """Return setting and question."""
        return self.one.item.wording

    @cached_property
    def texts(self) -> list[str]:
        """Return the options as they are written."""
        return [option.text for option in self.one.item.options]

    @cached_property
    def words(self) -> list[list[str]]:
        """Return the words of each option in their order, in lower case."""
        return [WORD.findall(text.lower()) for text in self.texts]

    @cached_property
    def long(self) -> Sets:
        """Return the different long words of each option."""
        return [long_words(text) for text in self.texts]

    @cached_property
    def stem_words(self) -> Sets:
        """Return the long words of each option that the stem has too."""
        stem = long_words(self.stem)
        return [words & stem for words in self.long]

    @cached_property
    def asked(self) -> Sets:
        """Return the long words of each option that the question has too."""
        ask = long_words(self.one.item.parts.ask)
        return [words & ask for words in self.long]

    @cached_property
    def figures(self) -> Sets:
        """Return the different figures of each option."""
        return [frozenset(FIGURES.findall(text)) for text in self.texts]

    @cached_property
    def stem_figures(self) -> Sets:
        """Return the figures of each option that the stem has too."""
        stem = frozenset(FIGURES.findall(self.stem))
        return [figures & stem for figures in self.figures]

    @cached_property
    def names(self) -> Sets:
        """Return the different names of each option."""
        return [frozenset(NAMES.findall(CODE.sub(" ", text))) for text in self.texts]

    @cached_property
    def counts(self) -> Counter[str]:
        """Return in how many options each long word is."""
        return Counter(word for words in self.long for word in words)

    @property
    def size(self) -> int:
        """Return how many options there are."""
        return len(self.texts)


def only(sets: Sets) -> list[frozenset[str]]:
    """Return of each set what no other set holds."""
    counts = Counter(one for held in sets for one in held)
    return [frozenset(one for one in held if counts[one] == 1) for held in sets]


def _sizes(sets: Iterable[Sequence[object] | frozenset[str]]) -> list[float]:
    return [float(len(one)) for one in sets]


def _flags(flags: Iterable[bool]) -> list[float]:
    return [float(flag) for flag in flags]


def _weights(features: SurfaceFeatures, sets: Iterable[Iterable[str]]) -> list[float]:
    return [features.bank.weight(words) for words in sets]


def _means(features: SurfaceFeatures, sums: Iterable[float]) -> list[float]:
    """Return sums for each long word of an option."""
    return [total / max(1, len(words)) for total, words in zip(sums, features.long, strict=True)]


def _counted(pattern: re.Pattern[str] | None, texts: Iterable[str]) -> list[float]:
    """Return how often each text has what the pattern finds; without a pattern nothing is found."""
    return [float(len(pattern.findall(text))) if pattern else 0.0 for text in texts]


def _guess(strategy: Strategy) -> Cue:
    """Make a cue out of what a guesser prefers."""
    return lambda features: strategy(features.stem, features.texts)


# --- Length -----------------------------------------------------------------------------------------


def _length_rank(features: SurfaceFeatures) -> list[float]:
    """Return how many options are shorter, those of the same length by half."""
    lengths = longest(features.stem, features.texts)
    return [sum((other < own) + (other == own) / 2 for other in lengths) for own in lengths]


def _is_end(pick: Callable[[list[float]], float]) -> Cue:
    """Return whether an option is the longest, or the shortest."""

    def cue(features: SurfaceFeatures) -> list[float]:
        lengths = longest(features.stem, features.texts)
        return _flags(own == pick(lengths) for own in lengths)

    return cue


def _word_length(features: SurfaceFeatures) -> list[float]:
    return [
        length(text) / max(1, len(words)) for text, words in zip(features.texts, features.words, strict=True)
    ]


# --- Likeness to the other options ------------------------------------------------------------------


def _closest(features: SurfaceFeatures) -> list[float]:
    """Return the overlap with the one option that is most alike."""
    return [
        max((overlap(own, other) for j, other in enumerate(features.long) if i != j), default=0.0)
        for i, own in enumerate(features.long)
    ]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many words both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shared_start(texts: Sequence[list[str]]) -> list[float]:
    """Return the most words with which another option begins too."""
    return [
        float(max((_alike(own, other) for j, other in enumerate(texts) if i != j), default=0))
        for i, own in enumerate(texts)
    ]


def _votes(features: SurfaceFeatures) -> list[float]:
    """Return how many other options have a word of the option, on the mean of its words."""
    return _means(
        features, (float(sum(features.counts[word] - 1 for word in words)) for words in features.long)
    )


def _lacks(features: SurfaceFeatures) -> list[float]:
    """Return how many words that at least half of the options have an option has not."""
    usual = {word for word, count in features.counts.items() if 2 * count >= features.size}
    return [float(len(usual - words)) for words in features.long]


# --- Sentence, numbers ------------------------------------------------------------------------------


def _same_first_word(features: SurfaceFeatures) -> list[float]:
    firsts = [words[:1] for words in features.words]
    return [float(firsts.count(own)) for own in firsts]


def _same_form(features: SurfaceFeatures) -> list[float]:
    """Return how many options begin in the same grammatical form and end with the same sign."""
    forms = [(is_gerund(text), text[:1].isupper(), bool(END.search(text.strip()))) for text in features.texts]
    return [float(forms.count(own)) for own in forms]


def _in_a_row(features: SurfaceFeatures) -> list[float]:
    """Return how many pairs of neighboring words stand in the stem too."""
    stem = set(pairwise(WORD.findall(features.stem.lower())))
    return [float(len(stem.intersection(pairwise(words)))) for words in features.words]


def _number(text: str) -> float | None:
    """Return the first number of a text; commas part thousands."""
    found = FIGURES.search(text)
    try:
        return float(found[0].replace(",", "")) if found else None
    except ValueError:  # a version such as 1.2.3 is no number
        return None


def _by_number(marks: Callable[[list[float]], list[float]]) -> Cue:
    """Make a cue out of the numbers of the options; where one has none, it says nothing."""

    def cue(features: SurfaceFeatures) -> list[float]:
        numbers = [number for text in features.texts if (number := _number(text)) is not None]
        return marks(numbers) if len(numbers) == features.size else [0.0] * features.size

    return cue


def _off_middle(numbers: list[float]) -> list[float]:
    """Return by how many options more are smaller than are larger, or the reverse."""
    return [float(abs(sum((other > own) - (other < own) for other in numbers))) for own in numbers]


def _at(place: int) -> Cue:
    return lambda features: _flags(number == place for number in range(features.size))


# --- All of them, by what they look at --------------------------------------------------------------

FAMILIES: Final[dict[str, tuple[Cue, ...]]] = {
    "length": (
        _guess(longest),
        lambda features: _sizes(features.words),
        _length_rank,
        _is_end(max),
        _is_end(min),
        _guess(middle_length),
        _word_length,
    ),
    "figures, code and names": (
        _guess(most_specific),
        lambda features: _counted(FIGURES, features.texts),
        lambda features: _counted(CODE, features.texts),
        lambda features: _sizes(features.names),
        lambda features: _sizes(only(features.names)),
    ),
    "words of the stem": (
        _guess(echo_of_stem),
        lambda features: _weights(features, features.stem_words),
        lambda features: _means(features, _sizes(features.stem_words)),
        lambda features: _weights(features, features.asked),
        lambda features: _sizes(features.stem_figures),
        _in_a_row,
    ),
    "words of the stem in one option alone": (
        lambda features: _weights(features, only(features.stem_words)),
        lambda features: _sizes(own_words(features.one)),
        lambda features: _flags(map(bool, own_words(features.one))),
        lambda features: _sizes(only(features.asked)),
        lambda features: _sizes(only(features.stem_figures)),
    ),
    "likeness to the other options": (
        _guess(convergence),
        _closest,
        lambda features: _shared_start(features.words),
        lambda features: _shared_start([words[::-1] for words in features.words]),
        _votes,
        lambda features: _weights(
            features, ((word for word in words if features.counts[word] > 1) for words in features.long)
        ),
        lambda features: _weights(features, only(features.long)),
        lambda features: _sizes(only(features.long)),
        _lacks,
    ),
    "strong words, hedges and negations": (
        lambda features: _counted(features.bank.words.strong, features.texts),
        lambda features: _counted(features.bank.words.soft, features.texts),
        lambda features: _counted(features.bank.words.negation, features.texts),
    ),
    "the form of the sentence": (
        _same_first_word,
        _same_form,
        lambda features: _counted(features.bank.words.clause, features.texts),
        lambda features: _counted(features.bank.words.joining, features.texts),
        lambda features: _counted(PAUSES, features.texts),
        lambda features: _counted(BRACKETS, features.texts),
        lambda features: [float(sentences(text)) for text in features.texts],
    ),
    "the size of its number": (
        _by_number(lambda numbers: _flags(own == min(numbers) for own in numbers)),
        _by_number(lambda numbers: _flags(own == max(numbers) for own in numbers)),
        _by_number(_off_middle),
    ),
    "how usual its words are": (
        lambda features: _means(features, _weights(features, features.long)),
        lambda features: [
            max(_weights(features, ([word] for word in words)), default=0.0) for words in features.long
        ],
    ),
    "how managed it sounds": (
        lambda features: most_managed(features.bank.managed)(features.stem, features.texts),
    ),
    "its place": tuple(_at(place) for place in range(len(LETTERS))),
}
"""The cues by what they look at."""


def standardized(numbers: Sequence[float]) -> list[float]:
    """Return numbers with the mean 0 and the variance 1; where they are all the same, 0 for each."""
    mean = fmean(numbers)
    spread = math.sqrt(fmean((number - mean) ** 2 for number in numbers))
    # Numbers that are the same may differ in their last digits.
    return [(number - mean) / spread if spread > 1e-9 else 0.0 for number in numbers]


def cues_of(one: MeasuredItem, bank: Bank) -> list[tuple[float, ...]]:
    """Return the cues of each option, in the order of the options and of the families."""
    features = SurfaceFeatures(one, bank)
    columns = [standardized(cue(features)) for cues in FAMILIES.values() for cue in cues]
    return list(zip(*columns, strict=True))
