"""A passage with what was found in marks, as HTML: everything else in it is escaped."""

import re
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from exams.presentation import highlighting

# Control characters that no text holds: the database puts them around what it has found.
START, STOP = "\x02", "\x03"
MARKED: Final = re.compile(f"{START}([^{START}{STOP}]*){STOP}")
BEFORE, AFTER = 8, 24  # words around the first that was found
OPERATORS: Final = re.compile(r"[\"()/]|(?<!\S)-\S*|\bor\b", re.IGNORECASE)


def snippet(headline: str, words: str, query: str) -> SafeString:
    """Return the passage of the database, or one found without accents where it has marked nothing."""
    if START in headline:
        return _cut(marked(headline), headline.replace(START, "").replace(STOP, ""), words)
    return passage(words, highlighting.words_of(OPERATORS.sub(" ", query)))


def _cut(html: SafeString, shown: str, words: str) -> SafeString:
    """Return a passage with a sign at each end where the text that it was `shown` of continues."""
    text, part = words.strip(), shown.strip()
    before = "" if text.startswith(part) else "… "
    after = "" if text.endswith(part) else " …"
    return mark_safe(f"{before}{html}{after}")  # noqa: S308  (escaped before)


def marked(headline: str) -> SafeString:
    """Return a passage that the database has marked, escaped."""
    html = MARKED.sub(r"<mark>\1</mark>", escape(headline))
    return mark_safe(html.replace(START, "").replace(STOP, ""))  # noqa: S308  (escaped above)


def passage(text: str, words: tuple[str, ...]) -> SafeString:
    """Return what stands around the first of these folded words, each of them marked; else the beginning."""
    parts = text.split()
    places = (
        place for place, part in enumerate(parts) if any(word in highlighting.fold(part) for word in words)
    )
    first = max(0, next(places, 0) - BEFORE)
    chosen = " ".join(parts[first : first + BEFORE + AFTER])
    html = mark_safe(highlighting.marked(escape(chosen), words))  # noqa: S308  (escaped above)
    return _cut(html, chosen, " ".join(parts))
