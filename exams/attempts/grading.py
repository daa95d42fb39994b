"""From stored answers to Score rows: the only writer of scores. Running it twice changes nothing."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly.models import FormEdition, FormItem
from exams.attempts import answers, metrics
from exams.attempts.answers import Answer
from exams.attempts.models import Attempt, Score, State
from exams.bank.models import Option
from exams.scoring import outlook, rules

MAX_TRIES = 5
ENDED = (State.SUBMITTED, State.EXPIRED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Marking:
    """What scoring needs of an edition. Editions are frozen, so a process may keep it."""

    scale: rules.Scale
    weights: Mapping[int, int]
    places: tuple[tuple[int, int, bool, frozenset[int]], ...]  # position, domain, is_scored, keys


@lru_cache(maxsize=64)
def marking(edition_id: int) -> Marking:
    """Return keys and parameters of an edition; three queries the first time in a process."""
    edition = FormEdition.objects.get(pk=edition_id)
    keys: dict[int, set[int]] = {}
    options = Option.objects.filter(version__form_items__edition_id=edition_id, is_key=True)
    for version_id, option_id in options.values_list("version_id", "pk"):
        keys.setdefault(version_id, set()).add(option_id)
    places = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    return Marking(
        scale=rules.Scale(edition.scale_min, edition.scale_max, edition.pass_mark),
        weights={int(number): weight for number, weight in edition.weights.items()},
        places=tuple(
            (place.position, place.domain_number, place.is_scored, frozenset(keys.get(place.version_id, ())))
            for place in places
        ),
    )


def compute(by: Marking, given: Iterable[Answer]) -> tuple[rules.Outcome, dict[str, Any]]:
    """Score answers by a marking: the outcome, and what a Score row holds beside its figures."""
    chosen = {answer.position: answer.selected for answer in given}
    marked = [
        rules.Marked(position, domain, is_scored, rules.is_right(chosen.get(position, ()), keys))
        for position, domain, is_scored, keys in by.places
    ]
    outcome = rules.score(marked, by.weights, by.scale)
    fresh = outlook.outlook(outcome.scored, outcome.share, by.scale)
    return outcome, {
        "share": str(outcome.share),
        "scored": outcome.scored,
        "band": [fresh.low, fresh.high],
        "chance": round(fresh.chance, 4),
        "domains": [[d.number, d.weight, d.correct, d.scored] for d in outcome.domains],
        "right": "".join("1" if item.is_right else "0" for item in marked),
    }


def _row(attempt: Attempt, given: Iterable[Answer], revision: int = 1) -> Score:
    outcome, result = compute(marking(attempt.edition_id), given)
    return Score(
        attempt=attempt,
        revision=revision,
        scoring_revision=rules.REVISION,
        raw=outcome.raw,
        scaled=outcome.scaled,
        passed=outcome.passed,
        result=result,
        created_at=Now(),
    )


def grade_all(attempt_ids: Sequence[UUID], *, wait: bool = False) -> int:
    """Score ended attempts in one transaction and return how many.

    Those locked elsewhere are left out, or waited for: a sweep locks for a moment what it does not take.
    """
    with transaction.atomic():
        ended = list(
            Attempt.objects.select_for_update(skip_locked=not wait, of=("self",))
            .filter(pk__in=attempt_ids, state__in=ENDED)
            .order_by("pk")
        )
        given = answers.current_of([attempt.pk for attempt in ended])
        rows = [_row(attempt, given.get(attempt.pk, [])) for attempt in ended]
        Score.objects.bulk_create(rows, ignore_conflicts=True)
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in ended]).update(state=State.SCORED)
    metrics.SCORES.labels(by="grade").inc(len(ended))
    return len(ended)


def grade(attempt_id: UUID) -> bool:
    """Score one ended attempt; False when it is not ended, already scored, or being scored elsewhere."""
    with metrics.GRADE_SECONDS.time():
        return grade_all([attempt_id]) == 1


CLAIM = """
UPDATE exams_attempt SET score_tries = score_tries + 1, score_claimed_at = statement_timestamp()
WHERE id = ANY(%(ids)s::uuid[]) AND state IN (2, 3) AND quarantined_at IS NULL AND score_tries < %(max)s
RETURNING id
"""
QUARANTINE = """
UPDATE exams_attempt SET quarantined_at = statement_timestamp()
WHERE id = %(id)s AND state IN (2, 3) AND quarantined_at IS NULL AND score_tries >= %(max)s
RETURNING id
"""


def claim(attempt_ids: Sequence[UUID]) -> list[UUID]:
    """Count a try for each attempt, in a commit of its own, and return those that may be tried."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"ids": [str(attempt_id) for attempt_id in attempt_ids], "max": MAX_TRIES})
        return [row[0] for row in cursor.fetchall()]


def quarantine_if_hopeless(attempt_id: UUID) -> None:
    """Set an attempt aside after its last try; its answers are safe, staff must look."""
    with connection.cursor() as cursor:
        cursor.execute(QUARANTINE, {"id": str(attempt_id), "max": MAX_TRIES})
        if cursor.fetchone():
            logger.error("attempt quarantined", extra={"attempt_id": str(attempt_id)})


def try_to_grade(attempt_id: UUID) -> bool:
    """Claim and score one attempt. A failure is logged and counted, never raised: there are other ways."""
    if not claim([attempt_id]):
        quarantine_if_hopeless(attempt_id)
        return False
    return grade_claimed(attempt_id)


def grade_claimed(attempt_id: UUID) -> bool:
    """Score one attempt whose try was counted. Never raises."""
    try:
        return grade(attempt_id)
    except Exception:
        logger.exception("scoring failed", extra={"attempt_id": str(attempt_id)})
        quarantine_if_hopeless(attempt_id)
        return False


def rescore(*, attempt_id: UUID, actor: User | None, reason: str) -> Score:
    """Score a scored attempt again by today's rules and keys: a new row, with who asked and why."""
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update(of=("self",)).filter(pk=attempt_id).first()
        if attempt is None:
            raise answers.not_found()
        if attempt.state != State.SCORED:
            raise Refused("not_scored", 409, _("Only a scored attempt can be scored again."))
        last = attempt.scores.aggregate(last=Max("revision"))["last"] or 0
        row = _row(attempt, answers.current(attempt_id), revision=last + 1)
        row.reason, row.actor = reason, actor
        row.save(force_insert=True)
    row.refresh_from_db()
    return row


def unscored() -> Q:
    """Return the condition of ended attempts that still wait for a score."""
    return Q(state__in=ENDED, quarantined_at=None)
