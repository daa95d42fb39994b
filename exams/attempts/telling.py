"""What an ended attempt tells of a question: the one rule of what was missed, for every reader of answers.

A question tells something where it was answered, and where it was left blank although half of the exam, check
or practice was answered (`selectors.is_stopped`): a blank of what was stopped early may not be reached.
In tutor mode it does once its answer was shown.
"""

from typing import Final

from exams.attempts.models import Feedback

# Follows a part `own` of a statement, with the columns id, edition_id, drawn_id, state and feedback of
# attempts. `given` is the newest change at each position, `whole` are those of which half was answered.
GIVEN: Final = f"""
given AS MATERIALIZED (
  SELECT DISTINCT ON (attempt_id, position) attempt_id, position, selected, selected <> '{{}}' AS is_answered,
    flagged, confidence, closes, max(seen_ms) OVER (PARTITION BY attempt_id, position) AS seen_ms
  FROM exams_answerevent WHERE attempt_id = ANY(ARRAY(SELECT id FROM own))
  ORDER BY attempt_id, position, lease_no DESC, seq DESC),
whole AS MATERIALIZED (
  SELECT o.id FROM own o LEFT JOIN exams_drawnpaper d ON d.id = o.drawn_id
  WHERE o.feedback = '{Feedback.AT_END}' AND o.state IN (2, 3, 4)
    AND 2 * (SELECT count(*) FROM given g WHERE g.attempt_id = o.id AND g.is_answered)
      >= coalesce(cardinality(d.version_ids),
                  (SELECT count(*) FROM exams_formitem i WHERE i.edition_id = o.edition_id)))
"""  # noqa: S608  (made of constants)
TELLS: Final = f"""(CASE WHEN m.feedback = '{Feedback.AT_ONCE}' THEN coalesce(g.closes, false)
  ELSE m.state IN (2, 3, 4) AND (coalesce(g.is_answered, false) OR m.id IN (SELECT id FROM whole)) END)"""  # noqa: S608  (made of constants)
"""Whether a position of `m`, rows of `own` with positions, tells something; needs `GIVEN`, `WITH_GIVEN`."""
WITH_GIVEN: Final = "LEFT JOIN given g ON g.attempt_id = m.id AND g.position = m.position"
