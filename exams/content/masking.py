"""Questions for a reader without the subject: what only the subject explains is written in invented words.

Whoever knows a subject cannot put the knowledge aside. So names, code and words of the subject become words
that nobody knows, the same ones wherever they stand: what echoes in the text still echoes, and everyday
words, numbers, lengths and grammar stay. What can still be answered is given away by the wording.
"""

import random
import re
from collections.abc import Callable, Iterable
from typing import Final

TOKEN: Final = re.compile(r"[A-Za-z]+")
# The parts of a compound: EndpointConfig, S3KeyExists.
PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
ONSETS: Final = (
    "b",
    "d",
    "f",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "br",
    "dr",
    "gl",
    "kr",
    "st",
)
VOWELS: Final = ("a", "e", "i", "o", "u", "ai", "ou")
LETTERS_A_SYLLABLE: Final = 3


def lower_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that stand in lower case somewhere: whatever never does is a name."""
    return frozenset(word for text in texts for word in TOKEN.findall(text) if word.islower())


def masking(known: frozenset[str], subject: frozenset[str], *, seed: int) -> Callable[[str], str]:
    """Return what masks a text: every name, and every word of `subject`, each by one invented word.

    `known` are the words of the language, as `lower_words` finds them.
    """
    invented: dict[str, str] = {}

    def word_for(word: str) -> str:
        if word not in invented:
            # The same word from the same seed, whatever was masked before.
            draw = random.Random(f"{seed} {word}")  # noqa: S311 (an invented word is no secret)
            syllables = max(2, round(len(word) / LETTERS_A_SYLLABLE))
            invented[word] = "".join(draw.choice(ONSETS) + draw.choice(VOWELS) for _ in range(syllables))
        return invented[word]

    def masked(part: str) -> str:
        low = part.lower()
        plural = low.endswith("s") and low[:-1] in subject
        if len(part) == 1 or (low in known and low not in subject and not plural):
            return part
        new = word_for(low[:-1]) + "s" if plural else word_for(low)
        return new if part.islower() else new.capitalize()

    def token(found: re.Match[str]) -> str:
        word = found[0]
        if word.islower() or word.istitle():
            return masked(word)
        return PART.sub(lambda part: masked(part[0]), word)

    return lambda text: TOKEN.sub(token, text)
