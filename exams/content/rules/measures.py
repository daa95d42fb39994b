"""How texts are measured: words, lengths, sentences, overlap. One definition for every rule."""

import re
from typing import Final

NOTE: Final = re.compile(r"\s*\((?:Select|Válassz) \w+\.\)$")
SENTENCE_END: Final = re.compile(r"[.!?][\"'”»)]*\s+(?=[\"'“„«(`]*[^\W_])")
SHORT_FORMS: Final = ("e.g.", "i.e.", "vs.", "etc.", "approx.", "No.", "pl.", "ill.", "kb.", "stb.")
CODE: Final = re.compile(r"`[^`]*`")
WORD: Final = re.compile(r"[^\W_]+")
LONGER_THAN: Final = 3


def count_words(text: str) -> int:
    """Count words as white space parts them."""
    return len(text.split())


def length(text: str) -> int:
    """Count the characters of a text without white space."""
    return len("".join(text.split()))


def question(stem: str) -> str:
    """Return the last sentence of a stem without a note such as (Select TWO.)."""
    body = NOTE.sub("", stem.strip())
    start = 0
    for match in SENTENCE_END.finditer(body):
        follower = body[match.end() :].lstrip("\"'“„«(`")[:1]
        starts_sentence = follower.isupper() or follower.isdigit() or body[match.end()] == "`"
        if starts_sentence and not body[: match.end()].rstrip().endswith(SHORT_FORMS):
            start = match.end()
    return body[start:]


def sentences(text: str) -> int:
    """Count the sentences of a text; short forms such as e.g. end none."""
    ends = list(SENTENCE_END.finditer(text.strip()))
    real = [end for end in ends if not text.strip()[: end.end()].rstrip().endswith(SHORT_FORMS)]
    return len(real) + 1


def long_words(text: str) -> frozenset[str]:
    """Return the different words of more than three letters or digits, in lower case."""
    return frozenset(word for word in WORD.findall(text.lower()) if len(word) > LONGER_THAN)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of words: shared words over all words."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def plain(text: str) -> str:
    """Return a text as words parted by single spaces, in lower case, with a space at each end."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def without_code(text: str) -> str:
    """Return a text without its inline code and without its note on how many to select."""
    return CODE.sub(" ", NOTE.sub("", text.strip()))
