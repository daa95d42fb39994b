"""What a person has missed: the coverage of scored items that were answered incorrectly, from ended exams."""

from accounts.users.models import User
from exams.attempts import held, score_codec
from exams.attempts.selectors import rows_of

SCORED = """
SELECT a.edition_id, s.result
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id ORDER BY revision DESC LIMIT 1) s ON true
WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.state = 4
"""
# While an exam is taken, nothing is said of its items, whenever they were answered before (G5).
PLACES = f"""
SELECT i.edition_id, i.position, m.coverage FROM exams_formitem i
JOIN exams_itemversion v ON v.id = i.version_id JOIN exams_item m ON m.id = v.item_id
WHERE i.edition_id = ANY(%(editions)s) AND i.is_scored AND v.item_id NOT IN ({held.HELD})
ORDER BY i.position
"""  # noqa: S608  (made of constants)


def missed(user: User, code: str) -> list[frozenset[str]]:
    """Return the coverage ids of each missed item, once for each ended exam in which it was missed.

    By the current score of each; items that do not count are left out. Two statements.
    """
    rows = rows_of(SCORED, {"user": user.pk, "code": code})
    right = [(row["edition_id"], score_codec.decode(row["result"]).right) for row in rows]
    items: dict[int, list[tuple[int, list[str]]]] = {}
    for row in rows_of(PLACES, {"user": user.pk, "editions": [edition for edition, _ in right]}):
        items.setdefault(row["edition_id"], []).append((row["position"], row["coverage"]))
    return [
        frozenset(coverage)
        for edition_id, digits in right
        for position, coverage in items.get(edition_id, ())
        if digits[position - 1] != "1"
    ]
