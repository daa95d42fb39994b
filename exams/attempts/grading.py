"""From stored answers to Score rows: the only writer of scores. Running it twice changes nothing.

The attempt row is the queue. A hint only makes the score come sooner; a lost one costs nothing.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base import statements
from accounts.base.enqueue import enqueue
from accounts.base.errors import Refused, describe
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.models import FormEdition, FormItem
from exams.attempts import answers, metrics, score_codec, sql
from exams.attempts.answers import Chosen
from exams.attempts.models import Attempt, Feedback, Score, State
from exams.attempts.score_codec import StoredDomain, StoredDrill, StoredEstimate, StoredResult
from exams.bank import rulings
from exams.bank.models import ItemVersion
from exams.scoring import error_band, rules

MAX_TRIES = sql.MAX_TRIES
ENDED = (State.SUBMITTED, State.EXPIRED)

NOTHING_WOULD_CHANGE = _(
    "Rescoring would give the same score: the scoring rules and the keys of this exam haven't changed."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Marking:
    """What scoring needs of an edition under the rulings up to one.

    Editions are frozen and rulings stay, so a process may keep it. `ruling` is the last one on any of its
    items, `out` are the positions that would be scored without rulings.
    """

    scale: rules.Scale
    weights: Mapping[int, int]
    places: tuple[tuple[int, int, bool, rules.Key], ...]  # position, domain, is_scored, key
    ruling: int | None
    out: tuple[int, ...]


@lru_cache(maxsize=64)
def marking(edition_id: int, until: int | None = None) -> Marking:
    """Return keys and parameters of an edition under what was ruled up to the ruling `until`.

    At most three queries the first time in a process, and one for a ruling that it does not know.
    """
    return marking_under(edition_id, rulings.in_force(until))


def marking_under(edition_id: int, in_force: rulings.InForce) -> Marking:
    """Return keys and parameters of an edition under these rulings, stored or proposed."""
    edition = FormEdition.objects.get(pk=edition_id)
    places = list(FormItem.objects.filter(edition_id=edition_id).order_by("position"))
    published = solutions.keys_of([place.version_id for place in places])
    keys = {one: rulings.key_of(published[one], in_force.get(one)) for one in published}
    return Marking(
        scale=edition.scale,
        weights={int(number): weight for number, weight in edition.weights.items()},
        places=tuple(
            (
                place.position,
                place.domain_number,
                place.is_scored and not keys[place.version_id].out,
                keys[place.version_id],
            )
            for place in places
        ),
        ruling=_last_of(published, in_force),
        out=tuple(place.position for place in places if place.is_scored and keys[place.version_id].out),
    )


def _last_of(version_ids: Iterable[int], in_force: rulings.InForce) -> int | None:
    return max((in_force[one].id for one in version_ids if one in in_force), default=None)


def compute(by: Marking, chosen: Chosen) -> tuple[rules.Outcome, StoredResult]:
    """Score answers by a marking: the outcome, and what a Score row holds beside its figures."""
    marked = [
        rules.Marked(position, domain, is_scored, key.accepts(chosen.get(position, ())))
        for position, domain, is_scored, key in by.places
    ]
    outcome = rules.score(marked, by.weights, by.scale)
    band = error_band.error_band(outcome.scored, outcome.share, by.scale)
    return outcome, StoredResult(
        share=str(outcome.share),
        scored=outcome.scored,
        band_low=band.low,
        band_high=band.high,
        domains=tuple(StoredDomain(d.number, d.weight, d.correct, d.scored) for d in outcome.domains),
        right="".join("1" if item.is_right else "0" for item in marked),
        out=by.out,
        chance=round(band.passing, 4),
        answered=sum(map(bool, chosen.values())),
    )


def _row(attempt: Attempt, chosen: Chosen, until: int | None = None, revision: int = 1) -> Score:
    """Return the score of an attempt under what was ruled up to the ruling `until`."""
    if attempt.edition_id is None:
        return _drill_row(attempt, chosen, until, revision)
    return _exam_row(attempt, marking(attempt.edition_id, until), chosen, revision)


def _exam_row(attempt: Attempt, by: Marking, chosen: Chosen, revision: int) -> Score:
    outcome, result = compute(by, chosen)
    return Score(
        attempt=attempt,
        revision=revision,
        ruling_id=by.ruling,
        scoring_revision=rules.REVISION,
        raw=outcome.raw,
        scaled=outcome.scaled,
        passed=outcome.passed,
        result=score_codec.encode(result),
        created_at=Now(),
    )


def _drill_row(attempt: Attempt, chosen: Chosen, until: int | None, revision: int) -> Score:
    """Return the score of a drill: how many of its questions were answered correctly, and no scale.

    With feedback at once each verdict was told by what had been ruled when it was drawn, and stays. What a
    ruling took out of exams is credited here: a drill counts all its questions. A check that measures has an
    estimate beside that.
    """
    assert attempt.drawn_id is not None  # noqa: S101  (the check attempt_edition_or_drawn_paper)
    order = papers.order(papers.number_of_drawn(attempt.drawn_id))
    in_force = rulings.in_force(order.ruling if attempt.feedback == Feedback.AT_ONCE else until)
    keys = solutions.ruled_keys(order.version_ids, in_force)
    right = [key.out or key.accepts(chosen.get(position, ())) for position, key in enumerate(keys, start=1)]
    result = StoredDrill(
        share=str(Fraction(sum(right), len(right))),
        scored=len(right),
        right="".join("1" if one else "0" for one in right),
        estimate=_estimate(order.version_ids, keys, chosen) if order.measures else None,
    )
    return Score(
        attempt=attempt,
        revision=revision,
        ruling_id=_last_of(order.version_ids, in_force),
        scoring_revision=rules.REVISION,
        raw=sum(right),
        result=score_codec.encode_drill(result),
        created_at=Now(),
    )


def _estimate(version_ids: Sequence[int], keys: Sequence[rules.Key], chosen: Chosen) -> StoredEstimate | None:
    """Return where the answers to a check put its person; None where one is blank. One statement.

    It is scored as an exam of these questions by the weights of the certification: too few options are
    incorrect, what a ruling took out of exams does not count, and the fewer count, the wider the band.
    """
    answered = all(chosen.get(position) for position in range(1, len(keys) + 1))
    if not answered or all(key.out for key in keys):
        return None
    topics = ItemVersion.objects.filter(pk__in=version_ids).values_list(
        *("pk", "item__task__domain__number", "item__task__domain__weight_percent"),
        *(f"item__certification__{name}" for name in ("scale_min", "scale_max", "pass_mark")),
    )
    rows = {pk: more for pk, *more in topics}
    scale = rules.Scale(*next(iter(rows.values()))[2:])
    places = tuple(
        (position, rows[version_id][0], not key.out, key)
        for position, (version_id, key) in enumerate(zip(version_ids, keys, strict=True), start=1)
    )
    weights = {domain: weight for domain, weight, *_scale in rows.values()}
    outcome, result = compute(Marking(scale, weights, places, None, ()), chosen)
    return StoredEstimate(
        outcome.scaled, result.band_low, result.band_high, scale.low, scale.high, scale.pass_mark
    )


# The ORM would take a quarter of all that scoring an attempt costs to build these two, the same each time.
_LOCK_ENDED = f"""
SELECT id, edition_id, drawn_id, feedback, {rulings.LAST} AS last_ruling FROM exams_attempt
WHERE id = ANY(%s::uuid[]) AND {sql.UNSCORED} ORDER BY id FOR UPDATE OF exams_attempt
"""  # noqa: S608  (made of constants)
_SKIP_LOCKED = _LOCK_ENDED + "SKIP LOCKED"
_NOTE_SCORED = """
UPDATE exams_attempt SET state = 4, quarantined_at = NULL, score_error = '' WHERE id = ANY(%s::uuid[])
"""


def grade_all(attempt_ids: Sequence[UUID], *, wait: bool = False) -> int:
    """Score ended attempts in one transaction and return how many.

    Those locked elsewhere are left out, or waited for: a sweep locks for a moment what it does not take.
    """
    with transaction.atomic():
        lock = _LOCK_ENDED if wait else _SKIP_LOCKED
        ended = list(Attempt.objects.raw(lock, [[str(attempt_id) for attempt_id in attempt_ids]]))
        chosen = answers.chosen_of([attempt.pk for attempt in ended])
        rows = [_row(attempt, chosen[attempt.pk], vars(attempt)["last_ruling"]) for attempt in ended]
        # Whoever scored one of them before this stored the same: its first revision is there once.
        Score.objects.bulk_create(rows, ignore_conflicts=True)
        statements.run(_NOTE_SCORED, [[str(attempt.pk) for attempt in ended]])
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


def claim(attempt_ids: Sequence[UUID]) -> list[UUID]:
    """Count a try for each attempt, in a commit of its own, and return those that may be tried now."""
    found = statements.rows(CLAIM, {"ids": [str(attempt_id) for attempt_id in attempt_ids]})
    return [attempt_id for (attempt_id,) in found]


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
        with transaction.atomic():
            failed = Attempt.objects.filter(pk=attempt_id).exclude(state=State.SCORED)
            failed.update(score_error=described)
            tries = failed.filter(quarantined_at__isnull=False).values_list("score_tries", flat=True).first()
    except Exception:
        logger.exception("a failed try could not be noted", extra=more)
        return
    if tries is not None:
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
    # Nobody reads the chance any more, and what was answered stays, but old rows lack it.
    one, other = ({**score.result, "chance": None, "answered": None} for score in (row, last))
    return (row.raw, row.scaled, row.passed, one) != (last.raw, last.scaled, last.passed, other)


def _is_lower(row: Score, last: Score) -> bool:
    return (row.scaled or 0) < (last.scaled or 0)


def _is_kept(row: Score, last: Score) -> bool:
    """Say whether only a ruling lowers a score: that is left to who carries the ruling out."""
    return row.ruling_id != last.ruling_id and _is_lower(row, last)


def rescore_would_change(attempt_id: UUID) -> bool:
    """Say whether a rescore by hand gives a scored attempt another score; False without a score."""
    scored = Attempt.objects.filter(pk=attempt_id, state=State.SCORED)
    attempt = scored.annotate(last_ruling=rulings.last()).first()
    last = attempt and attempt.scores.order_by("-revision").first()
    if not attempt or not last:
        return False
    row = _row(attempt, answers.chosen(attempt_id), attempt.last_ruling)
    return _changed(row, last) and not _is_kept(row, last)


def rescore(*, attempt_id: UUID, actor: User | None, reason: str) -> Score:
    """Score a scored attempt by today's rules and rulings: a new row, with who asked and why.

    Keys of the edition that was sat never change, but for rulings. What they lower is lowered by
    `rescore_by_ruling` alone. Raises Refused: not_found, not_scored, nothing_would_change.
    """
    with transaction.atomic():
        rows = Attempt.objects.select_for_update(of=("self",)).annotate(last_ruling=rulings.last())
        attempt = rows.filter(pk=attempt_id).first()
        if attempt is None:
            raise answers.not_found()
        if attempt.state != State.SCORED:
            raise Refused("not_scored", 409, _("Only a scored attempt can be rescored."))
        last = attempt.scores.order_by("-revision")[0]
        row = _row(attempt, answers.chosen(attempt_id), attempt.last_ruling, revision=last.revision + 1)
        if not _changed(row, last) or _is_kept(row, last):
            raise Refused("nothing_would_change", 409, NOTHING_WOULD_CHANGE)
        row.reason, row.actor = reason, actor
        row.save(force_insert=True)
    row.refresh_from_db()
    return row


@dataclass(frozen=True, slots=True)
class Rescored:
    """A score that a ruling changes: as it was, as it is by the ruling, and whether that was stored."""

    before: Score
    after: Score
    stored: bool


def rescore_by_ruling(
    attempt_ids: Sequence[UUID], ruling_id: int, *, may_lower: bool, kept: Collection[UUID] = ()
) -> list[Rescored]:
    """Score scored exams by what was ruled up to a ruling; store a revision where something changes.

    What is lower is stored only with `may_lower`, and not for attempts `kept`. A score that counts this
    ruling or a later one stays. Twice changes nothing.
    """
    with transaction.atomic():
        locked = list(
            Attempt.objects.select_for_update(of=("self",))
            .only("pk", "edition_id", "drawn_id", "feedback", "user_id")
            .filter(pk__in=attempt_ids, state=State.SCORED, edition__isnull=False)
            .order_by("pk")
        )
        changes = [
            Rescored(
                last, row, stored=not _is_lower(row, last) or (may_lower and last.attempt_id not in kept)
            )
            for last, row in rescored(locked, lambda edition_id: marking(edition_id, ruling_id))
            if (last.ruling_id or 0) < ruling_id
        ]
        Score.objects.bulk_create(one.after for one in changes if one.stored)
    metrics.SCORES.labels(by="ruling").inc(sum(one.stored for one in changes))
    return changes


def rescored(
    attempts: Sequence[Attempt], marking_of: Callable[[int], Marking]
) -> Iterator[tuple[Score, Score]]:
    """Yield the current score of each of these exams and what it is by other markings, where they differ.

    Nothing is stored. Two statements.
    """
    ids = [attempt.pk for attempt in attempts]
    newest = Score.objects.filter(attempt__in=ids).order_by("attempt", "-revision").distinct("attempt")
    current = {score.attempt_id: score for score in newest}
    chosen = answers.chosen_of(ids)
    for attempt in attempts:
        assert attempt.edition_id is not None  # noqa: S101  (exams alone are asked for)
        last = current[attempt.pk]
        row = _exam_row(attempt, marking_of(attempt.edition_id), chosen[attempt.pk], last.revision + 1)
        if _changed(row, last):
            yield last, row


@shared_task(name="exams.score")
def score_attempt(attempt_id: str) -> None:
    """Score one attempt; twice is harmless."""
    try_to_grade(UUID(attempt_id))


def enqueue_score(attempt_id: UUID) -> None:
    """Publish a scoring hint. Never raises, never waits."""
    enqueue(score_attempt, str(attempt_id))


def score_at_once(attempt_id: UUID) -> None:
    """Score an attempt that this process has just closed. Never raises, and waits for no lock.

    Publishing a hint and taking it up costs six times as much as the scoring. This try is not counted: there
    is one for each close, so that it cannot come again and again.
    """
    try:
        scored = grade(attempt_id)
    except Exception:
        logger.exception("scoring at once failed", extra={"attempt_id": str(attempt_id)})
        scored = False
    if not scored:
        enqueue_score(attempt_id)
