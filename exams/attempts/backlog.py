"""How long candidates wait: the only numbers that say whether scoring works."""

from dataclasses import dataclass

from django.db import connection

from exams.attempts import sql

_AGE = "coalesce(extract(epoch FROM statement_timestamp() - min({since}) FILTER (WHERE {which})), 0)::float"
_UNSCORED = f"{sql.UNSCORED} AND {sql.NOT_SET_ASIDE}"
SQL = f"""
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


def read() -> Backlog:
    """Return what waits now, by the database clock. One query over the attempts that are not yet scored."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        oldest_unscored, unscored, oldest_unfinished, unfinished, quarantined, running = cursor.fetchone()
    return Backlog(
        oldest_unscored_s=round(oldest_unscored, 1),
        unscored=unscored,
        oldest_unfinished_s=round(oldest_unfinished, 1),
        unfinished=unfinished,
        quarantined=quarantined,
        running=running,
    )
