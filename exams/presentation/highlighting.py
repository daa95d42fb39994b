"""Searching in texts: accents and case do not matter, and what is found is marked in the HTML.

Texts come from us, what is looked for comes from a reader and never enters a page but as text that is
escaped elsewhere: only the found words themselves, which were in the page already, are put into marks.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from typing import Final

LONGEST: Final = 100
MOST_WORDS: Final = 8
TAG: Final = re.compile(r"(<[^>]*>)")


def words_of(query: str) -> tuple[str, ...]:
    """Return the words that are looked for, folded, each once; at most eight of the first 100 characters."""
    return tuple(dict.fromkeys(fold(query[:LONGEST]).split()))[:MOST_WORDS]


def fold(text: str) -> str:
    """Return a text without accents and in lower case."""
    return "".join(_folded(character) for character in text)


def holds(text: str, words: Sequence[str]) -> bool:
    """Say whether a folded text has every one of the words, whole or as a part of a word."""
    return all(word in text for word in words)


def plain(html: str) -> str:
    """Return the words of an HTML text, with a space where a tag was."""
    return unescape(TAG.sub(" ", html))


def marked(html: str, words: Sequence[str]) -> str:
    """Return an HTML text with the words in marks. What goes over the border of a tag is not marked."""
    if not words:
        return html
    parts = TAG.split(html)
    return "".join(
        part if part.startswith("<") else _mark(unescape(part), words) if part else "" for part in parts
    )


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def _mark(text: str, words: Sequence[str]) -> str:
    """Mark the words in a text without tags, which comes back escaped."""
    folded, origins = [], []
    for place, character in enumerate(text):
        for part in _folded(character):
            folded.append(part)
            origins.append(place)
    spans = _spans("".join(folded), words)
    pieces, end = [], 0
    for start, stop in spans:
        # A letter may fold to several; each span goes over whole letters.
        first, last = max(origins[start], end), origins[stop - 1] + 1
        if last <= first:
            continue
        pieces += [
            escape(text[end:first], quote=False),
            f"<mark>{escape(text[first:last], quote=False)}</mark>",
        ]
        end = last
    return "".join([*pieces, escape(text[end:], quote=False)])


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words are, from left to right; those that overlap or touch are one."""
    every = sorted(
        (match.start(), match.end()) for word in words for match in re.finditer(re.escape(word), text)
    )
    joined: list[tuple[int, int]] = []
    for start, stop in every:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined
