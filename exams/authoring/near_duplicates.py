"""Questions that ask alike, and keys that another stem gives away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from accounts.base import statements
from exams.authoring.kinds import Content
from exams.catalog.models import Certification
from exams.content.rules.measures import plain

ALIKE: Final = 0.5
"""From this similarity of trigrams on two stems read alike; unrelated ones have 0.2 to 0.35."""
MOST: Final = 5000
SHOWN: Final = 6
SHORTEST_KEY: Final = 8
"""Shorter keys are names that stand in many stems."""
LONGEST: Final = 8000

_PLAIN: Final = "' ' || btrim(regexp_replace(lower({}), '[^[:alnum:]]+', ' ', 'g')) || ' '"
# Text: similarity of trigrams and a search of keys in stems, both ways, in one pass over the bank.
_SQL: Final = f"""
WITH bank AS MATERIALIZED (
  SELECT DISTINCT ON (i.id) i.code, t.id AS text_id,
    {_PLAIN.format("left(t.stem || ' ' || t.ask, 8000)")} AS words
  FROM exams_item i
  JOIN exams_itemtext t ON t.version_id = i.current_id AND t.language = %(language)s
  WHERE i.certification_id = %(certification)s AND i.code <> %(code)s
    AND (i.twins = '' OR i.twins <> %(twins)s)
  ORDER BY i.id, t.revision DESC
  LIMIT {MOST}
), compared AS (
  SELECT code, similarity(words, %(words)s) AS alike,
    (SELECT key FROM unnest(%(keys)s::text[]) AS key WHERE strpos(words, key) > 0 LIMIT 1) AS mine,
    (SELECT o.text FROM exams_optiontext o JOIN exams_option p ON p.id = o.option_id
     WHERE o.item_text_id = text_id AND p.is_key AND length(o.text) >= {SHORTEST_KEY}
       AND strpos(%(words)s, {_PLAIN.format("o.text")}) > 0 LIMIT 1) AS theirs
  FROM bank
)
SELECT code, alike, coalesce(mine, ''), coalesce(theirs, '') FROM compared
WHERE alike >= {ALIKE} OR mine IS NOT NULL OR theirs IS NOT NULL
ORDER BY alike DESC, code LIMIT {SHOWN}
"""  # noqa: S608  (constants of this file)


@dataclass(frozen=True, slots=True)
class Neighbor:
    """Another question: how alike its stem is (0 to 1), and which key one of the two stems gives away.

    `holds_key` is a key of the question being written that stands in the other's stem, `key_in_stem` a key of
    the other that stands in the stem being written; "" for none.
    """

    code: str
    alike: float
    holds_key: str
    key_in_stem: str


def of(certification: Certification, code: str, content: Content) -> list[Neighbor]:
    """Return the questions that are too near to content. No statement before its stem has some words."""
    text: Mapping[str, Any] = content["texts"].get(certification.original_language, {})
    words = plain(f"{text.get('stem', '')} {text.get('ask', '')}"[:LONGEST])
    if len(words.split()) < 4:
        return []
    values = {
        "language": certification.original_language,
        "certification": certification.pk,
        "code": code,
        "twins": content["twins"],
        "words": words,
        "keys": _keys(content["options"], text["options"]),
    }
    rows = statements.rows(_SQL, values)
    return [Neighbor(name, alike, mine.strip(), theirs) for name, alike, mine, theirs in rows]


def _keys(options: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, str]]) -> list[str]:
    keys = (plain(words["text"]) for option, words in zip(options, texts, strict=False) if option["key"])
    return [key for key in keys if len(key.strip()) >= SHORTEST_KEY]
