"""What answers to new items showed of a person: the evidence for the chance to pass a fresh exam."""

from typing import Final

from accounts.base import statements
from accounts.users.models import User
from exams.attempts import score_codec
from exams.attempts.selectors import TYPES
from exams.scoring.prediction import Evidence

# Only the first scored attempt at an edition shows its items unseen; an item that another edition had before
# counts there (`met`). What its start found shown before (`seen_positions`) says nothing: by another exam,
# even a canceled one that was opened, or by a drill, which may have told its key. An attempt that runs has no
# score, and so no part in this. An item that was left blank counts as incorrect where half of the exam was
# answered, as in the score; else it says nothing, and it stays out for good: the review has shown it.
# The answers of an attempt are read once because their part is materialized; PostgreSQL would read them anew
# for each item.
FIRST_SEEN: Final = f"""
WITH first AS (
  SELECT DISTINCT ON (a.edition_id) a.id, a.edition_id, a.started_at, a.seen_positions
  FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
  JOIN exams_certification c ON c.id = f.certification_id
  WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.mode = 'exam' AND a.state = 4
  ORDER BY a.edition_id, a.started_at, a.id),
answered AS MATERIALIZED (
  SELECT first.*, s.result, (
    SELECT coalesce(array_agg(newest.position), '{{}}') FROM (
      SELECT DISTINCT ON (position) position, selected FROM exams_answerevent WHERE attempt_id = first.id
      ORDER BY position, lease_no DESC, seq DESC) AS newest WHERE newest.selected <> '{{}}') AS positions
  FROM first CROSS JOIN LATERAL (
    SELECT result FROM exams_score WHERE attempt_id = first.id ORDER BY revision DESC LIMIT 1) AS s),
met AS (
  SELECT DISTINCT ON (v.item_id) i.domain_number, i.position <> ALL(seen_positions) AS is_new,
    i.is_scored AND NOT {score_codec.OUT_AT.format(result="answered.result", position="i.position")}
      AS is_scored,
    {score_codec.RIGHT_AT.format(result="answered.result", position="i.position")} AS correct,
    i.position = ANY(positions) AS is_answered,
    2 * cardinality(positions) >= count(*) OVER (PARTITION BY answered.id) AS is_whole
  FROM answered JOIN exams_formitem i ON i.edition_id = answered.edition_id
  JOIN exams_itemversion v ON v.id = i.version_id
  ORDER BY v.item_id, answered.started_at, answered.id)
SELECT domain_number AS domain, count(*) FILTER (WHERE correct) AS correct,
  count(*) FILTER (WHERE is_answered) AS answered, count(*) FILTER (WHERE NOT is_answered) AS blank
FROM met WHERE is_scored AND is_new AND (is_answered OR is_whole)
GROUP BY domain_number ORDER BY domain_number
"""  # noqa: S608  (made of constants)


# As a start counts it: a canceled attempt has shown its questions if it was opened, and so has an exam that
# was opened for practice. As SQL, because the ORM takes about 1.5 ms to put it together, on each dashboard.
SEEN_FORMS: Final = """
SELECT f.number FROM exams_examform f JOIN exams_certification c ON c.id = f.certification_id
WHERE c.code = %(code)s AND (
  EXISTS (SELECT 1 FROM exams_attempt a WHERE a.user_id = %(user)s AND a.form_id = f.id
          AND (a.state <> 5 OR a.opened_at IS NOT NULL))
  OR EXISTS (SELECT 1 FROM exams_practiceopening o WHERE o.user_id = %(user)s AND o.form_id = f.id))
"""


def seen_forms(user: User, code: str) -> frozenset[int]:
    """Return the numbers of the exams whose questions somebody has seen. One statement."""
    rows = statements.dict_rows(SEEN_FORMS, {"user": user.pk, "code": code})
    return frozenset(row["number"] for row in rows)


def first_seen(user: User, code: str) -> list[Evidence]:
    """Return how somebody answered the scored items of a certification's finished exams at first sight.

    By domain. An item counts once, however often it was met since, and not at all where an exam or a drill
    had shown it before that exam was started. One statement.
    """
    rows = statements.dict_rows(FIRST_SEEN, {"user": user.pk, "code": code}, TYPES)
    return [Evidence(**row) for row in rows]
