"""What lets somebody guess an item, or sends its reader astray: advice for whoever writes it, not for a file.

A file is judged by shares over many items; an editor has one item before it and can mend it at once.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import length, long_words
from exams.content.rules.rule import ItemRule, Violation, item_rule

# A key that is a few letters longer than the next option tells nobody anything.
SEEN: Final = 1.1
CLANGS_MAX: Final = 3
# Words of every stem say nothing about an option.
_COMMON: Final = """
about access across after amazon answer application because before best between company cost data
each effort from have into least lowest meet meets model models more most must need needs
operational option other overhead requirement service services should solution some team than that
their them then there these they this through time training under uses using want wants were what
when where which while will with within without would
"""
COMMON: Final = frozenset(_COMMON.split())
ARTICLE: Final = re.compile(r"\b(an?)\W*$", re.IGNORECASE)
FIRST: Final = re.compile(r"[^\W\d_]+")
VOWELS: Final = frozenset("aeiou")
END: Final = re.compile(r"[.;:!?]$")


@item_rule("", "keys that are the longest option", "no key that stands out")
def longest_key(measured: MeasuredItem) -> Iterator[str]:
    """The key is not seen to be the longest option."""
    keys, others = _lengths(measured)
    if keys and others and max(keys)[0] > SEEN * max(others)[0]:
        longest, number = max(keys, key=lambda key: key[0])
        words = f"the key at {measured.item.options[number].letter} is the longest option"
        yield Violation.at(f"options.{number}.text", words, longest=longest, others=max(others)[0])


@item_rule("", "keys that are the shortest option", "no key that stands out")
def shortest_key(measured: MeasuredItem) -> Iterator[str]:
    """The key is not seen to be the shortest option."""
    keys, others = _lengths(measured)
    if keys and others and SEEN * min(keys)[0] < min(others)[0]:
        shortest, number = min(keys)
        words = f"the key at {measured.item.options[number].letter} is the shortest option"
        yield Violation.at(f"options.{number}.text", words, shortest=shortest, others=min(others)[0])


def _lengths(measured: MeasuredItem) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return lengths and numbers of keys and of other options, without those that are empty yet."""
    written = [(number, option) for number, option in enumerate(measured.item.options) if option.text.strip()]
    keys = [(length(option.text), number) for number, option in written if option.correct]
    return keys, [(length(option.text), number) for number, option in written if not option.correct]


@item_rule("", "words of the stem in the key alone", "no more than in another option alone")
def clang(measured: MeasuredItem) -> Iterator[str]:
    """No key has several distinctive words of the stem to itself, and more of them than any other option.

    One is no fault: where keys avoid what other options may have, whoever reads several exams learns that
    an option with a word of the stem is wrong. R03 finds that.
    """
    own = own_words(measured)
    most = max(
        (len(words) for words, row in zip(own, measured.item.options, strict=True) if not row.correct),
        default=0,
    )
    for number, (words, option) in enumerate(zip(own, measured.item.options, strict=True)):
        if option.correct and len(words) > max(most, 1):
            listed = ", ".join(sorted(words)[:CLANGS_MAX])
            said = f"{listed} in the stem and in the key at {option.letter} alone"
            yield Violation.at(f"options.{number}.text", said, listed=listed)


def own_words(measured: MeasuredItem) -> list[frozenset[str]]:
    """Return for each option the distinctive words that it shares with the stem and with no other option."""
    stem = long_words(measured.item.wording) - COMMON
    told = [long_words(option.text) & stem for option in measured.item.options]
    counts = Counter(word for words in told for word in words)
    return [frozenset(word for word in words if counts[word] == 1) for words in told]


@item_rule("", "options that do not fit the question", "the same form for all")
def option_grammar(measured: MeasuredItem) -> Iterator[str]:
    """Each option completes the question, and all of them have one form."""
    texts = [option.text.strip() for option in measured.item.options]
    yield from _articles(measured.item.wording, texts)
    forms = {"ing": [is_gerund(text) for text in texts], "point": [bool(END.search(text)) for text in texts]}
    forms["capital"] = [text[:1].isupper() for text in texts]
    for fault, held in forms.items():
        odd = _odd(held) if all(texts) else None
        if odd is not None:
            said = f"the option at {measured.item.options[odd].letter} has another form ({fault})"
            yield Violation.at(f"options.{odd}.text", said, fault=fault)


def _articles(stem: str, texts: list[str]) -> Iterator[Violation]:
    """Yield the options before which the article that ends the stem cannot stand."""
    article = ARTICLE.search(stem.strip())
    if not article:
        return
    wants_vowel = article[1].lower() == "an"
    for number, text in enumerate(texts):
        if text and (text[:1].lower() in VOWELS) != wants_vowel:
            said = f"{article[1]!r} does not stand before {text[:20]!r}"
            yield Violation.at(f"options.{number}.text", said, fault="article", word=article[1])


def is_gerund(text: str) -> bool:
    """Tell whether a text begins with a form in -ing."""
    first = FIRST.search(text)
    return first is not None and len(first[0]) > 5 and first[0].lower().endswith("ing")


def _odd(held: list[bool]) -> int | None:
    """Return the one option that is not as all others are; None where there is none."""
    for value in (True, False):
        if held.count(value) == 1 and len(held) > 2:
            return held.index(value)
    return None


CUES: Final[tuple[ItemRule, ...]] = (longest_key, shortest_key, clang, option_grammar)
"""Advice on an item in any language."""
