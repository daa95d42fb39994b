"""A ruling tried without writing: how many scores it would change, and by how much. Done by a job."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.jobs.registry import JobContext, JobResult
from accounts.users.models import User
from exams.attempts import grading
from exams.attempts.models import Attempt, Score, State
from exams.bank import rulings
from exams.corrections import proposals
from exams.corrections.proposals import Proposal

KIND: Final = "exams.ruling_impact"
BATCH: Final = 200
BIN: Final = 10
"""Points of a column of the histogram."""


@dataclass(slots=True)
class Impact:
    """What a ruling would do to scores. `bins` counts differences by their lower end in steps of `BIN`."""

    examined: int = 0
    changed: int = 0
    raised: int = 0
    lowered: int = 0
    to_pass: int = 0
    to_fail: int = 0
    bins: Counter[int] = field(default_factory=Counter)

    def add(self, before: Score, after: Score) -> None:
        """Count a score that would be another one. One whose figure stays counts as changed alone."""
        difference = (after.scaled or 0) - (before.scaled or 0)
        self.changed += 1
        self.raised += difference > 0
        self.lowered += difference < 0
        self.to_pass += bool(after.passed and not before.passed)
        self.to_fail += bool(before.passed and not after.passed)
        if difference:
            self.bins[_bin(difference)] += 1

    def values(self) -> dict[str, object]:
        """Return it as JSON can keep it."""
        names = ("examined", "changed", "raised", "lowered", "to_pass", "to_fail")
        counts: dict[str, object] = {name: getattr(self, name) for name in names}
        return {**counts, "bins": sorted(self.bins.items())}


def _bin(difference: int) -> int:
    """Return the lower end of 1 to 10, 11 to 20 and so on; of what is lost the same below zero."""
    size = (abs(difference) - 1) // BIN * BIN + 1
    return size if difference > 0 else -size


def start(proposal: Proposal, actor: User) -> Job:
    """Have a ruling tried by a job of this person. Raises Refused as `proposals.check`."""
    until = rulings.newest()
    proposals.check(proposal, until)
    return jobs.start(KIND, owner=actor, parameters={**proposal.values(), "until": until})


def tried(job_id: UUID, actor: User) -> Job:
    """Return the job of a ruling that this person tried. Raises Refused not_found."""
    job = Job.objects.filter(pk=job_id, kind=KIND, owner=actor).first()
    if job is None:
        raise Refused("not_found", 404, _("Preview not found."))
    return job


def is_done(job: Job) -> bool:
    """Say whether a job has what it was started for."""
    return job.state == JobState.DONE


def measure(context: JobContext) -> JobResult:
    """Do the job."""
    values = dict(context.parameters)
    until = values.pop("until")
    impact = of(Proposal.of(values), until if isinstance(until, int) else None, report=context.progress.at)
    return JobResult(impact.values())


def of(proposal: Proposal, until: int | None, report: Callable[[int, int], Any] = lambda *_: None) -> Impact:
    """Return what a ruling after the ruling `until` would do to the scores of today. Nothing is written."""
    in_force = proposal.added_to(until)

    # Not in the common cache of markings: this ruling is not made.
    @cache
    def marking_of(edition_id: int) -> grading.Marking:
        return grading.marking_under(edition_id, in_force)

    impact, editions = Impact(), proposals.editions_with(proposal.version_id)
    total = scored_in(editions).count()
    report(0, total)
    for batch in _batches(editions):
        for before, after in grading.rescored(batch, marking_of):
            impact.add(before, after)
        impact.examined += len(batch)
        report(impact.examined, max(total, impact.examined))
    return impact


def scored_in(editions: Sequence[int]) -> Any:  # noqa: ANN401
    """Return the exams with a score that were taken by these editions, in the order of their ids."""
    return Attempt.objects.filter(edition__in=editions, state=State.SCORED).order_by("pk")


def _batches(editions: Sequence[int]) -> Iterator[list[Attempt]]:
    # By keys, not by offsets: others end and are scored meanwhile.
    rows, after = scored_in(editions).only("pk", "edition_id", "user_id"), None
    while batch := list((rows.filter(pk__gt=after) if after else rows)[:BATCH]):
        yield batch
        after = batch[-1].pk
