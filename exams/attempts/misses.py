"""What a person has missed: the coverage of scored items that were answered incorrectly, from ended exams."""

from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.attempts import score_codec
from exams.attempts.selectors import rows_of

# While an exam runs, nothing is said of its items, whenever they were answered before (G5).
SCORED = """
SELECT a.edition_id, s.result
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id ORDER BY revision DESC LIMIT 1) s ON true
WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.state = 4
  AND NOT EXISTS (SELECT 1 FROM exams_attempt r WHERE r.user_id = a.user_id AND r.form_id = a.form_id
                  AND r.state = 1)
"""


def missed(user: User, code: str) -> list[frozenset[str]]:
    """Return the coverage ids of each missed item, once for each ended exam in which it was missed.

    By the current score of each; items that do not count are left out. Two statements.
    """
    rows = rows_of(SCORED, {"user": user.pk, "code": code})
    right = [(row["edition_id"], score_codec.decode(row["result"]).right) for row in rows]
    places = FormItem.objects.filter(edition_id__in={edition for edition, _ in right}, is_scored=True)
    items: dict[int, list[tuple[int, list[str]]]] = {}
    for edition_id, position, coverage in places.order_by("position").values_list(
        "edition_id", "position", "version__item__coverage"
    ):
        items.setdefault(edition_id, []).append((position, coverage))
    return [
        frozenset(coverage)
        for edition_id, digits in right
        for position, coverage in items.get(edition_id, ())
        if digits[position - 1] != "1"
    ]
