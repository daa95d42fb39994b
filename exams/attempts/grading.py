"""From stored answers to Score rows: the only writer of scores. Running it twice changes nothing."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused, describe
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.models import FormEdition, FormItem
from exams.attempts import answers, metrics, score_codec, sql
from exams.attempts.answers import Chosen
from exams.attempts.models import Attempt, Score, State
from exams.attempts.score_codec import StoredDomain, StoredDrill, StoredResult
from exams.scoring import outlook, rules

MAX_TRIES = sql.MAX_TRIES
ENDED = (State.SUBMITTED, State.EXPIRED)

NOTHING_WOULD_CHANGE = _(
    "Rescoring would give the same score: the scoring rules and the keys of this exam haven't changed."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Marking:
    """What scoring needs of an edition. Editions are frozen, so a process may keep it."""

    scale: rules.Scale
    weights: Mapping[int, int]
    places: tuple[tuple[int, int, bool, frozenset[int]], ...]  # position, domain, is_scored, keys


@lru_cache(maxsize=64)
def marking(edition_id: int) -> Marking:
    """Return keys and parameters of an edition; at most three queries the first time in a process."""
    edition = FormEdition.objects.get(pk=edition_id)
    places = list(FormItem.objects.filter(edition_id=edition_id).order_by("position"))
    keys = solutions.keys_of([place.version_id for place in places])
    return Marking(
        scale=rules.Scale(edition.scale_min, edition.scale_max, edition.pass_mark),
        weights={int(number): weight for number, weight in edition.weights.items()},
        places=tuple(
            (place.position, place.domain_number, place.is_scored, keys[place.version_id]) for place in places
        ),
    )


def compute(by: Marking, chosen: Chosen) -> tuple[rules.Outcome, StoredResult]:
    """Score answers by a marking: the outcome, and what a Score row holds beside its figures."""
    marked = [
        rules.Marked(position, domain, is_scored, rules.is_right(chosen.get(position, ()), keys))
        for position, domain, is_scored, keys in by.places
    ]
    outcome = rules.score(marked, by.weights, by.scale)
    fresh = outlook.outlook(outcome.scored, outcome.share, by.scale)
    return outcome, StoredResult(
        share=str(outcome.share),
        scored=outcome.scored,
        band_low=fresh.low,
        band_high=fresh.high,
        chance=round(fresh.chance, 4),
        domains=tuple(StoredDomain(d.number, d.weight, d.correct, d.scored) for d in outcome.domains),
        right="".join("1" if item.is_right else "0" for item in marked),
    )


def _row(attempt: Attempt, chosen: Chosen, revision: int = 1) -> Score:
    if attempt.edition_id is None:
        return _drill_row(attempt, chosen, revision)
    outcome, result = compute(marking(attempt.edition_id), chosen)
    return Score(
        attempt=attempt,
        revision=revision,
        scoring_revision=rules.REVISION,
        raw=outcome.raw,
        scaled=outcome.scaled,
        passed=outcome.passed,
        result=score_codec.encode(result),
        created_at=Now(),
    )


def _drill_row(attempt: Attempt, chosen: Chosen, revision: int) -> Score:
    """Return the score of a drill: how many of its questions were answered correctly, and no scale."""
    assert attempt.drawn_id is not None  # noqa: S101  (the check attempt_edition_or_drawn_paper)
    order = papers.order(papers.number_of_drawn(attempt.drawn_id))
    keys = solutions.keys_of(order.version_ids)
    right = [
        rules.is_right(chosen.get(position, ()), keys[version_id])
        for position, version_id in enumerate(order.version_ids, start=1)
    ]
    result = StoredDrill(
        share=str(Fraction(sum(right), len(right))),
        scored=len(right),
        right="".join("1" if one else "0" for one in right),
    )
    return Score(
        attempt=attempt,
        revision=revision,
        scoring_revision=rules.REVISION,
        raw=sum(right),
        result=score_codec.encode_drill(result),
        created_at=Now(),
    )


def grade_all(attempt_ids: Sequence[UUID], *, wait: bool = False) -> int:
    """Score ended attempts in one transaction and return how many.

    Those locked elsewhere are left out, or waited for: a sweep locks for a moment what it does not take.
    """
    with transaction.atomic():
        ended = list(
            Attempt.objects.select_for_update(skip_locked=not wait, of=("self",))
            .only("pk", "edition_id", "drawn_id")
            .filter(pk__in=attempt_ids, state__in=ENDED)
            .order_by("pk")
        )
        chosen = answers.chosen_of([attempt.pk for attempt in ended])
        rows = [_row(attempt, chosen[attempt.pk]) for attempt in ended]
        Score.objects.bulk_create(rows, ignore_conflicts=True)
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in ended]).update(
            state=State.SCORED, quarantined_at=None, score_error=""
        )
    metrics.SCORES.labels(by="grade").inc(len(ended))
    return len(ended)


def grade(attempt_id: UUID, *, wait: bool = False) -> bool:
    """Score one ended attempt; False when it is not ended or already scored.

    One that is locked elsewhere is waited for or left out (False).
    """
    with metrics.GRADE_SECONDS.time():
        return grade_all([attempt_id], wait=wait) == 1


# The pause is here, where the try is counted, so that it holds whoever asks: a hint, a sweep, a result page
# that asks every two seconds. Of several at once one gets the row, the others find the try just made.
CLAIM = f"""
UPDATE exams_attempt SET {sql.COUNT_A_TRY}
WHERE id = ANY(%(ids)s::uuid[]) AND {sql.UNSCORED} AND {sql.MAY_TRY}
RETURNING id
"""  # noqa: S608  (made of constants)
NOTE_FAILURE = """
UPDATE exams_attempt SET score_error = %(error)s WHERE id = %(id)s AND state <> 4
RETURNING score_tries, quarantined_at IS NOT NULL
"""


def claim(attempt_ids: Sequence[UUID]) -> list[UUID]:
    """Count a try for each attempt, in a commit of its own, and return those that may be tried now."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"ids": [str(attempt_id) for attempt_id in attempt_ids]})
        return [row[0] for row in cursor.fetchall()]


