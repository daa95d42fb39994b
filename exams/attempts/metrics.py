"""How exams are taken, in numbers for `/metrics` and the checks of health.

Counters are those of prometheus_client. The backlog says how long candidates wait: the only numbers that say
whether scoring works.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from prometheus_client import Counter, Histogram

from exams.attempts import sql
from exams.attempts.models import Attempt, Mode, State

ANSWERS_SAVED: Final = Counter("passline_answers_saved_total", "Changes of answers stored and acknowledged.")
ANSWERS_REFUSED: Final = Counter(
    "passline_answers_refused_total", "Requests to save that were refused, by code.", ["reason"]
)
STARTS: Final = Counter("passline_starts_total", "Exams started.")
DRILLS: Final = Counter("passline_drills_total", "Drills started.")
SUBMITS: Final = Counter("passline_submits_total", "Attempts submitted by their owner.")
SCORES: Final = Counter("passline_scores_total", "Scores stored, by the way they came about.", ["by"])
GRADE_SECONDS: Final = Histogram(
    "passline_grade_seconds",
    "Time to grade one attempt, in seconds.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)
SWEPT: Final = Counter("passline_swept_total", "Attempts that a sweep ended or scored.", ["what"])


@dataclass(frozen=True, slots=True)
class Backlog:
    """Ages in seconds (0 when nothing waits) and numbers of attempts.

    `unscored` and `unfinished` wait for a sweep; `quarantined` were set aside after five failed tries, and
    are counted there alone. `running` counts exams: a drill may run for weeks.
    """

    oldest_unscored_s: float
    unscored: int
    oldest_unfinished_s: float
    unfinished: int
    quarantined: int
    running: int


def read_backlog() -> Backlog:
    """Return what waits now, by the database clock. One query over the attempts that are not yet scored."""
    tried = Q(quarantined_at=None)
    unscored = Q(state__in=[State.SUBMITTED, State.EXPIRED]) & tried
    overdue = Q(state=State.RUNNING, deadline_at__lt=Now() - sql.OVERDUE_AFTER) & tried
    backlog = Attempt.objects.filter(state__in=[State.RUNNING, State.SUBMITTED, State.EXPIRED]).aggregate(
        unscored_age=Now() - Min("ended_at", filter=unscored),
        unscored=Count("pk", filter=unscored),
        overdue_age=Now() - Min("deadline_at", filter=overdue),
        overdue=Count("pk", filter=overdue),
        quarantined=Count("pk", filter=~tried),
        running=Count("pk", filter=Q(state=State.RUNNING, mode=Mode.EXAM)),
    )
    return Backlog(
        oldest_unscored_s=_seconds(backlog["unscored_age"]),
        unscored=backlog["unscored"],
        oldest_unfinished_s=_seconds(backlog["overdue_age"]),
        unfinished=backlog["overdue"],
        quarantined=backlog["quarantined"],
        running=backlog["running"],
    )


def _seconds(age: dt.timedelta | None) -> float:
    return round(age.total_seconds(), 1) if age else 0.0
