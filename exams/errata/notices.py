"""One mail to each person whose score a ruling changed: what was ruled, why, and the scores side by side.

It names no answer: whoever reads it may be taking an exam with the question. The review tells more, once it
is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext, override

from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.bank.models import KeyRuling

MAIL: Final = "exams/email/score_corrected"
IS_NEWS: Final = timedelta(days=7)
# The scores of this ruling that replaced one which did not count it, and have another figure.
_CHANGED: Final = """
SELECT a.user_id, c.code, f.number, i.position, a.id, b.scaled, s.scaled, b.passed, s.passed
FROM exams_score s
JOIN exams_score b ON b.attempt_id = s.attempt_id AND b.revision = s.revision - 1
  AND coalesce(b.ruling_id, 0) < s.ruling_id AND b.scaled <> s.scaled
JOIN exams_attempt a ON a.id = s.attempt_id
JOIN exams_examform f ON f.id = a.form_id JOIN exams_certification c ON c.id = f.certification_id
JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.version_id = %(version)s
WHERE s.ruling_id = %(ruling)s AND a.user_id > %(after)s
ORDER BY a.user_id, a.started_at
"""


@dataclass(frozen=True, slots=True)
class _Score:
    code: str
    exam: int
    question: int
    attempt_id: UUID
    before: int
    now: int
    passed_before: bool
    passed: bool


def notify(ruling: KeyRuling, *, after: int, limit: int) -> Sequence[int]:
    """Write mails to the next people after the one with the id `after`, and return whose scores changed.

    In the order of their ids, whether or not they can still be written to. Twice writes each mail once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"ruling": ruling.pk, "version": ruling.version_id, "after": after})
        rows = cursor.fetchall()
    scores: dict[int, list[_Score]] = {}
    for user_id, *score in rows:
        scores.setdefault(user_id, []).append(_Score(*score))
    people = list(scores)[:limit]
    users = User.objects.filter(pk__in=people, is_active=True).order_by("pk")
    for user in users:
        _post(ruling, user, scores[user.pk])
    return people


def _post(ruling: KeyRuling, user: User, scores: Sequence[_Score]) -> None:
    code, language = scores[0].code, profiles.of(user).ui_language
    outbox.post(
        MAIL,
        user.email,
        {
            "certification": code.upper(),
            "code": code,
            "kind": ruling.kind,
            "cause": ruling.cause,
            "scores": "\n".join(_line(score, language) for score in scores),
            "attempt": str(scores[-1].attempt_id),
            "is_pass": int(scores[-1].passed and not scores[-1].passed_before),
        },
        person=user,
        language=language,
        dedupe_key=f"ruling-{ruling.pk}-{user.pk}",
        useful_for=IS_NEWS,
    )


def _line(score: _Score, language: str) -> str:
    with override(language):
        return gettext("Practice Exam %(exam)s, question %(question)s: %(before)s before, %(now)s now") % {
            "exam": score.exam,
            "question": score.question,
            "before": score.before,
            "now": score.now,
        }
