"""Tasks that follow from watched names: opened where a current text mentions one, closed where none does.

All of a certification's follow each other by one lock, which is taken before the statement sees anything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from accounts.audit import services as audit
from accounts.base import locks, statements
from exams.freshness.models import ReviewTask

# A name is a word of its own, whatever white space parts its words. In other languages than the original it
# may go on in small letters, and its last vowel may be long: Athena, Athenával. Where the new name has the
# old one in it (SageMaker AI), the new one is taken out of the text first.
_MENTIONS: Final = r"""
newest AS (
  SELECT DISTINCT ON (t.version_id, t.language) t.id, i.id AS item_id,
    t.language = c.original_language AS is_original
  FROM exams_item i JOIN exams_certification c ON c.id = i.certification_id
  JOIN exams_itemtext t ON t.version_id = i.current_id
  WHERE i.certification_id = %(certification)s AND (%(all)s OR i.id = ANY(%(items)s))
  ORDER BY t.version_id, t.language, t.revision DESC),
texts AS MATERIALIZED (
  SELECT n.item_id, n.id, n.is_original, concat_ws(E'\n', t.stem, t.ask, t.why, t.principle, t.tip,
    (SELECT string_agg(o.text || E'\n' || o.rationale, E'\n') FROM exams_optiontext o
     WHERE o.item_text_id = n.id)) AS words
  FROM newest n JOIN exams_itemtext t ON t.id = n.id),
watched AS MATERIALIZED (
  SELECT w.id, w.revision, w.name, w.successor,
    regexp_replace(regexp_replace(w.name, '([^[:alnum:][:space:]])', '\\\1', 'g'),
      '\s+', '\\s+', 'g') AS pattern
  FROM exams_watchedname w WHERE w.certification_id = %(certification)s AND w.is_watched),
mentions AS MATERIALIZED (
  SELECT s.item_id, w.id AS watched_id, w.revision, array_agg(s.id ORDER BY s.id) AS text_ids
  FROM texts s JOIN watched w ON
    CASE WHEN position(w.name IN w.successor) > 0 THEN replace(s.words, w.successor, ' ') ELSE s.words END
    ~ CASE WHEN s.is_original THEN '(?<![[:alnum:]_])' || w.pattern || '(?![[:alnum:]_])'
      ELSE '(?<![[:alnum:]_])'
        || regexp_replace(regexp_replace(w.pattern, 'a$', '[aá]'), 'e$', '[eé]')
        || '(?![[:upper:][:digit:]_])'
      END
  GROUP BY s.item_id, w.id, w.revision)
"""
# What somebody has looked at stays closed as long as the same texts mention the same facts.
# As text: one statement, so that what is closed, moved and opened follows from the same texts.
_REFRESH: Final = f"""
WITH {_MENTIONS},
gone AS (
  UPDATE exams_reviewtask t SET closed_at = statement_timestamp(),
    outcome = CASE WHEN w.is_watched THEN 'gone' ELSE 'let go' END
  FROM exams_item i, exams_watchedname w
  WHERE t.closed_at IS NULL AND i.id = t.item_id AND w.id = t.watched_id
    AND i.certification_id = %(certification)s AND (%(all)s OR i.id = ANY(%(items)s))
    AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.item_id = t.item_id AND m.watched_id = t.watched_id)
  RETURNING t.id),
moved AS (
  UPDATE exams_reviewtask t SET text_ids = m.text_ids, watched_revision = m.revision FROM mentions m
  WHERE t.closed_at IS NULL AND m.item_id = t.item_id AND m.watched_id = t.watched_id
    AND (t.text_ids, t.watched_revision) IS DISTINCT FROM (m.text_ids, m.revision)
  RETURNING t.id),
opened AS (
  INSERT INTO exams_reviewtask (item_id, watched_id, watched_revision, text_ids, outcome)
  SELECT m.item_id, m.watched_id, m.revision, m.text_ids, '' FROM mentions m
  WHERE NOT EXISTS (
    SELECT 1 FROM exams_reviewtask t WHERE t.item_id = m.item_id AND t.watched_id = m.watched_id
      AND (t.closed_at IS NULL OR (t.outcome = 'checked'
           AND t.watched_revision = m.revision AND t.text_ids @> m.text_ids)))
  RETURNING id)
SELECT ARRAY(SELECT id FROM opened), ARRAY(SELECT id FROM gone)
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many tasks a look at the texts opened and closed."""

    opened: int
    closed: int


def hold(certification_id: int) -> None:
    """Wait until nobody else changes tasks or checks of a certification, in the caller's transaction."""
    locks.hold(f"exams:freshness:{certification_id}")


@transaction.atomic
def refresh(certification_id: int, items: Collection[int] | None = None) -> Refreshed:
    """Bring the tasks of a certification, or of some items of it, to what its current texts mention.

    Done again it changes nothing. Two statements, and one for each task that it opened or closed.
    """
    hold(certification_id)
    values: dict[str, Any] = {
        "certification": certification_id,
        "all": items is None,
        "items": list(items or ()),
    }
    opened, closed = statements.first(_REFRESH, values)
    for task_id in closed:
        audit.record(actor=None, action="close", subject=ReviewTask(pk=task_id))
    return Refreshed(len(opened), len(closed))
