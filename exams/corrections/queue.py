"""What waits for a decision: versions of questions by what was reported, the most reported in front."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, OuterRef, Q, Subquery

from exams.bank.models import KeyRuling
from exams.feedback.models import ProblemReport, ReportState

LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Reported:
    """A version and what was reported of it: how often, how often unanswered, by reason, and when last."""

    version_id: int
    certification: str
    item: str
    number: int
    reports: int
    open: int
    newest_at: dt.datetime
    reasons: Mapping[str, int]
    ruling_id: int | None


def reported() -> list[Reported]:
    """Return the versions with reports. One statement."""
    rulings = KeyRuling.objects.filter(version=OuterRef("version")).order_by("-pk")
    versions = ProblemReport.objects.values(
        "version_id",
        certification=F("version__item__certification__code"),
        item=F("version__item__code"),
        number=F("version__number"),
    )
    counted = versions.annotate(
        reports=Count("pk"),
        open=Count("pk", filter=Q(state=ReportState.OPEN)),
        newest_at=Max("created_at"),
        reasons=ArrayAgg("reason"),
        ruling_id=Subquery(rulings.values("pk")[:1]),
    )
    rows: list[Any] = list(counted.order_by("-open", "-reports", "version_id")[:LIMIT])
    return [Reported(**{**row, "reasons": _counted(row["reasons"])}) for row in rows]


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    """Return how often each reason is there, the commonest first, of two as common by their names."""
    return dict(Counter(sorted(reasons)).most_common())
