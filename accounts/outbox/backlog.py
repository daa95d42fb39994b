"""How long mails wait, and how many never went out: what staff are warned of."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

# A try moves `not_before`, so a mail that was tried has waited since it was caused. Mails are of use for a
# day, so those given up within the last day are among the rows of two, which the index of the newest finds.
SQL: Final = """
SELECT
  (SELECT coalesce(extract(epoch FROM statement_timestamp()
       - min(CASE WHEN tries = 0 THEN not_before ELSE created_at END)), 0)::float
   FROM accounts_mail
   WHERE sent_at IS NULL AND given_up_at IS NULL AND (tries > 0 OR not_before <= statement_timestamp())),
  (SELECT count(*) FROM accounts_mail
   WHERE sent_at IS NULL AND given_up_at IS NULL AND (tries > 0 OR not_before <= statement_timestamp())),
  (SELECT count(*) FROM accounts_mail
   WHERE created_at > statement_timestamp() - interval '2 days'
     AND given_up_at > statement_timestamp() - interval '1 day')
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Seconds that the oldest due mail has waited (0 when none does), how many wait, how many were given up
    within a day.
    """

    oldest_waiting_s: float
    waiting: int
    given_up: int


def read() -> Backlog:
    """Return what waits now, by the database clock."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        oldest_waiting, waiting, given_up = cursor.fetchone()
    return Backlog(oldest_waiting_s=round(oldest_waiting, 1), waiting=waiting, given_up=given_up)
