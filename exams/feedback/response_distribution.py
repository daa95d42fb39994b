"""How others answered: counted once for each ended exam, kept by option, for who reads a review."""

from typing import Final

from celery import shared_task
from django.db import transaction

from accounts.base import statements

BATCH: Final = 200

# Whoever moves the row by an hour counts; every other process finds it moved.
_CLAIM: Final = """
INSERT INTO exams_countingrun AS run (id, began_at) VALUES (1, statement_timestamp())
ON CONFLICT (id) DO UPDATE SET began_at = statement_timestamp()
WHERE run.began_at < statement_timestamp() - interval '55 minutes'
RETURNING 1
"""
# The row of an attempt in `taken` and its share of the counts come by one statement, so that no answer is
# counted twice or left out. A person's first exam with a version counts, unless a drill had shown it before;
# in others after it the version was no longer new.
_COUNT: Final = """
WITH taken AS (
  INSERT INTO exams_countedattempt (attempt_id, counted_at)
  SELECT a.id, statement_timestamp() FROM exams_attempt a
  WHERE a.state = 4 AND a.mode = 'exam' AND a.user_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM exams_countedattempt c WHERE c.attempt_id = a.id)
  ORDER BY a.ended_at LIMIT %(batch)s
  ON CONFLICT DO NOTHING RETURNING attempt_id),
given AS (
  SELECT DISTINCT ON (e.attempt_id, e.position) e.attempt_id, e.position, e.selected
  FROM exams_answerevent e JOIN taken t ON t.attempt_id = e.attempt_id
  ORDER BY e.attempt_id, e.position, e.lease_no DESC, e.seq DESC),
counted AS (
  SELECT i.version_id, g.selected FROM given g JOIN exams_attempt a ON a.id = g.attempt_id
  JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.position = g.position
  WHERE g.selected <> '{}' AND NOT EXISTS (
    SELECT 1 FROM exams_attempt p JOIN exams_formitem pi ON pi.edition_id = p.edition_id
    WHERE p.user_id = a.user_id AND p.started_at < a.started_at AND pi.version_id = i.version_id
      AND (p.state <> 5 OR p.opened_at IS NOT NULL))
    AND NOT EXISTS (
      SELECT 1 FROM exams_attempt p JOIN exams_drawnpaper d ON d.id = p.drawn_id
      WHERE p.user_id = a.user_id AND p.started_at < a.started_at AND i.version_id = ANY(d.version_ids))),
tally AS (
  SELECT o.id, o.version_id, count(*) FILTER (WHERE o.id = ANY(c.selected)) AS chosen, count(*) AS answers
  FROM counted c JOIN exams_option o ON o.version_id = c.version_id GROUP BY o.id, o.version_id),
stored AS (
  INSERT INTO exams_optioncount AS n (option_id, version_id, chosen, answers)
  SELECT id, version_id, chosen, answers FROM tally ORDER BY id
  ON CONFLICT (option_id) DO UPDATE
  SET chosen = n.chosen + excluded.chosen, answers = n.answers + excluded.answers
  RETURNING 1)
SELECT count(*) FROM taken
"""


def count_if_due() -> int:
    """Count what ended since the last time, once an hour whoever asks; return how many attempts."""
    return count() if statements.first(_CLAIM) else 0


def count() -> int:
    """Add the answers of every ended exam that is not counted yet, batch by batch; safe to repeat."""
    total = 0
    while counted := _count_batch():
        total += counted
    return total


def _count_batch() -> int:
    with transaction.atomic():
        return int(statements.first(_COUNT, {"batch": BATCH})[0])


@shared_task(name="exams.count_answers", expires=300)
def count_answers() -> None:
    """Count by Celery beat, once an hour."""
    count_if_due()