def next_try_at(attempt: Attempt) -> dt.datetime | None:
    """Return when an attempt that was tried in vain may be tried again, as the SQL of the claim has it."""
    if attempt.score_claimed_at is None or attempt.state not in (State.RUNNING, *ENDED):
        return None
    pause = sql.LONG_PAUSE_SECONDS if attempt.quarantined_at else sql.PAUSE_SECONDS
    return attempt.score_claimed_at + dt.timedelta(seconds=pause)


def note_failure(attempt_id: UUID, error: Exception) -> None:
    """Keep on the row why a try failed, for staff. Never raises: what failed may be the database."""
    described = describe(error)
    more: dict[str, object] = {"attempt_id": str(attempt_id), "error": described}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NOTE_FAILURE, {"id": str(attempt_id), "error": described})
            tries, set_aside = cursor.fetchone() or (0, False)
    except Exception:
        logger.exception("a failed try could not be noted", extra=more)
        return
    if set_aside:
        logger.error("attempt set aside, tried again in an hour", extra={**more, "tries": tries})


def try_to_grade(attempt_id: UUID) -> bool:
    """Count a try for an ended attempt and score it; True when this call stored its score.

    False when nothing is to be done now (it runs, is scored, or was tried within the pause), and when scoring
    failed: that is logged, noted on the row and left to the next try. Raises DatabaseError when the try
    cannot be counted.
    """
    return bool(claim([attempt_id])) and grade_claimed(attempt_id)


def grade_claimed(attempt_id: UUID) -> bool:
    """Score one attempt whose try was counted; True when this call stored its score. Never raises."""
    try:
        # Nobody else scores it before the pause is over: to leave it out now would cost 20 s for nothing.
        return grade(attempt_id, wait=True)
    except Exception as error:
        logger.exception("scoring failed", extra={"attempt_id": str(attempt_id)})
        note_failure(attempt_id, error)
        return False


def _changed(row: Score, last: Score) -> bool:
    """Say whether two scores differ in anything that a person would see of them."""
    return (row.raw, row.scaled, row.passed, row.result) != (last.raw, last.scaled, last.passed, last.result)


def rescore_would_change(attempt_id: UUID) -> bool:
    """Say whether today's rules give a scored attempt another score than it has; False without a score."""
    attempt = Attempt.objects.filter(pk=attempt_id, state=State.SCORED).first()
    last = attempt and attempt.scores.order_by("-revision").first()
    return bool(attempt and last and _changed(_row(attempt, answers.chosen(attempt_id)), last))


def rescore(*, attempt_id: UUID, actor: User | None, reason: str) -> Score:
    """Score a scored attempt by today's rules: a new row, with who asked and why.

    The keys are those of the edition that was sat, which never change. Raises Refused: not_found,
    not_scored, nothing_would_change.
    """
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update(of=("self",)).filter(pk=attempt_id).first()
        if attempt is None:
            raise answers.not_found()
        if attempt.state != State.SCORED:
            raise Refused("not_scored", 409, _("Only a scored attempt can be rescored."))
        last = attempt.scores.order_by("-revision")[0]
        row = _row(attempt, answers.chosen(attempt_id), revision=last.revision + 1)
        if not _changed(row, last):
            raise Refused("nothing_would_change", 409, NOTHING_WOULD_CHANGE)
        row.reason, row.actor = reason, actor
        row.save(force_insert=True)
    row.refresh_from_db()
    return row
