"""How exams are taken, in numbers for `/metrics` and the checks of health.

Counters are those of prometheus_client. The backlog says how long candidates wait: the only numbers that say
whether scoring works.
"""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from prometheus_client import Counter, Histogram

from exams.attempts import sql

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


_AGE = "coalesce(extract(epoch FROM statement_timestamp() - min({since}) FILTER (WHERE {which})), 0)::float"
_UNSCORED = f"{sql.UNSCORED} AND {sql.NOT_SET_ASIDE}"
BACKLOG = f"""
SELECT {_AGE.format(since="ended_at", which=_UNSCORED)},
  count(*) FILTER (WHERE {_UNSCORED}),
  {_AGE.format(since="deadline_at", which=f"{sql.OVERDUE} AND {sql.NOT_SET_ASIDE}")},
  count(*) FILTER (WHERE {sql.OVERDUE} AND {sql.NOT_SET_ASIDE}),
  count(*) FILTER (WHERE NOT ({sql.NOT_SET_ASIDE})),
  count(*) FILTER (WHERE state = 1 AND mode = 'exam')
FROM exams_attempt WHERE state IN (1, 2, 3)
"""  # noqa: S608  (made of constants)


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
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG)
        oldest_unscored, unscored, oldest_unfinished, unfinished, quarantined, running = cursor.fetchone()
    return Backlog(
        oldest_unscored_s=round(oldest_unscored, 1),
        unscored=unscored,
        oldest_unfinished_s=round(oldest_unfinished, 1),
        unfinished=unfinished,
        quarantined=quarantined,
        running=running,
    )
