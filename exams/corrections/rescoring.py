"""Carrying a ruling out: first the scores, batch by batch, then a mail to each person whose score changed.

Each batch is one transaction with the row that says how far it is. A process that dies loses the batch that
it was at, and the next one goes on there: the rows are those of one that did not die. Rulings are carried out
in their order, whichever job comes first.
"""

import logging
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounts.audit import services as audit
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.registry import JobContext, JobResult, Progress
from exams.attempts import grading
from exams.attempts.grading import Rescored
from exams.attempts.models import Attempt, Score
from exams.bank.models import KeyRuling
from exams.corrections import impact, notices, proposals
from exams.corrections.models import KeptScore, RulingRun

KIND: Final = "exams.ruling"
BATCH: Final = 100

logger = logging.getLogger(__name__)


def carry_out(context: JobContext) -> JobResult:
    """Carry out a ruling, and before it all that are older and not carried out yet."""
    ruling_id = int(str(context.parameters["ruling"]))
    # The older ones first, whichever job comes first: what a score names is the last ruling on its items.
    waiting = KeyRuling.objects.filter(pk__lte=ruling_id, run__finished_at=None).order_by("pk")
    for ruling in waiting.select_related("version__item__certification", "log__actor"):
        _carry_out(ruling, context.progress)
    return JobResult({"ruling": ruling_id})


def _carry_out(ruling: KeyRuling, progress: Progress) -> None:
    editions = proposals.editions_with(ruling.version_id)
    _grade_waiting(editions)
    total = impact.scored_in(editions).count()
    while examined := _rescore_batch(ruling, editions):
        progress.at(examined, max(total, examined), "rescoring")
    while notified := _notify_batch(ruling):
        progress.at(notified, notified, "telling")
    _finish(ruling)


def _grade_waiting(editions: Sequence[int]) -> None:
    """Score what has ended and waits, before the scores are gone through.

    One that is being scored right now may not know the ruling yet: it is waited for here, and found below.
    What ends later is scored by a statement that begins later, and knows it.
    """
    waiting = Attempt.objects.filter(edition__in=editions, state__in=grading.ENDED)
    for attempt_id in waiting.order_by("pk").values_list("pk", flat=True):
        try:
            grading.grade(attempt_id, wait=True)
        except Exception:
            # It has no score that could be wrong; the sweep tries it again, and knows the ruling.
            logger.exception("scoring before a ruling failed", extra={"attempt_id": str(attempt_id)})


def _rescore_batch(ruling: KeyRuling, editions: Sequence[int]) -> int:
    """Rescore the next attempts; return how many were gone through so far, 0 when all are."""
    with transaction.atomic():
        # Several processes go through them one after the other.
        run = RulingRun.objects.select_for_update().get(pk=ruling.pk)
        if run.rescored_at is not None:
            return 0
        rows = impact.scored_in(editions)
        if run.rescored_to:
            rows = rows.filter(pk__gt=run.rescored_to)
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            RulingRun.objects.filter(pk=run.pk).update(rescored_at=Now())
            return 0
        # A score that stayed higher once is lowered by no later ruling either.
        kept = _kept(ids)
        changes = grading.rescore_by_ruling(ids, ruling.pk, may_lower=ruling.may_lower, kept=kept)
        KeptScore.objects.bulk_create(
            KeptScore(
                ruling=ruling,
                attempt_id=rescored.before.attempt_id,
                revision=rescored.before.revision,
                scaled=rescored.after.scaled or 0,
                passed=bool(rescored.after.passed),
            )
            for rescored in changes
            if not rescored.stored
        )
        _count(run, changes, len(ids))
        run.rescored_to = ids[-1]
        run.save()
    return run.examined


def _kept(ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return the attempts whose current score stayed against an earlier ruling: it is lowered by no other."""
    later = Score.objects.filter(attempt=OuterRef("attempt"), revision__gt=OuterRef("revision"))
    rows = KeptScore.objects.filter(~Exists(later), attempt__in=ids)
    return frozenset(rows.values_list("attempt_id", flat=True))


def _count(run: RulingRun, changes: list[Rescored], examined: int) -> None:
    changed = impact.Impact()
    for rescored in changes:
        if rescored.stored:
            changed.add(rescored.before, rescored.after)
    run.examined += examined
    run.revised += changed.changed
    run.raised += changed.raised
    run.lowered += changed.lowered
    run.to_pass += changed.to_pass
    run.to_fail += changed.to_fail
    run.kept += sum(not one.stored for one in changes)


def _notify_batch(ruling: KeyRuling) -> int:
    """Write mails to the next people; return how many have theirs so far, 0 when all have."""
    with transaction.atomic():
        run = RulingRun.objects.select_for_update().get(pk=ruling.pk)
        people = notices.notify(ruling, after=run.told_to, limit=BATCH)
        if not people or run.finished_at is not None:
            return 0
        run.told_to = people[-1]
        run.told += len(people)
        run.save()
    return run.told


def _finish(ruling: KeyRuling) -> None:
    with transaction.atomic():
        run = RulingRun.objects.select_for_update().get(pk=ruling.pk)
        if run.finished_at is not None:
            return
        RulingRun.objects.filter(pk=run.pk).update(finished_at=Now())
        names = ("examined", "revised", "raised", "lowered", "kept", "to_pass", "to_fail", "told")
        audit.record(
            actor=ruling.log.actor,
            action="carry_out",
            subject=ruling,
            reason=ruling.log.reason,
            after={name: getattr(run, name) for name in names},
        )


def job_of(ruling: KeyRuling) -> Job | None:
    """Return the job that carries a ruling out, or None where its row is gone."""
    return jobs.find(KIND, str(ruling.pk))


def is_going_on(ruling_id: str) -> bool:
    """Say whether a ruling is not carried out yet; False for what is no ruling."""
    if not ruling_id.isdecimal():
        return False
    return RulingRun.objects.filter(pk=int(ruling_id), finished_at=None).exists()
