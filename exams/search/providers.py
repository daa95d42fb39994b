"""What is asked and what is found, and who is asked: packages above register what they can search.

A provider costs few statements: the page counts them. It alone decides what this person may find.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.base import hooks, searches
from accounts.base.errors import Refused
from accounts.users.models import User
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


def _cut(html: SafeString, part: str, words: str) -> SafeString:
    """Return a passage with a sign at each end where the text that it was a part of continues."""
    text, part = words.strip(), part.strip()
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


SIZE: Final = 20
MOST_PAGES: Final = 50
SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for in a certification; `language` is that of the page, `offset` counts hits."""

    user: User | AnonymousUser
    code: str
    language: str
    query: str
    offset: int = 0
    limit: int = SIZE


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `snippet` is HTML with nothing but marks; `language` is that of the text.

    What is locked has no snippet, and its title is all that may be told of it.
    """

    title: str
    snippet: SafeString
    url: str
    language: str
    rank: float
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """How many there are in all, and those of this page, best first."""

    total: int
    hits: tuple[Hit, ...]


type Search = Callable[[Asked], Page | None]
"""None where there is nothing that this person could search."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What a package can search: `kind` for programs, `name` for people, `place` among the groups."""

    kind: str
    name: Promise
    place: int
    search: Search


@dataclass(frozen=True, slots=True)
class Group:
    """What one provider has found; `next_page` is None after the last."""

    kind: str
    name: Promise
    total: int
    hits: tuple[Hit, ...]
    next_page: int | None


def _providers() -> list[Provider]:
    """Return what can be searched, in the order in which it is shown."""
    providers: tuple[Provider, ...] = hooks.registered("search_providers")
    return sorted(providers, key=lambda provider: provider.place)


def kinds() -> tuple[str, ...]:
    """Return the kinds of what can be searched, in the order in which it is shown."""
    return tuple(provider.kind for provider in _providers())


def checked(query: str) -> str:
    """Return a query without control characters and outer spaces; empty when nothing is left.

    Raises Refused, 422, above 200 characters or 32 words.
    """
    if len(query) > 2 * searches.LONGEST:
        raise _too_long()
    words = "".join(
        " " if unicodedata.category(character).startswith("C") else character for character in query
    )
    # Composed, since some keyboards send a letter and its accent as two signs.
    cleaned = SPACE.sub(" ", unicodedata.normalize("NFC", words)).strip()
    if searches.is_too_long(cleaned):
        raise _too_long()
    return cleaned


def _too_long() -> Refused:
    values = {"most": searches.LONGEST, "words": searches.MOST_WORDS}
    detail = _("Search for at most %(most)s characters and %(words)s words.")
    return Refused("invalid", 422, detail, values=values)


def search(
    user: User | AnonymousUser, code: str, language: str, query: str, *, kind: str = "", page: int = 1
) -> tuple[Group, ...]:
    """Return what each provider finds for a checked query, or only that of `kind`; nothing for "".

    A provider that has nothing to search for this person makes no group. Pages count from 1.
    """
    if not query:
        return ()
    asked = Asked(user, code, language, query, offset=(page - 1) * SIZE)
    chosen = [provider for provider in _providers() if kind in ("", provider.kind)]
    results = [(provider, provider.search(asked)) for provider in chosen]
    return tuple(_group(provider, result, page) for provider, result in results if result is not None)


def _group(provider: Provider, result: Page, page: int) -> Group:
    has_more = result.total > page * SIZE and page < MOST_PAGES
    return Group(provider.kind, provider.name, result.total, result.hits, page + 1 if has_more else None)
