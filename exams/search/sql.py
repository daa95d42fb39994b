"""SQL that every provider shares: how a query is read, how a row matches, and where the words were found.

Values are passed as parameters: `query`, `language`, `limit`, `offset`, and `headline` from `HEADLINE`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from accounts.base import statements
from exams.search.providers import START, STOP, Asked

HEADLINE: Final = f'StartSel="{START}", StopSel="{STOP}", MaxWords=35, MinWords=18, ShortWord=2'
# One row: the query as stems of each language and as words without accents.
# Web search syntax never fails, whatever somebody types.
QUERY: Final = """
SELECT websearch_to_tsquery('pg_catalog.english', passline_search_words(%(query)s)) AS english,
       websearch_to_tsquery('pg_catalog.hungarian', passline_search_words(%(query)s)) AS hungarian,
       websearch_to_tsquery('pg_catalog.simple', passline_search_words(%(query)s)) AS others,
       websearch_to_tsquery('pg_catalog.simple',
                            passline_unaccented(passline_search_words(%(query)s))) AS plain
"""
# A dash before a word or a phrase excludes it. PostgreSQL stacks every other one, too, and refuses more than
# 32. Two signs become a dash with the accents gone.
IDLE_DASH: Final = re.compile('[-\ufe63\uff0d](?![\\w"])')
STEMS: Final = (
    "CASE {language} WHEN 'en' THEN query.english WHEN 'hu' THEN query.hungarian ELSE query.others END"
)


# Within a word a slash would keep the database from marking either part; this sign stands for it meanwhile.
SLASH: Final = "\u2215"


def words_of(html: str) -> str:
    """Return the words of this HTML as they are shown; `rows` gives them their slashes back."""
    return f"passline_search_words(regexp_replace({html}, '(?<!<)/(?!>)', '{SLASH}', 'g'))"


def stems_of(language: str) -> str:
    """Return the query as stems of the language in this column."""
    return STEMS.format(language=language)


def matches(row: str, language: str) -> str:
    """Return the condition that a row matches: its stems, or its words without accents."""
    return f"({row}.search_stems @@ {stems_of(language)} OR {row}.search_plain @@ query.plain)"


def rank(row: str, language: str) -> str:
    """Return how well a row matches, by whichever vector says more."""
    stems = f"ts_rank({row}.search_stems, {stems_of(language)})"
    return f"greatest({stems}, ts_rank({row}.search_plain, query.plain))"


def statement(matches: str, page: str, order: str) -> str:
    """Return the one statement of a provider, as text since it is full-text search.

    `matches` are the common tables up to the one of this name, which has `language` and `rank`; `page` reads
    it with the `words` of each match, and only of a page of them, in this order, a passage is made.
    """
    return f"""
WITH query AS ({QUERY}),
{matches},
page AS ({page} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s)
SELECT (SELECT count(*) FROM matches) AS total, page.*,
       ts_headline(passline_search_config(page.language), page.words, {stems_of("page.language")},
                   %(headline)s) AS headline
FROM query LEFT JOIN page ON true ORDER BY {order}
"""  # noqa: S608  (made of constants)


def rows(sql: str, asked: Asked, **values: Any) -> tuple[int, list[dict[str, Any]]]:  # noqa: ANN401
    """Return the total and the rows of a page of a `statement`. One statement."""
    # The total stands in each row, so there is one row at least; its `rank` is NULL where it stands for none.
    parameters: Mapping[str, Any] = {
        "query": IDLE_DASH.sub(" ", asked.query),
        "code": asked.code,
        "language": asked.language,
        "limit": asked.limit,
        "offset": asked.offset,
        "headline": HEADLINE,
        "user": asked.user.pk,
        **values,
    }
    matches = statements.dict_rows(sql, parameters)
    return matches[0]["total"], [_with_slashes(row) for row in matches if row["rank"] is not None]


def _with_slashes(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace(SLASH, "/") if isinstance(value, str) else value for name, value in row.items()
    }
