"""One mail to each person whose score a ruling changed: what was ruled, why, and the scores side by side.

It names no answer: whoever reads it may be taking an exam with the question. The review tells more, once it
is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext, override

from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.users.models import User
from exams.attempts.models import Score
from exams.bank.models import KeyRuling

MAIL: Final = "exams/email/score_corrected"
IS_NEWS: Final = timedelta(days=7)


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
    scores: dict[int, list[_Score]] = {}
    for user_id, *score in _changed(ruling).filter(attempt__user__gt=after):
        scores.setdefault(user_id, []).append(_Score(*score))
    # All of a person at once: several of their attempts make one mail.
    people = list(scores)[:limit]
    # Who was closed meanwhile gets none, and counts all the same, so that the next batch goes on.
    users = User.objects.filter(pk__in=people, is_active=True).order_by("pk")
    for user in users:
        _post(ruling, user, scores[user.pk])
    return people


def _changed(ruling: KeyRuling) -> QuerySet[Score, tuple[Any, ...]]:
    """Return the scores of a ruling with another figure than the one before, which did not count it yet."""
    before, form = "attempt__scores__", "attempt__form__"
    rows = Score.objects.filter(
        # One filter, so that all of it is said of the same earlier score.
        Q(**{f"{before}ruling": None}) | Q(**{f"{before}ruling__lt": F("ruling")}),
        Q(**{f"{before}scaled__lt": F("scaled")}) | Q(**{f"{before}scaled__gt": F("scaled")}),
        ruling=ruling,
        attempt__edition__items__version=ruling.version_id,
        **{f"{before}revision": F("revision") - 1},
    )
    names = (f"{form}certification__code", f"{form}number", "attempt__edition__items__position", "attempt")
    figures = (f"{before}scaled", "scaled", f"{before}passed", "passed")
    return rows.order_by("attempt__user", "attempt__started_at").values_list(
        "attempt__user", *names, *figures
    )


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
