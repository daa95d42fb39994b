"""How long candidates wait: the only numbers that say whether scoring works."""

from dataclasses import dataclass

from django.db import connection

SQL = """
SELECT coalesce(extract(epoch FROM statement_timestamp() - min(ended_at)
                        FILTER (WHERE state IN (2, 3) AND quarantined_at IS NULL)), 0)::float,
       count(*) FILTER (WHERE state IN (2, 3) AND quarantined_at IS NULL),
       coalesce(extract(epoch FROM statement_timestamp() - min(deadline_at) FILTER (
           WHERE state = 1 AND deadline_at + interval '30 seconds' < statement_timestamp()
       )), 0)::float,
       count(*) FILTER (WHERE state IN (2, 3) AND quarantined_at IS NOT NULL),
       count(*) FILTER (WHERE state = 1)
FROM exams_attempt WHERE state IN (1, 2, 3)
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Ages in seconds (0 when nothing waits) and numbers of attempts."""

    oldest_unscored_s: float
    unscored: int
    oldest_unfinished_s: float
    quarantined: int
    running: int


def read() -> Backlog:
    """Return what waits now, by the database clock. One query over the attempts that are not yet scored."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        oldest_unscored, unscored, oldest_unfinished, quarantined, running = cursor.fetchone()
    return Backlog(
        oldest_unscored_s=round(oldest_unscored, 1),
        unscored=unscored,
        oldest_unfinished_s=round(oldest_unfinished, 1),
        quarantined=quarantined,
        running=running,
    )
