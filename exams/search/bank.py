"""Questions and drafts by what they say in any language, for who writes them.

A word is found by its stem, by its letters anywhere within other words, and without its accents. One that no
text says is taken for the nearest word that some text says: trigrams find the texts, `difflib` the word.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from django.db import transaction
from django.db.models.expressions import RawSQL

from accounts.base import statements

MOST_WORDS: Final = 8
LONGEST: Final = 60
SHORTEST_PART: Final = 3
"""Trigrams find parts of words from this length on; shorter ones have to be whole words."""
SHORTEST_MISTYPED: Final = 4
ALIKE: Final = 0.75
NEAR: Final = 0.4
"""The share of trigrams from which a text may hold the word that was meant: two letters that changed places
leave four tenths of a word of eight."""

# As text: the columns that are searched are made by the database, and no field of a model.
_STEMS: Final = (
    "(plainto_tsquery('pg_catalog.english', %s) || plainto_tsquery('pg_catalog.hungarian', %s)"
    " || plainto_tsquery('pg_catalog.simple', %s))"
)
# Each condition takes the same values: the word three times as it is, then its pattern.
_TEXT: Final = f"(t.search_stems @@ {_STEMS} OR t.search_plain @@ plainto_tsquery('pg_catalog.simple', %s)"
_TEXT_LIKE: Final = f"{_TEXT} OR t.search_words LIKE %s)"
_OPTION: Final = f"(o.search_stems @@ {_STEMS} OR o.search_stems @@ plainto_tsquery('pg_catalog.simple', %s)"
_OPTION_LIKE: Final = f"{_OPTION} OR o.search_words LIKE %s)"
_VERSIONS: Final = (
    "SELECT t.version_id FROM exams_itemtext t WHERE {} UNION ALL"
    " SELECT t.version_id FROM exams_optiontext o JOIN exams_itemtext t ON t.id = o.item_text_id WHERE {}"
)
_DRAFTS: Final = "SELECT id FROM exams_draft WHERE search_words LIKE %s"
# The texts that may hold a mistyped word, the nearest first.
_NEAR: Final = (
    "(SELECT search_words FROM {table} WHERE %(word)s <%% search_words"
    " ORDER BY word_similarity(%(word)s, search_words) DESC LIMIT 40)"
)
_WORDS: Final = """
SELECT word FROM (SELECT DISTINCT regexp_split_to_table(near.search_words, '[^[:alnum:]]+') AS word
                  FROM ({near}) near) words
WHERE length(word) BETWEEN %(shortest)s AND %(longest)s
ORDER BY similarity(word, %(word)s) DESC, word LIMIT 30
"""
BANK: Final = ("exams_itemtext", "exams_optiontext")
DRAFTS: Final = ("exams_draft",)


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was asked for: as it was typed, and without accents and capitals."""

    typed: str
    plain: str

    @property
    def pattern(self) -> str:
        """Return the pattern of LIKE that finds the word within others."""
        marked = self.plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{marked}%"


def words_of(term: str) -> list[Word]:
    """Return the words of what was typed, each once, as many as one search takes."""
    words = dict.fromkeys(term.replace("\0", "").replace("/", " ").split())
    return [Word(one[:LONGEST], plain(one[:LONGEST])) for one in list(words)[:MOST_WORDS]]


def plain(word: str) -> str:
    """Return a word as the columns have it: in small letters, without accents."""
    parts = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).lower()


def versions(word: Word) -> RawSQL:
    """Return, as part of a statement, the keys of the versions that say a word in any language."""
    return RawSQL(*_versions(word))  # noqa: S611  (values are parameters)


def _versions(word: Word) -> tuple[str, list[str]]:
    values = [word.typed, word.typed, word.typed, word.plain]
    # The index of trigrams finds no part of a word that is shorter than one.
    if len(word.plain) < SHORTEST_PART:
        return _VERSIONS.format(_TEXT + ")", _OPTION + ")"), values * 2
    return _VERSIONS.format(_TEXT_LIKE, _OPTION_LIKE), [*values, word.pattern] * 2


def missing_from_bank(asked: Sequence[Word]) -> list[Word]:
    """Return those words that no text of the bank says. One statement."""
    return _missing(asked, _versions)


def missing_from_drafts(asked: Sequence[Word]) -> list[Word]:
    """Return those words that no draft says. One statement."""
    return _missing(asked, _drafts)


def _missing(asked: Sequence[Word], statement_of: Callable[[Word], tuple[str, list[str]]]) -> list[Word]:
    if not asked:
        return []
    parts = [statement_of(word) for word in asked]
    each = ", ".join(f"EXISTS ({sql})" for sql, _values in parts)
    # One for all words, made of constants.
    values = [value for _sql, own in parts for value in own]
    is_there: list[bool] = statements.first(f"SELECT ARRAY[{each}]", values)[0]
    return [word for word, is_known in zip(asked, is_there, strict=True) if not is_known]


def drafts(word: Word) -> RawSQL:
    """Return, as part of a statement, the keys of the drafts that say a word."""
    return RawSQL(*_drafts(word))  # noqa: S611  (values are parameters)


def _drafts(word: Word) -> tuple[str, list[str]]:
    return _DRAFTS, [word.pattern]


def spelling_suggestions(asked: Iterable[Word], tables: Sequence[str] = BANK) -> dict[Word, Word]:
    """Return for each mistyped word the nearest one that some text says; others are left out.

    A code is no word: what has a figure in it is never taken for another. Two statements for each.
    """
    near_words = {}
    for word in asked:
        if len(word.plain) >= SHORTEST_MISTYPED and word.plain.isalpha():
            near = get_close_matches(word.plain, _near(word.plain, tables), n=1, cutoff=ALIKE)
            if near:
                near_words[word] = Word(near[0], near[0])
    return near_words


def _near(word: str, tables: Sequence[str]) -> list[str]:
    near = " UNION ALL ".join(_NEAR.format(table=table) for table in tables)
    values: dict[str, Any] = {"word": word, "shortest": len(word) - 2, "longest": len(word) + 2}
    # The threshold is set for this transaction only: connections are lent to others afterward.
    with transaction.atomic():
        statements.run("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(NEAR)])
        return [found for (found,) in statements.rows(_WORDS.format(near=near), values)]
