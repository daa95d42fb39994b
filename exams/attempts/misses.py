"""What a person has missed: the coverage of scored items that were answered incorrectly, from ended exams."""

from typing import Final

from accounts.users.models import User
from exams.attempts import score_codec
from exams.attempts.held import HELD
from exams.attempts.selectors import rows_of

MISSED: Final = f"""
SELECT m.coverage
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id ORDER BY revision DESC LIMIT 1) s ON true
JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.is_scored
JOIN exams_itemversion v ON v.id = i.version_id JOIN exams_item m ON m.id = v.item_id
WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.state = 4 AND v.item_id NOT IN ({HELD})
  AND NOT {score_codec.RIGHT_AT.format(result="s.result", position="i.position")}
  AND NOT {score_codec.OUT_AT.format(result="s.result", position="i.position")}
ORDER BY a.started_at, i.position
"""  # noqa: S608  (made of constants)


def missed(user: User, code: str) -> list[frozenset[str]]:
    """Return the coverage ids of each missed item, once for each ended exam in which it was missed.

    By the current score of each; items that do not count are left out, and those of an exam that the person
    is taking (G5). One statement.
    """
    return [frozenset(row["coverage"]) for row in rows_of(MISSED, {"user": user.pk, "code": code})]
