"""Many attempts at once, made by SQL."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.users.models import User
from tests.factories import Form
from tests.faults.ledger import Ledger

ATTEMPTS = """
INSERT INTO exams_attempt (id, user_id, form_id, edition_id, paper_id, mode, state, started_at, deadline_at,
  end_reason, minutes_allowed, accommodation, seen_before, lease_no, lease_holder, answers_sha256,
  score_tries)
SELECT gen_random_uuid(), u.id, %(form)s, %(edition)s, %(paper)s, 'exam', 1,
  statement_timestamp() - interval '4 hours', statement_timestamp() - interval '1 hour', '', 180, 'none',
  false, 1, '', '', 0
FROM unnest(%(users)s::bigint[]) AS u(id) RETURNING id
"""
EVENTS = """
INSERT INTO exams_answerevent (attempt_id, lease_no, seq, position, selected, flagged, received_at)
SELECT a.id, 1, s.seq, p.position,
  ARRAY[p.options[1 + abs(hashtext(a.id::text || s.seq)::bigint) %% cardinality(p.options)]], false,
  statement_timestamp() - interval '2 hours'
FROM unnest(%(attempts)s::uuid[]) AS a(id), generate_series(1, %(events)s) AS s(seq),
  (SELECT f.position, array_agg(o.id) AS options FROM exams_formitem f
   JOIN exams_option o ON o.version_id = f.version_id WHERE f.edition_id = %(edition)s GROUP BY 1) AS p
WHERE p.position = 1 + s.seq %% %(items)s
"""


def overdue(ledger: Ledger, form: Form, count: int, *, events: int, name: str) -> list[UUID]:
    """Make attempts whose time was over an hour ago, each of a person of its own, with random answers."""
    password = make_password(None)
    people = [User(email=f"{name}-{number}@example.org", password=password) for number in range(count)]
    User.objects.bulk_create(people, batch_size=2000)
    values: dict[str, Any] = {
        "form": form.form.pk,
        "edition": form.edition.pk,
        "paper": form.papers["en"].pk,
        "users": [person.pk for person in people],
        "items": len(form.keys),
        "events": events,
    }
    # A sweep that runs meanwhile finds an attempt with all of its answers, or none.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTEMPTS, values)
        made = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL statement_timeout = '60s'")
        cursor.execute(EVENTS, {**values, "attempts": [str(one) for one in made]})
        cursor.execute("ANALYZE exams_attempt, exams_answerevent")
    ledger.adopted.update(made)
    return made


OLDER = {
    "exams_answerevent": ("received_at",),
    "exams_refusedanswer": ("received_at",),
    "exams_attempt": ("started_at", "deadline_at", "ended_at"),
}


def grow_old(attempt_id: UUID, seconds: float) -> None:
    """Move a whole attempt into the past, with every answer in it: tests move rows, not clocks."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The freeze allows none of this.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, columns in OLDER.items():
            moved = ", ".join(f"{name} = {name} - make_interval(secs => %(by)s)" for name in columns)
            which = "id" if table == "exams_attempt" else "attempt_id"
            cursor.execute(
                f"UPDATE {table} SET {moved} WHERE {which} = %(id)s", {"by": seconds, "id": attempt_id}
            )


def pass_deadline(attempt_id: UUID, seconds: float) -> None:
    """Move a running attempt so that its deadline was so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM deadline_at - statement_timestamp()) FROM exams_attempt WHERE id = %s",
            [attempt_id],
        )
        left = float(cursor.fetchone()[0])
    grow_old(attempt_id, left + seconds)
