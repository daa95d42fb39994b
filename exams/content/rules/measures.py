"""How texts are measured: words, lengths, sentences, overlap. One definition for every rule."""

import re
from typing import Final

from exams.content.markdown import prose
from exams.content.question import SplitStem, sentence_starts

CODE: Final = re.compile(r"`[^`]*`")
WORD: Final = re.compile(r"[^\W_]+")
LONGER_THAN: Final = 3


def count_words(text: str) -> int:
    """Count words as white space parts them; tables, code and figures are not read as words."""
    return len(prose(text).split())


def length(text: str) -> int:
    """Count the characters of a text without white space."""
    return len("".join(text.split()))


def sentences(text: str) -> int:
    """Count the sentences of a text; short forms such as e.g. end none."""
    return len(sentence_starts(text.strip())) + 1


def long_words(text: str) -> frozenset[str]:
    """Return the different words of more than three letters or digits, in lower case."""
    return frozenset(word for word in WORD.findall(text.lower()) if len(word) > LONGER_THAN)


def plain(text: str) -> str:
    """Return a text as words parted by single spaces, in lower case, with a space at each end."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def without_code(parts: SplitStem) -> str:
    """Return a stem without its inline code and without its note on how many to select."""
    return CODE.sub(" ", f"{prose(parts.setting)} {parts.ask}")
